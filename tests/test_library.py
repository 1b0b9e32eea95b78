"""The library by its API: what is listed, taken in, taken away, and by whom."""

from __future__ import annotations

import io
import os
import stat
import sys
import time
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from index import FaissStore, LiveStore, Options, SentenceTransformerEmbedder, build, restrict
from rag import Chatbot, Settings
from rag.errors import SettingsError
from rag.llm import Extractive
from rag.web.guard import Access
from rag.web.library import Library
from rag.web.users import Users, hash_password
from tests.conftest import write_all
from tests.test_api import mounted

BRIDGE = "The bridge at Vik was opened in June 2019. It cost 40 million kroner, the council said.\n"
QUAY = "The council of Lund voted to spend $3 million on a new quay for the ferries.\n"
SECRET = "Xanadupolis will close its zoo in May, the mayor Ola Nordmann said on Friday.\n"
ACCESS = Access(per_minute=0, upload_bytes=50_000)


class Shelf:
    """A server's library over articles of its own."""

    def __init__(self, place: Path, embedder: SentenceTransformerEmbedder, texts: dict[str, str | bytes]) -> None:
        self.articles = place / "articles"
        self.articles.mkdir()
        write_all(self.articles, texts)
        self.settings = Settings.load(
            articles=self.articles,
            index=place / "index",
            data=place / "data",
            uploads="up",
            max_file_bytes=50_000,
            upload_quota_bytes=60_000,
        )
        options = self.settings.index_options
        build(self.articles, self.settings.index, embedder=embedder, options=options)
        live = LiveStore(self.settings.index, embedder=embedder.fingerprint, chunking=options.chunking)
        self.chatbot = Chatbot(live, embedder, Extractive(), self.settings)
        self.place = place

    def client(self, access: Access = ACCESS) -> TestClient:
        return mounted(self.chatbot, self.place, access, self.settings)


@pytest.fixture
def shelf(tmp_path: Path, embedder: SentenceTransformerEmbedder) -> Shelf:
    return Shelf(
        tmp_path, embedder,
        {"a.txt": BRIDGE, "b.txt": QUAY, "copy.txt": BRIDGE, "empty.txt": "", "photo.png": "x", "n.jsonl": b'{"id": "1"}\n'},
    )  # fmt: skip


def put(client: TestClient, name: str, data: str | bytes, **more: Any) -> Any:
    return client.post("/api/articles", params={"name": name}, content=data, **more)


def settled(client: TestClient, **more: Any) -> dict[str, Any]:
    """The indexer's status when it has nothing more to do."""
    for _ in range(600):
        status = client.get("/api/index", **more).json()
        if status["state"] != "running":
            return dict(status)
        time.sleep(0.05)
    pytest.fail("the index was not built")


def keys(client: TestClient, query: str = "", state: str = "all", **more: Any) -> list[str]:
    found = client.get("/api/articles", params={"query": query, "state": state, "text": True}, **more).json()
    assert found["total"] == len(found["articles"])
    return [article["key"] for article in found["articles"]]


