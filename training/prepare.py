"""Make the examples that the reading model learns from: questions, each with one passage or several.

    python -m training.prepare --data reading.jsonl.xz --out SCRATCH [--news NEWS.jsonl.xz]
        [--hold-out Force Huguenot Warsaw] [--seed 1] [--replay 0.55]

Writes train.jsonl, held.jsonl (passages of every source but the noisiest, set aside to choose the best weights),
written.jsonl (some of our own questions, set aside too) and dev.jsonl (the articles of --hold-out, never trained
on). The data stays where it is, the examples go to a scratch folder: neither belongs to the project.

With --replay only that share of the examples is written, but all of people's own impossible questions and of the
questions of training/written.py: for a training that goes on from weights (`train --start`).

The answer is in at most one passage of an example; where it is in none, the example is impossible. Impossible
ones are the larger half of the work, for a reader that always answers is worth little:
- questions written to look answerable (SQuAD 2.0: Rajpurkar et al. 2018, doi:10.18653/v1/P18-2124; and our own,
  training/written.py), others' used twice;
- passages that BM25 finds for a question and that lack its answer;
- the answer's own passage without the sentence that holds it;
- the answer's own passage with another name or number put into the question, half of them from that passage;
- the answer's own passage with a word of the question turned into its opposite, or the question denied.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from index.lexical import LexicalIndex, terms
from index.sentences import sentences
from training.lines import read_lines
from training.written import read_written

SHARE = {  # of a source's answerable questions; encyclopaedia before reviews and forum talk, which news is not like
    "squadshifts-wiki": 0.8,
    "squadshifts-reddit": 0.25,
    "squadshifts-amazon": 0.15,
}
LONER = frozenset({"squadshifts-reddit", "squadshifts-amazon"})  # questions that mean nothing away from their passage
COMPANY = {"squadshifts-wiki": 0.4}  # share of the answerable questions that get a second passage, without the answer
COMPANY_ELSE = 0.75
ABSENT, REMOVED, SWAPPED, TURNED = 4_000, 3_000, 4_000, 2_500  # impossible examples of our own making
OUR_OWN = "written"  # the source of our own questions
REPEAT_IMPOSSIBLE = 2  # of others' questions: they are few
HELD_PASSAGES = 120
EVALUATED = 320  # questions in held.jsonl and in dev.jsonl, at most
DEPTH = 24  # passages of BM25 that are looked at for negatives
DENIED = 0.2  # of the questions turned: "did not" for "did"
_OPPOSITES = (
    "first last, earliest latest, before after, more less, most least, largest smallest, larger smaller, biggest "
    "smallest, highest lowest, higher lower, longest shortest, longer shorter, oldest youngest, older younger, "
    "best worst, better worse, strongest weakest, stronger weaker, fastest slowest, increase decrease, increased "
    "decreased, increases decreases, rise fall, rose fell, gain lose, gained lost, won lost, win lose, began "
    "ended, begin end, started stopped, start stop, opened closed, open close, built destroyed, founded "
    "dissolved, created destroyed, joined left, entered left, arrived departed, accepted rejected, accept reject, "
    "supported opposed, support oppose, allowed banned, allow forbid, legal illegal, agreed refused, attack "
    "defend, attacked defended, north south, northern southern, east west, eastern western, inside outside, above "
    "below, public private, rich poor, maximum minimum, positive negative, major minor, upper lower, modern "
    "ancient, new old, early late, male female, men women, father mother, brother sister, son daughter, husband "
    "wife, buy sell, bought sold, export import, exported imported, success failure, successful unsuccessful, "
    "common rare, possible impossible, likely unlikely, true false, strengths weaknesses, advantage disadvantage, "
    "same different, always never, directly indirectly, winter summer"
)
OPPOSITES = {one: other for pair in _OPPOSITES.split(", ") for one, other in (pair.split(), reversed(pair.split()))}
_DENIABLE = re.compile(r"\b(?:was|were|is|are|has|have|had|can|could|will|would|be|been)\b(?= [a-z]+(?:ed|en|ing)\b)")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)*|\b[12]\d{3}\b|\b\d{2,}\b")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the data: `passage[start:end]` is the answer."""

    source: str
    group: str
    question: str
    passage: str
    answerable: bool
    start: int | None
    end: int | None
    answers: list[str]


