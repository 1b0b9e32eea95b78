"""A language model as a writer: prompt in, streamed text out, cut into sentences with the passages they cite."""

from __future__ import annotations

import contextlib
from collections.abc import Generator

from rag.citations import split_stream
from rag.errors import ModelUnusable
from rag.llm.base import Draft, Request, TextModel, Usage
from rag.prompt import NOT_TOLD, build_messages, count_tokens
from rag.settings import Settings


class ModelWriter:
    """Makes an LLM of a text model. Whatever the model writes is only a draft until it is checked."""

    def __init__(self, model: TextModel, settings: Settings) -> None:
        self.name = model.name
        self.model = model
        self._settings = settings

    def write(self, request: Request, usage: Usage) -> Generator[Draft, None, None]:
        messages = build_messages(
            request, context_tokens=self._settings.context_tokens, answer_tokens=self._settings.answer_tokens
        )
        pieces = self.model.stream(messages, max_tokens=self._settings.answer_tokens, usage=usage)
        written = 0
        # Closing the model's iterator is what ends its work when the reader presses stop.
        with contextlib.closing(pieces):
            for draft in split_stream(pieces):
                written += count_tokens(draft.text)
                if NOT_TOLD.casefold() in draft.text.casefold():
                    return
                yield draft
        usage.prompt_tokens = usage.prompt_tokens or sum(count_tokens(message["content"]) for message in messages)
        usage.completion_tokens = usage.completion_tokens or written
        if not written:
            raise ModelUnusable(f"{self.name} answered with nothing.")
