"""Many at once, and for long: ten users with streaming answers, then a soak, against the server as it is run.

python benchmarks/load.py [--users 10] [--soak 500] [--articles DIR --questions FILE.jsonl]

Every answer must be whole and the user's own: what the same question gave when nobody else asked. Prints latencies and
the server's memory; exit 1 when an answer is not right, or the memory grows by more than 5 % in the soak.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from rag.evaluation import read_questions

ROOT = Path(__file__).resolve().parent.parent
MOST_GROWTH = 0.05
_PARTS = 5  # the soak's memory is looked at so often


@dataclass(frozen=True, slots=True)
class Streamed:
    """An answer as its events gave it: seconds to the first event and to the end; `wrong` says what is not right."""

    answer: dict[str, Any]
    first: float
    whole: float
    wrong: str | None


def ask(client: httpx2.Client, address: str, question: str) -> Streamed:
    """One streamed answer; every event must be of this question, and the last one the whole answer."""
    started, first, name, answer, wrong = time.perf_counter(), 0.0, "", {}, None
    with client.stream("POST", f"{address}/api/ask", json={"question": question, "stream": True}) as reply:
        for line in reply.iter_lines():
            field, _, value = line.partition(": ")
            if field == "event":
                name = value
            elif field == "data":
                first = first or time.perf_counter() - started
                answer = json.loads(value).get("answer", {})
                if answer.get("question") != question:
                    wrong = f"an event of another question: {answer.get('question')!r}"
        if reply.status_code != 200 or name != "done":
            wrong = f"status {reply.status_code}, ended with the event {name!r}"
    return Streamed(answer, first, time.perf_counter() - started, wrong)


def ask_at_once(address: str, users: Sequence[Sequence[str]]) -> list[list[Streamed]]:
    """What each user's questions gave, asked one after the other by all users at the same time."""

    def all_of(questions: Sequence[str]) -> list[Streamed]:
        with httpx2.Client(timeout=300, trust_env=False) as client:
            return [ask(client, address, question) for question in questions]

    with ThreadPoolExecutor(len(users)) as pool:
        return list(pool.map(all_of, users))


def faults(asked: Sequence[Sequence[Streamed]], expected: dict[str, dict[str, Any]]) -> list[str]:
    """What is not right: an answer that is broken off, another one's, or not the one that the question has."""
    found = []
    for user, answers in enumerate(asked, 1):
        for given in answers:
            if given.wrong:
                found.append(f"user {user}: {given.wrong}")
            elif without_times(given.answer) != without_times(expected[given.answer["question"]]):
                found.append(f"user {user}: another answer than alone to {given.answer['question']!r}")
    return found


def without_times(answer: dict[str, Any]) -> dict[str, Any]:
    """What must be the same whenever it is asked."""
    return {name: value for name, value in answer.items() if name != "seconds"}


def shares(questions: Sequence[str], users: int, each: int) -> list[list[str]]:
    """So many questions for each user, every user beginning at another one."""
    return [[questions[(user + number) % len(questions)] for number in range(each)] for user in range(users)]


@contextmanager
def server(articles: Path) -> Iterator[tuple[str, int]]:
    """`dateline serve` over these articles: its address and its process."""
    with tempfile.TemporaryDirectory() as place:
        ours = {
            "DATELINE_INDEX": f"{place}/index",
            "DATELINE_DATA": f"{place}/data",
            "DATELINE_REQUESTS_PER_MINUTE": "0",
        }
        command = [sys.executable, "-m", "rag", "serve", "--port", "0", "--articles", str(articles)]
        with subprocess.Popen(command, env=os.environ | ours, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr
            for line in process.stderr:
                if address := re.search(r"http://[^ ]+", line):
                    yield address[0], process.pid
                    break
            else:
                raise SystemExit("The server did not start.")
            process.terminate()


def resident(process: int) -> int:
    """Bytes of memory that the process holds."""
    told = subprocess.run(["ps", "-o", "rss=", "-p", str(process)], capture_output=True, text=True, check=True)
    return 1024 * int(told.stdout)


def report(title: str, asked: Sequence[Sequence[Streamed]], seconds: float) -> None:
    """The latencies of a run, in a line."""
    whole = sorted(given.whole for answers in asked for given in answers)
    first = statistics.median(given.first for answers in asked for given in answers)
    p50, p95 = statistics.median(whole), whole[int(0.95 * (len(whole) - 1))]
    print(
        f"{title:26} {len(whole)} answers in {seconds:.1f} s: whole p50 {p50:.2f} s, p95 {p95:.2f} s; "
        f"first event p50 {first:.2f} s"
    )


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--users", type=int, default=10)
    parser.add_argument("--each", type=int, default=10, help="questions of each user")
    parser.add_argument("--soak", type=int, default=500)
    parser.add_argument("--articles", type=Path, default=ROOT / "seeds")
    parser.add_argument("--questions", type=Path, default=ROOT / "tests" / "golden" / "seeds.jsonl")
    given = parser.parse_args()
    questions = list(dict.fromkeys(case.question for case in read_questions(given.questions)))
    with server(given.articles) as (address, process):
        alone = ask_at_once(address, [questions])
        started = time.perf_counter()
        alone = ask_at_once(address, [questions])
        report("one user", alone, time.perf_counter() - started)
        expected = {item.answer["question"]: item.answer for item in alone[0]}
        wrong = faults(alone, expected)

        started = time.perf_counter()
        together = ask_at_once(address, shares(questions, given.users, given.each))
        report(f"{given.users} users at once", together, time.perf_counter() - started)
        wrong += faults(together, expected)

        each = max(1, given.soak // given.users // _PARTS)
        memory = [resident(process)]
        for _ in range(_PARTS):
            wrong += faults(ask_at_once(address, shares(questions, given.users, each)), expected)
            memory.append(resident(process))
        growth = memory[-1] / memory[0] - 1
        held = ", ".join(f"{size / 1e6:.0f}" for size in memory)
        print(f"{f'soak of {_PARTS * each * given.users} questions':26} memory {held} MB, {growth:+.1%}")
    for fault in wrong:
        print(f"WRONG  {fault}")
    print(f"{len(wrong)} answers that are not right")
    return 1 if wrong or growth > MOST_GROWTH else 0


if __name__ == "__main__":
    sys.exit(main())
