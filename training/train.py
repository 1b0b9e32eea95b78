"""Train the reading model on the examples of training/prepare.py.

    python -m training.train --examples SCRATCH [--minutes 40] [--epochs 1] [--seed 1] [--threads 2] [--start WEIGHTS …]

Writes to the same folder: checkpoint.pt (take up again from it with the same command), best.safetensors (the
weights that did best on held.jsonl) and train.json (figures as it went). On a GPU when there is one.

The passages of one question are normalised together: a softmax over all starts (and one over all ends) of all
of them and one shared "not in here" of score 0, each token's score being told from the first token's of its
passage. For one passage this is the loss of BERT on SQuAD 2.0 (Devlin et al. 2019, doi:10.18653/v1/N19-1423);
over several it is the shared normalisation of Clark & Gardner 2018 (doi:10.18653/v1/P18-1078).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from tqdm import tqdm
from transformers import BertForQuestionAnswering

from rag.encoder import base_folder, base_model, base_tokenizer, batch_inputs, token_ids, token_scores
from rag.reader import FOREWORD_TOKENS, QUESTION_TOKENS, Reader
from training.trainee import RATE, Trainee, mean

CONTEXT_TOKENS = 184  # a longer passage is cut, at another place each time: chunks are about this long
BATCH_TOKENS = 4_600  # with padding: about 24 passages
POOL = 60  # batches that are sorted by length together
WARM_UP = 0.06

Example = Mapping[str, Any]
Piece = tuple[list[int], list[int], int, int, int]
"""Question; foreword and passage; tokens of the foreword; start and end token of the answer among them (-1: none)."""


def encode(example: Example, tokenizer: Tokenizer, chance: random.Random) -> list[Piece]:
    """The example's passages as tokens, each cut to a window, the right one around the answer."""
    question = token_ids(tokenizer, example["question"])[:QUESTION_TOKENS]
    pieces = []
    for number, (passage, foreword) in enumerate(zip(example["passages"], example["forewords"], strict=True)):
        before = token_ids(tokenizer, foreword)[-FOREWORD_TOKENS:]
        encoded = tokenizer.encode(passage, add_special_tokens=False)
        first_answer = last_answer = -1
        if number == example["gold"]:
            within = [
                at
                for at, (start, end) in enumerate(encoded.offsets)
                if start < example["end"] and end > example["start"]
            ]
            first_answer, last_answer = within[0], within[-1]
        low, high = 0, max(0, len(encoded.ids) - CONTEXT_TOKENS)
        if first_answer >= 0:
            low = min(high, max(0, last_answer + 1 - CONTEXT_TOKENS))
            high = max(low, min(high, first_answer))
        cut = chance.randint(low, high)
        ids = encoded.ids[cut : cut + CONTEXT_TOKENS]
        if first_answer >= 0:
            first_answer = len(before) + first_answer - cut
            last_answer = len(before) + min(last_answer - cut, len(ids) - 1)
        pieces.append((question, [*before, *ids], len(before), first_answer, last_answer))
    return pieces


def batches(examples: Sequence[Example], tokenizer: Tokenizer, seed: int, skip: int) -> Iterator[list[list[Piece]]]:
    """Batches of encoded examples for one epoch, of like length, in random order; the first `skip` left out."""
    chance = random.Random(seed)
    order = chance.sample(range(len(examples)), len(examples))
    made = 0
    per_pool = POOL * 24
    for first in range(0, len(order), per_pool):
        pool = [encode(examples[at], tokenizer, chance) for at in order[first : first + per_pool]]
        pool.sort(key=lambda pieces: max(len(question) + len(ids) for question, ids, *_ in pieces))
        packed: list[list[list[Piece]]] = [[]]
        for pieces in pool:
            longest = max(len(question) + len(ids) + 3 for question, ids, *_ in pieces)
            if (sum(map(len, packed[-1])) + len(pieces)) * longest > BATCH_TOKENS and packed[-1]:
                packed.append([])
            packed[-1].append(pieces)
        chance.shuffle(packed)
        for batch in packed:
            made += 1
            if made > skip:
                yield batch


def shared_loss(scores: torch.Tensor, batch: Sequence[Sequence[Piece]]) -> torch.Tensor:
    """Negative log-likelihood of the right start and end, normalised over each example's passages.

    `scores`: of every token, shape (passages, longest, 2).
    """
    pieces = [piece for example in batch for piece in example]
    firsts = torch.tensor([len(question) + 2 + before for question, _, before, *_ in pieces])
    ends = torch.tensor([len(question) + 2 + len(ids) for question, ids, *_ in pieces])
    place = torch.arange(scores.shape[1])[None, :]
    context = ((place >= firsts[:, None]) & (place < ends[:, None])).to(scores.device)
    told = (scores - scores[:, :1]).masked_fill(~context[:, :, None], -torch.inf)
    of_passage = told.logsumexp(1)  # (passages, 2)
    losses = []
    at = 0
    for example in batch:
        null = of_passage.new_zeros(1, 2)
        total = torch.cat([null, of_passage[at : at + len(example)]]).logsumexp(0)
        right = null[0]
        for number, (question, _, _, start, end) in enumerate(example, start=at):
            if start >= 0:
                right = torch.stack(
                    [told[number, len(question) + 2 + start, 0], told[number, len(question) + 2 + end, 1]]
                )
        losses.append((total - right).mean())
        at += len(example)
    return torch.stack(losses).sum()


