"""The HTTP API, mounted at /api: ask, search, the articles, health. docs/api.md shows each with curl.

It says the same as the command line, with the same functions and the same JSON. A question is sent in the body of a
POST, never in an address: addresses end up in logs and histories.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Generator, Mapping
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any

from anyio import CancelScope, CapacityLimiter, to_thread
from fastapi import FastAPI, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response, StreamingResponse
from fastapi.sse import format_sse_event
from starlette.exceptions import HTTPException

from index import Article, ArticleIndexError
from rag import __version__
from rag.chatbot import Chatbot, Update
from rag.errors import DatelineError, QuestionError
from rag.records import Answer, Passage
from rag.web.conversations import Conversations, UnknownConversationError
from rag.web.files import file_routes
from rag.web.guard import NO_TELEMETRY, REQUEST_ID, error_body
from rag.web.kept import conversation_routes, feedback_routes, user_of
from rag.web.schema import (
    ArticleEntry,
    ArticleList,
    ArticleText,
    AskRequest,
    Health,
    ProblemReply,
    SearchRequest,
)

_AT_ONCE = 4  # questions worked on at the same moment; the others wait for their turn


def build_api(chatbot: Chatbot, kept: Conversations) -> FastAPI:
    """The API over one chatbot and its conversations, to be mounted at /api behind the guard."""
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
    async def search(asked: SearchRequest) -> tuple[Passage, ...]:
        """The passages for a question, best first, without an answer."""
        find = partial(chatbot.search, asked.question, limit=asked.limit, filters=asked.filters())
        return await to_thread.run_sync(find, limiter=turns)

    @api.get("/articles", tags=["articles"])
    def articles(
        query: Annotated[str, Query(max_length=200, description="words of title, outlet, author or key")] = "",
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        offset: Annotated[int, Query(ge=0)] = 0,
    ) -> ArticleList:
        """The articles, by key, without their texts."""
        words = query.casefold().split()
        held = chatbot.store.articles
        found = [held[key] for key in sorted(held) if _matches(held[key], words)]
        return ArticleList(len(found), tuple(ArticleEntry(**_known(one)) for one in found[offset : offset + limit]))

    @api.get("/articles/{key:path}", tags=["articles"], responses={404: {"model": ProblemReply}})
    def article(key: Annotated[str, Path(description="the article's key, percent-encoded")]) -> ArticleText:
        """One article with the text in which offsets count."""
        try:
            found = chatbot.article(key)
        except QuestionError as error:
            raise HTTPException(404, str(error)) from error
        return ArticleText(**_known(found), text=found.text)

    @api.get("/health", tags=["server"])
    def health() -> Health:
        """What is being served."""
        held = chatbot.store.manifest
        return Health(
            "ok", __version__, chatbot.model, held.articles, held.chunks, held.fingerprint, held.built_at
        )  # fmt: skip

    api.include_router(file_routes(chatbot))
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


def _matches(article: Article, words: list[str]) -> bool:
    told = " ".join(filter(None, (article.title, article.outlet, article.author, article.key))).casefold()
    return all(word in told for word in words)


def _known(article: Article) -> dict[str, Any]:
    return {
        "key": article.key,
        "title": article.title,
        "outlet": article.outlet,
        "author": article.author,
        "published": article.published,
        "url": article.url,
        "language": article.language,
        "file": article.file,
        "characters": len(article.text),
        "also": article.also,
        "group": article.group,
    }


def _reply(request: Request, status: int, code: str, message: str) -> JSONResponse:
    return JSONResponse(error_body(code, message, request.scope.get(REQUEST_ID, "")), status)


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    problems = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
    told = problems.encode("utf-8", "replace").decode()  # it names the client's own fields
    return _reply(request, 422, "invalid_request", f"The request is not in the form of the API. {told}.")


def _no_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "bad_request")
    return _reply(request, error.status_code, code, error.detail)


def _bad_question(request: Request, error: Exception) -> Response:
    return _reply(request, 400, "bad_question", str(error))


def _unknown(request: Request, error: Exception) -> Response:
    return _reply(request, 404, "not_found", str(error))


def _unable(request: Request, error: Exception) -> Response:
    return _reply(request, 503, "unable", str(error))


_HANDLERS: dict[Any, Any] = {
    RequestValidationError: _invalid,
    HTTPException: _no_route,
    QuestionError: _bad_question,
    UnknownConversationError: _unknown,
    DatelineError: _unable,
    ArticleIndexError: _unable,
}
