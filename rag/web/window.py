"""What the chat window does: asks, keeps, opens, takes in what the reader says. ui.py wires it to its components."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from index import ArticleIndexError
from index.encoding import whole
from rag.composing import Update
from rag.errors import DatelineError, QuestionError
from rag.filters import Filters, read_filters
from rag.panel import panel
from rag.records import Answer
from rag.talk import (
    Exchange,
    Talk,
    assessed,
    begun,
    edited,
    ended,
    failed,
    found_further,
    grown,
    history,
    numbered,
    unfound,
)
from rag.web.conversations import Conversations, KeptTurn
from rag.web.library import Library
from rag.web.models import Models
from rag.web.together import together

_ANSWER = TypeAdapter(Answer)
_FURTHER = 30  # passages shown besides an answer's own


@dataclass(frozen=True, slots=True)
class Choices:
    """What a visitor may ask and choose from: questions to begin with, outlets, (title, key) of articles."""

    examples: tuple[str, ...]
    outlets: tuple[str, ...]
    articles: tuple[tuple[str, str], ...]


class Window:
    """One for the server; each visitor's conversation is a value that comes in and goes out.

    An answer is kept from its first step on, as if it had been stopped there, under the number that it has to the end.

    `user` is the visitor's name; "" when the server has no users. Nothing here raises an error of ours: what went wrong
    is told in the conversation.
    """

    def __init__(self, library: Library, kept: Conversations, models: Models) -> None:
        self._library = library
        self._kept = kept
        self._models = models

    def choices(self, user: str) -> Choices:
        """What there is now of the articles that this visitor may see."""
        chatbot = self._library.chatbot(user)
        return Choices(chatbot.examples(), chatbot.outlets(), chatbot.titles())

    @property
    def takes_uploads(self) -> bool:
        """Whether articles can be added on the page of the library."""
        return self._library.uploads is not None

    def ask(
        self,
        user: str,
        talk: Talk,
        question: str,
        *,
        scope: Mapping[str, Any],
        model: str | None = None,
        other: str | None = None,
        as_asked: bool = False,
    ) -> Generator[Talk, None, None]:
        """The conversation as the answer grows; closing the iterator ends the model's work.

        `scope` is what `read_filters` takes. With `other`, a second model answers the same at the same time; what one
        of them fails at leaves the other alone.
        """
        question = whole(question)  # a client can send halves of characters
        model = model or self._models.default
        names = (model, other) if other and other != model else (model,)
        if talk.editing is not None:
            talk = self._cut(user, talk)
        talk = begun(talk, question, names)
        first = len(talk.exchanges) - len(names) + 1
        told = history(talk.exchanges[: first - 1])

        def answers(name: str) -> Generator[Update | Exception, None, None]:
            try:
                filters = read_filters(**scope)
                chatbot = self._library.chatbot(user, self._models.chatbot(name))
                with closing(chatbot.stream(question, history=told, filters=filters, as_asked=as_asked)) as updates:
                    yield from updates
            except (DatelineError, ArticleIndexError) as error:
                yield error

        shown = [-1] * len(names)
        with closing(together([answers(name) for name in names])) as updates:
            for at, update in updates:
                turn = first + at
                if isinstance(update, QuestionError) and all(one.number is None for one in talk.exchanges[first - 1 :]):
                    talk = grown(talk, first, Update("done", failed(question, update)))
                    yield replace(talk, exchanges=talk.exchanges[:first])  # it cannot be asked of another model either
                    return
                if isinstance(update, Exception):
                    talk = grown(talk, turn, Update("done", failed(question, update)))
                    yield talk if talk.exchanges[turn - 1].number is None else self._keep(user, talk, turn)
                    continue
                talk = grown(talk, turn, update)
                # Each sentence is kept as it is shown: whoever reloads, or comes back, finds it.
                grows = len(update.answer.sentences) > shown[at] and not talk.notice
                if grows or update.phase == "done":
                    shown[at] = len(update.answer.sentences)
                    for place in range(first, turn + 1):  # the first answer is kept first, and has the lower number
                        if place == turn or talk.exchanges[place - 1].number is None:
                            talk = self._keep(user, talk, place)
                yield talk

    def open(self, user: str, id: object) -> Talk:
        """A kept conversation as it was; an empty one with a notice where it cannot be had. `id` is not trusted."""
        try:
            return Talk(str(id), tuple(map(_exchange, self._kept.exchanges(user, str(id)))))
        except (DatelineError, ValidationError) as error:
            return Talk(notice=f"The conversation cannot be opened. {_told(error)}")

    def follow(self, user: str, talk: Talk, link: object) -> Talk | None:
        """The conversation after a link of it that edits, judges or looks further; None when it is none.

        `link` is not trusted.
        """
        if any(exchange.phase != "done" for exchange in talk.exchanges):
            return None  # the answer at work would overwrite it
        if changed := edited(talk, link):
            return changed
        if sought := unfound(talk, link):
            return self._further(user, talk, *sought)
        if (said := assessed(talk, link)) is None:
            return None
        talk, exchange = said
        try:
            self._kept.assess(user, talk.id, exchange.number or 0, exchange.feedback)
        except DatelineError as error:
            return replace(talk, notice=f"What you say of the answer is not kept. {error}")
        return talk

    def source(self, user: str, talk: Talk, link: object) -> dict[str, Any] | None:
        """What the source panel shows for a link; None when it points at nothing. `link` is not trusted."""
        return panel(talk.exchanges, link, self._library.chatbot(user).article)

    def _keep(self, user: str, talk: Talk, turn: int) -> Talk:
        """The conversation with what there is of exchange `turn` kept, as it would be if it were stopped now."""
        exchange = talk.exchanges[turn - 1]
        answer = ended(exchange).answer.to_dict()
        try:
            if exchange.number is not None:
                self._kept.put(user, talk.id, exchange.number, answer)
                return talk
            id = talk.id or self._kept.start(user).id
            return numbered(replace(talk, id=id), turn, self._kept.add(user, id, answer, beside=exchange.beside))
        except DatelineError as error:
            return replace(talk, notice=f"This answer is not kept. {error}")

    def _further(self, user: str, talk: Talk, turn: int, answer: Answer) -> Talk:
        """The conversation with what else the search finds, in all articles where no filter was set."""
        filters = read_filters(**answer.scope) if answer.scope else Filters()
        try:
            chatbot = self._library.chatbot(user)
            limit = len(answer.passages) + _FURTHER
            found = chatbot.search(answer.standalone_question, limit=limit, filters=filters)
        except (DatelineError, ArticleIndexError) as error:
            return replace(talk, notice=f"The articles cannot be searched. {error}")
        return found_further(talk, turn, found)

    def _cut(self, user: str, talk: Talk) -> Talk:
        assert talk.editing is not None
        numbers = [one.number for one in talk.exchanges[talk.editing - 1 :] if one.number is not None]
        try:
            if numbers:
                self._kept.cut(user, talk.id, min(numbers))
        except DatelineError as error:
            return replace(talk, notice=f"What was edited away is still kept. {error}")
        return talk


def _exchange(turn: KeptTurn) -> Exchange:
    answer = _ANSWER.validate_python(turn.answer)
    return Exchange("done", answer, beside=turn.beside, number=turn.number, feedback=turn.feedback)


def _told(error: Exception) -> str:
    return str(error) if isinstance(error, DatelineError) else "It is not in the form of this version."
