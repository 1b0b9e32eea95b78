"""A follow-up as a question of its own: by the model when there is one and what it writes holds, else by the rules."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from index.lexical import terms
from rag.conversation import Standalone, standalone
from rag.errors import ModelError
from rag.llm import LLM, Rewriter
from rag.pronouns import pointing
from rag.question import answer_type
from rag.records import Turn

_LONGEST = 400  # characters
_log = logging.getLogger(__name__)


def understand(question: str, history: Sequence[Turn], llm: LLM) -> Standalone:
    """The question on its own. The rules decide whether it needs the conversation at all."""
    by_rules = standalone(question, history)
    if by_rules.text == question or not isinstance(llm, Rewriter):
        return by_rules
    try:
        written = llm.rewrite(question, history)
    except ModelError as error:
        _log.info("The question is rewritten by rules: %s", error)
        return by_rules
    return Standalone(written) if holds(written, question, history) else by_rules


def holds(written: str, question: str, history: Sequence[Turn]) -> bool:
    """Whether a model's rewriting asks the same, and only fills in what the conversation tells."""
    own = frozenset(terms(question))
    said = frozenset(terms(" ".join(f"{turn.question} {turn.answer}" for turn in history)))
    new = frozenset(terms(written)) - own
    return (
        written.endswith("?")
        and len(written) <= _LONGEST
        and own <= frozenset(terms(written))
        and bool(new)
        and new <= said
        and answer_type(written) == answer_type(question)
        and not pointing(written)
    )
