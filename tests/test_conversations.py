"""Kept conversations: a user's own, across restarts, by the API; exported with footnotes."""

from __future__ import annotations

import json
import os
import re
import stat
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from rag import Chatbot
from rag.errors import SettingsError
from rag.export import export, file_name
from rag.records import Answer, Citation, Claim, Conflict, Sentence
from rag.talk import Exchange, ended
from rag.web.conversations import CONVERSATIONS, Conversations, UnknownConversationError
from rag.web.guard import Access
from rag.web.users import Users, hash_password
from tests.test_api import DUSHANBE, mounted
from tests.test_render import HOSTILE

PLEDGE = "How much money did China pledge to the Afghan security forces?"
PASSWORD = "correct horse: battery"


def started(client: TestClient, name: str = "") -> str:
    reply = client.post("/api/conversations", json={"name": name})
    assert reply.status_code == 201
    return str(reply.json()["id"])


def test_a_conversation_survives_a_restart_and_goes_on(chatbot: Chatbot, tmp_path: Path) -> None:
    client = mounted(chatbot, tmp_path)
    id = started(client)
    first = client.post("/api/ask", json={"question": PLEDGE, "conversation": id}).json()
    client = mounted(chatbot, tmp_path)  # another process would do the same
    asked = {"question": "And when?", "conversation": id, "stream": True}
    assert "event: done" in client.post("/api/ask", json=asked).text
    whole = client.get(f"/api/conversations/{id}").json()
    assert whole["answers"][0] == first
    assert "China" in whole["answers"][1]["standalone_question"]
    assert (whole["name"], whole["turns"]) == (PLEDGE, 2)
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "data" / CONVERSATIONS).stat().st_mode) == 0o600


def test_conversations_are_named_found_and_deleted(chatbot: Chatbot, tmp_path: Path) -> None:
    client = mounted(chatbot, tmp_path)
    one, two = started(client, "Border"), started(client)
    client.post("/api/ask", json={"question": DUSHANBE, "conversation": one})
    client.post("/api/ask", json={"question": PLEDGE, "conversation": two})
    assert client.patch(f"/api/conversations/{two}", json={"name": "Geld FÜR Kabul"}).json()["name"] == "Geld FÜR Kabul"

    def found(query: str) -> list[str]:
        return [entry["id"] for entry in client.get("/api/conversations", params={"query": query}).json()]

    assert found("") == [two, one]
    assert found("BORDER dushanbe") == [one]
    assert found("für geld PLEDGE") == [two]
    assert found("border pledge") == found("%") == found("' OR 1=1 --") == []
    assert client.delete(f"/api/conversations/{one}").status_code == 204
    assert found("") == [two]
    assert client.get(f"/api/conversations/{one}").status_code == 404
    assert client.delete(f"/api/conversations/{one}").json()["error"]["code"] == "not_found"
    assert DUSHANBE.encode() not in b"".join(path.read_bytes() for path in (tmp_path / "data").iterdir())


def test_no_user_sees_another_s(chatbot: Chatbot, tmp_path: Path) -> None:
    users = Users({name: hash_password(PASSWORD, cost=2) for name in ("ada", "ben")})
    ada, ben = (mounted(chatbot, tmp_path, Access(users=users)) for _ in range(2))
    ada.auth, ben.auth = ("ada", PASSWORD), ("ben", PASSWORD)
    id = started(ada, "Ada's own")
    assert ada.get("/api/conversations").json()[0]["id"] == id
    assert ben.get("/api/conversations").json() == []
    path = f"/api/conversations/{id}"
    replies = [
        ben.get(path), ben.get(f"{path}/export"), ben.patch(path, json={"name": "Ben's"}), ben.delete(path),
        ben.post("/api/ask", json={"question": DUSHANBE, "conversation": id}),
    ]  # fmt: skip
    assert [reply.status_code for reply in replies] == [404] * 5
    assert ada.get(path).json()["name"] == "Ada's own"


def test_an_export_holds_every_footnote(chatbot: Chatbot, tmp_path: Path) -> None:
    client = mounted(chatbot, tmp_path)
    id = started(client, "Border")
    answer = client.post("/api/ask", json={"question": DUSHANBE, "conversation": id}).json()
    client.post("/api/ask", json={"question": "Who is the president of France?", "conversation": id})
    cited = answer["citations"][0]
    texts = {}
    for form, media in (("markdown", "text/markdown"), ("html", "text/html"), ("json", "application/json")):
        reply = client.get(f"/api/conversations/{id}/export", params={"format": form})
        assert reply.headers["content-type"].startswith(media)
        assert reply.headers["content-disposition"].startswith("attachment")
        texts[form] = reply.text
    assert json.loads(texts["json"])["answers"][0] == answer
    shown = "".join(texts_of(texts["html"]))
    bare = re.sub(r"\\(.)", r"\1", texts["markdown"])
    for text in (shown, bare):
        for told in (cited["quote"], cited["outlet"], cited["title"], cited["article"]):
            assert " ".join(told.split()) in text
        assert f"characters {cited['start']} to {cited['end']}" in text
        assert "No answer" in text
    assert f"[^1-{cited['number']}]: " in texts["markdown"]
    assert client.get(f"/api/conversations/{id}/export?format=pdf").status_code == 422


