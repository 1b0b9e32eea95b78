"""Sentences of the news with one thing made wrong, against the same ones untouched: does the verifier tell them apart?

    python benchmarks/corruptions.py NEWS.jsonl.xz [--half test] [--each 80] [--out PAIRS.jsonl]

A sentence is taken as it stands, shortened, joined to the next one, or with its report reworded ("X said that …" →
"According to X, …"); all of these its passage bears out. Then one thing is changed: a number, a name, the speaker,
what is denied, a date, or two names change places; what takes a place comes from the same passage where there is
another one. The articles are parted in two halves by their number: rules and weights are made with `dev`, the figure
is told on `test`. The draw has a seed. Without --out it measures and prints a table; with it, it writes the pairs for
`dateline verify`.
"""

from __future__ import annotations

import argparse
import itertools
import json
import lzma
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from index import SentenceTransformerEmbedder
from index.sentences import sentences
from rag.attribution import attribute
from rag.verifier import verify

SEED = 2017
CHANGES = ("number", "name", "speaker", "negation", "date", "exchange")
WORDINGS = ("verbatim", "shortened", "joined", "reported")
_AROUND = 3  # sentences of the passage on either side
_NUMBER = re.compile(
    r"(?<![\w.,-])\d+(?:[.,]\d+)*(?![\w-]|[.,]\d)|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b"
)
_WORDS = "two three four five six seven eight nine ten eleven twelve".split()
_NAME = re.compile(r"(?<=[a-z,] )(?:[A-Z][a-z]{2,}(?: [A-Z][a-z]{2,})*)\b(?!’s|'s)")
_WHEN = re.compile(
    r"\b(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|June|July|August|September|October|November|"
    r"December|(?:19|20)\d\d)\b"
)
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_MONTHS = "January February March April June July August September October November December".split()
_AUXILIARY = re.compile(
    r"\b(is|are|was|were|has|have|had|will|would|can|could|should|did|does|do) (?!not\b|n)", re.IGNORECASE
)
_DENIAL = re.compile(
    r"\b(is|are|was|were|has|have|had|will|would|can|could|should|did|does|do)(?: not|n['’]t)\b ?", re.IGNORECASE
)
_REPORT = re.compile(
    r"^(?P<who>[A-Z][\w’'. -]{2,60}?) (?:said|says|told reporters|added)(?: that)? (?P<what>[a-z].{25,})\.$"
)
_REPORT_BEHIND = re.compile(r"^(?P<what>[A-Z][^\"“”]{25,}), (?P<who>[A-Z][\w’'. -]{2,60}?) (?:said|says)\.$")
_TAIL = re.compile(
    r"^(?P<head>.{40,}?), (?:which|who|where|including|according|adding|while|after|with|but|and|as)\b[^\"“”]*\.$"
)
_LEAD = re.compile(
    r"^(?:Meanwhile|However|But|And|So|Also|Moreover|In addition|Earlier|Still|Then|Instead|Now|On \w+day|Last \w+),? (?=[a-zA-Z])"
)
_INSERTION = re.compile(
    r"(?: \([^()]{3,60}\)|, (?:a|an|the|which|who|one of|however|for example|meanwhile|too|in \w+)\b[^,\"“”]{0,60},(?= ))"
)
_DEED = re.compile(r"\b(?!\w+ed by\b)(?:said|told|won|beat|sent|gave|hit|led|made|took|\w{3,}ed)\b")
_NO_SPEAKER = re.compile(r"\b(?:He|She|It|They|We|And|But|also|has|have|had|not|which|that)\b")
_ODD = re.compile(r"[\"”’']\?|\?[a-z]|�|\w\?\w|https?:|READ MORE|\|")


@dataclass(frozen=True, slots=True)
class Pair:
    """A claim beside a passage. `change` is what was made wrong, None where nothing was."""

    id: str
    wording: str
    change: str | None
    passage: str
    claim: str
    supported: bool


