"""Articles → questions to begin a test file with, each with its gold quote. Proposals: a person decides.

Rules make them, from what a sentence says outright: who said, who did, how many, when. The unanswerable ones are near
misses of those: somebody else, another year, a name that no article holds. A model, where there is one, words
questions for sentences that no rule reads; what is quoted and cited stays ours.
"""

from __future__ import annotations

import contextlib
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import countryinfo

from index import Store
from index.lexical import terms
from rag.attribution import attribute
from rag.clauses import DATE, NUMBER, base_form, inside, read_clause
from rag.evaluation import fold
from rag.examples import BASE_FORMS
from rag.llm.base import TextModel, Usage
from rag.prompt import fill, one_line
from rag.questions import QuestionCase

_ORDER = ("fact", "attribution", "temporal", "unanswerable", "follow-up")
_NAME = re.compile(r"(?<=\s)(?:[A-Z][\w’'-]*[\w])(?:\s+(?:of\s+)?[A-Z][\w’'-]*[\w])*")
_POSSESSIVE = re.compile(r"[’']s?$")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_ABOUT = frozenset("say note state stress".split())  # verbs that take "about"
_LENGTH = range(40, 280)  # characters of a sentence that is worth a question
_QUESTION_TOKENS = 48


@dataclass(frozen=True, slots=True)
class Proposal:
    """A question that could be asked, with the sentence that answers it (none: unanswerable) and its answer."""

    kind: str
    question: str
    article: str = ""
    quote: str = ""
    answer: str = ""
    history: tuple[str, ...] = ()
    who: str = ""  # of "What did … say about …?"
    verb: str = ""
    about: str = ""

    def record(self, name: str) -> dict[str, Any]:
        """The question as it stands in a questions file."""
        record: dict[str, Any] = {"id": name, "kind": self.kind}
        if self.history:
            record["history"] = list(self.history)
        record |= {"question": self.question, "answerable": bool(self.quote)}
        if self.answer:
            record["answer_any"] = [self.answer]
        if self.quote:
            record["evidence"] = [{"article": self.article, "quotes": [self.quote]}]
        return record


@dataclass(frozen=True, slots=True)
class _Said:
    """A sentence of an article."""

    article: str
    text: str


def propose(
    store: Store, *, count: int, known: Sequence[QuestionCase] = (), model: TextModel | None = None
) -> list[Proposal]:
    """At most `count` proposals, kinds and articles mixed; what is asked already in `known` is left out."""
    sentences = list(_sentences(store))
    vocabulary = {word for said in sentences for word in re.findall(r"[a-z]+", said.text)}
    made: list[Proposal] = []
    for said in sentences:
        made += _questions(said, vocabulary)
    if model:
        read = {proposal.quote for proposal in made}
        unread = _mixed([Proposal("fact", "", said.article, said.text) for said in sentences if said.text not in read])
        made += _worded(unread[:count], model)
    made += _near_misses(made, store)
    made += _follow_ups(made)
    asked = {(tuple(map(fold, case.history)), fold(case.question)) for case in known}
    chosen = []
    for proposal in _mixed(made):
        key = (tuple(map(fold, proposal.history)), fold(proposal.question))
        if key not in asked:
            asked.add(key)
            chosen.append(proposal)
    return chosen[:count]


def _sentences(store: Store) -> Iterator[_Said]:
    for chunk in store.chunks:
        for span in chunk.sentences:
            text = chunk.sentence_text(span)
            if len(text) in _LENGTH and "\n" not in text and text[-1] in '.”"':
                yield _Said(chunk.article, text)


def _questions(said: _Said, vocabulary: set[str]) -> Iterator[Proposal]:
    spoken = _attribution(said)
    if spoken:
        yield spoken
    clause = read_clause(said.text)
    if clause is None or (spoken and not clause.passive):
        return
    base = base_form(clause.verb, vocabulary)
    if date := DATE.search(clause.rest) or DATE.search(clause.lead):
        rest = clause.rest.replace(date.group(), " ")
        yield Proposal("temporal", clause.asked("When", rest, base), said.article, said.text, date["date"])
    counted = NUMBER.match(clause.rest) if not clause.passive else None
    if counted and counted["money"]:
        rest = clause.rest[counted.end() :]
        yield Proposal("fact", clause.asked("How much money", rest, base), said.article, said.text, counted["number"])
    elif counted and counted["noun"]:
        rest = clause.rest[counted.end() :]
        word = f"How many {counted['noun']}"
        yield Proposal("fact", clause.asked(word, rest, base), said.article, said.text, counted["number"])
    number = NUMBER.match(clause.subject + " ")
    if clause.passive and number and number["noun"]:
        tail = f"{clause.subject[number.end() - 1 :]} {clause.passive} {clause.verb} {clause.rest}"
        question = " ".join(f"How many {number['noun']} {tail}".split()) + "?"
        yield Proposal("fact", question, said.article, said.text, number["number"])
    elif not clause.passive and clause.rest and _is_name(clause.subject):
        lead = f" {clause.lead[0].lower()}{clause.lead[1:]}" if DATE.search(clause.lead) else ""
        question = f"Who {clause.verb} {clause.rest}{lead}?"
        yield Proposal("fact", question, said.article, said.text, clause.subject.removeprefix("The "))


