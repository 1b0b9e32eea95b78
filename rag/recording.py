"""A language model's raw outputs, kept in a file and replayed: hosted models are tested without a key or a network.

An output is found by the hash of the model's name, its messages and the room it was given: whatever changes the
prompt (the question, the evidence, a template, a setting) makes it a miss, and a miss is an error, never a guess.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Collection, Generator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import filelock

from rag.errors import ContextOverflow, RecordingError
from rag.llm import Message, TextModel, Usage
from rag.prompt import count_tokens

SUFFIX = ".recorded.jsonl"


@dataclass(frozen=True, slots=True)
class Output:
    """What a model gave for one prompt, in the pieces in which it came; or why the prompt was too long for it."""

    key: str
    model: str
    system: str  # hash of the system message alone, to tell what changed
    pieces: tuple[str, ...]
    prompt_tokens: int
    completion_tokens: int
    context_tokens: int  # of the model
    overflow: str | None = None


class Recording:
    """A file of outputs, one JSON object a line. Several processes may add to it at once.

    Raises:
        RecordingError: the file is not in this form.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.outputs: dict[str, Output] = {}
        self.used: dict[str, None] = {}  # keys asked for, in order
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines() if path.exists() else (), 1):
            try:
                output = Output(**json.loads(line))
            except (ValueError, TypeError) as error:
                raise RecordingError(
                    f"{path}, line {number} is not a recorded output ({error}). Remove it, and record again."
                ) from error
            self.outputs[output.key] = output

    def take_used(self) -> list[str]:
        """The keys asked for since this was last called."""
        used = list(self.used)
        self.used.clear()
        return used

    def add(self, output: Output) -> None:
        """Keep an output, in the file too."""
        self.outputs[output.key] = output
        with self._locked(), self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(output), ensure_ascii=False) + "\n")

    def keep_only(self, keys: Collection[str]) -> None:
        """Write the file anew with these outputs alone, in order of their keys."""
        with self._locked():
            kept = [output for key, output in sorted(Recording(self.path).outputs.items()) if key in keys]
            lines = [json.dumps(asdict(output), ensure_ascii=False) + "\n" for output in kept]
            beside = self.path.with_name(self.path.name + ".new")
            beside.write_text("".join(lines), encoding="utf-8")
            os.replace(beside, self.path)

    def _locked(self) -> contextlib.AbstractContextManager[object]:
        return filelock.FileLock(self.path.with_name(self.path.name + ".lock"))


class RecordedModel:
    """A text model that answers from a recording; what is not in it is asked of `open_model`, and kept.

    Without `open_model` it only replays. The model is opened when it is first needed: a replay needs no model, and
    no tokenizer of one. `limit` is the setting of the context's size: an output belongs to it as to its prompt.

    Raises (from `stream` and `context_tokens`):
        RecordingError: replaying, and the recording has no output for this prompt.
    """

    def __init__(
        self,
        name: str,
        recording: Recording,
        open_model: Callable[[], TextModel] | None = None,
        *,
        limit: int | None = None,
    ) -> None:
        self.name = name
        self._recording = recording
        self._open_model = open_model
        self._limit = limit
        self._model: TextModel | None = None

    @property
    def context_tokens(self) -> int:
        """Of the model; replaying, as it was when its outputs were recorded."""
        if self._open_model:
            return self._opened(self._open_model).context_tokens
        for output in self._recording.outputs.values():
            if output.model == self.name:
                return output.context_tokens
        raise RecordingError(self._miss([]))

    def count(self, text: str) -> int:
        """By tiktoken, recording as well as replaying: so that both build the same prompt."""
        return count_tokens(text)

    def stream(self, messages: Sequence[Message], *, max_tokens: int, usage: Usage) -> Generator[str, None, None]:
        key = _hash([self.name, list(messages), max_tokens, self._limit])
        self._recording.used[key] = None
        output = self._recording.outputs.get(key)
        if output and output.overflow:
            raise ContextOverflow(output.overflow)
        if output:
            yield from output.pieces
            usage.prompt_tokens, usage.completion_tokens = output.prompt_tokens, output.completion_tokens
        elif self._open_model:
            yield from self._record(self._opened(self._open_model), key, messages, max_tokens, usage)
        else:
            raise RecordingError(self._miss(messages))

    def _opened(self, open_model: Callable[[], TextModel]) -> TextModel:
        self._model = self._model or open_model()
        return self._model

    def _record(
        self, model: TextModel, key: str, messages: Sequence[Message], max_tokens: int, usage: Usage
    ) -> Generator[str, None, None]:
        pieces: list[str] = []
        overflow: str | None = None
        complete = False
        stream = model.stream(messages, max_tokens=max_tokens, usage=usage)
        try:
            with contextlib.closing(stream):
                for piece in stream:
                    if piece:
                        pieces.append(piece)
                    yield piece
            complete = True
        except GeneratorExit:
            complete = True  # the writer has read enough, and will again
            raise
        except ContextOverflow as error:
            complete, overflow = True, str(error)  # the writer will ask again, for less
            raise
        finally:
            if complete:  # what a failing model left behind is no output
                tokens = (usage.prompt_tokens, usage.completion_tokens, model.context_tokens)
                self._recording.add(Output(key, self.name, _system(messages), tuple(pieces), *tokens, overflow))

    def _miss(self, messages: Sequence[Message]) -> str:
        mine = [output for output in self._recording.outputs.values() if output.model == self.name]
        if not mine:
            known = ", ".join(sorted({output.model for output in self._recording.outputs.values()})) or "nothing"
            why = f"it holds outputs of {known}"
        elif all(output.system != _system(messages) for output in mine):
            why = "the system prompt has changed since"
        else:
            why = "the prompt has changed since: the question, its evidence, a template or a setting"
        return (
            f"The recording {self._recording.path.name} has no output of {self.name} for this prompt: {why}. "
            "Record it with --dateline-record."
        )


def recording_beside(path: Path) -> Path:
    """Where the outputs for a file of questions or tests are kept."""
    return path.with_name(path.name.removesuffix(path.suffix) + SUFFIX)


def _system(messages: Sequence[Message]) -> str:
    return _hash([message["content"] for message in messages if message["role"] == "system"])


def _hash(value: object) -> str:
    return hashlib.sha256(json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()
