"""What can be seen of a sentence that may answer a question: numbers between 0 and 1, each with a plain meaning.

The second stage weighs them (rag/scorer.py); the evidence as a whole is weighed from them too. No feature
knows an article, a question or a set: only words, names, vectors and the kind of answer that is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index import Span, Store
from index.calendar_words import MONTH, WEEKDAY
from index.embedder import Vectors
from index.lexical import terms
from rag.attribution import speeches
from rag.foreword import foreword_of
from rag.question import AnswerType, Question
from rag.retriever import Candidate
from rag.saying import verb_family

SENTENCE_FEATURES = (
    "cosine",  # of the sentence with the question
    "cosine_before",  # of the sentence before it
    "cosine_after",  # of the sentence after it
    "cosine_near",  # the best of these three
    "cosine_chunk",  # of the whole chunk with its title
    "cosine_best",  # of the chunk's best sentence
    "lexical_chunk",  # BM25 of the chunk, as a share of the best chunk's
    "coverage",  # share of the question's words in the sentence, rare words counting more
    "coverage_context",  # the same with the sentences on both sides
    "coverage_chunk",  # the same with the whole chunk and its title
    "names",  # share of the question's names in the sentence, or a name that stands for them
    "names_context",  # the same with the sentences on both sides and the title
    "wanted",  # the sentence has the kind of answer that the question wants, and the question has not
    "wanted_near",  # … beside a word of the question
    "counted",  # "how many troops": a number stands before the thing counted
    "dated",  # "when": a day of a month, a month of a year, or a year
    "target",  # "which hotel": what is to be named stands in the sentence or beside it; 1 when nothing is
    "speaks",  # the one whose words are asked for says it, more so with a verb of the kind that was asked with
    "heading",  # the sentence has no sentence end: a headline, a line of navigation
    "short",  # it has fewer than six words
    "first",  # it opens its article
    "fused",  # of the chunk, by reciprocal rank (scaled to about 1)
)

_STAND_IN_COUNTS = 0.7  # a stand-in covers a name, a word of the same root a word, this far
_FUSED_SCALE = 20.0  # three first ranks of 1/61 make about 1
_SPEAKS = 0.8  # of `speaks`: the right one speaks, and with a verb of the right kind
_ROOT = 5  # letters of a root
_NUMBER_WORDS = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion trillion dozen dozens "
    "half third quarter zero none no"
).split()
_NUMBER = re.compile(rf"\d|\b(?:{'|'.join(_NUMBER_WORDS)})\b", re.IGNORECASE)
_SHORT_MONTH = "(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)"
_DATE = re.compile(
    rf"\b(?:{MONTH}|{_SHORT_MONTH})\b\.?|\b{WEEKDAY}\b|\b(?:1[0-9]|20)\d\d s?\b|"
    r"\b(?:1[0-9]|20)\d\d(?:s\b|\b)|\b(?:yesterday|today|tomorrow|last|next|earlier this|centur(?:y|ies)|decade|ago)\b"
)
_ANY_MONTH = rf"(?:{MONTH}|{_SHORT_MONTH}\.?)"
_CALENDAR_DATE = re.compile(
    rf"\b{_ANY_MONTH}\s+\d{{1,2}}\b|\b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_ANY_MONTH}(?!\w)|\b(?:1\d|20)\d\d\b"
)
_NAME = re.compile(r"(?<![.!?“\"]\s)(?<!^)\b[A-Z][\w’'-]+(?:\s+(?:of\s+|al-|bin\s+|van\s+|de\s+)?[A-Z][\w’'-]+)*")
_FULL_NAME = re.compile(r"\b[A-Z][\w’'.-]+(?:\s+(?:al-|bin\s+|van\s+|de\s+)?[A-Z][\w’'.-]+)+")
_REASON = re.compile(
    r"\b(?:because|since|due to|owing to|thanks to|as a result|in order to|so that|so as to|aim(?:s|ed|ing)? (?:to|at)|"
    r"reasons?|cause[ds]?|causing|prompt(?:s|ed|ing)|citing|over (?:the|its|his|their|what)|motivat\w+|desire|fear|to (?:prevent|"
    r"protect|avoid|ensure|help|stop|keep|make|reduce|secure)|for (?:failing|refusing|having|being)|after|led to|blam\w+|given)\b",
    re.IGNORECASE,
)
_PLACE = re.compile(
    r"\b(?:in|at|near|from|to|on|outside|inside|across|of|through|around)\s+(?:the\s+)?(?:\w+\s+)?[A-Z]\w+"
)
_ORGANISATION = re.compile(
    r"\b[A-Z]{2,}(?:-[A-Z])?\b|\b(?:[A-Z][\w’'-]+\s+(?:of\s+)?(?:the\s+)?){0,5}(?:Party|Group|Movement|Front|Army|State|Agency|Council|Union|"
    r"Univers\w+|Inc|Corp\w*|Ministry|Company|Bank|Club|United|Organi[sz]ation|Association|Institute|Court|Committee|Commission|"
    r"Department|Office|Force|Forces|Brigade|Foundation|Society|School|College|Studios?|Network|Group|Airlines?|Press|News|Times)\b"
)
_MONEY = re.compile(
    r"[$£€¥₽₹]\s?\d|\b\d[\d.,]*\s*(?:(?:thousand|million|billion|trillion)\s+)?(?:dollars?|euros?|pounds?|sterling|roubles?|rubles?|"
    r"yuan|yen|rupees?|francs?|crowns?|kron[ae]r?|pesos?|liras?|somoni|tenge|rials?|riyals?|dirhams?|cents?|pence|USD|EUR|GBP)\b"
    r"|\b(?:hundreds|thousands|millions|billions) of (?:\w+ )?(?:dollars|euros|pounds|rubles|roubles|yuan)\b",
    re.IGNORECASE,
)
_SPOTS: Mapping[AnswerType, tuple[re.Pattern[str], ...]] = {  # the surest pattern first
    "number": (_NUMBER,),
    "money": (_MONEY,),
    "date": (_DATE,),
    "person": (_FULL_NAME, _NAME),
    "organisation": (_ORGANISATION, _NAME),
    "place": (_PLACE, _NAME),
    "reason": (_REASON,),
}
_BESIDE = 60  # characters on both sides
_ENDS = re.compile(r"[.!?…][\"'”’)\]]*$")


@dataclass(frozen=True, slots=True)
class Evidence:
    """Sentences that may answer, one row each: where they stand and what can be seen of them."""

    candidates: tuple[Candidate, ...]
    owner: NDArray[np.int64]  # row → which candidate
    spans: tuple[Span, ...]  # row → span in the article
    values: NDArray[np.float32]  # (rows, len(SENTENCE_FEATURES))
    forewords: tuple[str, ...]  # what stands before each candidate in its article

    def candidate(self, row: int) -> Candidate:
        """The candidate that a sentence stands in."""
        return self.candidates[int(self.owner[row])]

    def text(self, row: int) -> str:
        """A sentence's text."""
        chunk = self.candidate(row).chunk
        return chunk.sentence_text(self.spans[row])

    def context(self, row: int) -> str:
        """A sentence with its neighbours in the chunk."""
        chunk = self.candidate(row).chunk
        at = chunk.sentences.index(self.spans[row])
        around = chunk.sentences[max(0, at - 1) : at + 2]
        return chunk.sentence_text((around[0][0], around[-1][1]))