def _attribution(said: _Said) -> Proposal | None:
    speech = attribute(said.text)
    verb, speaker = BASE_FORMS.get(speech.verb or ""), speech.speaker or ""
    if not verb or "," in speaker or not _is_name(speaker):
        return None
    who = inside(speaker)
    claim = said.text.partition(speech.verb or "")[2] or said.text
    names = [_POSSESSIVE.sub("", name) for name in _NAME.findall(claim)]
    names = [name for name in names if fold(name) not in fold(speaker)]
    about = names[0] if verb in _ABOUT and names else ""
    telling = [match["number"] for match in NUMBER.finditer(claim)] + names[bool(about) :]
    answer = telling[0] if telling else " ".join(claim.rstrip(' .”"').split()[-3:])
    asked = _what(who, verb, about)
    return Proposal("attribution", asked, said.article, said.text, answer, who=who, verb=verb, about=about)


def _what(who: str, verb: str, about: str = "") -> str:
    return f"What did {who} {verb}{f' about {about}' if about else ''}?"


def _near_misses(made: Sequence[Proposal], store: Store) -> Iterator[Proposal]:
    """Questions like those that have an answer, changed where it matters: nothing in the corpus answers them."""
    speakers: dict[str, set[str]] = {}
    for proposal in made:
        if proposal.who:
            speakers.setdefault(proposal.who, set()).add(proposal.verb)
    entries = (entry.info() for entry in countryinfo.all_countries())
    states = [str(entry["name"]) for entry in entries if entry.get("capital") and " " not in str(entry["name"])]
    unknown = [name for name in states if not any(map(store.lexical.knows, terms(name)))]
    years = {int(year) for chunk in store.chunks for year in _YEAR.findall(chunk.text)}
    for number, proposal in enumerate(made):
        others = [who for who, verbs in speakers.items() if proposal.verb not in verbs]
        if proposal.who and others and not proposal.about:
            yield Proposal("unanswerable", _what(others[number % len(others)], proposal.verb))
        elif proposal.who and unknown:
            country = unknown[number % len(unknown)]
            yield Proposal("unanswerable", _what(f"the government of {country}", proposal.verb, proposal.about))
        elif year := _YEAR.search(proposal.question):
            other = next(earlier for earlier in itertools.count(int(year.group()) - 2, -1) if earlier not in years)
            yield Proposal("unanswerable", proposal.question.replace(year.group(), str(other)))


def _follow_ups(made: Sequence[Proposal]) -> Iterator[Proposal]:
    """A second question on the same sentence, or on the same speaker, that does not name what it is about."""
    by_quote: dict[str, list[Proposal]] = {}
    for proposal in made:
        by_quote.setdefault(proposal.quote, []).append(proposal)
    for quote, group in by_quote.items():
        dated = next((item for item in group if item.kind == "temporal"), None)
        other = next((item for item in group if item.kind != "temporal"), None)
        if quote and dated and other:
            yield Proposal("follow-up", "And when was that?", dated.article, quote, dated.answer, (other.question,))
    spoken = [item for item in made if item.who and not item.about]
    for first, second in itertools.pairwise(spoken):
        if first.who == second.who and first.verb != second.verb and first.article == second.article:
            asked = f"And {_what('they', second.verb).replace('What', 'what')}"
            yield Proposal("follow-up", asked, second.article, second.quote, second.answer, (first.question,))


def _worded(unread: Sequence[Proposal], model: TextModel) -> Iterator[Proposal]:
    """Questions that the model words for sentences; one that shares no word with its sentence is thrown away."""
    for item in unread:
        prompt = fill("draft", sentence=one_line(item.quote))
        pieces = model.stream([{"role": "user", "content": prompt}], max_tokens=_QUESTION_TOKENS, usage=Usage())
        with contextlib.closing(pieces):
            text = "".join(pieces).strip()
        question = " ".join(text.partition("?")[0].split()).lstrip('-*0123456789. "“') + "?"
        if (
            "?" in text
            and len(set(terms(question)) & set(terms(item.quote))) > 1
            and fold(question[:-1]) not in fold(item.quote)
        ):
            yield Proposal("fact", question, item.article, item.quote)


def _is_name(text: str) -> bool:
    """Whether a phrase names somebody: a capital inside it, not only at its start, and no more than a few words."""
    words = text.split()
    return 1 <= len(words) <= 6 and any(word[0].isupper() for word in words[words[0] in ("The", "A", "An") :])


def _mixed(made: Sequence[Proposal]) -> list[Proposal]:
    """Kinds in turn, and articles in turn within each kind."""
    kinds: dict[str, list[Proposal]] = {kind: [] for kind in _ORDER}
    for kind in _ORDER:
        lanes: dict[str, list[Proposal]] = {}
        for proposal in made:
            if proposal.kind == kind:
                lanes.setdefault(proposal.article, []).append(proposal)
        kinds[kind] = [item for row in itertools.zip_longest(*lanes.values()) for item in row if item]
    return [item for row in itertools.zip_longest(*kinds.values()) for item in row if item]
