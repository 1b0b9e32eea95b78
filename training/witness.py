"""Train the witness, which reads a claim beside a passage (rag/witness.py), and pack it.

    python -m training.witness --support support.jsonl.xz --news NEWS.jsonl.xz --reading reading.jsonl.xz --out SCRATCH
        [--start WEIGHTS] [--replay 0.3] [--minutes 45] [--seed 1] [--package]

Examples are made of four sources: pairs of sentences that people labelled; sentences of the news and of Wikipedia
passages, as they stand, shortened, joined or reworded, and with one thing made wrong (benchmarks/corruptions.py), or
beside a passage that lacks them; questions with an answer of their passage, the right one or another; claims of our
own (training/written.py). Of the news only the half that corruptions.py calls `dev` is used. `--start` goes on from
weights: those of the reader, or of this script. With --package rag/witness.safetensors is written.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from sklearn.metrics import roc_auc_score
from transformers import BertForQuestionAnswering

from benchmarks.corruptions import CHANGES, corrupt, names, odd, wordings
from index.lexical import terms
from index.sentences import sentences
from rag.encoder import (
    BASE_SHA256,
    base_folder,
    base_model,
    base_tokenizer,
    batch_inputs,
    tensors_digest,
    token_ids,
    token_scores,
)
from rag.witness import CLAIM_TOKENS, LABELS, PASSAGE_TOKENS, WEIGHTS_FILE, WINDOW_TOKENS, Witness, gather
from training.lines import read_lines
from training.pack import difference
from training.train import BATCH_TOKENS, WARM_UP
from training.trainee import Trainee
from training.written import read_claims

ENTAILED, NOT_TOLD, CONTRADICTED = range(3)
NOT_ENTAILED = 3  # one of the two, it is not known which
NLI = {"entailment": ENTAILED, "neutral": NOT_TOLD, "contradiction": CONTRADICTED, "not_entailment": NOT_ENTAILED}
NEWS, WIKI, ASKED = 6_500, 2_500, 5_000  # sentences of each, questions
REPEAT_CLAIMS = 2  # of our own: they are few, and most like what is asked
HELD = 1_000  # examples set aside
RATE = 1e-4

Tokens = tuple[list[int], list[int], int]  # claim, passage, label


@dataclass(frozen=True, slots=True)
class Example:
    claim: str
    passage: str
    label: int


def made(texts: Sequence[str], draw: random.Random, *, most: int, each: int) -> Iterator[Example]:
    """Sentences of texts beside a few of their neighbours: borne out, made wrong, or not told there."""
    elsewhere = [name for text in texts[:300] for name in names(text)[:3]]
    taken = 0
    for text in texts:
        spans = list(sentences(text))
        places = draw.sample(range(len(spans) - 1), len(spans) - 1) if len(spans) > 3 else []
        fit = [at for at in places if _is_whole(text[slice(*spans[at])])][:each]
        for at in fit:
            first, last = max(0, at - draw.randint(0, 4)), min(len(spans) - 1, at + draw.randint(1, 4))
            passage = text[spans[first][0] : spans[last][1]]
            if odd(passage):
                continue
            taken += 1
            told, following = text[slice(*spans[at])], text[slice(*spans[at + 1])]
            for wording, claim in list(wordings(told, following, draw))[:2]:
                yield Example(claim, passage, ENTAILED)
                wrong = [(way, new) for way in CHANGES if (new := corrupt(way, claim, passage, elsewhere, draw))]
                for way, new in draw.sample(wrong, min(2, len(wrong))):
                    yield Example(new, passage, NOT_ENTAILED if way == "name" else CONTRADICTED)
                before, behind = text[spans[first][0] : spans[at][0]], text[spans[at][1] : spans[last][1]]
                if draw.random() < 0.5 and wording != "joined" and len(before + behind) > 100:
                    yield Example(claim, before + behind, NOT_TOLD)
        if taken >= most:
            return


def _is_whole(sentence: str) -> bool:
    return (
        40 <= len(sentence) <= 300 and sentence[0].isupper() and sentence.endswith(".") and not sentence.count('"') % 2
    )


def answered(rows: Sequence[dict[str, Any]], draw: random.Random) -> Iterator[Example]:
    """Questions with an answer behind them: the right one, and one of another question on the same passage."""
    chosen = [row for row in rows if row["answerable"]]
    draw.shuffle(chosen)
    beside: dict[str, list[str]] = {}
    for row in chosen:
        beside.setdefault(row["passage"], []).append(row["answers"][0])
    for row in chosen[:ASKED]:
        right = row["answers"][0].casefold()
        yield Example(f"{row['question']} {row['answers'][0]}.", row["passage"], ENTAILED)
        others = [o for o in beside[row["passage"]] if o.casefold() not in right and right not in o.casefold()]
        if others:
            yield Example(f"{row['question']} {draw.choice(others)}.", row["passage"], NOT_ENTAILED)


def claimed(
    rows: Sequence[dict[str, Any]], news: Path, length: Callable[[str], int]
) -> tuple[list[Example], list[Example]]:
    """Claims of our own, each with what the witness can read at once of its passage: to learn from, to measure on."""
    rest: tuple[list[Example], list[Example]] = ([], [])
    for claim in read_claims((row["passage"] for row in rows), news):
        told = [claim.passage[slice(*span)] for span in sentences(claim.passage)]
        lengths = [length(sentence) for sentence in told]
        if sum(lengths) > WINDOW_TOKENS:
            said = frozenset(terms(claim.text))
            told = [told[at] for at in gather([said.intersection(terms(one)) for one in told], lengths)]
        label = ENTAILED if claim.supported else NOT_ENTAILED
        rest[claim.held].append(Example(claim.text, " ".join(told), label))
    return rest


def set_aside(news: Path) -> list[Example]:
    """Sentences of the half of the news that nothing is learned from, borne out and not."""
    draw = random.Random(HELD)
    texts = [article["text"] for number, article in enumerate(read_lines(news)) if number % 2]
    draw.shuffle(texts)
    return list(made(texts, draw, most=HELD, each=1))[:HELD]


def examples(
    options: argparse.Namespace, length: Callable[[str], int]
) -> tuple[list[Example], dict[str, list[Example]]]:
    """What it learns from, in an order of chance; and what it is measured on, by name. `length` counts tokens."""
    draw = random.Random(options.seed)
    texts = [article["text"] for number, article in enumerate(read_lines(options.news)) if number % 2 == 0]
    draw.shuffle(texts)
    every = list(read_lines(options.reading))
    rows = [row for row in every if row["source"] in ("squad2-train", "squadshifts-wiki")]
    passages = list(dict.fromkeys(row["passage"] for row in rows))
    draw.shuffle(passages)
    found = [
        *(Example(row["hypothesis"], row["premise"], NLI[row["label"]]) for row in read_lines(options.support)),
        *made(texts, draw, most=NEWS, each=4),
        *made(passages, draw, most=WIKI, each=2),
        *answered(rows, draw),
    ]
    own, own_held = claimed(every, options.news, length)
    learned = draw.sample(found, round(options.replay * len(found))) + own * REPEAT_CLAIMS
    draw.shuffle(learned)
    return learned, {"news": set_aside(options.news), "claims": own_held}


def batches(tokens: Sequence[Tokens], draw: random.Random) -> Iterator[list[Tokens]]:
    """Batches of like length, in an order of chance, again and again."""
    while True:
        order = draw.sample(tokens, len(tokens))
        packed: list[list[Tokens]] = []
        for at in range(0, len(order), 1_500):
            packed.append([])
            for item in sorted(order[at : at + 1_500], key=lambda item: len(item[0]) + len(item[1])):
                if (len(packed[-1]) + 1) * (len(item[0]) + len(item[1]) + 3) > BATCH_TOKENS and packed[-1]:
                    packed.append([])
                packed[-1].append(item)
        draw.shuffle(packed)
        yield from packed


def loss(model: BertForQuestionAnswering, batch: Sequence[Tokens]) -> torch.Tensor:
    """Negative log-likelihood of the labels, of the first token's scores; summed over the batch."""
    scores = token_scores(model, batch_inputs([(claim, passage) for claim, passage, _ in batch]))[:, 0].log_softmax(-1)
    right = [
        row[NOT_TOLD:].logsumexp(0) if label == NOT_ENTAILED else row[label]
        for row, (*_, label) in zip(scores, batch, strict=True)
    ]
    return -torch.stack(right).sum()


