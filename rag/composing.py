"""Drafted sentences → the answer as it grows: each one checked, cited, and shown when its numbers are final."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Literal

from index import Embedder, Store
from rag.abstention import UNSUPPORTED
from rag.builder import AnswerBuilder
from rag.checking import check
from rag.conflicts import disagreements
from rag.judge import Judge
from rag.llm import LLM, Extractive, Pending, Request, Usage
from rag.records import Answer, Reason
from rag.relevance import ANSWERING, RELEVANT, standing
from rag.statements import statements

Phase = Literal["searching", "reading", "writing", "checking", "done"]
_REDRAW = 0.1  # seconds between two updates of an unfinished sentence


@dataclass(frozen=True, slots=True)
class Update:
    """The answer so far. Its sentences are checked and its citations final; the last update has phase "done".

    `pending` is the sentence that the model is at, or that is being checked: without its markers.
    """

    phase: Phase
    answer: Answer
    pending: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What the articles hold for a question."""

    request: Request
    answerability: float
    explanation: str  # why there is no answer, should there be none


def compose(
    store: Store, llm: LLM, found: Found, base: Answer, embedder: Embedder, *, judge: Judge | None = None
) -> Iterator[Update]:
    """Draft, check, cite, on the answer as it is before its first sentence. The last update has phase "done".

    Raises:
        ModelError: the model, or the judge, fails.
    """
    usage = Usage()
    builder = AnswerBuilder(base, store.articles)
    clock = shown = time.perf_counter()
    verifying, answers = 0.0, False
    with contextlib.closing(llm.write(found.request, usage)) as drafts:
        for draft in drafts:
            before = time.perf_counter()
            if isinstance(draft, Pending):
                if before - shown > _REDRAW:
                    shown = before
                    yield Update("writing", builder.answer(), draft.text)
                continue
            yield Update("checking", builder.answer(), draft.text)
            checked = check(draft, found.request.passages, store.articles, embedder, judge=judge)
            place = standing(draft, checked, found.request.sentences, opens=not builder.sentences)
            answers = answers or (place is not None and place <= ANSWERING)
            if place is None or place > RELEVANT:
                checked = replace(checked, spans=())
            builder.add(checked)
            verifying += time.perf_counter() - before
            if builder.sentences:
                yield Update("writing", builder.answer())
    before = time.perf_counter()
    for found_apart in disagreements(builder.shown, statements(found.request.sentences, store), store.articles):
        builder.disagree(found_apart)
    verifying += time.perf_counter() - before
    spent = {"generate": time.perf_counter() - clock - verifying, "verify": verifying}
    seconds = {phase: passed + spent.get(phase, 0.0) for phase, passed in base.seconds.items()}
    tokens = {name: base.usage[name] + count for name, count in asdict(usage).items()}
    answer = replace(builder.answer(), model=llm.name, prompts=llm.prompts, usage=tokens, seconds=seconds)
    if builder.sentences and answers:
        yield Update("done", answer)
    elif builder.sentences or builder.removed:
        # Nothing that the model wrote holds and answers: the articles' own sentences take its place.
        left_out = (*answer.removed, *(sentence.text for sentence in answer.sentences))
        base = replace(base, reason="unsupported", explanation=UNSUPPORTED, removed=left_out)
        base = replace(base, usage=tokens, seconds=seconds)
        yield from compose(store, Extractive(), found, base, embedder, judge=judge)
    else:
        yield Update("done", abstained(answer, "insufficient_evidence", found.explanation))


def abstained(answer: Answer, reason: Reason, explanation: str) -> Answer:
    """The answer as one that says why there is none."""
    return replace(answer, status="abstained", reason=reason, text=explanation, explanation=explanation)
