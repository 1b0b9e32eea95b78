"""What tests of answers stand on: chatbots opened once a session, and answers that explain themselves to `assert`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from index import Article, FaissStore, Store
from rag.chatbot import Chatbot
from rag.errors import SettingsError
from rag.evaluation import ask_earlier, covers_gold, fold, gold_spans
from rag.llm import LLM, Extractive, ModelWriter, TextModel, open_llm
from rag.questions import Gold, QuestionCase
from rag.recording import RecordedModel, Recording, recording_beside
from rag.records import Answer
from rag.settings import Settings

_SHOWN = 90  # characters of an answer in one line: pytest cuts longer explanations
_WAIT = 3600.0  # seconds: another worker of the same run may be building the index


@dataclass(frozen=True, slots=True, repr=False)
class Check:
    """Whether something holds of an answer, and what was seen: what `assert` shows when it fails."""

    holds: bool
    seen: str

    def __bool__(self) -> bool:
        return self.holds

    def __repr__(self) -> str:
        return self.seen


@dataclass(frozen=True, slots=True, repr=False)
class Reply:
    """An answer, to make assertions on. `answer` is all of it."""

    answer: Answer
    article: Callable[[str], Article]

    @property
    def text(self) -> str:
        """The answer's text."""
        return self.answer.text

    @property
    def abstained(self) -> bool:
        """Whether Dateline said that the articles do not tell."""
        return self.answer.status == "abstained"

    def says(self, words: str) -> Check:
        """Whether it is an answer, and these words stand in it, case and white space folded."""
        holds = self.answer.status == "answered" and fold(words) in fold(self.answer.text)
        return Check(holds, f"“{words}” {'stands' if holds else 'does not stand'} in {self!r}")

    def cites(self, article: str, quote: str | None = None) -> Check:
        """Whether a citation lies in an article and covers at least half of a quote of it, if one is given."""
        cited = [citation for citation in self.answer.citations if citation.article == article]
        if quote is None or not cited:
            others = ", ".join(dict.fromkeys(citation.article for citation in self.answer.citations))
            return Check(bool(cited), f"it cites {others or 'nothing'}")
        gold = QuestionCase("", "", "", True, evidence=(Gold(article, (quote,)),))
        text = self.article(article)
        if not gold_spans(gold, text):
            return Check(False, f"“{_short(quote)}” does not stand in {article}")
        holds = any(covers_gold(gold, text, (citation.start, citation.end)) for citation in cited)
        return Check(holds, f"of {article} it cites {'; '.join(f'“{_short(citation.quote)}”' for citation in cited)}")

    def speaker(self, name: str) -> Check:
        """Whether a sentence of the answer is said by this speaker; part of the speaker's name is enough."""
        named = dict.fromkeys(sentence.attribution.speaker for sentence in self.answer.sentences)
        speakers = [speaker for speaker in named if speaker]
        holds = any(fold(name) in fold(speaker) for speaker in speakers)
        return Check(holds, f"said by {', '.join(f'“{speaker}”' for speaker in speakers) or 'nobody named'}")

    def __repr__(self) -> str:
        reason = f" ({self.answer.reason})" if self.answer.reason else ""
        return f"<{self.answer.status}{reason}: “{_short(self.answer.text)}”>"


@dataclass(slots=True)
class Bench:
    """The chatbots of one test session, one for each folder of articles, opened when first asked.

    `settings` are overrides of the settings, beside what the table of the `project` says; `cache` is where indexes live
    whose place is not set; with `record` a model is asked for what its recordings lack. `beside` is the file of
    questions or tests that is run now.
    """

    settings: Mapping[str, Any]
    cache: Path
    record: bool = False
    project: Path = Path()
    beside: Path = Path("tests")
    asked: list[Answer] = field(default_factory=list)  # since the test began
    _opened: dict[Path, Chatbot] = field(default_factory=dict)
    _writers: dict[Path, LLM] = field(default_factory=dict)
    recordings: dict[Path, Recording] = field(default_factory=dict)

    def chatbot(self, articles: str | Path | None = None) -> Chatbot:
        """The chatbot over a folder, the configured one by default; its index is built or brought up to date once.

        Raises:
            ArticleIndexError, DatelineError: as Chatbot.from_settings.
        """
        settings = self.settings_for(articles)
        folder = settings.articles.resolve()
        writer = self._writer(settings)
        if folder not in self._opened:
            self._opened[folder] = Chatbot.from_settings(settings, llm=writer)
        return self._opened[folder].with_writer(writer)

    def store(self) -> Store:
        """The index of the configured folder, as the run left it."""
        settings = self.settings_for()
        opened = self._opened.get(settings.articles.resolve())
        return opened.store if opened else FaissStore.open(settings.index)

    def settings_for(self, articles: str | Path | None = None) -> Settings:
        """The settings for a folder, the configured one by default."""
        chosen = dict(self.settings) if articles is None else {**self.settings, "articles": articles, "index": None}
        settings = Settings.load(self.project, **chosen)
        if articles is not None or "index" not in settings.model_fields_set:
            shape = f"{settings.articles.resolve()}\n{settings.embedder}\n{settings.index_options}"
            chosen["index"] = self.cache / hashlib.sha256(shape.encode()).hexdigest()[:16]
        return Settings.load(self.project, **chosen, wait_seconds=_WAIT)

    def _writer(self, settings: Settings) -> LLM:
        """The writer of the settings. A model's outputs are replayed where a recording lies beside the tests."""
        path = recording_beside(self.beside)
        if path in self._writers:
            return self._writers[path]
        if settings.llm == "extractive":
            if self.record:
                raise SettingsError(
                    "--dateline-record: extractive answers come from no model. Name one: --dateline-llm."
                )
            writer: LLM = Extractive()
        elif self.record or path.exists():
            self.recordings[path] = Recording(path)
            open_live = partial(_open_model, settings) if self.record else None
            recorded = RecordedModel(settings.llm, self.recordings[path], open_live, limit=settings.context_tokens)
            writer = ModelWriter(recorded, settings)
        else:
            writer = open_llm(settings)
        self._writers[path] = writer
        return writer


@dataclass(frozen=True, slots=True)
class Desk:
    """The fixture `dateline`: ask the articles, assert on the replies."""

    bench: Bench
    articles: str | Path | None = None

    def ask(self, question: str, *, history: Sequence[str] = ()) -> Reply:
        """Ask a question, the earlier ones of its conversation first."""
        chatbot = self.bench.chatbot(self.articles)
        answer = chatbot.ask(question, history=ask_earlier(chatbot, history))
        self.bench.asked.append(answer)
        return Reply(answer, chatbot.article)

    def over(self, articles: str | Path) -> Desk:
        """The same over another folder of articles."""
        return replace(self, articles=articles)


def _open_model(settings: Settings) -> TextModel:
    writer = open_llm(settings)
    assert isinstance(writer, ModelWriter)  # all but the extractive one are
    return writer.model


def _short(text: str) -> str:
    folded = " ".join(text.split())
    return folded if len(folded) <= _SHOWN else folded[: _SHOWN - 1] + "…"
