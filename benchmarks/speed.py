"""How fast: start-up, indexing, an answer. Prints seconds and ratios; asserts nothing.

python benchmarks/speed.py
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from index import Options, SentenceTransformerEmbedder, build
from rag import Chatbot, Settings
from rag.evaluation import read_questions

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 3


def main() -> None:
    started = time.perf_counter()
    embedder = SentenceTransformerEmbedder()
    embedder.encode(["warm-up"])
    loaded = time.perf_counter() - started
    print(f"{'load the embedder':34} {loaded:8.2f} s")
    with tempfile.TemporaryDirectory() as place:
        settings = Settings.load(articles=ROOT / "seeds", index=Path(place))
        full = build(settings.articles, settings.index, embedder=embedder, options=Options())
        again = build(settings.articles, settings.index, embedder=embedder, options=Options())
        print(f"{'index the seeds from nothing':34} {full.seconds:8.2f} s   {full.embedded} texts embedded")
        ratio = again.seconds / full.seconds
        print(f"{'index them again, unchanged':34} {again.seconds:8.2f} s   {ratio:.3f} of the first")
        started = time.perf_counter()
        chatbot = Chatbot.from_settings(settings)
        print(f"{'open the index, ready to answer':34} {time.perf_counter() - started:8.2f} s")
        questions = [case.question for case in read_questions(ROOT / "tests" / "golden" / "seeds.jsonl")]
        chatbot.ask(questions[0])
        times = []
        for question in questions * ROUNDS:
            started = time.perf_counter()
            chatbot.ask(question)
            times.append(1000 * (time.perf_counter() - started))
        times.sort()
        p50, p95 = statistics.median(times), times[int(0.95 * len(times))]
        print(f"{'an extractive answer, warm':34} {p50:8.1f} ms  p95 {p95:.1f} ms over {len(times)} answers")


if __name__ == "__main__":
    main()
