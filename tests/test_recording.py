from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from pathlib import Path

import pytest

from rag.errors import ContextOverflow, ModelUnavailable, RecordingError
from rag.llm import Message, TextModel, Usage
from rag.recording import RecordedModel, Recording
from tests.plugin_runs import Inner, without_times

pytest_plugins = ["pytester"]
PROMPT: list[Message] = [{"role": "system", "content": "Be short."}, {"role": "user", "content": "Who?"}]


class Fake:
    """A text model that writes its pieces, and fails where a piece is an error."""

    name = "fake"
    context_tokens = 2048

    def __init__(self, *pieces: str | Exception) -> None:
        self.pieces = pieces
        self.closed = False

    def count(self, text: str) -> int:
        return len(text) // 4

    def stream(self, messages: Sequence[Message], *, max_tokens: int, usage: Usage) -> Generator[str, None, None]:
        try:
            for piece in self.pieces:
                if isinstance(piece, Exception):
                    raise piece
                yield piece
            usage.prompt_tokens, usage.completion_tokens = 7, 3
        finally:
            self.closed = True


def read(
    path: Path, model: TextModel | None = None, *, messages: list[Message] = PROMPT, name: str = "fake"
) -> tuple[list[str], int]:
    usage = Usage()
    recorded = RecordedModel(name, Recording(path), (lambda: model) if model else None)
    return list(recorded.stream(messages, max_tokens=9, usage=usage)), usage.prompt_tokens


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "q.recorded.jsonl"


def test_what_was_recorded_is_replayed_without_the_model(path: Path) -> None:
    assert read(path, Fake("Ada ", "", "Berg.")) == (["Ada ", "", "Berg."], 7)
    assert read(path) == (["Ada ", "Berg."], 7)
    # And what is there already is not asked again.
    assert read(path, Fake(AssertionError("asked"))) == (["Ada ", "Berg."], 7)


@pytest.mark.parametrize(
    ("messages", "name", "why"),
    [
        ([PROMPT[0], {"role": "user", "content": "When?"}], "fake", "the prompt has changed since: the question"),
        ([{"role": "system", "content": "Be long."}, PROMPT[1]], "fake", "the system prompt has changed"),
        (PROMPT, "other", "it holds outputs of fake"),
    ],
)
def test_a_miss_is_told_as_such(path: Path, messages: list[Message], name: str, why: str) -> None:
    read(path, Fake("Ada."))
    with pytest.raises(RecordingError, match=why):
        read(path, messages=messages, name=name)


def test_an_output_that_broke_off_is_not_kept(path: Path) -> None:
    with pytest.raises(ModelUnavailable):
        read(path, Fake("Ada ", ModelUnavailable("gone")))
    with pytest.raises(RecordingError):
        read(path)


def test_closing_ends_the_model_and_keeps_what_was_read(path: Path) -> None:
    model = Fake("Ada.", "Berg.")
    stream = RecordedModel("fake", Recording(path), lambda: model).stream(PROMPT, max_tokens=9, usage=Usage())
    assert next(stream) == "Ada."
    stream.close()
    assert model.closed
    assert read(path) == (["Ada."], 0)


def test_a_damaged_recording_is_named(path: Path) -> None:
    path.write_text("{}\n")
    with pytest.raises(RecordingError, match="line 1 is not a recorded output"):
        Recording(path)


def test_two_processes_add_and_stale_outputs_go(path: Path) -> None:
    one, two = Recording(path), Recording(path)
    for recording, question in ((one, "a"), (two, "b")):
        model = RecordedModel("fake", recording, lambda: Fake("x"))
        list(model.stream([{"role": "user", "content": question}], max_tokens=1, usage=Usage()))
    both = Recording(path)
    assert len(both.outputs) == 2
    both.keep_only(one.outputs.keys())
    assert Recording(path).outputs.keys() == one.outputs.keys()


