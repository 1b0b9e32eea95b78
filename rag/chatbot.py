"""Question → Answer: the whole story on one page.

standalone question → passages, likeliest sentences → is it enough? → drafted sentences → each one checked, its
citation made exact → Answer. What cannot be answered is said to be so, with the reason.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Generator, Sequence
from copy import copy
from dataclasses import replace
from pathlib import Path

from index import Article, BuildReport, Embedder, LiveStore, SentenceTransformerEmbedder, Store, build, is_current
from index.build import Progress
from index.encoding import whole
from index.folder import check_folder
from rag.abstention import explain_failure, explain_insufficient, explain_scope
from rag.checking import recheck
from rag.clarifying import ask_back, one_of_many, which_one
from rag.composing import Found, Update, abstained, compose
from rag.conversation import Standalone
from rag.errors import ModelError, ModelUnavailable, QuestionError
from rag.evidence import Recency, gather
from rag.examples import example_questions
from rag.filters import Filters, understood
from rag.judge import Judge, open_judge
from rag.llm import LLM, Extractive, Request, open_llm
from rag.outlets import without_outlets
from rag.passages import list_passages
from rag.question import parse_question, spelled_out
from rag.records import Answer, Passage, Reason, Turn
from rag.reranker import Reranker, open_reranker
from rag.retriever import POOL
from rag.rewriting import understand
from rag.scorer import weights
from rag.settings import Settings
from rag.verifier import Verifier
from rag.witness import Witness, open_witness

_log = logging.getLogger(__name__)


class Chatbot:
    """Answers questions over one index. Safe to use from several threads.

    Raises (from `ask`, `stream` and `search`):
        QuestionError: the question is empty or too long.
    """

    def __init__(
        self,
        store: Store | LiveStore,
        embedder: Embedder,
        llm: LLM,
        settings: Settings,
        *,
        reranker: Reranker | None = None,
        witness: Witness | None = None,
        judge: Judge | None = None,
    ) -> None:
        self._source = store
        self._embedder = embedder
        self._llm = llm
        self._reranker = reranker
        self._verifier = Verifier(embedder, witness, judge)
        weight = settings.recency_weight
        self._recency = Recency(weight, settings.as_of) if weight else None
        self._settings = settings

    @classmethod
    def from_settings(
        cls, settings: Settings, *, llm: LLM | None = None, empty: bool = False, progress: Progress | None = None
    ) -> Chatbot:
        """Open the index of the settings' folder, built first when it is missing or behind the folder.

        `llm` takes the place of the writer that the settings name. With `empty` a folder without articles will do:
        they may come later.

        Raises:
            ArticleIndexError: the folder, the index or the embedder cannot be used.
            DatelineError: the model's name means nothing.
        """
        check_folder(settings.articles)
        llm = llm or open_llm(settings)
        reranker = open_reranker(settings.reranker, reader_weight=weights().reader)
        witness = open_witness(settings.witness)
        embedder = SentenceTransformerEmbedder(settings.embedder)
        options = settings.index_options
        if not is_current(settings.articles, settings.index, embedder=embedder.fingerprint, options=options):
            build(
                settings.articles, settings.index,
                embedder=embedder, options=options, empty=empty, wait=settings.wait_seconds, progress=progress,
            )  # fmt: skip
        live = LiveStore(settings.index, embedder=embedder.fingerprint, chunking=options.chunking)
        judge = open_judge(settings.judge, llm)
        return cls(live, embedder, llm, settings, reranker=reranker, witness=witness, judge=judge)

    def with_writer(self, llm: LLM) -> Chatbot:
        """The same chatbot with another writer; index and models are shared."""
        twin = copy(self)
        twin._llm = llm
        return twin

    def with_store(self, store: Store) -> Chatbot:
        """The same chatbot over another store, made by the same embedder."""
        twin = copy(self)
        twin._source = store
        return twin

    def update_index(self, progress: Progress | None = None) -> BuildReport:
        """Bring the index in step with the folder, and ask the new one from now on.

        Raises:
            ArticleIndexError: the folder or the index cannot be used; the index in force stays.
        """
        settings = self._settings
        report = build(
            settings.articles, settings.index,
            embedder=self._embedder, options=settings.index_options, wait=settings.wait_seconds, progress=progress,
        )  # fmt: skip
        if isinstance(self._source, LiveStore):
            self._source.take_up()
        return report

    def ask(
        self, question: str, *, history: Sequence[Turn] = (), filters: Filters | None = None, as_asked: bool = False
    ) -> Answer:
        """Answer a question, given the conversation before it; see `stream`."""
        answer: Answer | None = None
        for update in self.stream(question, history=history, filters=filters, as_asked=as_asked):
            answer = update.answer
        assert answer is not None  # stream always ends with "done"
        return answer

    def stream(
        self, question: str, *, history: Sequence[Turn] = (), filters: Filters | None = None, as_asked: bool = False
    ) -> Generator[Update, None, None]:
        """Answer a question sentence by sentence; closing the iterator stops the model.

        `filters` say which articles are in scope; None takes them from the words of the question. `as_asked` takes
        the question as it stands, whatever the conversation before it.
        """
        question = self._checked(question)
        started = time.perf_counter()
        store = self.store  # one for the whole question: what is published meanwhile does not touch it
        history = () if as_asked else history
        scope = None if filters is None else filters.fields()
        if filters is None:
            filters = understood(question, store.articles.values())
        blank = Answer(question, question, "abstained", "no_evidence", model=self._llm.name)
        blank = replace(blank, filters=str(filters) or None, scope=scope)
        yield Update("searching", blank)
        may_ask = not (history and history[-1].clarification)  # never twice in a row
        alone = understand(question, history, self._llm)
        blank = replace(blank, standalone_question=alone.text)
        if clarification := ask_back(question, history):
            yield Update("done", _asking(blank, clarification))
            return
        leaning = tuple(history) if alone.text != question else ()  # a new topic is not dragged back
        yield Update("reading", blank)  # the search itself takes a hundredth of a second; reading takes the time
        found = self._find(store, alone, leaning, filters=filters)
        seconds = {"retrieve": time.perf_counter() - started, "generate": 0.0, "verify": 0.0}
        base = replace(
            blank,
            passages=found.request.passages,
            answerability=found.answerability,
            seconds=seconds,
            reason=None,
        )
        if not found.request.passages or found.answerability < self._settings.answerability_threshold:
            reason: Reason = "insufficient_evidence" if found.request.passages else "no_evidence"
            base = abstained(base, reason, found.explanation)
            clarification = which_one(alone.text, history, store) if may_ask else None
            yield Update("done", _asking(base, clarification) if clarification else base)
            return
        if may_ask and (clarification := one_of_many(alone.text, history, found.request.sentences, store)):
            yield Update("done", _asking(abstained(base, "insufficient_evidence", clarification), clarification))
            return
        yield Update("writing", base)
        try:
            yield from compose(store, self._llm, found, base, self._verifier)
        except ModelError as error:
            _log.warning("%s", error)
            reason = "model_unavailable" if isinstance(error, ModelUnavailable) else "model_unusable"
            base = replace(base, reason=reason, explanation=explain_failure(error))
            yield from compose(store, Extractive(), found, base, self._verifier)

    def search(self, question: str, *, limit: int | None = None, filters: Filters | None = None) -> tuple[Passage, ...]:
        """The passages for a question, best first; `filters` as for `stream`."""
        question = self._checked(question)
        store = self.store
        if filters is None:
            filters = understood(question, store.articles.values())
        return self._find(store, Standalone(question), (), filters=filters, limit=limit).request.passages

    def article(self, key: str) -> Article:
        """The article with this key (or one of its copies').

        Raises:
            QuestionError: there is none.
        """
        return _article(self.store, key)

    @property
    def model(self) -> str:
        """The name of the writer."""
        return self._llm.name

    @property
    def folder(self) -> Path:
        """The folder of the articles."""
        return self._settings.articles

    def outlets(self) -> tuple[str, ...]:
        """The outlets of the articles, in order."""
        return tuple(sorted({article.outlet for article in self.store.articles.values() if article.outlet}))

    def titles(self) -> tuple[tuple[str, str], ...]:
        """(title, key) of every article, by title; the key where there is no title."""
        return tuple(sorted((article.title or key, key) for key, article in self.store.articles.items()))

    def examples(self) -> tuple[str, ...]:
        """A few questions that these articles can answer."""
        return example_questions(self.store)

    def recheck(self, answer: Answer) -> list[bool]:
        """For each sentence shown as supported: whether the verifier, run again on its citations, says so."""
        return recheck(answer, self.store.articles, replace(self._verifier, judge=None))

    @property
    def store(self) -> Store:
        """The index that is asked: the newest that can be opened."""
        return self._source.now() if isinstance(self._source, LiveStore) else self._source

    def _checked(self, question: str) -> str:
        """The question, half characters replaced: a tokenizer takes none."""
        if not any(character.isalnum() for character in question):
            raise QuestionError("The question is empty. Ask something about the articles.")
        if len(question) > self._settings.max_question_chars:
            raise QuestionError(
                f"The question has {len(question):,} characters; at most {self._settings.max_question_chars:,} are "
                "read (DATELINE_MAX_QUESTION_CHARS). Shorten it."
            )
        return whole(question)

    def _find(
        self,
        store: Store,
        asked: Standalone,
        history: tuple[Turn, ...],
        *,
        filters: Filters,
        limit: int | None = None,
    ) -> Found:
        request = asked.text
        asked = Standalone(
            *(without_outlets(spelled_out(part), filters.outlets) for part in (asked.question, asked.context))
        )
        text = asked.text
        parsed = parse_question(asked.question, context=asked.context)
        found = gather(
            parsed,
            text,
            store,
            self._embedder,
            reranker=self._reranker,
            reading=asked.reading,
            filters=self._scope(filters),
            recency=self._recency,
            pool=max(POOL, limit or 0),
        )
        passages = list_passages(found.passages, store, limit=limit or self._settings.passages)
        explanation = explain_insufficient(text, parsed, found.sentences, store)
        if filters:
            explanation = explain_scope(explanation, filters, store)
        return Found(Request(parsed, request, passages, found.sentences, history), found.answerability, explanation)

    def _scope(self, filters: Filters) -> Filters:
        """The filters, and never an article later than the day as on which is answered."""
        if self._settings.as_of is None:
            return filters
        dated = bool(filters.since or filters.until)
        until = min(filters.until or self._settings.as_of, self._settings.as_of)
        return replace(filters, until=until, undated=filters.undated or not dated)


def _article(store: Store, key: str) -> Article:
    found = store.articles.get(key)
    if found is None:
        found = next((article for article in store.articles.values() if key in article.also), None)
    if found is None:
        raise QuestionError(f"There is no article {key!r} in the index.")
    return found


def _asking(answer: Answer, clarification: str) -> Answer:
    return replace(answer, text=clarification, explanation=clarification, clarification=clarification)
