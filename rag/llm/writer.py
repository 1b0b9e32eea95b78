"""A language model as a writer: prompt in, streamed text out, cut into sentences with the passages they cite."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Sequence

from rag.citations import split_stream
from rag.errors import ContextOverflow, ModelUnusable
from rag.llm.base import Draft, Message, Pending, Request, TextModel, Usage
from rag.prompt import NOT_TOLD, Budget, build_messages, prompt_digest, rewrite_messages
from rag.records import Turn
from rag.settings import Settings

_QUESTION_TOKENS = 96  # of a rewritten question


class ModelWriter:
    """Makes an LLM of a text model. Whatever the model writes is only a draft until it is checked."""

    def __init__(self, model: TextModel, settings: Settings) -> None:
        self.name = model.name
        self.prompts: str | None = prompt_digest()
        self.model = model
        self._answer_tokens = settings.answer_tokens

    def write(self, request: Request, usage: Usage) -> Generator[Draft | Pending, None, None]:
        budget = self._budget(self.model.context_tokens, self._answer_tokens)
        messages = build_messages(request, budget)
        try:
            yield from self._answer(messages, budget, len(request.passages), usage)
        except ContextOverflow:
            # Our count was not the model's. Nothing was shown yet: once more, with half of what was sent.
            sent = budget.answer + sum(budget.count(message["content"]) for message in messages)
            budget = self._budget(sent // 2, self._answer_tokens)
            yield from self._answer(build_messages(request, budget), budget, len(request.passages), usage)

    def rewrite(self, question: str, history: Sequence[Turn]) -> str:
        """The question on its own, as the model says it: to be checked."""
        budget = self._budget(self.model.context_tokens, _QUESTION_TOKENS)
        messages = rewrite_messages(question, history, budget)
        with contextlib.closing(self.model.stream(messages, max_tokens=budget.answer, usage=Usage())) as pieces:
            text = ""
            for piece in pieces:
                text += piece
                if "\n" in text.strip():
                    break
        return text.strip().partition("\n")[0].strip(" \"'“”*")

    def _answer(
        self, messages: Sequence[Message], budget: Budget, passages: int, usage: Usage
    ) -> Generator[Draft | Pending, None, None]:
        drafted: list[str] = []
        pieces = self.model.stream(messages, max_tokens=budget.answer, usage=usage)
        # Closing the model's iterator is what ends its work when the reader presses stop.
        with contextlib.closing(pieces):
            for item in split_stream(pieces, most=passages):
                if isinstance(item, Draft):
                    drafted.append(item.text)
                if _says_not_told(item):
                    break
                yield item
        self._count(usage, messages, drafted)
        if not drafted:
            raise ModelUnusable(f"{self.name} answered with nothing.")

    def _budget(self, context: int, answer: int) -> Budget:
        return Budget.of(context, answer, self.model.count)

    def _count(self, usage: Usage, messages: Sequence[Message], drafted: Sequence[str]) -> None:
        """Count what the model did not report; a stream that was ended early reports nothing."""
        usage.prompt_tokens = usage.prompt_tokens or sum(self.model.count(message["content"]) for message in messages)
        usage.completion_tokens = usage.completion_tokens or self.model.count(" ".join(drafted))


def _says_not_told(item: Draft | Pending) -> bool:
    return isinstance(item, Draft) and NOT_TOLD.casefold() in item.text.casefold()
