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
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from tqdm import tqdm

from training.examples import LONER, OUR_OWN, Example, Passages, Row, alone
from training.impossible import absent, names_by_group, removed, swapped, turned
from training.lines import read_lines
from training.surroundings import Surroundings
from training.written import read_written

SHARE = {  # of a source's answerable questions; encyclopaedia before reviews and forum talk, which news is not like
    "squadshifts-wiki": 0.8,
    "squadshifts-reddit": 0.25,
    "squadshifts-amazon": 0.15,
}
COMPANY = {"squadshifts-wiki": 0.4}  # share of the answerable questions that get a second passage, without the answer
COMPANY_ELSE = 0.75
ABSENT, REMOVED, SWAPPED, TURNED = 4_000, 3_000, 4_000, 2_500  # impossible examples of our own making
REPEAT_IMPOSSIBLE = 2  # of others' questions: they are few
HELD_PASSAGES = 120
EVALUATED = 320  # questions in held.jsonl and in dev.jsonl, at most


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


def in_company(row: Row, passages: Passages, chance: random.Random, others: int = 1) -> Example:
    """The question with its own passage and others that lack the answer."""
    lacking = passages.lacking(row, same_group=chance.random() < 0.5) or passages.lacking(row, same_group=False)
    chosen = chance.sample(lacking[: 3 + others], min(others, len(lacking)))
    example = alone(row)
    return Example(**{**asdict(example), "passages": [row.passage, *chosen]})


def training_examples(
    rows: Sequence[Row], passages: Passages, around: Surroundings, chance: random.Random
) -> list[Example]:
    """The mixture, shuffled, each passage with parts of what stands before it."""
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
    made: tuple[tuple[int, list[Row], Callable[[Row], Example | None]], ...] = (
        (
            ABSENT,
            [row for row in away if row.source != "squadshifts-wiki"],
            lambda row: absent(row, passages, chance),
        ),
        (REMOVED, away, lambda row: removed(row, around)),
        (SWAPPED, away, lambda row: swapped(row, names.get(row.group, {}), chance)),
        (TURNED, away, lambda row: turned(row, chance)),
    )
    for wanted, choices, make in made:
        picked = (make(row) for row in chance.sample(choices, len(choices)))
        usable = (example for example in picked if example is not None)
        examples += [example for example, _ in zip(usable, range(wanted), strict=False)]
    chance.shuffle(examples)
    return [replace(each, forewords=[around.drawn(text, chance) for text in each.passages]) for each in examples]


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
    around = Surroundings.from_rows([*rows, *apart, *own, *own_held], arguments.news)
    mixture = training_examples(learned, Passages(learned), around, chance)
    sets = {
        "train": [example for example in mixture if is_new(example) or chance.random() < arguments.replay],
        "held": evaluated(held, Passages(rows), chance),
        "written": [alone(row) for row in chance.sample(own_held, min(EVALUATED, len(own_held)))],
        "dev": evaluated(apart, Passages([*apart, *rows]), chance) if apart else [],
    }
    for name, examples in sets.items():
        if name != "train":
            examples = [replace(each, forewords=list(map(around.foreword, each.passages))) for each in examples]
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
