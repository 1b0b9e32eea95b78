"""History + follow-up → a question that stands on its own. Rules, no model: what a question lacks it takes
from the one before it, and only then."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.question import parse_question
from rag.records import Turn

_LEANS = re.compile(
    r"^\W*(?:and|but|so|also|then|what about|how about|why|how so|how come|when|where|who else|what else|which ones?|"
    r"really|since when|by whom|such as|like what|for example)\b",
    re.IGNORECASE,
)
_PRONOUN = re.compile(
    r"\b(?:it|its|they|them|their|theirs|he|him|his|she|her|hers|this|that|these|those|there|one|ones|both|such|"
    r"the (?:former|latter|same|other|others))\b",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"^\W*(?:and\s+|but\s+)?(?:(?:in|on|at|by|for|from|to|until|since|with)\s+)?"
    r"(?:who|whom|whose|what|which|when|where|why|how)\b(?:\s+(?:many|much|long|far|often|old)\b)?\s*",
    re.IGNORECASE,
)
_FEW_WORDS = 2


@dataclass(frozen=True, slots=True)
class Standalone:
    """A question on its own. `context` is the earlier question that it leans on, empty when it leans on none."""

    question: str
    context: str = ""

    @property
    def text(self) -> str:
        """One text to search with and to show."""
        return f"{self.context} {self.question}".strip()

    @property
    def reading(self) -> str:
        """The question for a reader: what the earlier one was about stands beside it, and asks nothing any more."""
        if not self.context:
            return self.question
        about = "; ".join(_ASKS.sub("", part).strip(" ?") for part in re.split(r"(?<=\?)\s+", self.context))
        return f"{self.question} ({about})"


def standalone(question: str, history: Sequence[Turn]) -> Standalone:
    """The question with the earlier one that it needs to be understood, if any."""
    context = ""
    for turn in history:
        context = _leaning(turn.question, context).text
    return _leaning(question, context)


def _leaning(question: str, context: str) -> Standalone:
    return Standalone(question, context if context and leans(question) else "")


def leans(question: str) -> bool:
    """Whether a question cannot be understood alone: it points back, or says too little to be searched for."""
    parsed = parse_question(question)
    if not parsed.terms:
        return True
    if parsed.names and len(parsed.terms) > _FEW_WORDS and not re.match(r"^\W*and\b", question, re.IGNORECASE):
        # It names what it is about: a pronoun in it most likely points into the question itself.
        return False
    return bool(_PRONOUN.search(question)) or (len(parsed.terms) <= _FEW_WORDS and bool(_LEANS.match(question)))