def pairs(articles: Sequence[dict[str, str]], *, half: str, each: int) -> Iterator[Pair]:
    """As many pairs of each change as asked for, and every untouched sentence that one was made from."""
    draw = random.Random(f"{SEED}-{half}")
    chosen = [article for number, article in enumerate(articles) if number % 2 == (half == "test")]
    draw.shuffle(chosen)
    every_name = [name for article in chosen[:300] for name in _names(article["text"])[:3]]
    taken: Counter[str] = Counter()
    for article in chosen:
        found = _sentence(article["text"], draw)
        if found is None:
            continue
        passage, sentence, following = found
        for wording, claim in _wordings(sentence, following, draw):
            changed = [
                (change, wrong)
                for change in CHANGES
                if taken[change] < each and (wrong := _corrupt(change, claim, passage, every_name, draw))
            ]
            if not changed:
                continue
            change, wrong = min(changed, key=lambda item: taken[item[0]])
            taken[change] += 1
            name = f"{article['id']}-{wording}"
            yield Pair(name, wording, None, passage, claim, True)
            yield Pair(f"{name}-{change}", wording, change, passage, wrong, False)
        if all(taken[change] >= each for change in CHANGES):
            return


def _sentence(text: str, draw: random.Random) -> tuple[str, str, str] | None:
    """A passage, one whole sentence of it, and the next."""
    spans = list(sentences(text))
    if len(spans) < 2 * _AROUND + 1:
        return None
    at = draw.randrange(_AROUND, len(spans) - _AROUND)
    passage = text[spans[at - _AROUND][0] : spans[at + _AROUND][1]]
    sentence, following = (text[slice(*spans[which])] for which in (at, at + 1))
    fit = (
        40 <= len(sentence) <= 300 and sentence[0].isupper() and sentence.endswith(".") and sentence.count('"') % 2 == 0
    )
    return (passage, sentence, following) if fit and not _ODD.search(passage) else None


def _wordings(sentence: str, following: str, draw: random.Random) -> Iterator[tuple[str, str]]:
    ways: list[tuple[str, str]] = [("verbatim", sentence)]
    if match := _TAIL.match(sentence):
        ways.append(("shortened", f"{match['head']}."))
    shorter = _LEAD.sub("", _INSERTION.sub("", sentence))
    if shorter != sentence and len(shorter) >= 40:
        ways.append(("shortened", shorter[0].upper() + shorter[1:]))
    if (match := _REPORT.match(sentence)) and not _NO_SPEAKER.search(match["who"]):
        ways.append(("reported", f"According to {match['who']}, {match['what']}."))
    if (match := _REPORT_BEHIND.match(sentence)) and not _NO_SPEAKER.search(match["who"]):
        what = match["what"]
        ways.append(
            (
                "reported",
                f"{match['who']} said that {what if what.split()[0] in ('I', 'US') else what[0].lower() + what[1:]}.",
            )
        )
    plain = following.endswith(".") and '"' not in following and 30 <= len(following) <= 160
    if (
        plain
        and len(sentence) <= 160
        and '"' not in sentence
        and following.split()[0] in ("The", "It", "He", "She", "They", "But", "A")
    ):
        ways.append(("joined", f"{sentence[:-1]}, and {following[0].lower()}{following[1:]}"))
    reworded = ways[1:]
    draw.shuffle(reworded)
    yield from reworded[:2] if reworded and draw.random() < 0.9 else ways[:1]


def _corrupt(change: str, claim: str, passage: str, names: Sequence[str], draw: random.Random) -> str | None:
    if change == "number":
        return _swap(_NUMBER, claim, passage, lambda old: _other_number(old, draw), draw)
    if change == "date":
        return _swap(_WHEN, claim, passage, lambda old: _other_date(old, draw), draw)
    if change == "name":
        return _swap(_NAME, claim, passage, lambda old: draw.choice([name for name in names if name not in old]), draw)
    if change == "negation":
        if match := _DENIAL.search(claim):
            return f"{claim[: match.start()]}{match[1]} {claim[match.end() :]}"
        found = list(_AUXILIARY.finditer(claim))
        if not found:
            return None
        match = draw.choice(found)
        return f"{claim[: match.end()]}not {claim[match.end() :]}"
    if change == "exchange":
        return _exchange(claim)
    speaker = attribute(claim).speaker
    if (
        not speaker
        or not claim.count(speaker)
        or not re.match(r"[A-Z][a-z]", speaker)
        or (" said" not in claim and "According" not in claim)
    ):
        return None
    others = [name for name in _names(passage) if name not in claim and not set(name.split()) & set(speaker.split())]
    return claim.replace(speaker, draw.choice(others or list(names)), 1)