@dataclass(frozen=True, slots=True)
class Example:
    """A question with passages. `passages[gold][start:end]` is the answer; no gold, no answer."""

    source: str
    kind: str
    question: str
    passages: list[str]
    gold: int | None
    start: int
    end: int
    answers: list[str]


class Passages:
    """All passages, to find those that look like an answer's and are not."""

    def __init__(self, rows: Sequence[Row]) -> None:
        group = {row.passage: row.group for row in rows if row.source not in LONER}
        self.texts = list(group)
        self.groups = np.array(list(group.values()))
        self._folded = [text.casefold() for text in self.texts]
        self._index = LexicalIndex.from_texts(self.texts)

    def lacking(self, row: Row, *, same_group: bool) -> list[str]:
        """Passages without the answer, the most alike first."""
        scores = self._index.scores(dict.fromkeys(terms(row.question), 1.0))
        if same_group:
            scores = np.where(self.groups == row.group, scores, 0)
        order = np.argsort(-scores, kind="stable")[:DEPTH]
        answers = [answer.casefold() for answer in row.answers]
        return [
            self.texts[at]
            for at in order
            if scores[at] > 0
            and self.texts[at] != row.passage
            and not any(answer in self._folded[at] for answer in answers)
        ]


def read(path: Path, hold_out: Sequence[str]) -> tuple[list[Row], list[Row]]:
    """Rows to learn from and rows of the articles held out; of the former, none that tells of the latter's text."""
    rows = [Row(**row) for row in read_lines(path)]
    apart = [row for row in rows if row.source == "squad2-dev" and row.group in hold_out]
    seen = frozenset(shingle for row in apart for shingle in shingles(row.passage))
    kept = [row for row in rows if row.group not in hold_out and seen.isdisjoint(shingles(row.passage))]
    return kept, apart


def our_own(rows: Sequence[Row], news: Path | None) -> tuple[list[Row], list[Row]]:
    """Our own questions on passages of these rows and of the news: to learn from, and to measure on."""
    rest: tuple[list[Row], list[Row]] = ([], [])
    for asked in read_written({row.passage: row.group for row in rows}, news):
        start, end = asked.answer or (None, None)
        answers = [asked.passage[start:end]] if asked.answer else []
        row = Row(OUR_OWN, asked.group, asked.question, asked.passage, bool(asked.answer), start, end, answers)
        rest[asked.held].append(row)
    return rest


def shingles(text: str, size: int = 8) -> Iterable[str]:
    """Runs of words: two texts that share one were copied from each other."""
    words = re.findall(r"\w+", text.casefold())
    return (" ".join(words[at : at + size]) for at in range(max(1, len(words) - size + 1)))


def alone(row: Row) -> Example:
    """The question with its own passage."""
    if row.start is None or row.end is None:
        return Example(row.source, "written", row.question, [row.passage], None, 0, 0, [])
    return Example(row.source, "answerable", row.question, [row.passage], 0, row.start, row.end, row.answers)


def in_company(row: Row, passages: Passages, chance: random.Random, others: int = 1) -> Example:
    """The question with its own passage and others that lack the answer."""
    lacking = passages.lacking(row, same_group=chance.random() < 0.5) or passages.lacking(row, same_group=False)
    chosen = chance.sample(lacking[: 3 + others], min(others, len(lacking)))
    example = alone(row)
    return Example(**{**asdict(example), "passages": [row.passage, *chosen]})


def absent(row: Row, passages: Passages, chance: random.Random) -> Example | None:
    """The question with passages that look right and lack the answer."""
    lacking = passages.lacking(row, same_group=chance.random() < 0.4)
    if not lacking:
        return None
    chosen = chance.sample(lacking[:4], min(1 + (chance.random() < 0.3), len(lacking)))
    return Example(row.source, "absent", row.question, chosen, None, 0, 0, [])


