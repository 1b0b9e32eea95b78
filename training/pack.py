"""Pack trained weights as a difference to the base weights: rag/reader.safetensors.

    python -m training.pack --examples SCRATCH [SCRATCH …] [--out rag/reader.safetensors] [--threads 2]

Reads what prepare.py and train.py left there; of several folders, one for each seed, the mean of their weights is
packed (Wortsman et al. 2022, arXiv:2203.05482: as good as asking all of them, at the price of one). Matrices become
int8 with a scale for each row; vectors and the head stay float32. Then it measures the unpacked and the packed model
on the same questions, in float32 and as the reader runs: packing must not cost anything. All figures go into the
file's header.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from rag.encoder import BASE_SHA256, base_folder, base_model, base_tokenizer, tensors_digest
from rag.reader import WEIGHTS_FILE, Reader
from training.train import evaluate, load_examples
from training.trainee import mean

LARGEST = 127


def difference(base: Mapping[str, torch.Tensor], trained: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Trained less base weights: int8 matrices with a scale for each row, all else whole."""
    packed = {}
    for name, value in trained.items():
        change = value - base[name]
        if change.dim() < 2 or name.startswith("qa_outputs."):
            packed[name] = change.contiguous()
            continue
        scale = change.abs().amax(1).clamp_min(1e-12) / LARGEST
        packed[name] = torch.round(change / scale[:, None]).to(torch.int8).contiguous()
        packed[f"{name}.scale"] = scale.contiguous()
    return packed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent.parent / "rag" / WEIGHTS_FILE)
    parser.add_argument("--questions", type=int, default=320, help="to measure on, of each set")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    folder = base_folder()
    trained = mean([load_file(examples / "best.safetensors") for examples in arguments.examples])
    packed = difference(dict(base_model(folder).named_parameters()), trained)
    about = json.loads((arguments.examples[0] / "about.json").read_text(encoding="utf-8"))
    runs = [json.loads((examples / "train.json").read_text(encoding="utf-8")) for examples in arguments.examples]
    header = {
        "base": "all-MiniLM-L6-v2",
        "base_sha256": BASE_SHA256,
        "sha256": tensors_digest(packed),
        "data_sha256": about["data_sha256"],
        "examples_sha256": about["train_sha256"],
        "not_trained_on": ", ".join(about["hold_out"]),
        "seed": ", ".join(str(run["seed"]) for run in runs),
        "passages_shown": ", ".join(str(run["figures"][-1]["shown"]) for run in runs),
        "training_seconds": ", ".join(str(run["seconds"]) for run in runs),
    }
    save_file(packed, arguments.out, header)
    unpacked = base_model(folder)
    unpacked.load_state_dict(trained, strict=False)
    unpacked.train(False)
    readers = {
        "unpacked": Reader(unpacked, base_tokenizer(folder)),
        "packed": Reader.from_package(arguments.out),
    }
    figures = {}
    for name in ("held", "written", "dev"):
        examples = load_examples(arguments.examples[0] / f"{name}.jsonl")[: arguments.questions]
        for kind, reader in readers.items():
            if examples:
                found = evaluate(reader, examples)
                figures[f"{name} {kind}"] = {key: round(value, 3) for key, value in found.items()}
                print(name, kind, figures[f"{name} {kind}"])
    save_file(packed, arguments.out, {**header, "figures": json.dumps(figures)})
    print(f"{arguments.out.name}: {arguments.out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