def test_a_run_with_a_real_model_is_replayed_with_the_server_gone(
    pytester: pytest.Pytester, seeds_index: Path, llama_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = Inner(pytester, seeds_index, monkeypatch)
    questions = inner.write("d05", "d16")
    monkeypatch.setenv("DATELINE_CONTEXT_TOKENS", "1024")
    monkeypatch.setenv("DATELINE_ANSWER_TOKENS", "48")
    monkeypatch.setenv("DATELINE_BASE_URL", llama_server)
    model = "--dateline-llm=openai:smollm2"
    inner.run(model, "--dateline-record", "--dateline-report", "live.html")
    monkeypatch.setenv("DATELINE_BASE_URL", "http://127.0.0.1:9/v1")
    replayed = inner.run(model, "--dateline-report", "replay.html")
    assert "replayed from seeds.questions.recorded.jsonl" in replayed.stdout.str()
    live, again = (
        json.loads((inner.place / f"{name}.json").read_text(encoding="utf-8")) for name in ("live", "replay")
    )
    assert live["config"]["settings"].pop("base_url") != again["config"]["settings"].pop("base_url")
    assert json.dumps(without_times(live)) == json.dumps(without_times(again))
    assert live["cases"][0]["answer"]["usage"]["prompt_tokens"] > 0
    # A changed prompt is no test of the old one.
    questions.write_text(
        questions.read_text(encoding="utf-8").replace("Until what year", "Up to what year"), encoding="utf-8"
    )
    missed = inner.run(model)
    missed.assert_outcomes(passed=1, failed=1)
    missed.stdout.fnmatch_lines(
        ["The recording seeds.questions.recorded.jsonl has no output of openai:smollm2 for this prompt: *"]
    )


def test_a_model_in_process_is_replayed_with_its_file_gone(
    pytester: pytest.Pytester, seeds_index: Path, small_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = Inner(pytester, seeds_index, monkeypatch)
    inner.write("d05", "d15", "d16")
    monkeypatch.setenv("DATELINE_CONTEXT_TOKENS", "1024")
    monkeypatch.setenv("DATELINE_ANSWER_TOKENS", "32")
    file = inner.place / "small.gguf"
    file.symlink_to(small_model)
    model = f"--dateline-llm=gguf:{file}"
    inner.run(model, "--dateline-record", "--dateline-report=live.html")
    file.unlink()
    inner.run(model, "--dateline-report=replay.html")
    live, again = (
        json.loads((inner.place / f"{name}.json").read_text(encoding="utf-8")) for name in ("live", "replay")
    )
    assert json.dumps(without_times(live)) == json.dumps(without_times(again))
    # Without the recording there is no model either.
    (inner.place / "seeds.questions.recorded.jsonl").unlink()
    inner.run(model).assert_outcomes(errors=3)


def test_a_prompt_that_was_too_long_is_so_again(path: Path) -> None:
    with pytest.raises(ContextOverflow, match="too long"):
        read(path, Fake(ContextOverflow("too long")))
    with pytest.raises(ContextOverflow, match="too long"):
        read(path)


def test_the_size_of_the_context_is_recorded_and_counts_are_not_the_model_s(path: Path) -> None:
    read(path, Fake("Ada."))
    replaying = RecordedModel("fake", Recording(path))
    assert replaying.context_tokens == Fake.context_tokens
    assert replaying.count("a word") == RecordedModel("fake", Recording(path), Fake).count("a word")
    with pytest.raises(RecordingError, match="holds outputs of fake"):
        _ = RecordedModel("other", Recording(path)).context_tokens
    with pytest.raises(RecordingError, match="or a setting"):
        list(RecordedModel("fake", Recording(path), limit=99).stream(PROMPT, max_tokens=9, usage=Usage()))


def test_recording_needs_a_model(pytester: pytest.Pytester, seeds_index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = Inner(pytester, seeds_index, monkeypatch)
    inner.write("d05")
    inner.run("--dateline-record").stdout.fnmatch_lines(["*extractive answers come from no model*"])