def zipped(members: dict[str, str | bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return packed.getvalue()


def test_a_kind_is_offered_when_its_reader_is_installed(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    client = shelf.client()
    assert {".txt", ".zip"} < set(client.get("/api/articles").json()["kinds"])
    monkeypatch.setitem(sys.modules, "pypdf", None)
    assert ".pdf" not in client.get("/api/articles").json()["kinds"]
    refused = put(client, "a.pdf", b"%PDF-1.4")
    assert (refused.status_code, "dateline[pdf]" in refused.text) == (400, True)


def test_every_place_of_the_folder_is_listed_with_its_state(shelf: Shelf) -> None:
    listed = shelf.client().get("/api/articles?state=all").json()
    told = {entry["key"]: (entry["state"], entry["duplicate_of"], entry["reason"]) for entry in listed["articles"]}
    assert told["a.txt"] == ("indexed", None, None)
    assert told["copy.txt"] == ("duplicate", "a.txt", None)
    assert told["empty.txt"] == ("skipped", None, "it is empty")
    assert "kind" in told["photo.png"][2]
    assert told["n.jsonl:1"][0] == "skipped"
    assert listed["states"] == {"indexed": 2, "duplicate": 1, "skipped": 3}
    assert {entry["file"] for entry in listed["articles"]} == {path.name for path in shelf.articles.iterdir()}
    assert not any(entry["removable"] for entry in listed["articles"])
    assert keys(shelf.client(), state="indexed") == ["a.txt", "b.txt"]


def test_words_of_names_and_of_texts_are_found(shelf: Shelf) -> None:
    client = shelf.client()
    assert keys(client, "ferries quay") == ["b.txt"]
    assert keys(client, "the BRIDGE of") == ["a.txt", "copy.txt"]
    assert keys(client, "photo") == ["photo.png"]
    assert keys(client, "bridge ferries") == []
    assert client.get("/api/articles?query=ferries").json()["total"] == 0  # of names alone


def test_the_order_turns_and_pages_follow_each_other(shelf: Shelf) -> None:
    client = shelf.client()

    def page(order: str, **asked: Any) -> list[Any]:
        found = client.get("/api/articles", params={"state": "all", "order": order, **asked}).json()
        return [entry[order] for entry in found["articles"] if entry[order]]

    for order in ("title", "outlet", "published", "characters", "key"):
        up = page(order)
        assert page(order, descending=True) == up[::-1]
        assert [value for offset in range(6) for value in page(order, limit=1, offset=offset)] == up
    assert up == ["a.txt", "b.txt", "copy.txt", "empty.txt", "n.jsonl:1", "photo.png"]


def test_an_upload_is_asked_and_a_removed_one_no_more(shelf: Shelf) -> None:
    client = shelf.client()
    saved = put(client, "zoo.txt", SECRET)
    assert (saved.status_code, saved.json()) == (
        201, {"file": "up/zoo.txt", "replaced": False, "articles": ["up/zoo.txt"], "skipped": [], "remarks": []},
    )  # fmt: skip
    assert settled(client)["error"] is None
    answer = client.post("/api/ask", json={"question": "What will Xanadupolis close?"}).json()
    assert (answer["status"], answer["citations"][0]["article"]) == ("answered", "up/zoo.txt")
    assert put(client, "zoo.txt", SECRET.replace("May", "June")).json()["replaced"]
    settled(client)
    assert "June" in client.get("/api/articles/up/zoo.txt").json()["text"]
    assert client.delete("/api/articles/up/zoo.txt").json() == {"file": "up/zoo.txt", "articles": 1}
    assert settled(client)["removed"] == 1
    put(client, "late.txt", SECRET)
    assert client.delete("/api/articles/up/late.txt").status_code == 200  # whether it is indexed by now or not
    settled(client)
    assert client.post("/api/ask", json={"question": "What will Xanadupolis close?"}).json()["status"] == "abstained"
    assert not list((shelf.articles / "up").iterdir())


def test_a_very_short_upload_is_indexed_with_a_remark(shelf: Shelf) -> None:
    client = shelf.client()
    told = put(client, "hi.txt", "hello").json()
    assert (told["articles"], told["skipped"]) == (["up/hi.txt"], [])
    (remark,) = told["remarks"]
    assert remark["path"] == "up/hi.txt"
    assert remark["reason"] == "it is very short (5 characters): is it the whole article?"
    settled(client)
    assert keys(client, "hi.txt") == ["up/hi.txt"]


def test_a_zip_tells_what_each_part_gave(shelf: Shelf) -> None:
    client = shelf.client()
    packed = zipped({"one.txt": SECRET, "../two.txt": QUAY, "three.exe": b"MZ", "four.txt": ""})
    told = put(client, "news.zip", packed).json()
    assert told["articles"] == ["up/news.zip/one.txt"]
    assert {item["path"] for item in told["skipped"]} == {
        "up/news.zip/../two.txt", "up/news.zip/three.exe", "up/news.zip/four.txt",
    }  # fmt: skip
    settled(client)
    refused = client.delete("/api/articles/up/news.zip/one.txt")
    assert (refused.status_code, "remove that" in refused.json()["error"]["message"]) == (404, True)
    assert client.delete("/api/articles/up/news.zip").json()["articles"] == 4
    settled(client)
    assert keys(client, "news.zip") == []


HOSTILE_NAMES = [
    "", " ", "a", "a.exe", ".hidden.txt", "../a.txt", "..\\a.txt", "/etc/a.txt", "a/b.txt", "a\0.txt", "a\n.txt",
    "C:\\a.txt", "README.txt", "a.txt ", "a.txt.", "\u202etxt.a.txt", "x" * 300 + ".txt", "..", "articles.csv",
]  # fmt: skip


def test_a_name_that_will_not_do(shelf: Shelf) -> None:
    client = shelf.client()
    before = sorted(shelf.place.rglob("*"))
    for name in HOSTILE_NAMES:
        reply = put(client, name, SECRET)
        assert (reply.status_code, reply.json()["error"]["code"]) == (400, "bad_upload"), name
    assert sorted(shelf.place.rglob("*")) == before


def test_what_gives_no_article_is_not_kept(shelf: Shelf) -> None:
    client = shelf.client()
    bomb = zipped({"a.txt": b"0" * 5_000_000})
    linked = io.BytesIO()
    with zipfile.ZipFile(linked, "w") as archive:
        link = zipfile.ZipInfo("passwd.txt")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    for name, data, says in (
        ("a.txt", b"", "empty"),
        ("a.txt", b"\0\1\2" * 100, "not text"),
        ("a.zip", bomb, "DATELINE_MAX_ARCHIVE_RATIO"),
        ("a.zip", linked.getvalue(), "it is a link"),
        ("a.zip", zipped({"b.zip": zipped({"c.txt": QUAY})}), "depth"),
        ("a.zip", b"PK\3\4", "broken archive"),
        ("a.pdf", b"%PDF-1.4 broken", "It gives no article"),
        ("a.json", b"{", "It gives no article"),
    ):
        reply = put(client, name, data)
        assert (reply.status_code, says in reply.json()["error"]["message"]) == (400, True), reply.text
    assert put(client, "long.txt", "x" * 50_001).json()["error"]["code"] == "too_large"
    assert not (shelf.articles / "up").exists()


def test_there_is_room_for_so_much(shelf: Shelf) -> None:
    client = shelf.client()
    assert put(client, "one.txt", QUAY * 500).status_code == 201
    assert put(client, "one.txt", QUAY * 600).status_code == 201  # takes the place of the first
    full = put(client, "two.txt", QUAY * 300)
    assert (full.status_code, "DATELINE_UPLOAD_QUOTA_BYTES" in full.json()["error"]["message"]) == (400, True)
    settled(client)


def test_links_lead_nowhere(shelf: Shelf, tmp_path: Path) -> None:
    client = shelf.client()
    outside = tmp_path / "outside.txt"
    outside.write_text("mine")
    put(client, "one.txt", QUAY)
    settled(client)
    link = shelf.articles / "up" / "link.txt"
    link.symlink_to(outside)
    assert put(client, "link.txt", SECRET).json()["replaced"]
    settled(client)  # else the build might look at the folder while it is elsewhere
    assert (outside.read_text(), link.is_symlink()) == ("mine", False)
    (shelf.articles / "up").rename(tmp_path / "elsewhere")
    (shelf.articles / "up").symlink_to(tmp_path / "elsewhere")
    assert "link" in put(client, "two.txt", SECRET).json()["error"]["message"]
    assert client.delete("/api/articles/up/one.txt").status_code == 403
    assert (tmp_path / "elsewhere" / "one.txt").exists()
    settled(client)


def test_only_uploads_are_removed(shelf: Shelf) -> None:
    client = shelf.client()
    for file in (
        "a.txt",
        "up/../a.txt",
        "up/nothing.txt",
        "../index/CURRENT",
        "%2e%2e/index/CURRENT",
        "up%2f..%2fa.txt",
    ):
        assert client.delete(f"/api/articles/{file}").status_code in (403, 404), file
    assert (shelf.articles / "a.txt").exists()


def test_without_a_folder_there_are_no_uploads(shelf: Shelf) -> None:
    client = mounted(shelf.chatbot, shelf.place, ACCESS, Settings.load(articles=shelf.articles))
    assert put(client, "a.txt", QUAY).json()["error"]["code"] == "uploads_off"
    assert client.delete("/api/articles/a.txt").json()["error"]["code"] == "uploads_off"
    assert client.get("/api/articles").json()["uploads"] is False


def test_a_folder_that_is_not_indexed(shelf: Shelf, tmp_path: Path) -> None:
    (shelf.articles / "linked").symlink_to(tmp_path)
    for folder in (".", "..", "../other", "/tmp", ".hidden", "up/../..", "linked", "linked/below"):
        with pytest.raises(SettingsError, match="DATELINE_UPLOADS"):
            Library(shelf.chatbot, Settings.load(articles=shelf.articles, uploads=folder))


# Users

PASSWORD = "correct horse battery"
USERS = Users({name: hash_password(PASSWORD, cost=2) for name in ("ada", "ben")})
ADA: dict[str, Any]
BEN: dict[str, Any]
ADA, BEN = {"auth": ("ada", PASSWORD)}, {"auth": ("ben", PASSWORD)}


def test_an_upload_is_its_user_s_own(shelf: Shelf) -> None:
    client = shelf.client(Access(users=USERS, per_minute=0, upload_bytes=50_000))
    assert put(client, "zoo.txt", SECRET, **ADA).json()["file"] == "up/ada/zoo.txt"
    settled(client, **ADA)
    asked = {"question": "What will Xanadupolis close?"}
    mine = client.post("/api/ask", json=asked, **ADA).json()
    assert mine["citations"][0]["article"] == "up/ada/zoo.txt"
    assert "up/ada/zoo.txt" in keys(client, **ADA)

    for path in ("ask", "search"):
        theirs = client.post(f"/api/{path}", json=asked, **BEN).text
        assert "zoo" not in theirs
        assert "Ola Nordmann" not in theirs
    streamed = client.post("/api/ask", json=asked | {"stream": True}, **BEN).text
    assert "zoo" not in streamed
    assert "ada" not in client.get("/api/articles?state=all", **BEN).text
    assert client.get("/api/articles/up/ada/zoo.txt", **BEN).status_code == 404
    assert client.delete("/api/articles/up/ada/zoo.txt", **BEN).status_code == 404
    assert client.delete("/api/articles/a.txt", **ADA).status_code == 403
    # What the answer says is missing is missed in what he may see: her word is unknown to him.
    assert "Xanadupolis" in client.post("/api/ask", json=asked, **BEN).json()["explanation"]

    assert put(client, "mine.txt", SECRET, **BEN).json()["file"] == "up/ben/mine.txt"  # the same text
    settled(client, **BEN)
    his = client.post("/api/ask", json=asked, **BEN).json()
    assert his["citations"][0]["article"] == "up/ben/mine.txt"
    assert keys(client, "xanadupolis", **BEN) == ["up/ben/mine.txt"]
    assert "ada" not in client.get("/api/articles?state=all", **BEN).text
    assert client.delete("/api/articles/up/ada/zoo.txt", **ADA).status_code == 200
    settled(client, **ADA)
    assert keys(client, "xanadupolis", **ADA) == []
    assert keys(client, "xanadupolis", **BEN) == ["up/ben/mine.txt"]


def test_the_part_of_a_store_knows_nothing_of_the_rest(tmp_path: Path, embedder: SentenceTransformerEmbedder) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    reprint = QUAY * 3 + "It will take two years.\n"
    write_all(folder, {"a.txt": BRIDGE, "hidden/0.txt": reprint, "hidden/1.txt": BRIDGE, "z.txt": reprint + "More.\n"})
    write_all(folder, {"hidden/2.txt": SECRET, "hidden/3.png": "x"})
    build(folder, tmp_path / "index", embedder=embedder, options=Options())
    whole = FaissStore.open(tmp_path / "index")
    assert whole.articles["z.txt"].group == "hidden/0.txt"
    seen = restrict(whole, lambda file: not file.startswith("hidden"))
    assert "hidden" not in str((seen.articles, seen.chunks, seen.manifest))
    assert not seen.lexical.knows("xanadupoli")
    os.makedirs(tmp_path / "alone")
    write_all(tmp_path / "alone", {"a.txt": BRIDGE, "z.txt": reprint + "More.\n"})
    build(tmp_path / "alone", tmp_path / "other", embedder=embedder, options=Options())
    alone = FaissStore.open(tmp_path / "other")
    assert (seen.articles, seen.chunks) == (alone.articles, alone.chunks)
    assert (seen.all_sentence_vectors == alone.all_sentence_vectors).all()
    assert seen.lexical.scores({"quay": 1.0}).tolist() == alone.lexical.scores({"quay": 1.0}).tolist()
    assert restrict(whole, lambda file: True) is whole


def test_a_name_of_any_letters_comes_back(shelf: Shelf) -> None:
    client = shelf.client()
    for name in ("Ånd & <b>100%#1.txt", "日本 ニュース.txt", "${x}{{y}}.txt", "a'b\"c;d.txt"):
        key = put(client, name, f"{SECRET} {name}\n").json()["file"]
        settled(client)
        assert client.get(f"/api/articles/{quote(key)}").json()["text"].startswith("Xanadupolis")
        assert client.delete(f"/api/articles/{quote(key)}").status_code == 200
    settled(client)
