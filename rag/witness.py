"""A small model that reads a claim beside a passage: does the passage say so? One more thing that the verifier sees.

The embedder's encoder, trained further on pairs of texts of which one follows from the other, contradicts it, or does
neither (training/witness.py), kept as a difference to the weights of the package: rag/witness.safetensors. The first
token's scores tell the three apart (Devlin et al. 2019, doi:10.18653/v1/N19-1423, section 4.1).
"""

from __future__ import annotations

import logging
import math
from collections import Counter
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from index.lexical import terms
from index.sentences import sentences
from rag.encoder import base_folder, base_tokenizer, batch_inputs, load_packed, token_ids, token_scores
from rag.errors import SettingsError, WeightsError

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from transformers import BertForQuestionAnswering

WEIGHTS_FILE = "witness.safetensors"
LABELS = ("entailed", "not told", "contradicted")
CLAIM_TOKENS = 96
PASSAGE_TOKENS = 216
WINDOW_TOKENS = 200  # whole sentences that are read together
_SHARED = 2  # sentences that neighbouring windows share
_READ = 2  # windows of a long passage that are read beside what is gathered: those with most of the claim's words
_log = logging.getLogger(__name__)


class Witness:
    """Reads claims beside passages. Deterministic; safe to share between threads.

    Build it with `from_package`; the constructor takes a model that is being trained.
    """

    def __init__(self, model: BertForQuestionAnswering, tokenizer: Tokenizer) -> None:
        self._model = model
        self._tokenizer = tokenizer

    @classmethod
    def from_package(cls, weights: Path | None = None) -> Witness:
        """The packaged witness; `weights` names another file of training/pack.py.

        Raises:
            WeightsError: weights are missing, damaged, or made for other base weights.
        """
        packed = weights or Path(str(resources.files("rag").joinpath(WEIGHTS_FILE)))
        return cls(load_packed(packed, labels=len(LABELS)), base_tokenizer(base_folder()))

    def entailment(self, claim: str, passage: str) -> float:
        """How much likelier it is that the passage says what a sentence claims than that it does not: log-odds.

        Of a long passage, the best of the windows that have most of the claim's words, and of the sentences gathered
        from all over it that together have most.
        """
        import torch

        said = token_ids(self._tokenizer, claim)[:CLAIM_TOKENS]
        pairs = [(said, window[:PASSAGE_TOKENS]) for window in self._windows(claim, passage)]
        with torch.inference_mode():
            scores = token_scores(self._model, batch_inputs(pairs))[:, 0].log_softmax(-1)
            odds = scores[:, 0] - scores[:, 1:].logsumexp(-1)
        return float(odds.max())

    def _windows(self, claim: str, passage: str) -> list[list[int]]:
        """The token ids of the runs of sentences to read."""
        texts = [passage[slice(*span)] for span in sentences(passage)] or [passage]
        ids = [token_ids(self._tokenizer, text) for text in texts]
        lengths = [len(tokens) for tokens in ids]
        chosen: list[Sequence[int]] = [range(*run) for run in _runs(lengths)]
        if len(chosen) > 1:
            asked = frozenset(terms(claim))
            held = [asked.intersection(terms(text)) for text in texts]
            order = sorted(chosen, key=lambda run: -len(frozenset().union(*(held[at] for at in run))))
            chosen = [*order[:_READ], *filter(None, [gather(held, lengths)])]
        return [[token for at in places for token in ids[at]] for places in chosen]


def gather(held: Sequence[frozenset[str]], lengths: Sequence[int]) -> list[int]:
    """The sentences that together hold most of a claim's words and can be read together, in their order.

    Words that few sentences hold come first; when all are held, they are looked for once more.

    Args:
        held: the claim's words that each sentence holds.
        lengths: of the sentences, in tokens.
    """
    seen = Counter(word for words in held for word in words)
    rarity = {word: math.log1p(len(held) / count) for word, count in seen.items()}

    def weight(words: frozenset[str]) -> float:
        return sum(rarity[word] for word in words)

    left = [at for at, words in enumerate(held) if words]
    chosen: list[int] = []
    missing, room = frozenset(rarity), WINDOW_TOKENS
    while left := [at for at in left if lengths[at] <= room and at not in chosen]:
        if not any(missing & held[at] for at in left):
            missing = frozenset(rarity)
        best = max(left, key=lambda at: (weight(missing & held[at]), weight(held[at]), -at))
        chosen.append(best)
        room -= lengths[best]
        missing -= held[best]
    return sorted(chosen)


def _runs(lengths: Sequence[int]) -> list[tuple[int, int]]:
    """Runs of neighbouring sentences that are short enough to be read together and that cover all."""
    found = []
    first = 0
    while True:
        last, total = first + 1, lengths[first]
        while last < len(lengths) and total + lengths[last] <= WINDOW_TOKENS:
            total += lengths[last]
            last += 1
        found.append((first, last))
        if last >= len(lengths):
            return found
        first = max(first + 1, last - _SHARED)


def open_witness(name: str) -> Witness | None:
    """The witness that a setting names; None for `none`, and where its weights cannot be used.

    Raises:
        SettingsError: there is none of this name.
    """
    if name == "none":
        return None
    if name != "packaged":
        raise SettingsError(f"There is no witness {name!r}: use packaged or none.")
    try:
        return Witness.from_package()
    except WeightsError as error:
        _log.warning("%s Claims are checked without it.", error)
        return None
