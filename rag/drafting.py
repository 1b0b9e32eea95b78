"""Articles → questions to begin a test file with, each with its gold quote. Proposals: a person decides.

Rules make them, from what a sentence says outright: who said, who did, how many, when. The unanswerable ones are near
misses of those: somebody else, another year, a name that no article holds. A model, where there is one, words
questions for sentences that no rule reads; what is quoted and cited stays ours.
"""

from __future__ import annotations

import contextlib
import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import countryinfo

from index import Store
from index.lexical import terms
from rag.asking import SAYING, as_named, ask_speaker, asks, is_sound, whole_names
from rag.clauses import DATE, NUMBER, Clause, base_form, read_clause
from rag.evaluation import fold
from rag.llm.base import TextModel, Usage
from rag.prompt import fill, one_line
from rag.questions import QuestionCase

_ORDER = ("fact", "attribution", "temporal", "unanswerable", "follow-up")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_DEEDS = frozenset("deny condemn pledge accuse blame".split())  # told with no other verb, so that nobody else did it
_SMALL = frozenset("of in on at by for from to with and or".split())
_POINTS = re.compile(r"\b(?:it|its|he|him|his|she|her|they|them|their|this|these|those|here|there|we|our|us)\b")
_LENGTH = range(40, 280)  # characters of a sentence that is worth a question
_FEWEST = 3  # words after the verb: "Who rose to prominence?" may be anybody
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
    vocabulary = {word for said in sentences for word in re.findall(r"\b[a-z]+\b", said.text)}
    made: list[Proposal] = []
    for said in sentences:
        made += _questions(said, vocabulary)
    quotes = Counter(proposal.question for proposal in made)
    made = [proposal for proposal in made if quotes[proposal.question] == 1]  # what has two answers tests neither
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
            if len(text) in _LENGTH and "\n" not in text and is_sound(text):
                yield _Said(chunk.article, text)


def _questions(said: _Said, vocabulary: set[str]) -> Iterator[Proposal]:
    spoken = _attribution(said, vocabulary)
    if spoken:
        yield spoken
    clause = read_clause(said.text)
    if clause is None or (spoken and not clause.passive):
        return
    base = base_form(clause.verb, vocabulary)
    within = clause.verb in SAYING or " that " in clause.rest  # a date there may be of what is said
    if date := (None if within else DATE.search(clause.rest)) or DATE.search(clause.lead):
        rest = clause.rest.replace(date.group(), " ")
        yield Proposal("temporal", clause.asked("When", rest, base), said.article, said.text, date["date"])
    yield from _counted(said, clause, base)
    subject = as_named(clause.subject, said.text, vocabulary) or ""
    if (
        not clause.passive
        and len(clause.rest.split()) >= _FEWEST
        and _acts(subject)
        and not _POINTS.search(clause.rest)
    ):
        lead = f" {clause.lead[0].lower()}{clause.lead[1:]}" if DATE.search(clause.lead) else ""
        question = f"Who {clause.verb} {clause.rest}{lead}?"
        yield Proposal("fact", question, said.article, said.text, clause.subject.removeprefix("The "))


def _counted(said: _Said, clause: Clause, base: str) -> Iterator[Proposal]:
    """How many, and how much."""
    number = NUMBER.match(f"{clause.subject} " if clause.passive else clause.rest)
    noun = number["noun"] or "" if number else ""
    if number is None or noun == "percent" or not _SMALL.isdisjoint(noun.split()):
        return
    if clause.passive:
        tail = f"{clause.subject[number.end() - 1 :]} {clause.passive} {clause.verb} {clause.rest}"
        question = " ".join(f"How many {noun} {tail}".split()) + "?" if noun else ""
    else:
        rest = clause.rest[number.end() :]
        word = "How much money" if number["money"] else f"How many {noun}" if noun else ""
        question = clause.asked(word, rest, base) if word and not rest.strip().startswith("of ") else ""
    if question:
        yield Proposal("fact", question, said.article, said.text, number["number"])


def _acts(subject: str) -> bool:
    """Whether a name, as it is written inside a question, may be of somebody who acts."""
    return bool(subject) and (subject.split()[-1][0].isupper() or subject.endswith(("ers", "ors", "ists", "officials")))


def _attribution(said: _Said, vocabulary: set[str]) -> Proposal | None:
    asked = ask_speaker(said.text, vocabulary)
    if asked is None:
        return None
    names = [name for name in whole_names(asked.claim) if name not in asked.question]
    telling = [match["number"] for match in NUMBER.finditer(asked.claim)] + names
    words = " ".join(asked.claim.strip(' .,!?”“"').split()[-3:])
    answer = telling[0] if telling else words
    if fold(answer) in fold(asked.question):
        return None
    return Proposal(
        "attribution",
        asked.question,
        said.article,
        said.text,
        answer,
        who=asked.who,
        verb=asked.verb,
        about=asked.about,
    )


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
        if proposal.verb in _DEEDS and others:
            yield Proposal("unanswerable", asks(others[number % len(others)], proposal.verb))
        elif proposal.who and unknown and (proposal.about or proposal.verb in _DEEDS):
            country = unknown[number % len(unknown)]
            yield Proposal("unanswerable", asks(f"the government of {country}", proposal.verb, proposal.about))
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
        opening = " ".join(DATE.sub(" ", other.question[:-1]).split()) + "?" if other else ""
        if quote and dated and other and dated.answer not in opening:
            yield Proposal("follow-up", "And when was that?", dated.article, quote, dated.answer, (opening,))
    spoken = [item for item in made if item.who and not item.about]
    for first, second in itertools.pairwise(spoken):
        if first.who == second.who and first.verb != second.verb and first.article == second.article:
            again = asks("they", second.verb)
            asked = f"And {again[0].lower()}{again[1:]}"
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
