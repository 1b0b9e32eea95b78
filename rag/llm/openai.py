"""`openai:MODEL`: any server that speaks the OpenAI protocol, hosted or local, by its base URL."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import httpx2
import openai
from openai.types.chat import ChatCompletionMessageParam

from rag.errors import AnswerBrokenOff, KeyRefused, ModelError, ModelUnreachable
from rag.llm.base import Availability, Message, Provider, Usage
from rag.llm.refusals import Mends, refusal
from rag.llm.running import Limits, run, wait_for
from rag.llm.writer import ModelWriter
from rag.prompt import count_tokens
from rag.settings import Settings

CONTEXT_TOKENS = 4096
"""What a model is taken to read and write in all, where nothing else is known of it."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server and how to speak of it."""

    base_url: str | None  # None: the OpenAI service
    key: str | None = field(repr=False)
    mends: Mends


class OpenAIModel:
    """A chat model behind the OpenAI protocol."""

    def __init__(self, name: str, model: str, endpoint: Endpoint, settings: Settings) -> None:
        self.name = name
        self.context_tokens = settings.context_tokens or CONTEXT_TOKENS
        self._model = model
        self._endpoint = endpoint
        self._connect = settings.connect_seconds
        self._limits = Limits.of(settings)

    def count(self, text: str) -> int:
        return count_tokens(text)

    def stream(self, messages: Sequence[Message], *, max_tokens: int, usage: Usage) -> Generator[str, None, None]:
        return run(lambda: self._pieces(messages, max_tokens, usage), self._limits, name=self.name)

    async def _pieces(self, messages: Sequence[Message], max_tokens: int, usage: Usage) -> AsyncGenerator[str, None]:
        # The newer models of the service itself refuse a temperature, and have another name for the answer's length.
        own = {"max_tokens": max_tokens, "temperature": 0}
        reached = False
        shape: dict[str, Any] = own if self._endpoint.base_url else {"max_completion_tokens": max_tokens}
        try:
            async with client(self._endpoint, self._connect) as asked:
                response = await asked.chat.completions.create(
                    model=self._model,
                    messages=cast(list[ChatCompletionMessageParam], list(messages)),
                    stream=True,
                    stream_options={"include_usage": True},
                    **shape,
                )
                reached = True
                async with response:
                    async for event in response:
                        if event.usage:
                            usage.prompt_tokens = event.usage.prompt_tokens
                            usage.completion_tokens = event.usage.completion_tokens
                        if event.choices and (piece := event.choices[0].delta.content):
                            yield piece
        except (openai.APIError, httpx2.HTTPError) as error:
            # Without the cause: what a server writes may quote the key.
            raise translate(error, self._model, self._endpoint.mends, reached=reached) from None


def client(endpoint: Endpoint, connect: float) -> openai.AsyncOpenAI:
    """A client for one request. Trying again and the time for the answer are ours (rag/llm/running.py)."""
    return openai.AsyncOpenAI(
        api_key=endpoint.key or "none",  # local servers ask for none, the client insists on one
        base_url=endpoint.base_url,
        timeout=openai.Timeout(None, connect=connect),
        max_retries=0,
    )


def translate(
    error: openai.APIError | httpx2.HTTPError, model: str, mends: Mends, *, reached: bool = False
) -> ModelError:
    """Our error for one of the client's; `reached`: an answer had begun to come."""
    if isinstance(error, openai.APIConnectionError) and not reached:
        return ModelUnreachable(f"{mends.server} cannot be reached. {mends.start}", retry_after=0.2)
    if isinstance(error, openai.APIStatusError):
        return refusal(error.status_code, error.message, error.response.headers, model=model, mends=mends)
    return AnswerBrokenOff(f"The answer of {model} broke off.", retry_after=0.2)


def list_models(endpoint: Endpoint, settings: Settings) -> tuple[str, ...]:
    """The names of the server's models.

    Raises:
        ModelError: it cannot be asked.
    """

    async def ask() -> tuple[str, ...]:
        try:
            async with client(endpoint, settings.connect_seconds) as asked:
                page = await asked.with_options(timeout=settings.connect_seconds).models.list()
        except (openai.APIError, httpx2.HTTPError) as error:
            raise translate(error, "", endpoint.mends) from None
        return tuple(sorted(model.id for model in page.data))

    return wait_for(ask())


def endpoint_of(settings: Settings) -> Endpoint:
    """The server that the settings name.

    Raises:
        KeyRefused: it is the OpenAI service, and there is no key.
    """
    key = settings.api_key.get_secret_value() if settings.api_key else None
    address = settings.address("openai")
    if key is None and address is None:
        raise KeyRefused(
            "No key for the OpenAI service: set OPENAI_API_KEY, or DATELINE_BASE_URL for a server of your own."
        )
    server = f"The server at {address}" if address else "The OpenAI service"
    return Endpoint(address, key, Mends(server, key="Set OPENAI_API_KEY or DATELINE_API_KEY."))


def _open(model: str, settings: Settings) -> ModelWriter:
    return ModelWriter(OpenAIModel(f"openai:{model}", model, endpoint_of(settings), settings), settings)


def _probe(settings: Settings) -> Availability:
    try:
        return Availability(True, models=list_models(endpoint_of(settings), settings))
    except ModelError as error:
        return Availability(False, str(error))


PROVIDER = Provider("openai:MODEL", _open, _probe)
