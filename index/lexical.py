"""BM25 over the same chunks: words that must be there, where vectors only know what is alike."""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import bm25s
import numpy as np
import Stemmer
from numpy.typing import NDArray

logging.getLogger("bm25s").setLevel(logging.WARNING)  # it reports each step, to stderr

_WORD = re.compile(r"\w+(?:[’'.]\w+)*")
_POSSESSIVE = re.compile(r"[’']s?$")
_STEMMER = Stemmer.Stemmer("english")
STOP_WORDS = frozenset(
    """a an and are as at be been being but by can could did do does doing for from had has have having he her hers him
    his how i if in into is it its itself just may me might more most much my no nor not of on only or other our ours
    out over own same shall she should so some such than that the their theirs them then there these they this those
    through to too under until up upon very was we were what when where which while who whom whose why will with would
    you your yours about above after again against all am any because before below between both down during each few
    further here off once s t""".split()
)


@lru_cache(maxsize=200_000)
def normalize(word: str) -> str:
    """A word as it is looked up: folded case and accents, no possessive, its English stem."""
    folded = unicodedata.normalize("NFKD", word.casefold())
    folded = "".join(letter for letter in folded if not unicodedata.combining(letter))
    folded = _POSSESSIVE.sub("", folded).replace(".", "")
    return str(_STEMMER.stemWord(folded))


def terms(text: str) -> list[str]:
    """The stems of a text's words in order, stop words left out."""
    return [normalize(word) for word in _WORD.findall(text) if word.casefold() not in STOP_WORDS]


class LexicalIndex:
    """BM25 (Lucene's variant: Kamphuis et al. 2020, doi:10.1007/978-3-030-45442-5_4) over texts, by row."""

    def __init__(self, engine: bm25s.BM25, rows: int) -> None:
        self._engine = engine
        self._rows = rows

    @classmethod
    def from_texts(cls, texts: Sequence[str]) -> LexicalIndex:
        """Index the texts; row i is texts[i]."""
        engine = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
        # The engine cannot hold nothing: a text, or a whole index, without words has the empty one.
        engine.index([terms(text) or [""] for text in texts] or [[""]], show_progress=False)
        return cls(engine, len(texts))

    @classmethod
    def load(cls, folder: Path, *, rows: int) -> LexicalIndex:
        """Read what `save` wrote."""
        return cls(bm25s.BM25.load(folder, load_corpus=False, load_vocab=True), rows)

    @property
    def rows(self) -> int:
        """How many texts are indexed."""
        return self._rows

    @property
    def rows_on_disk(self) -> int:
        """How many texts the engine itself knows; one, an empty one, when there are none."""
        return int(self._engine.scores["num_docs"])

    def save(self, folder: Path) -> None:
        """Write the index into a folder of its own (arrays and JSON, nothing pickled)."""
        self._engine.save(folder, show_progress=False)

    def scores(self, weighted: Mapping[str, float]) -> NDArray[np.float32]:
        """BM25 of each row for weighted terms, shape (rows,); unknown terms count nothing."""
        total = np.zeros(self._rows, np.float32)
        by_weight: dict[float, list[str]] = {}
        for term, weight in weighted.items():
            if self.knows(term):
                by_weight.setdefault(weight, []).append(term)
        for weight, group in by_weight.items():
            total += weight * self._engine.get_scores(group)
        return total

    def idf(self, term: str) -> float:
        """How rare a term is: ln(1 + (N - n + 0.5) / (n + 0.5)); greatest for one that is nowhere."""
        seen = self._frequency(term)
        return float(np.log1p((self._rows - seen + 0.5) / (seen + 0.5)))

    def knows(self, term: str) -> bool:
        """Whether any text holds the term."""
        return self._frequency(term) > 0

    def _frequency(self, term: str) -> int:
        """How many texts hold the term: the entries of its column in the sparse matrix."""
        column = self._engine.vocab_dict.get(term)
        if column is None:
            return 0
        bounds = self._engine.scores["indptr"]
        return int(bounds[column + 1] - bounds[column])