def removed(row: Row) -> Example | None:
    """The question's passage without the sentence of the answer; none when another sentence may hold it."""
    assert row.start is not None
    spans = list(sentences(row.passage))
    rest = [(start, end) for start, end in spans if not start <= row.start < end]
    text = " ".join(row.passage[start:end] for start, end in rest)
    if len(rest) < 2 or len(rest) == len(spans) or any(answer.casefold() in text.casefold() for answer in row.answers):
        return None
    return Example(row.source, "removed", row.question, [text], None, 0, 0, [])


def swapped(row: Row, names: Mapping[bool, Sequence[str]], chance: random.Random) -> Example | None:
    """The question with another name or number in the place of one of its own, from the same passage if it can."""
    found = list(_NAME.finditer(row.question))
    if not found:
        return None
    match = chance.choice(found)
    own = match.group()
    near = [name for name in _NAME.findall(row.passage) if name[0].isdigit() == own[0].isdigit()]
    told = {word for answer in row.answers for word in answer.split()}

    def usable(name: str) -> bool:
        return name not in row.question and own not in name and told.isdisjoint(name.split())

    choices = [name for name in near if usable(name)] if chance.random() < 0.5 else []
    choices = choices or [name for name in names.get(own[0].isdigit(), ()) if usable(name)]
    if not choices:
        return None
    other = chance.choice(choices)
    question = row.question[: match.start()] + other + row.question[match.end() :]
    return Example(row.source, "swapped", question, [row.passage], None, 0, 0, [])


def turned(row: Row, chance: random.Random) -> Example | None:
    """The question with a word turned into its opposite, or denied."""
    if chance.random() < DENIED:
        denied = _DENIABLE.search(row.question)
        question = f"{row.question[: denied.end()]} not{row.question[denied.end() :]}" if denied else None
    else:
        found = [match for match in re.finditer(r"[a-z]+", row.question) if match[0] in OPPOSITES]
        match = chance.choice(found) if found else None
        question = match and row.question[: match.start()] + OPPOSITES[match[0]] + row.question[match.end() :]
        question = question and re.sub(r"\ban?(?= (\w))", _article, question)
    return Example(row.source, "turned", question, [row.passage], None, 0, 0, []) if question else None


def _article(match: re.Match[str]) -> str:
    return "an" if match[1] in "aeiou" else "a"


def names_by_group(rows: Sequence[Row]) -> Mapping[str, Mapping[bool, list[str]]]:
    """Names and numbers of a group's questions and passages, by group and by whether they are numbers."""
    found: dict[str, dict[bool, set[str]]] = defaultdict(lambda: {True: set(), False: set()})
    for row in rows:
        for text in (row.question, row.passage):
            for name in _NAME.findall(text):
                found[row.group][name[0].isdigit()].add(name)
    return {group: {kind: sorted(names) for kind, names in kinds.items()} for group, kinds in found.items()}


def training_examples(rows: Sequence[Row], passages: Passages, chance: random.Random) -> list[Example]:
    """The mixture, shuffled."""
    examples: list[Example] = []
    answerable = [row for row in rows if row.answerable]
    for row in tqdm(rows, desc="with and without company", unit="question"):
        if not row.answerable:
            examples += [alone(row)] * (1 if row.source == OUR_OWN else REPEAT_IMPOSSIBLE)
        elif chance.random() < SHARE.get(row.source, 1.0):
            company = row.source not in LONER and chance.random() < COMPANY.get(row.source, COMPANY_ELSE)
            examples.append(in_company(row, passages, chance) if company else alone(row))
    away = [row for row in answerable if row.source not in LONER]
    names = names_by_group(away)
    made = (
        (
            ABSENT,
            [row for row in away if row.source != "squadshifts-wiki"],
            lambda row: absent(row, passages, chance),
        ),
        (REMOVED, away, removed),
        (SWAPPED, away, lambda row: swapped(row, names.get(row.group, {}), chance)),
        (TURNED, away, lambda row: turned(row, chance)),
    )
    for wanted, choices, make in made:
        picked = (make(row) for row in chance.sample(choices, len(choices)))
        usable = (example for example in picked if example is not None)
        examples += [example for example, _ in zip(usable, range(wanted), strict=False)]
    chance.shuffle(examples)
    return examples