def observe(question: Question, candidates: Sequence[Candidate], store: Store, vector: Vectors) -> Evidence:
    """The features of every sentence of the candidates, shape (sentences, features)."""
    weights = term_weights(question, store)
    rows: list[list[float]] = []
    owner: list[int] = []
    spans: list[Span] = []
    spoken = frozenset({question.saying_term}) if question.saying_term else frozenset()
    for number, candidate in enumerate(candidates):
        chunk = candidate.chunk
        cosines = store.sentence_vectors(candidate.row) @ vector
        texts = [chunk.sentence_text(span) for span in chunk.sentences]
        words = [frozenset(terms(text)) for text in texts]
        speaking = [speaks(question, text, texts[:at]) for at, text in enumerate(texts)]
        # Someone who criticises blames: where the right one speaks, the verb of the question is met.
        words = [found | spoken if said >= _SPEAKS else found for found, said in zip(words, speaking, strict=True)]
        title = frozenset(terms(chunk.title or ""))
        whole = title.union(*words)
        opens = candidate.row == 0 or store.chunks[candidate.row - 1].article != chunk.article
        in_chunk = covered(question, whole, weights)
        for at, text in enumerate(texts):
            near = words[at].union(*words[max(0, at - 1) : at + 2])
            owner.append(number)
            spans.append(chunk.sentences[at])
            rows.append(
                [
                    float(cosines[at]),
                    float(cosines[at - 1]) if at else 0.0,
                    float(cosines[at + 1]) if at + 1 < len(texts) else 0.0,
                    float(cosines[max(0, at - 1) : at + 2].max()),
                    candidate.dense,
                    candidate.sentence,
                    candidate.lexical,
                    covered(question, words[at], weights),
                    covered(question, near, weights),
                    in_chunk,
                    named(question, words[at]),
                    named(question, near | title),
                    *wanted(question, text, words[at]),
                    float(question.answer_type == "date" and bool(_CALENDAR_DATE.search(text))),
                    float(not question.target or bool(question.target & (near | title))),
                    speaking[at],
                    float(not _ENDS.search(text)),
                    float(text.count(" ") < 5),
                    float(opens and at == 0),
                    _FUSED_SCALE * candidate.fused,
                ]
            )
    shape = (len(rows), len(SENTENCE_FEATURES))
    values = np.array(rows, np.float32).reshape(shape)
    forewords = tuple(foreword_of(candidate.row, store) for candidate in candidates)
    return Evidence(tuple(candidates), np.array(owner, np.int64), tuple(spans), values, forewords)


