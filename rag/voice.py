"""Who did it and to whom: "A attacked B" is not borne out by "A's guards were attacked", nor "A was attacked" by "A
attacked B", though every word stands there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from index.lexical import terms

_WORD = re.compile(r"\w+(?:[’'.,-]\w+)*|[,;:.—–“”\"]")
_PAST = re.compile(
    r"[a-z]{2,}ed|shot|hit|hurt|beat|struck|led|held|caught|sent|told|paid|gave|bought|sold|taken|stolen|beaten|given"
)
_PASSIVE = frozenset("was were been being is are be got get gets".split())
_NO_OBJECT = frozenset(
    "at in on by for from with to of after before during when as and but or than over under into since until while "
    "because near off out up down here there again yesterday today".split()
)
_BREAKS = frozenset(',;:.—–“”"')
_BRINGS_AGENT = frozenset("by in during from".split())  # "killed by gunmen", "killed in an attack"
_REACH = 8  # words on either side of a verb that may be its subject or its object


@dataclass(frozen=True, slots=True)
class _Act:
    """A verb in the past: its stem, whether it is passive, the stems before and behind it, and those of its agent."""

    verb: str
    passive: bool
    before: frozenset[str]
    behind: frozenset[str]
    agent: frozenset[str]


def reversed_roles(claim: str, text: str) -> bool:
    """Whether the claim makes one who suffers the one who does it, the one who does it the one who suffers, or names
    a doer where the text names none or another."""
    shown, said, there = list(_acts(text)), _stems(claim.split()), _stems(text.split())
    for act in _acts(claim):
        same = [other for other in shown if other.verb == act.verb]
        alike = [other for other in same if other.passive == act.passive]
        alike = [other for other in alike if act.behind & other.behind] or alike
        done_by = [other.before for other in alike if other.before]
        known = not act.passive and act.before and act.before <= there
        # Another does it in the text, and both are spoken of in both: they changed places.
        if done_by and known and all(not act.before & doer and doer & said for doer in done_by):
            return True
        if not same or alike:
            continue
        if act.passive:
            done = any(act.before & other.before and not act.before & other.behind for other in same)
            if done and not any(act.before & other.behind for other in same):
                return True
        elif not any(act.before & other.agent for other in same) and any(act.behind & other.before for other in same):
            return True
    return False


def _acts(text: str) -> Iterator[_Act]:
    words = _WORD.findall(text)
    for at, word in enumerate(words):
        if not _PAST.fullmatch(word):
            continue
        auxiliary = next((back for back in (1, 2) if at >= back and words[at - back] in _PASSIVE), 0)
        following = words[at + 1] if at + 1 < len(words) else "."
        if not auxiliary and (following in _NO_OBJECT or following in _BREAKS):
            continue  # neither: "the guards attacked at the gate"
        behind = _run(words[at + 1 : at + 1 + _REACH])
        by = next((at for at, word in enumerate(behind) if auxiliary and word in _BRINGS_AGENT), len(behind))
        (verb,) = terms(word)[:1] or [word]
        yield _Act(
            verb,
            bool(auxiliary),
            _stems(_run(words[max(0, at - auxiliary - _REACH) : at - auxiliary][::-1])),
            _stems(behind[:by]),
            _stems(behind[by:]),
        )


def _run(words: list[str]) -> list[str]:
    """The words up to the first mark that parts clauses."""
    return words[: next((at for at, word in enumerate(words) if word in _BREAKS), len(words))]


def _stems(words: list[str]) -> frozenset[str]:
    return frozenset(terms(" ".join(words)))
