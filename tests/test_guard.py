"""The door of the server: what comes in, and what is told to the rest."""

from __future__ import annotations

import base64
import socket
from collections.abc import Mapping

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from typer.testing import CliRunner

from rag import cli
from rag.errors import SettingsError
from rag.settings import Settings
from rag.web.guard import USER, Access, Guard
from rag.web.limits import RateLimit
from rag.web.users import Users, hash_password

PASSWORD = "correct horse: battery"
USERS = Users({"ada": hash_password(PASSWORD, cost=2)})


async def whoami(request: Request) -> PlainTextResponse:
    return PlainTextResponse(request.scope[USER])


PATHS = ("/", "/api/ask", "/api/health", "/gradio_api/queue/join")


def door(access: Access | None = None, host: str = "127.0.0.1:7860") -> TestClient:
    app = Starlette(routes=[Route(path, whoami, methods=["GET", "POST"]) for path in PATHS])
    stopped = Guard(app, access or Access(), clock=lambda: 0.0)
    return TestClient(stopped, base_url=f"http://{host}")


def code(client: TestClient, method: str = "GET", path: str = "/", headers: Mapping[str, str] | None = None) -> str:
    reply = client.request(method, path, headers=headers)
    if reply.status_code == 200:
        return "in"
    assert reply.json()["error"]["request_id"] == reply.headers["x-request-id"]
    return str(reply.json()["error"]["code"])


OWN = socket.gethostname().lower()


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:7860", "localhost:7860", "[::1]:7860", "192.0.2.7", "LOCALHOST", OWN, f"{OWN}:1"]
)
def test_the_server_s_own_names(host: str) -> None:
    assert code(door(), headers={"Host": host}) == "in"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:7860", "", "[", "a@b"]
)
def test_a_name_that_another_may_point_here(host: str, path: str) -> None:
    assert code(door(), path=path, headers={"Host": host}) == "unknown_host"


def test_a_name_that_the_settings_give() -> None:
    access = Access.from_settings(Settings.load(hosts="news.example.org, Other.example"))
    for host in ("news.example.org", "NEWS.example.org:443", "other.example."):
        assert code(door(access), headers={"Host": host}) == "in"
    assert code(door(access), headers={"Host": "example.org"}) == "unknown_host"


HERE = "http://127.0.0.1:7860"


@pytest.mark.parametrize(
    ("method", "path", "headers", "expected"),
    [
        ("POST", "/api/ask", {}, "in"),  # no browser
        ("POST", "/api/ask", {"Origin": HERE, "Sec-Fetch-Site": "same-origin"}, "in"),
        ("GET", "/", {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"}, "in"),  # typed by a person
        ("GET", "/", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, "in"),  # a link
        ("POST", "/", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, "foreign_origin"),  # a form
        ("GET", "/", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, "foreign_origin"),  # an image
        ("GET", "/api/health", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, "foreign_origin"),
        ("POST", "/api/ask", {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"}, "foreign_origin"),
        ("POST", "/api/ask", {"Origin": "https://evil.example"}, "foreign_origin"),
        ("POST", "/api/ask", {"Origin": "http://127.0.0.1:8000"}, "foreign_origin"),  # another program of this machine
        ("POST", "/gradio_api/queue/join", {"Origin": "null"}, "foreign_origin"),  # a page in a sandbox, or a file
        ("GET", "/api/health", {"Origin": "https://evil.example"}, "foreign_origin"),
    ],
)
def test_pages_of_other_sites(method: str, path: str, headers: dict[str, str], expected: str) -> None:
    assert code(door(), method, path, headers) == expected


def test_users_sign_in_everywhere() -> None:
    client = door(Access(users=USERS))
    for path in PATHS:
        assert client.get(path).headers["www-authenticate"].startswith("Basic")
        assert client.get(path, auth=("ada", "wrong")).status_code == 401
        assert client.get(path, auth=("eve", PASSWORD)).status_code == 401
        assert client.get(path, auth=("ada", PASSWORD)).text == "ada"
    assert door().get("/").text == ""


@pytest.mark.parametrize(
    "header", ["", "Basic", "Basic !", "Basic /w==", "Bearer abc", "Basic " + base64.b64encode(b":").decode()]
)
def test_a_sign_in_of_another_form(header: str) -> None:
    assert code(door(Access(users=USERS)), headers={"Authorization": header}) == "not_signed_in"


def test_after_many_wrong_passwords_an_address_waits() -> None:
    client = door(Access(users=USERS))
    told = [client.get("/", auth=("ada", f"wrong {number}")).status_code for number in range(12)]
    assert told == [401] * 10 + [429] * 2
    assert client.get("/", auth=("ada", PASSWORD)).status_code == 429
    fresh = door(Access(users=USERS))
    assert {fresh.get("/").status_code for _ in range(20)} == {401}  # who says nothing has guessed nothing


def test_who_asks_too_often_waits() -> None:
    client = door(Access(per_minute=3))
    told = [client.post(path).status_code for path in ("/api/ask", "/gradio_api/queue/join", "/api/ask", "/api/ask")]
    assert told == [200, 200, 200, 429]
    assert 0 < int(client.post("/api/ask").headers["retry-after"]) <= 20
    assert client.get("/api/health").status_code == 200


def test_a_limit_fills_up_again_and_is_each_client_s_own() -> None:
    now = 0.0
    limit = RateLimit(2, clock=lambda: now)
    assert [limit.take("a"), limit.take("a"), limit.take("a")] == [0, 0, 30]
    assert limit.take("b") == 0
    now = 30.0
    assert [limit.take("a"), limit.take("a")] == [0, 30]
    assert RateLimit(0).take("a") == 0
    many = RateLimit(1, clock=lambda: now)
    for number in range(20_000):
        assert many.take(str(number)) == 0
    assert many.take("0") == 0  # forgotten
    assert many.take("19999") > 0


def test_every_reply_keeps_the_page_to_itself() -> None:
    client = door(Access(users=USERS))
    for reply in (client.get("/"), client.get("/", auth=("ada", PASSWORD)), client.get("/", headers={"Host": "x.y"})):
        policy = reply.headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "http" not in policy
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["referrer-policy"] == "no-referrer"
        assert reply.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "news.example.org"])
def test_others_are_let_in_on_purpose_only(host: str) -> None:
    with pytest.raises(SettingsError, match=r"dateline user.*--open"):
        Access.from_settings(Settings.load(host=host))
    done = CliRunner().invoke(cli.app, ["serve", "--host", host, "--port", "0"])
    assert (done.exit_code, "dateline user" in done.output) == (1, True)
    assert Access.from_settings(Settings.load(host=host), everybody=True)
    assert Access.from_settings(Settings.load(host=host, user="ada", password=PASSWORD)).users


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_this_machine_alone_needs_no_user(host: str) -> None:
    assert not Access.from_settings(Settings.load(host=host)).users
