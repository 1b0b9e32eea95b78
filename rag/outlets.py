"""The outlets whose reports a question asks for: "according to Valley News", "as the Valley News says".

An outlet's name alone may be a thing like any other. Once it is a filter, the words that name it ask for nothing
more: no sentence of an article says of itself who reports it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_WORK = r"(?:articles?|reports?|reporting|stories|story|coverage|accounts?)"
_ACCORDING = (
    rf"(?:according to(?: (?:an?\s|the\s)?{_WORK} (?:by|in|from|of))?|in the words of"
    r"|as (?:reported|told|described|written|published|stated)(?: (?:by|in|on))?)"
)
_TOLD = rf"(?:{_ACCORDING}|reported (?:by|in)|{_WORK} (?:by|in|from|of))"
_TELLS = r"(?:say|report|write|tell)"
_PUT = r"(?:says?|said|reports?|reported|writes?|wrote|tells?|told|puts it|has it)"
_THEIRS = rf"(?:[’']s?(?:\s+{_WORK})?)?"
_NOT_SHORT = frozenset("US UK EU UN USA UAE THE".split())
_FEWEST = 2  # words that are left to ask something


def named_outlets(question: str, outlets: Iterable[str]) -> tuple[str, ...]:
    """Those of the outlets whose reports the question asks for, in order."""
    forms = _forms(question, outlets)
    anyone = _any(form for of in forms.values() for form in of)
    first = rf"(?:the\s+)?(?:{anyone}(?:\s*,\s*|\s+(?:and|or)\s+)(?:the\s+)?)*"
    found = []
    for outlet, of in forms.items():
        name = f"{first}{_any(of)}"
        asked = (
            rf"\b{_TOLD}\s+{name}\b|\bas\s+{name}\s+{_PUT}\b|\b(?:does|did|do|has|have)\s+{name}\s+{_TELLS}\b"
            rf"|\bin\s+{name}[’']s?\s+{_WORK}\b"
        )
        if re.search(asked, question, re.IGNORECASE):
            found.append(outlet)
    return tuple(sorted(found))


def without_outlets(question: str, outlets: Iterable[str]) -> str:
    """The question without the words that only say whose reports are asked for; itself where little would be left."""
    forms = _forms(question, outlets)
    if not forms:
        return question
    one = rf"(?:the\s+)?{_any(form for of in forms.values() for form in of)}"
    names = rf"{one}(?:(?:\s*,\s*|\s+(?:and|or)\s+){one})*"
    phrase = (
        rf"[\s,]*\b(?:{_ACCORDING}\s+{names}{_THEIRS}|as\s+{names}\s+{_PUT}|in\s+{names}[’']s?\s+{_WORK})(?=\W|$),?"
    )
    rest = re.sub(phrase, "", question, flags=re.IGNORECASE).strip()
    rest = re.sub(
        rf"^what\s+(?:does|did|do|has|have)\s+{names}\s+{_TELLS}\s+(?:about|on|of)\b",
        "What about",
        rest,
        flags=re.IGNORECASE,
    )
    if len(re.findall(r"\w+", rest)) < _FEWEST:
        return question
    return rest[0].upper() + rest[1:]


def _forms(question: str, outlets: Iterable[str]) -> dict[str, list[str]]:
    """The outlets that are named in the question, with the patterns of their names, longest first."""
    known = list(outlets)
    folded = question.casefold()
    firsts = [outlet.split()[0] for outlet in known if outlet.split()]
    found = {}
    for outlet in known:
        plain = re.sub(r"^the\s+", "", outlet, flags=re.IGNORECASE)
        if plain.casefold() in folded:  # nearly always not: a corpus may have a thousand outlets
            found[outlet] = [re.escape(plain)]
        # "BBC" for "BBC News", where no other is meant by it.
        short = outlet.split()[0] if " " in outlet else ""
        if (
            len(short) > 1
            and short.isupper()
            and short not in _NOT_SHORT
            and firsts.count(short) == 1
            and short in question
        ):
            found.setdefault(outlet, []).append(f"(?-i:{re.escape(short)})")
    return found


def _any(patterns: Iterable[str]) -> str:
    return f"(?:{'|'.join(patterns)})"
