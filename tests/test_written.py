"""Our own training questions and claims: each finds its passage again, a question its answer there."""

import hashlib
import json
import lzma
from collections import Counter
from pathlib import Path

from training.written import CLAIMS, QUESTIONS, read_claims, read_written

PASSAGE = "The ferry sank at dawn. Forty people were saved by fishermen."


def test_questions_find_their_passages_in_the_reading_data_and_in_the_news(tmp_path: Path) -> None:
    news = tmp_path / "news.jsonl.xz"
    with lzma.open(news, "wt", encoding="utf-8") as file:
        file.write(
            json.dumps({"id": "n-1", "text": "Rain fell.\n\nA  bridge in Ulm gave way. Nobody was hurt."}) + "\n"
        )
    questions = tmp_path / "written.jsonl"
    records = [
        {
            "sha256": hashlib.sha256(PASSAGE.encode()).hexdigest(),
            "yes": [["Who rescued them?", 51, 60]],
            "no": ["Who drowned?"],
        },
        {"article": "n-1", "span": [11, 36], "yes": [["Where did it collapse?", 12, 15]], "no": []},
        {"sha256": "0" * 64, "yes": [], "no": ["Whose passage is not at hand?"]},
    ]
    questions.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")

    found = list(read_written({PASSAGE: "Ferries"}, news, file=questions))

    told = [(item.question, item.group, item.passage[slice(*item.answer)] if item.answer else None) for item in found]
    assert told == [
        ("Who rescued them?", "Ferries", "fishermen"),
        ("Who drowned?", "Ferries", None),
        ("Where did it collapse?", "news n-1", "Ulm"),
    ]


def test_claims_find_their_passages(tmp_path: Path) -> None:
    claims = tmp_path / "claims.jsonl"
    record = {
        "sha256": hashlib.sha256(PASSAGE.encode()).hexdigest(),
        "true": ["Fishermen rescued forty from the ferry."],
        "false": ["The ferry sank in a storm."],
    }
    elsewhere = {"sha256": "0" * 64, "true": ["Its passage is not at hand."], "false": []}
    claims.write_text(f"{json.dumps(record)}\n{json.dumps(elsewhere)}\n", encoding="utf-8")

    found = [(claim.text, claim.passage, claim.supported) for claim in read_claims([PASSAGE], file=claims)]

    assert found == [
        ("Fishermen rescued forty from the ferry.", PASSAGE, True),
        ("The ferry sank in a storm.", PASSAGE, False),
    ]


def test_what_is_kept_is_whole_and_nothing_is_asked_twice_of_a_passage() -> None:
    for line in QUESTIONS.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        assert ("sha256" in record) != ("article" in record)
        assert all(question and 0 <= start < end for question, start, end in record["yes"])
        asked = Counter([question for question, _, _ in record["yes"]] + record["no"])
        assert set(asked.values()) <= {1}, asked.most_common(1)


def test_claims_are_whole_and_none_is_both_true_and_false() -> None:
    for line in CLAIMS.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        assert ("sha256" in record) != ("article" in record)
        assert record["true"]
        assert record["false"]
        assert set(record["true"]).isdisjoint(record["false"])
