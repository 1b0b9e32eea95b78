"""A model while it learns: its weights, one step of learning, the mean of several trainings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import torch
from transformers import BertForQuestionAnswering

from rag.encoder import has_bfloat16

RATE, HEAD_RATE = 1.5e-4, 1e-3
DECAY = 0.01
CLIP = 1.0

Loss = Callable[[BertForQuestionAnswering, Sequence[Any]], torch.Tensor]
"""Model and batch → the loss, summed over the batch."""


class Trainee:
    """The model as it will run, in bfloat16 where that is fast, and its float32 weights, which small steps add up in.

    A batch is parted between threads, each with its own graph: on few cores that wastes less than parting each
    product does, above all when other work shares them. Sums are made in a fixed order.
    """

    def __init__(
        self, model: BertForQuestionAnswering, device: torch.device, threads: int, loss: Loss, *, rate: float = RATE
    ) -> None:
        self.model = model
        self._loss = loss
        self.model.to(device)  # type: ignore[arg-type]  # transformers declares it wrongly
        self.model.train(False)  # no dropout: nothing is seen often enough to be learned by heart
        self.model.bert.embeddings.word_embeddings.weight.requires_grad_(False)  # half of the weights; others adapt
        learned = [(name, value) for name, value in model.named_parameters() if value.requires_grad]
        self.names = [name for name, _ in learned]
        self.masters = [value.detach().clone() for _, value in learned]
        if device.type != "cpu" or has_bfloat16():
            self.model.set_attn_implementation("eager")  # on a CPU, in bfloat16, faster backwards than the fused one
            self.model.bert.bfloat16()
        self.parameters = [value for value in self.model.parameters() if value.requires_grad]
        head = [name.startswith("qa_outputs") for name in self.names]
        self.optimiser = torch.optim.AdamW(
            [
                {"params": [m for m, h in zip(self.masters, head, strict=True) if not h], "rate": rate},
                {"params": [m for m, h in zip(self.masters, head, strict=True) if h], "rate": HEAD_RATE},
            ],
            lr=rate,
            weight_decay=DECAY,
            fused=True,
        )
        self._threads = threads if device.type == "cpu" else 1
        self._pool = ThreadPoolExecutor(self._threads, initializer=torch.set_num_threads, initargs=(1,))

    def pace(self, share: float) -> None:
        """Set how fast it learns, as a share of its rates."""
        for group in self.optimiser.param_groups:
            group["lr"] = group["rate"] * share

    def weights(self) -> dict[str, torch.Tensor]:
        """What it has learned so far, in float32."""
        return {name: value.cpu() for name, value in zip(self.names, self.masters, strict=True)}

    def step(self, batch: Sequence[Any]) -> float:
        """One step of learning; its loss."""
        parts = [part for at in range(self._threads) if (part := batch[at :: self._threads])]
        found = list(self._pool.map(self._gradients, parts))
        for at, master in enumerate(self.masters):
            master.grad = sum(gradients[at].float() for _, gradients in found) / len(batch)  # type: ignore[assignment]
        torch.nn.utils.clip_grad_norm_(self.masters, CLIP)
        self.optimiser.step()
        self.spread()
        return sum(loss for loss, _ in found) / len(batch)

    def spread(self) -> None:
        """Give the model the float32 weights, rounded."""
        with torch.no_grad():
            for parameter, master in zip(self.parameters, self.masters, strict=True):
                parameter.copy_(master)

    def _gradients(self, part: Sequence[Any]) -> tuple[float, tuple[torch.Tensor, ...]]:
        loss = self._loss(self.model, part)
        return float(loss.detach()), torch.autograd.grad(loss, self.parameters)


def mean(weights: Sequence[Mapping[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
    """The mean of several trainings' weights."""
    return {name: torch.stack([each[name] for each in weights]).mean(0) for name in weights[0]}
