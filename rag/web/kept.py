"""The routes of the kept conversations, below /api/conversations."""

from __future__ import annotations

import unicodedata
from dataclasses import asdict, dataclass
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from rag.export import Format, export, file_name
from rag.questions import json_lines
from rag.records import Answer
from rag.web.conversations import Conversation, Conversations
from rag.web.guard import USER
from rag.web.schema import Text

_MEDIA: dict[Format, str] = {"markdown": "text/markdown", "html": "text/html", "json": "application/json"}


class Named(BaseModel):
    """The name of a conversation; an empty one gives way to the first question."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Text = Field("", max_length=200)


@dataclass(frozen=True, slots=True)
class WholeConversation(Conversation):
    """A conversation with its answers."""

    answers: tuple[Answer, ...]


def user_of(request: Request) -> str:
    """Who asks, as the guard found out; "" when the server has no users."""
    return str(request.scope.get(USER, ""))


def attachment(name: str) -> str:
    """The header for a file to be kept under this name, and never shown as a page of this server (RFC 6266)."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lstrip("-.")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def conversation_routes(kept: Conversations) -> APIRouter:
    """List, start, read, rename, delete and export: a user's own conversations alone."""
    routes = APIRouter(prefix="/conversations", tags=["conversations"])

    @routes.get("")
    def conversations(
        request: Request,
        query: Annotated[str, Query(max_length=200, description="words of names, questions, answers")] = "",
    ) -> tuple[Conversation, ...]:
        """The conversations, last changed first."""
        return kept.list(user_of(request), query)

    @routes.post("", status_code=201)
    def start(named: Named, request: Request) -> Conversation:
        """Start a conversation; `/api/ask` takes its id as `conversation`."""
        return kept.start(user_of(request), named.name)

    @routes.get("/{id}", response_model=WholeConversation)
    def read(id: str, request: Request) -> dict[str, Any]:
        """One conversation with its answers."""
        user = user_of(request)
        return {**asdict(kept.entry(user, id)), "answers": kept.answers(user, id)}

    @routes.patch("/{id}")
    def rename(id: str, named: Named, request: Request) -> Conversation:
        """Give a conversation another name."""
        return kept.rename(user_of(request), id, named.name)

    @routes.delete("/{id}", status_code=204)
    def delete(id: str, request: Request) -> None:
        """Delete a conversation with its answers."""
        kept.delete(user_of(request), id)

    @routes.get("/{id}/export", response_class=Response)
    def exported(id: str, request: Request, format: Format = "markdown") -> Response:
        """A conversation as a document, its footnotes with quote, outlet, title, date and offsets."""
        user = user_of(request)
        entry = kept.entry(user, id)
        document = export(entry.name, kept.answers(user, id), format)
        file = file_name(entry.name, entry.changed[:10], format)
        return Response(document, media_type=_MEDIA[format], headers={"Content-Disposition": attachment(file)})

    return routes


def feedback_routes(kept: Conversations) -> APIRouter:
    """A user's own feedback, as tests."""
    routes = APIRouter(tags=["conversations"])

    @routes.get("/feedback", response_class=Response)
    def feedback(request: Request) -> Response:
        """The feedback given in the window as a questions file (docs/evaluation.md), an object a line."""
        questions, _ = kept.questions(user_of(request))
        name = {"Content-Disposition": 'attachment; filename="feedback.jsonl"'}
        return Response(json_lines(questions), media_type="application/x-ndjson", headers=name)

    return routes
