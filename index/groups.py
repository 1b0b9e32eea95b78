"""Near-duplicates: wire copies and reprints that differ in a line or two. They are grouped, and none is dropped.

MinHash (Broder 1997, doi:10.1109/SEQUEN.1997.666900) over runs of words, by datasketch.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence

import numpy as np
from datasketch import MinHash, MinHashLSH
from numpy.typing import NDArray

Signatures = NDArray[np.uint32]
"""A row an article, shape (articles, PERMUTATIONS)."""

PERMUTATIONS = 128
_SCHEME = "affine32"
_RUN = 4  # words: shorter runs are common to texts that only share a topic
_ALIKE = 0.7  # share of the runs that two texts have in common
_WORD = re.compile(r"\w+")


def text_key(text: str) -> bytes:
    """Names a text: its sha256."""
    return hashlib.sha256(text.encode()).digest()


def signatures(texts: Sequence[str], known: Mapping[bytes, Signatures]) -> Signatures:
    """MinHash signatures of the texts, those of `known` (by `text_key`) reused."""
    rows = [known[key] if (key := text_key(text)) in known else _signature(text) for text in texts]
    return np.stack(rows) if rows else np.empty((0, PERMUTATIONS), np.uint32)


def group(keys: Sequence[str], rows: Signatures) -> dict[str, str]:
    """Key → key of its group's first member, of those that have a near-duplicate. The order of `keys` decides.

    Each member is like the first: a chain of small changes does not bring unlike texts together.
    """
    lookup = MinHashLSH(threshold=_ALIKE, num_perm=PERMUTATIONS)
    first_row: dict[str, int] = {}
    leaders: dict[str, str] = {}
    for row, key in enumerate(keys):
        minhash = MinHash(num_perm=PERMUTATIONS, hashvalues=rows[row], scheme=_SCHEME)
        alike = [(float(np.mean(rows[first_row[other]] == rows[row])), other) for other in lookup.query(minhash)]
        similarity, leader = max(alike, key=lambda item: (item[0], -first_row[item[1]]), default=(0.0, ""))
        if similarity >= _ALIKE:
            leaders[key] = leaders[leader] = leader
        else:
            first_row[key] = row
            lookup.insert(key, minhash)
    return leaders


def _signature(text: str) -> Signatures:
    words = _WORD.findall(text.casefold())
    runs = {" ".join(words[start : start + _RUN]).encode() for start in range(max(1, len(words) - _RUN + 1))}
    minhash = MinHash(num_perm=PERMUTATIONS, scheme=_SCHEME)
    minhash.update_batch(sorted(runs))
    return np.asarray(minhash.hashvalues, np.uint32)
