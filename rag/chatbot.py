"""Question → Answer: the whole story on one page.

standalone question → passages, likeliest sentences → is it enough? → drafted sentences → each one checked, its
citation made exact → Answer. What cannot be answered is said to be so, with the reason.
"""

from __future__ import annotations

import contextlib
import copy
import logging
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from index import Article, Embedder, LiveStore, SentenceTransformerEmbedder, Store, build, is_current
from index.build import Progress
from rag.abstention import UNSUPPORTED, explain_failure, explain_insufficient
from rag.checking import Checked, check, recheck
from rag.conversation import standalone
from rag.errors import ModelError, ModelUnavailable, QuestionError
from rag.examples import example_questions
from rag.features import observe
from rag.llm import LLM, Extractive, Request, Usage, open_llm
from rag.question import parse_question
from rag.records import Answer, Citation, Passage, Reason, Sentence, Turn
from rag.retriever import Candidate, embed_question, retrieve
from rag.scorer import answerability, rank_passages, score_sentences
from rag.settings import Settings

Phase = Literal["searching", "writing", "done"]
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Update:
    """The answer so far. Its sentences are checked and its citations final; the last update has phase "done"."""

    phase: Phase
    answer: Answer


@dataclass(frozen=True, slots=True)
class Found:
    """What the articles hold for a question."""

    request: Request
    answerability: float
    explanation: str  # why there is no answer, should there be none


class Chatbot:
    """Answers questions over one index. Safe to use from several threads.

    Raises (from `ask`, `stream` and `search`):
        QuestionError: the question is empty or too long.
    """

    def __init__(self, store: Store, embedder: Embedder, llm: LLM, settings: Settings) -> None:
        self._store = store
        self._embedder = embedder
        self._llm = llm
        self._settings = settings
        self._live: LiveStore | None = None

    @classmethod
    def from_settings(cls, settings: Settings, *, progress: Progress | None = None) -> Chatbot:
        """Open the index of the settings' folder, built first when it is missing or behind the folder.

        Raises:
            ArticleIndexError: the folder, the index or the embedder cannot be used.
            DatelineError: the model's name means nothing.
        """
        llm = open_llm(settings)
        embedder = SentenceTransformerEmbedder(settings.embedder)
        options = settings.index_options
        if not is_current(settings.articles, settings.index, embedder=embedder.fingerprint, options=options):
            build(
                settings.articles, settings.index,
                embedder=embedder, options=options, wait=settings.wait_seconds, progress=progress,
            )  # fmt: skip
        live = LiveStore(settings.index, embedder=embedder.fingerprint, chunking=options.chunking)
        chatbot = cls(live.now(), embedder, llm, settings)
        chatbot._live = live
        return chatbot

    def ask(self, question: str, *, history: Sequence[Turn] = ()) -> Answer:
        """Answer a question, given the conversation before it."""
        answer: Answer | None = None
        for update in self.stream(question, history=history):
            answer = update.answer
        assert answer is not None  # stream always ends with "done"
        return answer

    def stream(self, question: str, *, history: Sequence[Turn] = ()) -> Generator[Update, None, None]:
        """Answer a question sentence by sentence; closing the iterator stops the model."""
        self._check_question(question)
        if self._live:
            yield from self._now().stream(question, history=history)
            return
        started = time.perf_counter()
        alone = standalone(question, history)
        blank = Answer(question, alone.text, "abstained", "no_evidence", model=self._llm.name)
        yield Update("searching", blank)
        found = self._find(alone.question, alone.context, tuple(history))
        seconds = {"retrieve": time.perf_counter() - started, "generate": 0.0, "verify": 0.0}
        base = replace(
            blank,
            passages=found.request.passages,
            answerability=found.answerability,
            seconds=seconds,
            reason=None,
        )
        if not found.request.passages:
            yield Update("done", _abstained(base, "no_evidence", found.explanation))
            return
        if found.answerability < self._settings.answerability_threshold:
            yield Update("done", _abstained(base, "insufficient_evidence", found.explanation))
            return
        yield Update("writing", base)
        try:
            yield from self._write(self._llm, found, base)
        except ModelError as error:
            _log.warning("%s", error)
            reason: Reason = "model_unavailable" if isinstance(error, ModelUnavailable) else "model_unusable"
            yield from self._write(
                Extractive(), found, replace(base, reason=reason, explanation=explain_failure(error))
            )

    def search(self, question: str, *, limit: int | None = None) -> tuple[Passage, ...]:
        """The passages for a question, best first."""
        self._check_question(question)
        return self._now()._find(question, "", (), limit=limit).request.passages

    def article(self, key: str) -> Article:
        """The article with this key (or one of its copies').

        Raises:
            QuestionError: there is none.
        """
        articles = self.store.articles
        article = articles.get(key)
        if article is None:
            article = next((other for other in articles.values() if key in other.also), None)
        if article is None:
            raise QuestionError(f"There is no article {key!r} in the index.")
        return article

    def examples(self) -> tuple[str, ...]:
        """A few questions that these articles can answer."""
        return example_questions(self.store)

    def recheck(self, answer: Answer) -> list[bool]:
        """For each sentence shown as supported: whether the verifier, run again on its citations, says so."""
        return recheck(answer, self._embedder)

    @property
    def store(self) -> Store:
        """The index that is asked: the newest that can be opened."""
        return self._now()._store

    def _now(self) -> Chatbot:
        """This chatbot over the newest index, for one question: what is published meanwhile does not touch it."""
        if self._live is None:
            return self
        self._store = self._live.now()  # only the copy answers: this one just must not keep an old index alive
        pinned = copy.copy(self)
        pinned._live = None
        return pinned

    def _check_question(self, question: str) -> None:
        if not any(character.isalnum() for character in question):
            raise QuestionError("The question is empty. Ask something about the articles.")
        if len(question) > self._settings.max_question_chars:
            raise QuestionError(
                f"The question has {len(question):,} characters; at most {self._settings.max_question_chars:,} are "
                "read (DATELINE_MAX_QUESTION_CHARS). Shorten it."
            )

    def _find(self, question: str, context: str, history: tuple[Turn, ...], *, limit: int | None = None) -> Found:
        text = f"{context} {question}".strip()
        parsed = parse_question(question, context=context)
        vector = embed_question(text, self._embedder)
        candidates = retrieve(parsed, self._store, vector)
        evidence = observe(parsed, candidates, self._store, vector)
        sentences = score_sentences(evidence)
        ranked = rank_passages(sentences)[: limit or self._settings.passages]
        passages = tuple(self._passage(rank, *item) for rank, item in enumerate(ranked, start=1))
        # A question of stop words alone brings up passages by chance: they are not evidence.
        if not parsed.terms:
            passages = ()
        probability = answerability(parsed, evidence, self._store) if passages else 0.0
        explanation = explain_insufficient(text, parsed, sentences, self._store)
        return Found(Request(parsed, text, passages, tuple(sentences), history), probability, explanation)

    def _passage(self, rank: int, candidate: Candidate, score: float) -> Passage:
        chunk = candidate.chunk
        article = self._store.articles[chunk.article]
        return Passage(
            rank,
            chunk.article,
            chunk.start,
            chunk.end,
            round(score, 4),
            chunk.text,
            article.title,
            article.outlet,
            article.published,
        )

    def _write(self, llm: LLM, found: Found, base: Answer) -> Iterator[Update]:
        """Draft, check, cite. A sentence is shown when it is checked, with its final numbers."""
        usage = Usage()
        builder = _AnswerBuilder(base, self.article)
        clock = time.perf_counter()
        verifying = 0.0
        with contextlib.closing(llm.write(found.request, usage)) as drafts:
            for draft in drafts:
                before = time.perf_counter()
                builder.add(check(draft, found.request.passages, self.article, self._embedder))
                verifying += time.perf_counter() - before
                if builder.sentences:
                    yield Update("writing", builder.answer())
        seconds = {**base.seconds, "generate": time.perf_counter() - clock - verifying, "verify": verifying}
        tokens = {"prompt_tokens": usage.prompt_tokens, "completion_tokens": usage.completion_tokens}
        answer = replace(builder.answer(), model=llm.name, usage=tokens, seconds=seconds)
        if builder.sentences:
            yield Update("done", answer)
        elif builder.removed:
            # Nothing that the model wrote holds: the articles' own sentences take its place.
            base = replace(base, reason="unsupported", removed=answer.removed, explanation=UNSUPPORTED)
            yield from self._write(Extractive(), found, base)
        else:
            yield Update("done", _abstained(answer, "insufficient_evidence", found.explanation))


