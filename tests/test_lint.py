from __future__ import annotations

from pathlib import Path

from index import SentenceTransformerEmbedder
from rag import Chatbot
from rag.evaluation import Gold, QuestionCase
from rag.lint import Finding, lint
from tests.conftest import chatbot_over

HARBOUR = "The harbour of Lund was closed on Friday after a storm. The mayor, Ada Berg, said that it would open by May."
BRIDGE = "The bridge at Vik carries 4,000 cars a day. The council voted on Monday to repair it for $3 million."


def findings(chatbot: Chatbot, *questions: QuestionCase) -> list[Finding]:
    return [finding for finding in lint(questions, chatbot.store, chatbot) if finding.id]


def over(place: Path, embedder: SentenceTransformerEmbedder) -> Chatbot:
    return chatbot_over({"harbour.txt": HARBOUR, "bridge.txt": BRIDGE}, place, embedder)


def gold(article: str, *quotes: str) -> tuple[Gold, ...]:
    return (Gold(article, quotes),)


def test_each_fault_is_told_with_its_mend(tmp_path: Path, embedder: SentenceTransformerEmbedder) -> None:
    chatbot = over(tmp_path, embedder)
    good = QuestionCase(
        "good",
        "fact",
        "What does the repair cost?",
        True,
        (),
        (("$3 million",),),
        gold("bridge.txt", "for $3 million"),
        line=1,
    )
    assert findings(chatbot, good) == []
    faults = {
        "nearest there: “The harbour of Lund was closed on Friday after a storm.”": QuestionCase(
            "a", "", "When was it closed?", True, (), (), gold("harbour.txt", "The harbour of Lund has been closed since Friday")
        ),
        "stands in bridge.txt, not in harbour.txt": QuestionCase(
            "b", "", "How many cars?", True, (), (), gold("harbour.txt", "4,000 cars a day")
        ),
        "there is no article 'harbor.txt'; did you mean 'harbour.txt'?": QuestionCase(
            "c", "", "Where?", True, (), (), gold("harbor.txt")
        ),
        "no gold quote holds “April”": QuestionCase(
            "d", "", "When will it open?", True, (), (("April",),), gold("harbour.txt", "open by May")
        ),
        "any answer at all would pass": QuestionCase("e", "", "Who paid for it?", True),
        "it is not answerable, yet it has": QuestionCase("f", "", "Who fell in the water?", False, (), (("Berg",),)),
        "looks answerable": QuestionCase("g", "", "When was the harbour of Lund closed?", False),
        "asks the same as good (line 1)": QuestionCase(
            "h", "", "what  does the REPAIR cost", True, (), (), gold("bridge.txt", "for $3 million")
        ),
    }  # fmt: skip
    found = findings(chatbot, good, *faults.values())
    for what, question in faults.items():
        mine = [finding for finding in found if finding.id == question.id]
        assert [what in finding.what for finding in mine] == [True], (what, mine)
    assert {finding.id for finding in found if finding.level == "note"} == {"g"}


def test_what_the_whole_set_lacks(tmp_path: Path, embedder: SentenceTransformerEmbedder) -> None:
    chatbot = over(tmp_path, embedder)
    question = QuestionCase("a", "fact", "What does the repair cost?", True, (), (("$3 million",),), gold("bridge.txt"))
    told = [finding.what for finding in lint([question], chatbot.store, chatbot)]
    assert told[0].startswith("no question of kind attribution, temporal")
    assert "never abstains" in told[1]
