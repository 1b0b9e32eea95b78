"""History + follow-up → a question that stands on its own. Rules, no model: what a question lacks it takes from the
conversation, and only then. What it takes is a name in place of a pronoun, the earlier question with another name in
it ("What about X?"), or the earlier question beside it ("And why?")."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.sentences import sentences
from rag.mentions import Mention, mentions
from rag.pronouns import Pronoun, antecedent, pointing, same_thing
from rag.question import parse_question
from rag.records import Turn

_WH = r"(?:who|whom|whose|what|which|when|where|why|how)"
_AUX = r"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may|might)"
_PREPOSITION = r"(?:in|on|at|by|for|from|to|until|since|with|after|before|during|under|against|of)"
_ASKS = re.compile(
    rf"^\W*(?:and\s+|but\s+)?(?:{_PREPOSITION}\s+)?{_WH}\b(?:\s+(?:many|much|long|far|often|old)\b)?\s*", re.IGNORECASE
)
_ABOUT = re.compile(
    rf"^\W*(?:(?:and|but|so|or)\s+)?(?:what|how)\s+about\s+(?P<about>[^?]+?)\W*$"
    rf"|^\W*(?:and|but|or)\s+(?P<other>(?!.*\b{_WH}\b)(?!{_AUX}\b)[^?]+?)\W*$",
    re.IGNORECASE,
)
_BARE = re.compile(
    rf"^\W*(?:(?:and|but|so|then)\s+)*(?P<asks>(?:{_PREPOSITION}\s+)?(?:why|when|where|how))(?:\s+so)?\W*$",
    re.IGNORECASE,
)
_YES_NO = re.compile(rf"^{_AUX}\b", re.IGNORECASE)
_ADVERB = re.compile(rf"^(?:why|when|where|how)\s+(?={_AUX}\b)", re.IGNORECASE)
_DEFINES = re.compile(r"^\W*(?:what|who)\s+(?:is|are|was|were)\s+\w+", re.IGNORECASE)
_LEADING_AND = re.compile(r"^\W*(?:and|but|so|then|also)[,\s]+", re.IGNORECASE)
_LEANS = re.compile(
    rf"^\W*(?:and|but|so|also|then|why|how so|how come|when|where|who else|what else|which ones?|anyone|anything|any other|"
    rf"really|such as|like what|for example|(?:{_PREPOSITION}\s+)(?:{_WH}))\b",
    re.IGNORECASE,
)
_FEW_WORDS = 2
_MOST_WORDS_ABOUT = 7
_FIRST_SENTENCES = 2  # of an earlier answer


@dataclass(frozen=True, slots=True)
class Standalone:
    """A question on its own. `context` is the earlier question that it leans on, empty when it leans on none."""

    question: str
    context: str = ""

    @property
    def text(self) -> str:
        """One text to search with and to show."""
        return f"{self.context} {self.question}".strip()

    @property
    def reading(self) -> str:
        """The question for a reader: what the earlier one was about stands beside it, and asks nothing any more."""
        if not self.context:
            return self.question
        about = "; ".join(_ASKS.sub("", part).strip(" ?") for part in re.split(r"(?<=\?)\s+", self.context))
        return f"{self.question} ({about})"


def standalone(question: str, history: Sequence[Turn]) -> Standalone:
    """The question with what it needs of the conversation to be understood, if anything."""
    before = Turn("")
    for turn in history:
        before = Turn(_rewritten(turn.question, before).text, turn.answer)
    return _rewritten(question, before)


def _rewritten(question: str, before: Turn) -> Standalone:
    earlier = before.question
    if not earlier or question.casefold().split() == earlier.casefold().split():
        return Standalone(question)
    if (other := _other(question, earlier)) is not None:
        return other
    found = pointing(question)
    if found:
        return _resolved(question, found, before)
    if (bare := _BARE.match(question)) and (merged := _merged(bare["asks"], earlier)):
        return Standalone(merged)
    return Standalone(question, earlier if leans(question, before) else "")


def leans(question: str, before: Turn) -> bool:
    """Whether a question without a pronoun that points back still cannot be understood alone."""
    parsed = parse_question(question)
    if not parsed.terms:
        return True
    if parsed.names:
        return False
    if same_thing(question, f"{before.question} {before.answer}"):
        return True
    if len(parsed.terms) == 1 and not _DEFINES.match(question):
        return True
    return len(parsed.terms) <= _FEW_WORDS and bool(_LEANS.match(question))


def _resolved(question: str, found: Sequence[Pronoun], before: Turn) -> Standalone:
    """Names in place of pronouns; the earlier question beside it where a pronoun finds none, or little is left."""
    said = _beginning(before.answer)
    last = re.split(r"(?<=\?)\s+", before.question)[-1]
    filled, open_, shift, used = question, False, 0, set[str]()
    for pronoun in found:
        if pronoun.group in used:
            continue
        used.add(pronoun.group)
        name = None if pronoun.event else antecedent(pronoun, last, said) or antecedent(pronoun, before.question, said)
        if name is None:
            open_ = True
            continue
        words = f"{name}’s" if pronoun.possessive else name
        start, end = pronoun.start + shift, pronoun.end + shift
        filled = filled[:start] + words + filled[end:]
        shift += len(words) - (end - start)
    plain = parse_question(question)
    little = len([term for term in plain.terms if term != plain.saying_term]) < _FEW_WORDS
    return Standalone(filled, before.question if open_ or little else "")


def _other(question: str, earlier: str) -> Standalone | None:
    """ "What about X?": the earlier question, asked of X. None where the question is of another kind."""
    match = _ABOUT.match(question)
    if match is None:
        return None
    other = (match["about"] or match["other"]).strip()
    if len(other.split()) > _MOST_WORDS_ABOUT or pointing(f"about {other}"):
        return None
    span = _counterpart(other, earlier)
    if span is None:
        return Standalone(question, earlier)
    return Standalone(earlier[: span[0]] + other + earlier[span[1] :])


def _counterpart(other: str, earlier: str) -> tuple[int, int] | None:
    """The part of the earlier question that X takes the place of."""
    names = mentions(earlier)
    if match := re.match(rf"{_PREPOSITION}\b", other, re.IGNORECASE):
        parts = list(
            re.finditer(rf"\b{match[0]}\s+(?:the\s+)?(?:[\w’'-]+(?:\s+(?=[A-Z0-9]))?)+", earlier, re.IGNORECASE)
        )
        return parts[-1].span() if parts else None
    head = re.escape(other.split()[-1])
    if same := re.search(rf"(?:\b(?:the|a|an)\s+)?(?:\b[A-Z][\w-]*\s+)+{head}\b", earlier):
        return same.span()
    if any(letter.isdigit() for letter in other):
        numbers = list(re.finditer(r"\b[\w$€£]*\d[\w.,]*\b", earlier))
        return numbers[-1].span() if numbers else None
    if not any(letter.isupper() for letter in other):
        return None
    kinds = {name.kind for name in mentions(f"about {other}")}
    like = [name for name in names if name.kind in kinds]
    chosen = _subject(like, earlier) or _subject(names, earlier)
    if chosen is None:
        return None
    return chosen.start, chosen.end


def _subject(names: Sequence[Mention], text: str) -> Mention | None:
    """The one of these names that the question is about: its subject, else the first."""
    for name in names:
        if re.search(rf"\b{_AUX}\s+$", text[: name.start], re.IGNORECASE):
            return name
    return names[0] if names else None


def _merged(asks: str, earlier: str) -> str | None:
    """ "Why?" after "Did X leave Y?": one question; None where the earlier one is not so simple."""
    rest = earlier if _YES_NO.match(earlier) else earlier[match.end() :] if (match := _ADVERB.match(earlier)) else None
    if rest is None or re.search(r"\?\s+\S", rest):
        return None
    return f"{asks[0].upper()}{asks[1:]} {rest[0].lower()}{rest[1:]}"


def _beginning(answer: str) -> str:
    spans = list(sentences(answer))[:_FIRST_SENTENCES]
    return answer[: spans[-1][1]] if spans else ""
