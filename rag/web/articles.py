"""The routes of the library below /api/articles and /api/index, and the page that uses them."""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import Annotated, Any, Literal

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import FileResponse, Response
from starlette.exceptions import HTTPException

from index import Article, Entry, State
from index.formats import usable
from rag.errors import QuestionError
from rag.web.indexer import IndexStatus
from rag.web.kept import user_of
from rag.web.library import Library, Order
from rag.web.schema import ArticleList, ArticleText, LibraryEntry, ProblemReply, Removed, Uploaded

_STATIC = FilePath(__file__).resolve().parent.parent.parent / "static"
_ASSETS = {"library.css": "text/css", "library.js": "text/javascript", "ui.css": "text/css"}
_AT_ONCE = 2  # uploads that are read at the same moment: an archive is work
_MISSING: dict[int | str, dict[str, Any]] = {404: {"model": ProblemReply}}
_BYTES: dict[str, Any] = {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}

Key = Annotated[str, Path(description="percent-encoded")]


def article_routes(library: Library) -> APIRouter:
    """List, search, read, add and remove articles; bring the index in step."""
    routes = APIRouter()
    turns = CapacityLimiter(_AT_ONCE)

    @routes.get("/articles", tags=["articles"])
    def articles(
        request: Request,
        query: Annotated[str, Query(max_length=200, description="words of title, outlet, author or key")] = "",
        text: Annotated[bool, Query(description="words of the text count too")] = False,
        state: Annotated[State | Literal["all"], Query(description="what became of the place")] = "indexed",
        order: Order = "key",
        descending: bool = False,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        offset: Annotated[int, Query(ge=0)] = 0,
    ) -> ArticleList:
        """The articles, without their texts; on demand also the copies of a text, and the files that gave none."""
        return list_articles(
            library, user_of(request), query,
            text=text, state=None if state == "all" else state,
            order=order, descending=descending, limit=limit, offset=offset,
        )  # fmt: skip

    @routes.post(
        "/articles", tags=["articles"], status_code=201, openapi_extra={"requestBody": _BYTES | {"required": True}}
    )
    async def upload(
        request: Request, name: Annotated[str, Query(max_length=1000, description="the file's name")]
    ) -> Uploaded:
        """Add a file, or replace the one of that name: its bytes are the body. A zip may hold many articles."""
        data = await request.body()
        saved = await to_thread.run_sync(library.add, user_of(request), name, data, limiter=turns)
        return Uploaded(saved.file, saved.replaced, saved.articles, saved.skipped, saved.remarks)

    @routes.get("/articles/{key:path}", tags=["articles"], responses=_MISSING)
    def article(key: Key, request: Request) -> ArticleText:
        """One article with the text in which offsets count."""
        try:
            return read_article(library, user_of(request), key)
        except QuestionError as error:
            raise HTTPException(404, str(error)) from error

    @routes.delete("/articles/{file:path}", tags=["articles"], responses=_MISSING)
    def remove(file: Key, request: Request) -> Removed:
        """Remove an uploaded file with all articles in it."""
        return Removed(file, library.remove(user_of(request), file))

    @routes.get("/index", tags=["server"])
    def status() -> IndexStatus:
        """What the indexer does, and how its last build ended."""
        return library.indexer.status

    @routes.post("/index", tags=["server"], status_code=202)
    def start() -> IndexStatus:
        """Bring the index in step with the folder, in the background."""
        return library.indexer.start()

    return routes


def library_page() -> APIRouter:
    """The page of the library. It holds no data: its script asks the API, behind the same guard."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/library")
    def page() -> Response:
        return FileResponse(_STATIC / "library.html", media_type="text/html")

    @routes.get("/library/{name}")
    def asset(name: str) -> Response:
        if name not in _ASSETS:
            raise HTTPException(404, "There is no such file.")
        return FileResponse(_STATIC / name, media_type=_ASSETS[name])

    return routes


def list_articles(library: Library, user: str, query: str = "", **how: Any) -> ArticleList:
    """A part of the library in the form of the API; `how` is as for `Library.list`."""
    found = library.list(user, query, **how)
    return ArticleList(
        found.total,
        tuple(_entry(item, library.may_remove(user, item)) for item in found.entries),
        found.states,
        library.uploads is not None,
        library.file_bytes,
        tuple(sorted(usable())),
    )


def read_article(library: Library, user: str, key: str) -> ArticleText:
    """One article in the form of the API.

    Raises:
        QuestionError: this user sees no such article.
    """
    found = library.chatbot(user).article(key)
    return ArticleText(**_known(found), text=found.text)


def _entry(entry: Entry, removable: bool) -> LibraryEntry:
    article, source = entry.article, entry.source
    blank = Article(entry.key, "", file=entry.file)
    known = _known(article or blank) | {"key": entry.key, "file": entry.file}
    if article and source and source is not article:
        told = {name: getattr(source, name) for name in ("title", "outlet", "author", "published", "url")}
        known |= told | {"also": (), "group": None}
    return LibraryEntry(
        **known,
        state=entry.state,
        reason=entry.reason,
        duplicate_of=article.key if article and entry.state == "duplicate" else None,
        removable=removable,
    )


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
