"""The server for agents, by the protocol's own client over stdio: `dateline mcp` as an agent starts it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp_types import CallToolResult, TextContent
from typer.testing import CliRunner

from rag import Chatbot, Settings, cli, cli_serve
from tests.conftest import ROOT
from tests.test_api import DUSHANBE, without_times


def asked(settings: Settings, *calls: tuple[str, dict[str, Any]]) -> tuple[Any, list[CallToolResult]]:
    """The tools that the server offers, and what it answers to these calls."""

    async def talk() -> tuple[Any, list[CallToolResult]]:
        server = StdioServerParameters(
            command=sys.executable,
            args=["-m", "rag", "mcp", "--articles", str(settings.articles), "--index", str(settings.index)],
            env=dict(os.environ) | {"PYTHONPATH": str(ROOT)},
        )
        async with Client(server) as client:
            tools = (await client.list_tools()).tools
            return tools, [await client.call_tool(name, given) for name, given in calls]

    return asyncio.run(talk())


def test_an_agent_asks_searches_lists_and_reads(settings: Settings, chatbot: Chatbot) -> None:
    expected = json.loads(json.dumps(chatbot.ask(DUSHANBE).to_dict()))
    key = expected["citations"][0]["article"]
    tools, (answer, found, one, listed, follow_up, *refused) = asked(
        settings,
        ("ask", {"question": DUSHANBE}),
        ("search", {"question": DUSHANBE, "limit": 2, "articles": [key]}),
        ("article", {"key": key}),
        ("articles", {"query": "dushanbe", "limit": 3}),
        ("ask", {"question": "And when?", "history": ["How much money did China pledge to the Afghan security forces?"]}),
        ("ask", {"question": " "}),
        ("ask", {"question": "who?", "since": "soon"}),
        ("article", {"key": "../../etc/passwd"}),
        ("search", {"question": "who?", "limit": 1000}),
        ("remove", {"key": key}),
    )  # fmt: skip
    assert {tool.name for tool in tools} == {"ask", "search", "article", "articles"}
    assert all(tool.description and tool.annotations.read_only_hint for tool in tools)
    assert without_times(answer.structured_content) == without_times(expected)
    assert isinstance(answer.content[0], TextContent)  # for clients that know no structured content
    assert without_times(json.loads(answer.content[0].text)) == without_times(expected)
    passages = found.structured_content["result"]
    assert [(passage["rank"], passage["article"]) for passage in passages] == [(1, key), (2, key)]
    assert one.structured_content["text"] == chatbot.article(key).text
    assert key in [entry["key"] for entry in listed.structured_content["articles"]]
    assert "China" in follow_up.structured_content["standalone_question"]
    says = ["The question is empty", "Write 2024-05-03", "no article", "limit", "remove"]
    for reply, word in zip(refused, says, strict=True):
        assert reply.is_error
        assert isinstance(reply.content[0], TextContent)
        assert word in reply.content[0].text


def test_without_the_package_the_mend_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli_serve, "find_spec", lambda name: None)
    done = CliRunner().invoke(cli.app, ["mcp"])
    assert (done.exit_code, "dateline[mcp]" in done.output) == (1, True)
