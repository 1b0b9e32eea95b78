"""The HTTP API, mounted at /api; the routes of articles and conversations are in modules of their own.

docs/api.md shows each route with curl. It says the same as the command line, with the same functions and JSON. A
question is sent in the body of a POST, never in an address: addresses end up in logs and histories.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Generator, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any

from anyio import CancelScope, CapacityLimiter, to_thread
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response, StreamingResponse
from fastapi.sse import format_sse_event
from starlette.exceptions import HTTPException

from index import ArticleIndexError
from index.encoding import whole
from rag import __version__
from rag.composing import Update
from rag.errors import DatelineError, QuestionError
from rag.records import Answer, Passage
from rag.web.articles import article_routes
from rag.web.conversations import Conversations, UnknownConversationError
from rag.web.files import file_routes
from rag.web.guard import NO_TELEMETRY, REQUEST_ID, error_body
from rag.web.kept import conversation_routes, feedback_routes, user_of
from rag.web.library import Library, UnknownFileError, UploadsOffError
from rag.web.schema import AskRequest, Health, ProblemReply, SearchRequest
from rag.web.uploads import NotYoursError, UploadError

_AT_ONCE = 4  # questions worked on at the same moment; the others wait for their turn


def build_api(library: Library, kept: Conversations) -> FastAPI:
    """The API over a library and the conversations, to be mounted at /api behind the guard."""
    api = FastAPI(
        title="Dateline",
        version=__version__,
        summary="Answers from a folder of news articles, each sentence with the passage that it rests on.",
        docs_url=None,  # these pages load scripts from outside hosts
        redoc_url=None,
        telemetry=NO_TELEMETRY,
        exception_handlers=_HANDLERS,
        responses={
            status: {"model": ProblemReply, "description": HTTPStatus(status).phrase}
            for status in (400, 401, 403, 413, 422, 429, 503)
        },
    )
    turns = CapacityLimiter(_AT_ONCE)

    @api.post("/ask", response_model=Answer, tags=["questions"], responses={200: _EVENTS})
    async def ask(asked: AskRequest, request: Request) -> Response:
        """Answer a question. With `stream`, server-sent events: the answer so far, `event` being its phase."""
        user, id = user_of(request), asked.conversation
        chatbot = await to_thread.run_sync(library.chatbot, user)
        history = await to_thread.run_sync(kept.turns, user, id) if id else asked.turns()
        how: dict[str, Any] = {"history": history, "filters": asked.filters(), "as_asked": asked.as_asked}

        def keep(answer: Answer) -> None:
            if id:
                kept.add(user, id, answer.to_dict())

        if not asked.stream:
            answer = await to_thread.run_sync(partial(chatbot.ask, asked.question, **how), limiter=turns)
            await to_thread.run_sync(keep, answer)
            return JSONResponse(answer.to_dict())
        updates = chatbot.stream(asked.question, **how)
        first = await _next(updates, turns)  # a question that cannot be asked is refused before anything is sent
        events = _events(first, updates, turns, keep, request.scope.get(REQUEST_ID, ""))
        return StreamingResponse(events, media_type="text/event-stream", headers={"Cache-Control": "no-store"})

    @api.post("/search", tags=["questions"])
    async def search(asked: SearchRequest, request: Request) -> tuple[Passage, ...]:
        """The passages for a question, best first, without an answer."""
        chatbot = await to_thread.run_sync(library.chatbot, user_of(request))
        find = partial(chatbot.search, asked.question, limit=asked.limit, filters=asked.filters())
        return await to_thread.run_sync(find, limiter=turns)

    @api.get("/health", tags=["server"])
    def health(request: Request) -> Health:
        """What is being served."""
        chatbot = library.chatbot(user_of(request))
        held = chatbot.store.manifest
        return Health(
            "ok", __version__, chatbot.model, held.articles, held.chunks, held.fingerprint, held.built_at
        )  # fmt: skip

    api.include_router(article_routes(library))
    api.include_router(file_routes(library))
    api.include_router(conversation_routes(kept))
    api.include_router(feedback_routes(kept))
    return api


_EVENTS: dict[str, Any] = {
    "description": "The answer; with `stream`, events `searching`, `reading`, `writing`, "
    "`checking`, `done` (data: `answer`, and as `pending` the sentence that is being written), or `error`.",
    "content": {"text/event-stream": {"schema": {"type": "string"}}},
}


async def _events(
    first: Update | None,
    updates: Generator[Update, None, None],
    turns: CapacityLimiter,
    keep: Callable[[Answer], None],
    request_id: str,
) -> AsyncIterator[bytes]:
    update = first
    try:
        while update is not None:
            if update.phase == "done":
                await to_thread.run_sync(keep, update.answer)
            yield _event(update.phase, {"answer": update.answer.to_dict(), "pending": update.pending})
            update = await _next(updates, turns)
    except (DatelineError, ArticleIndexError) as error:
        yield _event("error", error_body("unable", str(error), request_id))
    finally:
        # Whoever asked may have left: the model's work ends too.
        with CancelScope(shield=True):
            await to_thread.run_sync(updates.close)


async def _next(updates: Generator[Update, None, None], turns: CapacityLimiter) -> Update | None:
    return await to_thread.run_sync(next, updates, None, limiter=turns)


def _event(name: str, data: Mapping[str, Any]) -> bytes:
    return format_sse_event(event=name, data_str=json.dumps(data, ensure_ascii=False))


def _reply(request: Request, status: int, code: str, message: str) -> JSONResponse:
    return JSONResponse(error_body(code, message, request.scope.get(REQUEST_ID, "")), status)


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    problems = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
    told = whole(problems)  # it names the client's own fields
    if any(item["type"] == "extra_forbidden" and len(item["loc"]) == 2 for item in error.errors()):
        told += f". There are: {', '.join(_body_fields(request))}"
    return _reply(request, 422, "invalid_request", f"The request is not in the form of the API. {told}.")


def _body_fields(request: Request) -> list[str]:
    body = request.scope["route"].body_field
    return list(body.field_info.annotation.model_fields)


def _no_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "bad_request")
    return _reply(request, error.status_code, code, error.detail)


def _told_as(status: int, code: str) -> Callable[[Request, Exception], Response]:
    return lambda request, error: _reply(request, status, code, str(error))


_HANDLERS: dict[Any, Any] = {
    RequestValidationError: _invalid,
    HTTPException: _no_route,
    QuestionError: _told_as(400, "bad_question"),
    UploadError: _told_as(400, "bad_upload"),
    NotYoursError: _told_as(403, "not_yours"),
    UploadsOffError: _told_as(403, "uploads_off"),
    UnknownConversationError: _told_as(404, "not_found"),
    UnknownFileError: _told_as(404, "not_found"),
    DatelineError: _told_as(503, "unable"),
    ArticleIndexError: _told_as(503, "unable"),
}
