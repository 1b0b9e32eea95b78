"""A sentence → its parts: what stands between commas, conjunctions and prepositions. A sentence is borne out no
better than its weakest part is (decomposition of claims: Kamoi et al. 2023, arXiv:2303.01432)."""

from __future__ import annotations

import re

from index.lexical import terms

_FEWEST = 3  # words of a part; shorter ones belong to their neighbour
_CUT = re.compile(
    r",\s+|;\s+|\s+[–—-]\s+|\s+(?=(?:and|but|which|who|while|where|after|before|because|although|including|such as|"
    r"with|when|as|in|on|at|by|for|from|since|until|during)\s)"
)


def parts(sentence: str) -> list[str]:
    """The parts of a sentence in order, each with three words or more that are no stop words, where it has so many."""
    found: list[str] = []
    for piece in filter(None, _CUT.split(sentence)):
        if found and len(terms(found[-1])) < _FEWEST:
            found[-1] += f" {piece}"
        else:
            found.append(piece)
    if len(found) > 1 and len(terms(found[-1])) < _FEWEST:
        last = found.pop()
        found[-1] += f" {last}"
    return found