def term_weights(question: Question, store: Store) -> Mapping[str, float]:
    """How much each word of the question counts: its rarity in the articles."""
    return {term: store.lexical.idf(term) for term in question.terms}


def covered(question: Question, present: frozenset[str], weights: Mapping[str, float]) -> float:
    """Share of the question's words that are present, by weight."""
    total = sum(weights.values())
    if not total:
        return 0.0
    found = 0.0
    for term, weight in weights.items():
        if term in present:
            found += weight
        elif stood_for(question, term, present) or _has_akin(term, present):
            found += _STAND_IN_COUNTS * weight
    return found / total


def _has_akin(term: str, present: frozenset[str]) -> bool:
    """Whether a word of the same root is present that the stemmer keeps apart (recogn-ize, recognit-ion)."""
    return len(term) >= _ROOT and any(
        len(word) >= _ROOT and (word.startswith(term) or term.startswith(word)) for word in present
    )


def stood_for(question: Question, term: str, present: frozenset[str]) -> bool:
    """Whether a name that may stand for this word of the question is present."""
    return any(
        term in name and any(present.issuperset(other) for other in others)
        for name, others in question.stand_ins.items()
    )


def named(question: Question, present: frozenset[str]) -> float:
    """Share of the question's names that are present or stood for; 1 when it has none."""
    if not question.names:
        return 1.0
    found = sum(
        1.0 if name in present else _STAND_IN_COUNTS * stood_for(question, name, present) for name in question.names
    )
    return found / len(question.names)


def wanted(question: Question, text: str, present: frozenset[str]) -> tuple[float, float, float]:
    """Whether the sentence has what is wanted (½ when it only may be); beside a word of the question; is it counted."""
    own = frozenset(question.terms)
    asked = own.union(*(stems for others in question.stand_ins.values() for stems in others))
    spots, weak = answer_spots(question.answer_type, text, asked)
    near = any(own.intersection(terms(text[max(0, start - _BESIDE) : end + _BESIDE])) for start, end in spots)
    counted = bool(question.counted & present) and any(
        question.counted.intersection(terms(text[match.end() : match.end() + _BESIDE])[:4])
        for match in _NUMBER.finditer(text)
    )
    has = 0.0 if not spots else 0.5 if weak else 1.0
    return has, float(near), float(counted)


def answer_spots(kind: AnswerType, text: str, asked: frozenset[str]) -> tuple[list[Span], bool]:
    """Spans of the kind that a question wants, none of its own words, and whether they only may be of that kind."""
    for weak, pattern in enumerate(_SPOTS.get(kind, ())):
        spans = [match.span() for match in pattern.finditer(text)]
        if kind != "reason":
            spans = [(start, end) for start, end in spans if not asked.issuperset(terms(text[start:end]) or {""})]
        if spans:
            return spans, bool(weak)
    return [], False


def speaks(question: Question, text: str, before: Sequence[str]) -> float:
    """How well the sentence's speaker is the one whose words are asked for; more where the act is the one asked for."""
    if not question.speaker:
        return 0.0
    best = 0.0
    for speech in speeches(text, before):
        who = frozenset(terms(speech.speaker or ""))
        matched = sum(1.0 if term in who else stood_for(question, term, who) for term in question.speaker)
        # Where two are set against each other, each is one of those asked for.
        share = float(matched > 0) if question.compares else matched / len(question.speaker)
        same_act = question.saying is not None and question.saying == verb_family(speech.verb or "")
        best = max(best, share * (1.0 if same_act else 0.6))
    return best