def auc(witness: Witness, held: Sequence[Example]) -> float:
    odds = [witness.entailment(example.claim, example.passage) for example in held]
    return float(roc_auc_score([example.label == ENTAILED for example in held], odds))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for source in ("support", "news", "reading", "out"):
        parser.add_argument(f"--{source}", type=Path, required=True)
    parser.add_argument("--start", type=Path, help="weights to go on from")
    parser.add_argument("--replay", type=float, default=1.0, help="share of all but our own claims")
    parser.add_argument("--minutes", type=float, default=45)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--package", action="store_true")
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    torch.set_num_threads(1)
    folder = base_folder()
    model, tokenizer = base_model(folder, labels=len(LABELS)), base_tokenizer(folder)
    if options.start:
        weights = load_file(options.start)
        same = {name: value for name, value in weights.items() if value.shape == model.state_dict()[name].shape}
        model.load_state_dict(same, strict=False)

    encode = partial(token_ids, tokenizer)
    learned, held = examples(options, lambda text: len(encode(text)))
    print(len(learned), "examples", Counter(example.label for example in learned))

    tokens = [(encode(e.claim)[:CLAIM_TOKENS], encode(e.passage)[:PASSAGE_TOKENS], e.label) for e in learned]
    trainee = Trainee(model, torch.device("cpu"), 1, loss, rate=RATE)
    began, shown, mean = time.monotonic(), 0, 0.0
    for number, batch in enumerate(batches(tokens, random.Random(options.seed))):
        now = (time.monotonic() - began) / 60 / options.minutes
        if now >= 1:
            break
        trainee.pace(min(now / WARM_UP + 0.02, (1 - now) / (1 - WARM_UP)))
        last = trainee.step(batch)
        mean, shown = (0.98 * mean + 0.02 * last if number else last), shown + len(batch)
        if number % 50 == 0:
            print(f"{now:.0%}, {shown} examples, loss {mean:.3f}", flush=True)
    options.out.mkdir(parents=True, exist_ok=True)
    trained = trainee.weights()
    save_file(trained, options.out / "unpacked.safetensors")
    package(
        trained,
        held,
        shown,
        options.seed,
        Path(__file__).parent.parent / "rag" / WEIGHTS_FILE if options.package else options.out / "packed.safetensors",
    )


def package(
    trained: dict[str, torch.Tensor], held: Mapping[str, Sequence[Example]], shown: int, seed: int, target: Path
) -> None:
    """Write the packed weights, with the figures of both forms in the header."""
    folder = base_folder()
    packed = difference(dict(base_model(folder, labels=len(LABELS)).named_parameters()), trained)
    header = {
        "base": "all-MiniLM-L6-v2",
        "base_sha256": BASE_SHA256,
        "sha256": tensors_digest(packed),
        "seed": str(seed),
        "examples_shown": str(shown),
    }
    save_file(packed, target, header)
    whole = base_model(folder, labels=len(LABELS))
    whole.load_state_dict(trained, strict=False)
    whole.train(False)
    readers = {"unpacked": Witness(whole, base_tokenizer(folder)), "packed": Witness.from_package(target)}
    figures = {
        f"{name} {kind}": round(auc(reader, examples), 3)
        for name, examples in held.items()
        for kind, reader in readers.items()
    }
    save_file(packed, target, {**header, "auc_set_aside": json.dumps(figures)})
    print(f"{target.name}: {target.stat().st_size / 1e6:.1f} MB, AUC on what was set aside {figures}")


if __name__ == "__main__":
    main()
