"""Whose office it is: "Who is Norway's foreign minister?" is not answered by the Danish one who flew to Oslo.

Only what names an office of state and its country in one phrase is believed; where anything else may be meant, nothing
is said.
"""

from __future__ import annotations

import re

from index.lexical import terms
from rag.names import Name, stand_ins

_COUNTRY = r"[A-Z][\w.]*(?:\s[A-Z][\w.]*){0,2}"
_OFFICE = (
    r"(?i:(?:(?:deputy|vice|acting|prime|foreign|defen[cs]e|interior|home|finance|justice|health|trade|education)[\s-]+)*"
    r"(?:minister|president|premier|chancellor|secretary of state|king|queen|emir|head of (?:state|government))"
    r"|top diplomat)\b"
)
_OF_COUNTRY = (
    rf"(?:(?P<before>{_COUNTRY}?)(?:[’']s?)?\s+(?:(?:new|current)\s+)?{_OFFICE}"
    rf"|{_OFFICE} of (?:the )?(?P<behind>{_COUNTRY}))"
)
_ASKED = re.compile(
    r"^\W*(?i:(?:and |but |so )?(?:who(?:[’']s| is| was| are| were)"
    r"|(?:what (?:is|was) the |give the |tell me the )?name of))"
    rf" (?i:the )?(?:(?:new|current) )?{_OF_COUNTRY}(?i:,? (?:at the time|at present|now|today|please|in \d{{4}}))*\W*$"
)
_HELD_BEFORE = re.compile(
    rf"(?<![\w’'-])(?<![Ff]ormer )(?P<country>{_COUNTRY}?)(?:[’']s?)?\s+{_OFFICE},?\s+(?:[A-Z][\w.’'-]*\s?){{1,4}}$"
)
_HELD_AFTER = re.compile(rf"(?:,(?: \d+,)?| is| was)\s+(?:the\s+)?{_OF_COUNTRY}")
_REACH = 80  # characters up to the end of a name in which its office is told


def asked_country(question: str) -> frozenset[Name]:
    """The names of the country whose office is asked for, as stems; none where a question asks for something else."""
    match = _ASKED.match(question)
    return _country(match["before"] or match["behind"]) if match else frozenset()


def held_elsewhere(text: str, end: int, asked: frozenset[Name]) -> bool:
    """Whether whom a text names up to a place is told to hold an office, and only of countries with other names."""
    before, after = _HELD_BEFORE.search(text[max(0, end - _REACH) : end]), _HELD_AFTER.match(text, end)
    told = [_country(before["country"])] if before else []
    told += [_country(after["before"] or after["behind"])] if after else []
    return any(told) and asked.isdisjoint(frozenset().union(*told))


def _country(words: str) -> frozenset[Name]:
    """The names that may stand for the country that a text begins with, its own among them."""
    stems = tuple(terms(words))
    for size in range(len(stems), 0, -1):
        name = stems[:size]
        if name in (known := stand_ins(name)):
            return known[name] | {name}
    return frozenset()
