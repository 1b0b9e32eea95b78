"""History + follow-up → a question that stands on its own. Rules, no model: what a question lacks it takes from the
conversation, and only then. What it takes is a name in place of a pronoun, the earlier question with another name in
it ("What about X?"), what the talk is about, or the earlier question beside it ("And why?"): never more than one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.lexical import STOP_WORDS, terms
from index.sentences import sentences
from rag.counterpart import counterpart
from rag.phrases import Phrase, bare_noun, phrases, within
from rag.pronouns import Pronoun, antecedent, pointing, same_thing
from rag.question import AnswerType, answer_type, parse_question
from rag.records import Turn

_WH = r"(?:who|whom|whose|what|which|when|where|why|how)"
_AUX = r"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may|might)"
_PREPOSITION = r"(?:in|on|at|by|for|from|to|until|since|with|after|before|during|under|against|of)"
_ASKS = re.compile(
    rf"^\W*(?:and\s+|but\s+)?(?:{_PREPOSITION}\s+)?{_WH}\b(?:\s+(?:many|much|long|far|often|old)\b)?\s*", re.IGNORECASE
)
_ABOUT = re.compile(
    rf"^\W*(?:(?:and|but|so|or)\s+)?(?:what|how)\s+about\s+(?P<about>[^?]+?)\W*$"
    rf"|^\W*(?:and|but|or)\s+(?P<other>(?!.*\b{_WH}\b)(?!{_AUX}\b)[^?]+?)\W*$"
    rf"|^\W*(?:and|but|or)\s+(?P<counted>(?:how\s+many|how\s+much|which|what)\s+(?!.*\b{_AUX}\b)[^?]+?)\W*$",
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
    rf"really|such as|like what|for example|what (?:happened|came|comes|follows|followed)|how many (?:{_AUX}|took|came|died)|who(?!\s+{_AUX}\b)|"
    rf"(?:{_PREPOSITION}\s+)(?:{_WH}))\b",
    re.IGNORECASE,
)
_OF_WHAT_WAS_SAID = re.compile(  # "Who says so?", "Is that true?": of the answer, not of what the talk is about
    rf"\b(?:who|whose)\b.*\b(?:so|that|this|it)\W*$|\b(?:true|right|correct|certain|confirmed|sure|else)\W*$"
    rf"|^\W*(?:and\s+|but\s+)?{_PREPOSITION}\s+{_WH}\b"
    r"|^\W*(?:and\s+|but\s+)?how\s+(?:long|many|much|far|often)\W*$",
    re.IGNORECASE,
)
_FIRM = re.compile(
    r"\bthe (?:company|firm|airline|carrier|maker|manufacturer|operator)\b(?!\s+(?:of|in|that|which|who|with)\b)",
    re.IGNORECASE,
)
_IS_ASKED = re.compile(rf"\?\s*$|^\W*(?:(?:and|but|so)\s+)?(?:{_WH}|{_AUX})\b", re.IGNORECASE)
_THE_ONE = re.compile(
    r"^(?:(?:i\s+mean|i\s+meant|no|yes)[,\s]+)*(?:the\s+ones?\s+(?:of|on|in|at|from|with)\s+)?", re.IGNORECASE
)
_ANYBODY = frozenset(terms("people person anybody anyone everybody everyone somebody someone nobody happen"))
_ASKING = STOP_WORDS | frozenset(("since", "whose", "without"))
_FEW_WORDS = 2
_MOST_WORDS_ABOUT = 7
_MOST_WORDS_BEFORE = 16  # of an earlier question that already has something beside it
_FIRST_SENTENCES = 2  # of an earlier answer


@dataclass(frozen=True, slots=True)
class Standalone:
    """A question on its own. `context` is what it leans on: an earlier question, or a phrase of one; or nothing."""

    question: str
    context: str = ""

    @property
    def text(self) -> str:
        """One text to search with and to show."""
        if not self.context or self.context.endswith(("?", ".", "!")):
            return f"{self.context} {self.question}".strip()
        first, _, rest = _LEADING_AND.sub("", self.question).partition(" ")
        first = first.lower() if first.casefold() in _ASKING else first
        return f"About {self.context}: {first} {rest}".strip()

    @property
    def reading(self) -> str:
        """The question for a reader: what the earlier one was about stands beside it, and asks nothing any more."""
        if not self.context:
            return self.question
        about = "; ".join(_ASKS.sub("", part).strip(" ?") for part in re.split(r"(?<=\?)\s+", self.context))
        return f"{self.question} ({about})"


@dataclass(frozen=True, slots=True)
class _Thread:
    """Where a conversation stands.

    `topic` is the last question that stood alone and `told` its answer; `last` the last question, its pronouns filled
    in, or the one before where it names nothing. `shown` is the very last one with what it leaned on, `wanted` the kind of
    answer that it asked for, `answer` what it was answered; `asked_back`: the answer asked what is meant.
    """

    topic: str = ""
    told: str = ""
    last: str = ""
    shown: str = ""
    wanted: AnswerType = "other"
    answer: str = ""
    asked_back: bool = False


def standalone(question: str, history: Sequence[Turn]) -> Standalone:
    """The question with what it needs of the conversation to be understood, if anything."""
    thread = _Thread()
    for turn in history:
        thread = _followed(thread, turn)
    return _understood(question, thread)


def _followed(thread: _Thread, turn: Turn) -> _Thread:
    asked = _understood(turn.question, thread)
    answer, wanted = _beginning(turn.answer), answer_type(asked.question)
    back = bool(turn.clarification)
    goes_on = asked.context or (asked.question != turn.question and not _things(asked.question))
    if thread.topic and goes_on:
        last = asked.question if phrases(asked.question) else thread.last  # "Why?" tells nothing to go on from
        return _Thread(thread.topic, thread.told, last, asked.text, wanted, answer, back)
    return _Thread(asked.question, answer, asked.question, asked.text, wanted, answer, back)


def _understood(question: str, thread: _Thread) -> Standalone:
    if thread.asked_back and not _IS_ASKED.search(question):
        return _replied(question, thread.topic)
    if not thread.topic or question.casefold().split() == thread.last.casefold().split():
        return Standalone(question)
    question = _with_firm(question, thread.topic)
    if (other := _other(question, thread)) is not None:
        return other
    if found := pointing(question):
        return _resolved(question, found, thread)
    if bare := _BARE.match(question):
        merged = _merged(bare["asks"], thread.last)
        alone = thread.last == thread.shown
        if merged:
            return Standalone(merged, "" if alone else _about(thread.topic, merged))
        return Standalone(question, _whole(thread))
    if not leans(question, Turn(thread.topic, f"{thread.told} {thread.answer}")):
        return Standalone(question)
    return _leaning(question, thread)


def _replied(reply: str, earlier: str) -> Standalone:
    """The question that was not understood, with what was meant."""
    meant = _THE_ONE.sub("", reply.strip()).rstrip(" .!")
    if found := pointing(earlier):
        words = f"{meant}’s" if found[0].possessive else meant
        return Standalone(earlier[: found[0].start] + words + earlier[found[0].end :])
    return Standalone(earlier, meant)


def _with_firm(question: str, topic: str) -> str:
    """ "the company" by its name, where the talk is about one thing that can be one."""
    found = [item for item in phrases(topic) if item.named and item.kind in ("group", "thing")]
    if len(found) != 1 or any(item.named for item in phrases(question)):
        return question
    return _FIRM.sub(found[0].text, question)


def leans(question: str, before: Turn) -> bool:
    """Whether a question without a pronoun that points back still cannot be understood alone."""
    parsed = parse_question(question)
    words = [term for term in parsed.terms if term not in _ANYBODY]
    if not words:
        return True
    if parsed.names:
        return False
    if same_thing(question, f"{before.question} {before.answer}"):
        return True
    if len(words) == 1 and not _DEFINES.match(question):
        return True
    if len(words) <= _FEW_WORDS and _LEANS.match(question):
        return True
    told = [word for word in words if word != parsed.saying_term]
    about = bool(_things(before.question)) or bool(_FIRM.search(question))  # a person has a company too
    return len(told) <= _FEW_WORDS and bare_noun(question) and about


def _leaning(question: str, thread: _Thread) -> Standalone:
    """The question beside what the talk is about; beside the whole question before it, where it is of what was said."""
    if _OF_WHAT_WAS_SAID.search(question) or not parse_question(question).terms:
        return Standalone(question, _whole(thread))
    return Standalone(question, _about(thread.topic, question) or thread.topic)


def _whole(thread: _Thread) -> str:
    """The last question, with what it leaned on unless that is long."""
    return thread.shown if len(thread.shown.split()) <= _MOST_WORDS_BEFORE else thread.topic


def _resolved(question: str, found: Sequence[Pronoun], thread: _Thread) -> Standalone:
    """Names in place of pronouns; what the talk is about beside it where a pronoun finds none, or little is left."""
    filled, open_, shift, used = question, False, 0, set[str]()
    for pronoun in found:
        if pronoun.group in used:
            continue
        used.add(pronoun.group)
        name = None if pronoun.event else _antecedent(pronoun, question, thread)
        if name is None:
            open_ = True
            continue
        words = f"{name}’s" if pronoun.possessive else name
        words = words if pronoun.start == 0 else re.sub("^The ", "the ", words)
        start, end = pronoun.start + shift, pronoun.end + shift
        filled = filled[:start] + words + filled[end:]
        shift += len(words) - (end - start)
    if open_ and _OF_WHAT_WAS_SAID.search(question):
        return Standalone(filled, _whole(thread))
    if open_:
        return Standalone(filled, thread.topic)
    plain = parse_question(question)
    little = len([term for term in plain.terms if term != plain.saying_term]) < _FEW_WORDS
    known = any(item.named for item in phrases(filled))
    known = known and bool(_DEFINES.match(question))
    known = known or any(item.stems & frozenset(terms(filled)) for item in _things(thread.topic))
    if little and not known:
        return Standalone(filled, _about(thread.topic, filled))
    return Standalone(filled)


def _antecedent(pronoun: Pronoun, question: str, thread: _Thread) -> str | None:
    if found := antecedent(pronoun, question, thread.last, thread.answer, thread.wanted):
        return found
    return antecedent(pronoun, question, thread.topic, thread.told, answer_type(thread.topic))


def _other(question: str, thread: _Thread) -> Standalone | None:
    """ "What about X?": the earlier question, asked of X. None where the question is of another kind."""
    match = _ABOUT.match(question)
    if match is None:
        return None
    other = (match["about"] or match["other"] or match["counted"]).strip()
    if len(other.split()) > _MOST_WORDS_ABOUT or pointing(f"about {other}"):
        return None
    earlier = thread.last
    if replaced := counterpart(other, earlier):
        about = "" if earlier == thread.shown else _about(thread.topic, replaced)
        return Standalone(replaced, about)
    if match["counted"]:
        return None
    about = _about(thread.topic, question)
    return Standalone(f"What about {other}?" if about else question, about or thread.topic)


def _about(topic: str, question: str) -> str:
    """What the talk is about, as far as the question does not say it: "the fire on the ferry"; "" where no phrase is."""
    own = frozenset(terms(question))
    left = [item.text for item in _things(topic) if not item.stems <= own]
    if not left:
        left = [item.text for item in phrases(topic) if item.named and not item.stems <= own]
    return " and ".join(re.sub(r"^an? ", "the ", text, flags=re.IGNORECASE) for text in left[:2])


def _things(question: str) -> list[Phrase]:
    """The phrases that are no person; of "the director of the port" the port."""
    found: list[Phrase] = []
    for item in phrases(question):
        part: Phrase | None = None if re.match(r"an?\s", item.text, re.IGNORECASE) else item  # "a month" is no subject
        while part is not None and part.kind == "person" and not (part.plural and not part.named):
            part = None if part.named else within(part, question)
        if part is not None:
            found.append(part)
    return found


def _merged(asks: str, earlier: str) -> str | None:
    """ "Why?" after "Did X leave Y?": one question; None where the earlier one is not so simple."""
    rest = earlier if _YES_NO.match(earlier) else earlier[match.end() :] if (match := _ADVERB.match(earlier)) else None
    if rest is None or re.search(r"\?\s+\S", rest):
        return None
    return f"{asks[0].upper()}{asks[1:]} {rest[0].lower()}{rest[1:]}"


def _beginning(answer: str) -> str:
    spans = list(sentences(answer))[:_FIRST_SENTENCES]
    return answer[: spans[-1][1]] if spans else ""
