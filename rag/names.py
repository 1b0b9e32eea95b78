"""Names that stand for each other: a capital, its country, its people ("Kabul", "Afghanistan", "Afghan officials").

News writes a government as its capital and asks about it as a country. The table is countryinfo's; names of
more than one word count as a whole ("South Korea" is not "North Korea").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import countryinfo

from index.lexical import terms

_SHORT_FORMS = {  # how headlines write what the table spells out
    "United States": ("U.S.", "US", "USA", "America", "Washington"),
    "United Kingdom": ("U.K.", "UK", "Britain", "England"),
    "United Arab Emirates": ("UAE",),
    "European Union": ("EU", "Brussels"),
}
_PEOPLE_OF_STAN = re.compile(r"^(?P<people>\w+?)i?stan$")  # Kazakhstan: Kazakh, Kazakhstani


Name = tuple[str, ...]
"""A name as the stems of its words."""


@lru_cache(maxsize=1)
def _groups() -> dict[Name, frozenset[Name]]:
    """Each name → the names that may stand for it, itself left out."""
    table: dict[Name, set[Name]] = {}
    for forms in _countries():
        names = {stems for form in forms if (stems := tuple(terms(form)))}
        for name in names:
            table.setdefault(name, set()).update(names - {name})
    return {name: frozenset(others) for name, others in table.items()}


def _countries() -> Iterator[list[str]]:
    for entry in countryinfo.all_countries():
        record = entry.info()
        country = str(record["name"])
        forms = [country, *_SHORT_FORMS.get(country, ())]
        for key in ("capital", "demonym"):
            value = record.get(key)
            forms += [part.strip() for part in re.split(r"[,/]", value)] if isinstance(value, str) else []
        if match := _PEOPLE_OF_STAN.match(country):
            people = match["people"]
            forms += [people, f"{country}i"]
        yield [form for form in forms if form]
    yield ["European Union", *_SHORT_FORMS["European Union"]]


def stand_ins(stems: tuple[str, ...]) -> dict[Name, frozenset[Name]]:
    """The names among a text's stems that have stand-ins, each with those."""
    groups = _groups()
    found: dict[Name, frozenset[Name]] = {}
    for size in (3, 2, 1):
        for start in range(len(stems) - size + 1):
            name = stems[start : start + size]
            # "Korea" in "South Korea" is not looked up again.
            inside = any(_within(name, longer) for longer in found)
            if name in groups and not inside:
                found[name] = groups[name]
    return found


def _within(name: Name, longer: Name) -> bool:
    return any(longer[at : at + len(name)] == name for at in range(len(longer) - len(name) + 1))