class _AnswerBuilder:
    """Puts checked sentences together: text, offsets, citations numbered in the order of their appearance."""

    def __init__(self, base: Answer, article: Callable[[str], Article]) -> None:
        self._base = base
        self._article = article
        self.sentences: list[Sentence] = []
        self.removed: list[str] = []
        self._citations: dict[tuple[str, int, int], Citation] = {}
        self._text = ""

    def add(self, checked: Checked) -> None:
        """Take in one sentence; one that is not supported is kept apart."""
        if not checked.spans:
            self.removed.append(checked.text)
            return
        numbers = tuple(dict.fromkeys(self._number(*where) for where in checked.spans))
        start = len(self._text) + (1 if self._text else 0)
        marks = "".join(f"[{number}]" for number in numbers)
        self._text = f"{self._text} {checked.text} {marks}" if self._text else f"{checked.text} {marks}"
        self.sentences.append(
            Sentence(
                checked.text,
                start,
                start + len(checked.text),
                numbers,
                "supported",
                round(checked.score, 4),
                checked.attribution,
            )
        )

    def _number(self, key: str, start: int, end: int) -> int:
        where = (key, start, end)
        if where not in self._citations:
            article = self._article(key)
            self._citations[where] = Citation(
                len(self._citations) + 1,
                article.key,
                article.title,
                article.outlet,
                article.published,
                start,
                end,
                article.text[start:end],
            )
        return self._citations[where].number

    def answer(self) -> Answer:
        """The answer so far."""
        return replace(
            self._base,
            status="answered" if self.sentences else "abstained",
            text=self._text,
            sentences=tuple(self.sentences),
            citations=tuple(self._citations.values()),
            removed=(*self._base.removed, *self.removed),
        )


def _abstained(answer: Answer, reason: Reason, explanation: str) -> Answer:
    return replace(answer, status="abstained", reason=reason, text=explanation, explanation=explanation)
