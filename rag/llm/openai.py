"""`openai:MODEL`: any OpenAI-compatible server, hosted or local, by its base URL."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Sequence
from typing import cast

import httpx2
import openai
from openai.types.chat import ChatCompletionMessageParam

from rag.errors import ModelUnavailable, ModelUnusable
from rag.llm.base import Message, Usage
from rag.settings import Settings


class OpenAIModel:
    """A chat model behind the OpenAI protocol."""

    def __init__(self, model: str, settings: Settings) -> None:
        self.name = f"openai:{model}"
        self._model = model
        self._where = settings.base_url or "the OpenAI service"
        key = settings.api_key.get_secret_value() if settings.api_key else None
        if key is None and settings.base_url is None:
            raise ModelUnavailable(
                "No key for the OpenAI service: set OPENAI_API_KEY, or DATELINE_BASE_URL for a server of your own."
            )
        self._client = openai.OpenAI(
            api_key=key or "none",  # local servers ask for none, the client insists on one
            base_url=settings.base_url,
            timeout=openai.Timeout(settings.answer_seconds, connect=settings.connect_seconds),
            max_retries=1,
        )

    def stream(self, messages: Sequence[Message], *, max_tokens: int, usage: Usage) -> Generator[str, None, None]:
        try:
            response = self._client.chat.completions.create(
                model=self._model,
                messages=cast(list[ChatCompletionMessageParam], list(messages)),
                max_tokens=max_tokens,
                temperature=0,
                stream=True,
                stream_options={"include_usage": True},
            )
            with contextlib.closing(response):
                for event in response:
                    if event.usage:
                        usage.prompt_tokens = event.usage.prompt_tokens
                        usage.completion_tokens = event.usage.completion_tokens
                    if event.choices and (piece := event.choices[0].delta.content):
                        yield piece
        except openai.APIConnectionError as error:
            raise ModelUnavailable(f"{self.name} at {self._where} cannot be reached: is it running?") from error
        except openai.AuthenticationError as error:
            raise ModelUnavailable(f"{self._where} refuses the key. Set OPENAI_API_KEY or DATELINE_API_KEY.") from error
        except openai.NotFoundError as error:
            raise ModelUnavailable(f"{self._where} has no model {self._model!r}.") from error
        except openai.RateLimitError as error:
            raise ModelUnavailable(f"{self._where} is overloaded or its limit is reached. Try again later.") from error
        except openai.APIStatusError as error:
            raise ModelUnavailable(f"{self._where} answered with an error (HTTP {error.status_code}).") from error
        except (openai.APIError, httpx2.HTTPError) as error:
            raise ModelUnusable(f"The answer of {self.name} broke off.") from error