def texts_of(html: str) -> list[str]:
    found: list[str] = []
    parser = HTMLParser()
    parser.handle_data = found.append  # type: ignore[method-assign,assignment]
    parser.feed(html)
    return found


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("Who pays?", "Who-pays-2026-11-22.md"),
        ("../../etc/passwd\r\nSet-Cookie: a=b", "etc-passwd-Set-Cookie-a-b-2026-11-22.md"),
        ("\u202egnp.exe", "gnp-exe-2026-11-22.md"),
        ("…", "conversation-2026-11-22.md"),
        ("word " * 30, "-".join(["word"] * 12) + "-2026-11-22.md"),
        ("w" * 200, "w" * 60 + "-2026-11-22.md"),
        ("Qué pasó", "Qué-pasó-2026-11-22.md"),
    ],
)
def test_an_export_is_named_by_the_conversation_and_its_day(name: str, file: str) -> None:
    assert file_name(name, "2026-11-22", "markdown") == file


def test_the_name_of_an_export_goes_safely_through_the_header(chatbot: Chatbot, tmp_path: Path) -> None:
    client = mounted(chatbot, tmp_path)
    for name, plain in (('Qué "pasó"; x=1\n', "Que-paso-x-1"), ("Что", "{day}"), ("", "conversation")):
        entry = client.post("/api/conversations", json={"name": name}).json()
        day = entry["changed"][:10]
        said = client.get(f"/api/conversations/{entry['id']}/export", params={"format": "html"}).headers
        stem = plain if plain != "{day}" else ""
        told = f"attachment; filename=\"{stem}{'-' if stem else ''}{day}.html\"; filename*=UTF-8''"
        assert said["content-disposition"] == told + quote(file_name(name, day, "html"))


def test_an_export_tells_what_a_follow_up_was_understood_as() -> None:
    asked = Answer("And when?", "When did he <b>leave</b>?", "answered", text="").to_dict()
    assert "*Understood as:* When did he \\<b\\>leave\\</b\\>?" in export("A", [asked], "markdown")
    assert "Understood as: When did he <b>leave</b>?" in "".join(texts_of(export("A", [asked], "html")))
    plain = Answer("When?", "When? ", "answered", text="").to_dict()
    for form in ("markdown", "html"):
        assert "Understood" not in export("A", [plain], form)


def test_an_export_tells_why_an_answer_is_short_and_what_was_asked() -> None:
    short = Sentence("Anna Berg.", 0, 10, (), "supported", 1.0)
    begun = Exchange("reading", replace(Answer("Who?", "Who?", "abstained"), filters="outlet Oslo <Post>"))
    for exchange in (begun, replace(begun, answer=replace(begun.answer, status="answered", sentences=(short,)))):
        kept = ended(exchange).answer.to_dict()
        for text in (export("A", [kept], "markdown"), "".join(texts_of(export("A", [kept], "html")))):
            assert "Stopped before the answer was complete." in text
            assert "Only these articles:" in text
            assert "outlet Oslo" in text
            assert ("No answer" in text) == (kept["status"] == "failed")


def test_an_export_tells_both_sides_of_a_disagreement(chatbot: Chatbot) -> None:
    answer = chatbot.ask("How many people were killed in the Kabul explosion according to the Taliban?")
    (conflict,) = answer.conflicts
    document, page = (export("A", [answer.to_dict()], form) for form in ("markdown", "html"))
    for text in (re.sub(r"\\(.)", r"\1", document), "".join(texts_of(page))):
        assert "The sources disagree: how many were killed or hurt" in text
        for claim in conflict.claims:
            assert f"{claim.text} ({claim.speaker}" in text
    for number in {claim.citation for claim in conflict.claims}:
        assert f"[^1-{number}]: " in document
        assert f'href="#n1-{number}"' in page
    assert "said by The Taliban" in document


def test_hostile_text_stays_text_in_an_export() -> None:
    text, quote = " ".join(HOSTILE), "\n".join(HOSTILE)
    answer = Answer(
        HOSTILE[0], HOSTILE[0], "answered", text=text,
        sentences=(Sentence(text, 0, len(text), (1,), "supported", 1.0),),
        citations=(Citation(1, HOSTILE[1], HOSTILE[2], HOSTILE[3], None, 0, len(quote), quote),),
        conflicts=(Conflict(HOSTILE[0], (Claim(text, 1, HOSTILE[1]), Claim(quote, 1, HOSTILE[2]))),),
    ).to_dict()  # fmt: skip
    tags: set[str] = set()
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attrs: tags.add(tag)  # type: ignore[method-assign]
    page = export(HOSTILE[4], [answer], "html")
    parser.feed(page)
    assert tags == {
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "h1",
        "h2",
        "p",
        "sup",
        "a",
        "ol",
        "ul",
        "strong",
        "li",
        "blockquote",
    }
    assert set(re.findall(r'href="([^"]*)"', page)) == {"#n1-1"}
    from markdown_it import MarkdownIt

    document = export(HOSTILE[4], [answer], "markdown")
    kinds = {
        token.type
        for block in MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(document)
        for token in (block, *(block.children or ()))
    }
    assert not kinds & {
        "html_block",
        "html_inline",
        "image",
        "link_open",
        "fence",
        "code_block",
        "code_inline",
        "table_open",
    }


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no database, but long enough to be looked at as one" * 50, encoding="utf-8")
    with pytest.raises(SettingsError, match="DATELINE_DATA"):
        Conversations(tmp_path / "file")
    with pytest.raises(SettingsError, match="DATELINE_DATA"):
        Conversations(tmp_path / "file" / CONVERSATIONS)
    with pytest.raises(UnknownConversationError):
        Conversations(tmp_path / CONVERSATIONS).answers("", "no such")
