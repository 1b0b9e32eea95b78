"""A sentence and the passages that it cites → supported or not. Whatever wrote the sentence, this decides.

Layers, cheapest first: a verbatim quote is supported; a number or a name that the passages do not hold refuses
alone; what is left must be close to a sentence of the passage in words and in meaning.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

from index import Embedder, Span
from index.lexical import STOP_WORDS, terms
from index.sentences import sentences
from rag.names import stand_ins

_MIN_COVERAGE = 0.6  # share of the sentence's words that the supporting span holds
_MIN_COSINE = 0.6
_REACH = 3  # words behind a negation that it may deny
_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"\w+(?:[’'.,-]\w+)*")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_NEGATION = re.compile(
    r"\b(?:no|not|never|none|neither|nor|without|den(?:y|ies|ied)|refus\w+|withh\w+|fail(?:s|ed)? to)\b|n[’']t\b",
    re.IGNORECASE,
)
_NUMBER_WORDS = {
    word: str(value)
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty".split()
    )
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether a sentence is supported, how surely (0 to 1), and by which span of the passage."""

    supported: bool
    score: float
    span: Span | None = None


def verify(sentence: str, passage: str, embedder: Embedder) -> Judgement:
    """Judge a sentence against one passage. `span` is in the passage."""
    if span := find_verbatim(sentence, passage):
        return Judgement(True, 1.0, span)
    words = frozenset(terms(sentence))
    if not words:
        return Judgement(False, 0.0)
    spans = list(sentences(passage))
    # A sentence of a model may join two neighbouring sentences of the passage.
    spans += [(first[0], second[1]) for first, second in itertools.pairwise(spans)]
    coverages = {span: len(words.intersection(terms(passage[slice(*span)]))) / len(words) for span in spans}
    # Meaning is the dearest thing to compare: only where the words and the guards let it matter.
    holding = [
        span
        for span in spans
        if coverages[span] >= _MIN_COVERAGE and _guards_hold(sentence, passage[slice(*span)], passage)
    ]
    best = Judgement(False, max(coverages.values(), default=0.0) / 2)
    if holding:
        vectors = embedder.encode([sentence, *(passage[slice(*span)] for span in holding)])
        for span, cosine in zip(holding, vectors[1:] @ vectors[0], strict=True):
            score = (coverages[span] + max(0.0, float(cosine))) / 2
            holds = bool(cosine >= _MIN_COSINE)
            if (holds, score) > (best.supported, best.score):
                best = Judgement(holds, score, span)
    return best


def find_verbatim(sentence: str, passage: str) -> Span | None:
    """The span of the passage that is the sentence word for word, white space aside."""
    words = sentence.split()
    if not words:
        return None
    match = re.search(r"\s+".join(map(re.escape, words)), passage)
    return match.span() if match else None


def _guards_hold(sentence: str, text: str, passage: str) -> bool:
    """Numbers are in the span, names in the passage, no negation is lost or added, quotations are verbatim."""
    return (
        _numbers(sentence) <= _numbers(text)
        and _names(sentence, passage)
        and not _flips(sentence, text)
        and all(find_verbatim(quoted, passage) for quoted in re.findall(r"[“\"]([^”\"]+)[”\"]", sentence))
    )


def _flips(sentence: str, text: str) -> bool:
    """Whether one of the two denies what the other states: a negation before words that both have."""
    there, here = _negated(text), _negated(sentence)
    denied = there & frozenset(terms(sentence))
    return bool(denied - here) or bool(here and not here & there)


def _negated(text: str) -> frozenset[str]:
    """The words that follow a negation closely enough to be what it denies."""
    found: set[str] = set()
    for match in _NEGATION.finditer(text):
        found.update(terms(re.split(r"[,;:.—–]", text[match.end() :])[0])[:_REACH])
    return frozenset(found)


def _numbers(text: str) -> frozenset[str]:
    found = {number.replace(",", "") for number in _NUMBER.findall(text)}
    found.update(_NUMBER_WORDS[word] for word in _SPACE.split(text.casefold()) if word in _NUMBER_WORDS)
    return frozenset(found)


def _names(sentence: str, passage: str) -> bool:
    """Whether each word written as a name is in the passage, or a name that stands for it."""
    present = frozenset(terms(passage))
    for position, word in enumerate(_WORD.findall(sentence)):
        if not word[0].isupper() or word.casefold() in STOP_WORDS or (position == 0 and word[1:].islower()):
            continue
        for stem in terms(word):
            others = stand_ins((stem,)).get((stem,), frozenset())
            if stem not in present and not any(present.issuperset(other) for other in others):
                return False
    return True