def is_new(example: Example) -> bool:
    """Whether an example is one of our own questions, or an impossible one that somebody wrote."""
    ours = example.source == OUR_OWN and example.kind == "answerable"
    return ours or example.kind == "written"


def evaluated(rows: Sequence[Row], passages: Passages, chance: random.Random) -> list[Example]:
    """Questions to measure on, each with more passages; where none is impossible, some lose their own passage."""
    chosen = chance.sample(list(rows), min(EVALUATED, len(rows)))
    examples = []
    for number, row in enumerate(chosen):
        lacking = passages.lacking(row, same_group=True) + passages.lacking(row, same_group=False)
        if not row.answerable:
            examples.append(Example(row.source, "written", row.question, [row.passage, *lacking[:2]], None, 0, 0, []))
        elif number % 3 == 0 and row.source != "squad2-dev" and lacking:
            examples.append(Example(row.source, "absent", row.question, lacking[:3], None, 0, 0, []))
        else:
            assert row.start is not None
            assert row.end is not None
            shown = [row.passage, *lacking[:2]]
            examples.append(Example(row.source, "answerable", row.question, shown, 0, row.start, row.end, row.answers))
    return examples


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--news", type=Path, help="for our own questions on the news")
    parser.add_argument("--hold-out", nargs="*", default=[])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--replay", type=float, default=1.0, help="share of what is not new to a reader")
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    rows, apart = read(arguments.data, arguments.hold_out)
    by_question = {row.question.casefold().rstrip("?"): row for row in rows if row.source == "nq-open-gold"}
    # QED annotates questions of Natural Questions: once is enough.
    rows = [row for row in rows if row.source != "qed" or row.question.casefold().rstrip("?") not in by_question]
    common = sorted({row.passage for row in rows if row.source not in LONER})
    # The same whatever the seed: no preparation may learn from what another chooses its weights with.
    held_passages = frozenset(random.Random(1).sample(common, HELD_PASSAGES))
    learned = [row for row in rows if row.passage not in held_passages]
    held = [row for row in rows if row.passage in held_passages]
    own, own_held = our_own(learned, arguments.news)
    learned += own
    arguments.out.mkdir(parents=True, exist_ok=True)
    mixture = training_examples(learned, Passages(learned), chance)
    sets = {
        "train": [example for example in mixture if is_new(example) or chance.random() < arguments.replay],
        "held": evaluated(held, Passages(rows), chance),
        "written": [alone(row) for row in chance.sample(own_held, min(EVALUATED, len(own_held)))],
        "dev": evaluated(apart, Passages([*apart, *rows]), chance) if apart else [],
    }
    for name, examples in sets.items():
        with (arguments.out / f"{name}.jsonl").open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(asdict(example), ensure_ascii=False) + "\n" for example in examples)
        shown = sum(len(example.passages) for example in examples)
        print(f"{name}: {len(examples)} questions, {shown} passages")
    counts: dict[str, int] = defaultdict(int)
    for example in sets["train"]:
        counts[f"{example.source} {example.kind} {len(example.passages)}"] += 1
    for key, number in sorted(counts.items()):
        print(f"  {number:6} {key}")
    about = {
        "data_sha256": hashlib.sha256(arguments.data.read_bytes()).hexdigest(),
        "train_sha256": hashlib.sha256((arguments.out / "train.jsonl").read_bytes()).hexdigest(),
        "hold_out": arguments.hold_out,
        "seed": arguments.seed,
    }
    (arguments.out / "about.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