def reading_loss(model: BertForQuestionAnswering, batch: Sequence[Sequence[Piece]]) -> torch.Tensor:
    """`shared_loss` of what the model says of a batch."""
    inputs = batch_inputs([(question, ids) for example in batch for question, ids, *_ in example])
    return shared_loss(token_scores(model, inputs), batch)


def evaluate(reader: Reader, examples: Sequence[Example]) -> dict[str, float]:
    """How often the best span of all passages answers, and how well its score tells what can be answered (AUC)."""
    right, best, possible = [], [], []
    for example in examples:
        readings = reader.read(example["question"], example["passages"], example["forewords"])
        passage, reading = max(zip(example["passages"], readings, strict=True), key=lambda pair: pair[1].score)
        start, end, score = reading.spans[0]
        best.append(score)
        possible.append(example["gold"] is not None)
        if possible[-1]:
            right.append(max(overlap(passage[start:end], answer) for answer in example["answers"]) > 0.5)
    yes, no = np.array(best)[possible], np.array(best)[~np.array(possible)]
    auc = float((yes[:, None] > no[None, :]).mean()) if len(yes) and len(no) else float("nan")
    accepted = np.array(best) > 0
    return {"right": float(np.mean(right)), "auc": auc, "told_rightly": float((accepted == possible).mean())}


def overlap(given: str, answer: str) -> float:
    """F1 of the words of two answers."""
    ours, theirs = (set(re.findall(r"\w+", text.casefold())) for text in (given, answer))
    common = len(ours & theirs)
    return 2 * common / (len(ours) + len(theirs)) if common else float(given == answer)


def load_examples(path: Path) -> list[Example]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--minutes", type=float, help="end after this time, the schedule going by the clock")
    parser.add_argument("--evaluations", type=int, default=5)
    parser.add_argument("--questions", type=int, default=320, help="to evaluate on, of each set")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--start", type=Path, nargs="*", default=[], help="begin from the mean of these weights")
    parser.add_argument("--rate", type=float, default=RATE, help="of learning, at its highest")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    folder = base_folder()
    tokenizer = base_tokenizer(folder)
    model = base_model(folder)
    if arguments.start:
        model.load_state_dict(mean([load_file(weights) for weights in arguments.start]), strict=False)
    trainee = Trainee(model, device, arguments.threads, reading_loss, rate=arguments.rate)
    examples = load_examples(arguments.examples / "train.jsonl")
    sets = {
        name: load_examples(arguments.examples / f"{name}.jsonl")[: arguments.questions]
        for name in ("held", "written", "dev")
    }
    total = arguments.epochs * sum(len(example["passages"]) for example in examples)
    state: dict[str, Any] = {"epoch": 0, "batch": 0, "shown": 0, "seconds": 0.0, "best": -1.0, "figures": []}
    checkpoint = arguments.examples / "checkpoint.pt"
    if checkpoint.exists():
        kept = torch.load(checkpoint, map_location=device, weights_only=True)
        for master, name in zip(trainee.masters, trainee.names, strict=True):
            master.copy_(kept["weights"][name])
        trainee.spread()
        trainee.optimiser.load_state_dict(kept["optimiser"])
        state = kept["state"]
    reader = Reader(trainee.model, tokenizer)
    began = time.monotonic() - state["seconds"]
    bar = tqdm(total=total, initial=state["shown"], unit="passage", mininterval=20, smoothing=0.05)
    loss_mean = 0.0

    def progress() -> float:
        by_clock = (time.monotonic() - began) / 60 / arguments.minutes if arguments.minutes else 0.0
        return float(min(1.0, max(state["shown"] / total, by_clock)))

    def look() -> None:
        figures = {name: evaluate(reader, chosen) for name, chosen in sets.items() if chosen}
        state["seconds"] = time.monotonic() - began
        state["figures"].append({"shown": state["shown"], "loss": loss_mean, **figures})
        tqdm.write(json.dumps(state["figures"][-1]))
        good = sum(figures[name][key] for name in ("held", "written") if name in figures for key in ("right", "auc"))
        weights = trainee.weights()
        if good > state["best"]:
            state["best"] = good
            save_file(weights, arguments.examples / "best.safetensors")
        keep = {"weights": weights, "optimiser": trainee.optimiser.state_dict(), "state": state}
        torch.save(keep, checkpoint.with_suffix(".new"))
        checkpoint.with_suffix(".new").replace(checkpoint)
        record = {"seed": arguments.seed, "seconds": round(state["seconds"]), "figures": state["figures"]}
        (arguments.examples / "train.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")

    next_look = progress() + 1 / arguments.evaluations
    for epoch in range(state["epoch"], arguments.epochs):
        for batch in batches(examples, tokenizer, arguments.seed * 1_000 + epoch, state["batch"]):
            now = progress()
            if now >= 1:
                look()
                return
            trainee.pace(min(now / WARM_UP + 0.02, (1 - now) / (1 - WARM_UP)))
            loss = trainee.step(batch)
            loss_mean = loss if not loss_mean else 0.98 * loss_mean + 0.02 * loss
            state["batch"] += 1
            state["shown"] += sum(map(len, batch))
            bar.update(sum(map(len, batch)))
            bar.set_postfix(loss=f"{loss_mean:.3f}", refresh=False)
            if now >= next_look:
                look()
                next_look += 1 / arguments.evaluations
        state["epoch"], state["batch"] = epoch + 1, 0
    look()


if __name__ == "__main__":
    main()
