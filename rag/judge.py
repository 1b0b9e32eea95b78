"""An optional second opinion on what the guards and the score let pass: a model that reads claim and evidence.

The default is none. `cross-encoder:NAME` is any sentence-transformers CrossEncoder trained for inference (NLI), by
name or folder; `llm` asks the configured language model yes or no (prompts/judge.md).
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Protocol

import numpy as np

from rag.cross_encoders import load_cross_encoder
from rag.errors import SettingsError
from rag.llm.base import LLM, Message, TextModel, Usage
from rag.llm.writer import ModelWriter
from rag.prompt import fill, one_line

_ENTAILS = ("entailment", "entails", "supported", "consistent")
_ANSWER_TOKENS = 4


class Judge(Protocol):
    """Says whether a text bears a claim out."""

    name: str

    def supports(self, claim: str, evidence: str) -> bool:
        """Whether the evidence bears the claim out.

        Raises:
            ModelError: the judge cannot be reached, or what it says cannot be used.
        """


class CrossEncoderJudge:
    """An NLI cross-encoder: supported when entailment is its likeliest label, or above 0 where it has one label only.

    Raises:
        SettingsError: the model cannot be loaded, or has no label for entailment.
    """

    def __init__(self, model: str) -> None:
        self.name = f"cross-encoder:{Path(model).name}"
        self._model = load_cross_encoder(model, role="judge")
        labels = {int(at): str(label).casefold() for at, label in self._model.model.config.id2label.items()}
        self._entails = 0 if len(labels) == 1 else next((at for at, label in labels.items() if label in _ENTAILS), None)
        if self._entails is None:
            raise SettingsError(f"The judge {model!r} has no label for entailment, only {', '.join(labels.values())}.")

    def supports(self, claim: str, evidence: str) -> bool:
        scores = np.atleast_1d(np.asarray(self._model.predict([(evidence, claim)], show_progress_bar=False)[0]))
        return bool(scores[0] > 0.5) if len(scores) == 1 else int(scores.argmax()) == self._entails


class ModelJudge:
    """The configured language model, asked yes or no. What is neither counts as no."""

    def __init__(self, model: TextModel) -> None:
        self.name = f"judge by {model.name}"
        self._model = model

    def supports(self, claim: str, evidence: str) -> bool:
        asked = fill("judge", evidence=one_line(evidence), claim=one_line(claim))
        messages: list[Message] = [{"role": "user", "content": asked}]
        with contextlib.closing(self._model.stream(messages, max_tokens=_ANSWER_TOKENS, usage=Usage())) as pieces:
            said = "".join(pieces)
        return said.strip(" \n*\"'.“”").casefold().startswith("yes")


def open_judge(name: str, llm: LLM) -> Judge | None:
    """The judge that a setting names; None for `none`.

    Raises:
        SettingsError: there is none of this name, or it cannot be loaded.
    """
    kind, _, model = name.partition(":")
    if kind == "none" and not model:
        return None
    if kind == "llm" and not model:
        if not isinstance(llm, ModelWriter):
            raise SettingsError(f"The judge llm needs a language model, and the LLM is {llm.name}. Set DATELINE_LLM.")
        return ModelJudge(llm.model)
    if kind == "cross-encoder" and model:
        return CrossEncoderJudge(model)
    raise SettingsError(f"There is no judge {name!r}: use none, llm, or cross-encoder:NAME-OR-FOLDER.")
