"""`anthropic:MODEL`: the models of Anthropic through its own SDK (extra `anthropic`)."""

from __future__ import annotations

import importlib.util
from collections.abc import AsyncGenerator, Generator, Sequence
from typing import TYPE_CHECKING, cast

import httpx2

from rag.errors import AnswerBrokenOff, KeyRefused, ModelError, ModelUnavailable, ModelUnreachable, ModelUnusable
from rag.llm.base import Availability, Message, Provider, Usage
from rag.llm.openai import CONTEXT_TOKENS
from rag.llm.refusals import Mends, refusal
from rag.llm.running import Limits, run, wait_for
from rag.llm.writer import ModelWriter
from rag.prompt import count_tokens
from rag.settings import Settings

if TYPE_CHECKING:
    import anthropic
    from anthropic.types import MessageParam

_MENDS = Mends("Anthropic", start="Is there a network?", key="Set ANTHROPIC_API_KEY.")


class AnthropicModel:
    """A chat model behind the Anthropic protocol."""

    def __init__(self, model: str, settings: Settings) -> None:
        self.name = f"anthropic:{model}"
        self.context_tokens = settings.context_tokens or CONTEXT_TOKENS
        self._model = model
        self._settings = settings
        _check(settings)

    def count(self, text: str) -> int:
        return count_tokens(text)

    def stream(self, messages: Sequence[Message], *, max_tokens: int, usage: Usage) -> Generator[str, None, None]:
        return run(lambda: self._pieces(messages, max_tokens, usage), Limits.of(self._settings), name=self.name)

    async def _pieces(self, messages: Sequence[Message], max_tokens: int, usage: Usage) -> AsyncGenerator[str, None]:
        import anthropic

        system = "\n\n".join(message["content"] for message in messages if message["role"] == "system")
        turns = cast("list[MessageParam]", [message for message in messages if message["role"] != "system"])
        reached = False
        try:
            async with _client(self._settings) as asked:
                response = await asked.messages.create(
                    model=self._model,
                    system=system or anthropic.omit,
                    messages=turns,
                    max_tokens=max_tokens,
                    stream=True,
                )
                reached = True
                async with response:
                    async for event in response:
                        if event.type == "message_start":
                            usage.prompt_tokens = event.message.usage.input_tokens
                        elif event.type == "message_delta":
                            usage.completion_tokens = event.usage.output_tokens
                            if event.delta.stop_reason == "refusal":
                                raise ModelUnusable(f"{self.name} refuses to answer this.")
                        elif event.type == "content_block_delta" and event.delta.type == "text_delta":
                            yield event.delta.text
        except (anthropic.APIError, httpx2.HTTPError) as error:
            # Without the cause: what a server writes may quote the key.
            raise _translate(error, self._model, reached=reached) from None


def _client(settings: Settings) -> anthropic.AsyncAnthropic:
    import anthropic

    return anthropic.AsyncAnthropic(
        api_key=settings.anthropic_api_key.get_secret_value() if settings.anthropic_api_key else None,
        base_url=settings.address("anthropic"),
        timeout=anthropic.Timeout(None, connect=settings.connect_seconds),
        max_retries=0,
    )


def _translate(error: anthropic.APIError | httpx2.HTTPError, model: str, *, reached: bool = False) -> ModelError:
    import anthropic

    if isinstance(error, anthropic.APIConnectionError) and not reached:
        return ModelUnreachable(f"{_MENDS.server} cannot be reached. {_MENDS.start}", retry_after=0.2)
    if isinstance(error, anthropic.APIStatusError):
        # An error in mid-stream comes with the stream's status, 200, and says in words what it is.
        status = 529 if error.type == "overloaded_error" else error.status_code
        if status >= 400:
            return refusal(status, error.message, error.response.headers, model=model, mends=_MENDS)
    return AnswerBrokenOff(f"The answer of {model} broke off.", retry_after=0.2)


def _check(settings: Settings) -> None:
    if importlib.util.find_spec("anthropic") is None:
        raise ModelUnavailable('The package anthropic is not installed: pip install "dateline[anthropic]".')
    if settings.anthropic_api_key is None:
        raise KeyRefused("No key for Anthropic: set ANTHROPIC_API_KEY.")


def _open(model: str, settings: Settings) -> ModelWriter:
    return ModelWriter(AnthropicModel(model, settings), settings)


def _probe(settings: Settings) -> Availability:
    try:
        _check(settings)
        return Availability(True, models=wait_for(_list_models(settings)))
    except ModelError as error:
        return Availability(False, str(error))


async def _list_models(settings: Settings) -> tuple[str, ...]:
    import anthropic

    try:
        async with _client(settings) as asked:
            page = await asked.with_options(timeout=settings.connect_seconds).models.list(limit=100)
    except (anthropic.APIError, httpx2.HTTPError) as error:
        raise _translate(error, "") from None
    return tuple(sorted(model.id for model in page.data))


PROVIDER = Provider("anthropic:MODEL", _open, _probe)