def _exchange(claim: str) -> str | None:
    """Two names in each other's place, where a verb stands between them."""
    found = [match for match in _NAME.finditer(claim) if not _WHEN.search(match.group())]
    for one, other in itertools.pairwise(found):
        between = claim[one.end() : other.start()]
        if _DEED.search(between) and not set(one.group().split()) & set(other.group().split()):
            return f"{claim[: one.start()]}{other.group()}{between}{one.group()}{claim[other.end() :]}"
    return None


def _names(text: str) -> list[str]:
    return [name for name in _NAME.findall(text) if not _WHEN.search(name)]


def _swap(pattern: re.Pattern[str], claim: str, passage: str, other: object, draw: random.Random) -> str | None:
    found = [match for match in pattern.finditer(claim) if pattern is not _NAME or not _WHEN.search(match.group())]
    if not found:
        return None
    match = draw.choice(found)
    old = match.group()
    beside = [
        word
        for word in dict.fromkeys(pattern.findall(passage))
        if word not in claim and not set(word.split()) & set(old.split())
    ]
    if pattern is _NAME:
        beside = [word for word in beside if not _WHEN.search(word)]
    if pattern is _WHEN:
        beside = [word for word in beside if _sort(word) == _sort(old)]
    new = draw.choice(beside) if beside and draw.random() < 0.5 else other(old)  # type: ignore[operator]
    alike = new[:4] == old[:4] and pattern is _NAME  # Turkish, Turkey
    return None if new == old or alike else f"{claim[: match.start()]}{new}{claim[match.end() :]}"


def _other_number(old: str, draw: random.Random) -> str:
    if old in _WORDS:
        return draw.choice([word for word in _WORDS if word != old])
    digits = list(old)
    at = draw.choice([place for place, digit in enumerate(digits) if digit.isdigit()])
    digits[at] = draw.choice([digit for digit in "123456789" if digit != digits[at]])
    return "".join(digits)


def _sort(when: str) -> str:
    return "day" if when in _DAYS else "month" if when in _MONTHS else "year"


def _other_date(old: str, draw: random.Random) -> str:
    if old.isdigit():
        return str(int(old) + draw.choice([-3, -2, -1, 1, 2]))
    return draw.choice([word for word in (_DAYS if old in _DAYS else _MONTHS) if word != old])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("news", type=Path)
    parser.add_argument("--half", choices=("dev", "test"), default="test")
    parser.add_argument("--each", type=int, default=80, help="pairs of each change")
    parser.add_argument("--out", type=Path, help="write the pairs here in place of measuring")
    parser.add_argument("--errors", action="store_true", help="print what is judged wrongly (of dev, to mend it)")
    options = parser.parse_args()
    with lzma.open(options.news, "rt", encoding="utf-8") as file:
        articles = [json.loads(line) for line in file]
    made = list(pairs(articles, half=options.half, each=options.each))
    if options.out:
        options.out.write_text(
            "".join(json.dumps(asdict(pair), ensure_ascii=False) + "\n" for pair in made), encoding="utf-8"
        )
        return
    embedder = SentenceTransformerEmbedder()
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for pair in made:
        judgement = verify(pair.claim, pair.passage, embedder)
        good = judgement.supported == pair.supported
        labels = (
            (f"untouched, {pair.wording}", "untouched") if pair.supported else (f"{pair.change} changed", "changed")
        )
        for label in labels:
            total[label] += 1
            right[label] += good
        if options.errors and not good:
            print(f"{pair.change} {pair.wording} {judgement}\n   claim: {pair.claim}\n   passage: {pair.passage}\n")
    print(f"{options.half}: {len(made)} pairs")
    for label in sorted(total):
        verdict = "accepted" if label.startswith("untouched") else "refused"
        print(f"{label:24} {verdict} {right[label]:4} of {total[label]:4}  {right[label] / total[label]:.3f}")


if __name__ == "__main__":
    main()
