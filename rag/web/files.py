"""The files of the articles, below /api/files: for a reader who wants the original. A file is given, never shown."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi import Path as InPath
from fastapi.responses import FileResponse
from starlette.exceptions import HTTPException

from rag.errors import QuestionError
from rag.web.kept import user_of
from rag.web.library import Library
from rag.web.schema import ProblemReply


def file_routes(library: Library) -> APIRouter:
    """Give the file that an article was read from."""
    routes = APIRouter(tags=["articles"])

    @routes.get("/files/{key:path}", response_class=FileResponse, responses={404: {"model": ProblemReply}})
    def file(
        request: Request, key: Annotated[str, InPath(description="the article's key, percent-encoded")]
    ) -> FileResponse:
        """The file that an article was read from, as it is now: of an archive, the archive."""
        try:
            chatbot = library.chatbot(user_of(request))
            article = chatbot.article(key)
        except QuestionError as error:
            raise HTTPException(404, str(error)) from error
        path = _below(chatbot.folder, article.file or article.key)
        if path is None:
            raise HTTPException(404, f"The file of the article {key!r} is no longer there.")
        # As an attachment without a type of its own: no page of an article becomes a page of this server.
        return FileResponse(path, media_type="application/octet-stream", filename=path.name)

    return routes


def _below(folder: Path, name: str) -> Path | None:
    """The file of this name in the folder; None when there is none, or when a link leads out."""
    path = (folder / name).resolve()
    return path if path.is_file() and path.is_relative_to(folder.resolve()) else None
