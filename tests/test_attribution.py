from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rag.attribution import attribute, speeches
from rag.saying import verb_family

SPEAKERS = Path(__file__).parent / "data" / "speakers.jsonl"


@pytest.mark.parametrize(
    ("sentence", "speaker", "kind"),
    [
        ("The mayor said the bridge would close.", "The mayor", "indirect"),
        ("Meanwhile, Norwegian officials have openly criticised the plan.", "Norwegian officials", "indirect"),
        ("“We will not pay a single coin for this bridge,” said Erna Berg.", "Erna Berg", "direct"),
        ("According to authorities in Oslo, many of the boats were stolen.", "authorities in Oslo", "according_to"),
        ("The bridge was unsafe, according to the engineers.", "the engineers", "according_to"),
        ("The ministry’s spokesman, Lars Dahl, publicly denied it.", "The ministry’s spokesman, Lars Dahl", "indirect"),
        ("The plan was described by Sweden as “reckless”.", "Sweden", "indirect"),
        ("An attack claimed by the Northern Front killed two.", "the Northern Front", "indirect"),
        ("The river rose by two metres overnight.", None, "none"),
        ("Bridge closed for a year in Oslo They said the bolts had rusted.", None, "indirect"),
        ("The bridge was unsafe, said Anna Berg, a lawyer in Oslo.", "Anna Berg", "indirect"),
        ("Anna Berg, who leads the inquiry, said it was unsafe.", "Anna Berg", "indirect"),
        ("Anna Berg, a professor at Oslo, told reporters it was unsafe.", "Anna Berg", "indirect"),
        ("The mayor was quoted as saying that it was unsafe.", "The mayor", "indirect"),
        ("According to police, it was unsafe.", "police", "according_to"),
        ("According to Berg there are other bridges like it.", "Berg", "according_to"),
        ("Norway: Bridge will close this week", "Norway", "indirect"),
        ("77% of drivers said they knew of it.", "77% of drivers", "indirect"),
        ("The state maintained a small office there.", None, "none"),
        ("The ship, a ferry called “Maria of the North”, sank.", None, "none"),
        ("The mayor called the plan “a disgrace”.", "The mayor", "indirect"),
        ("Oslo last week announced a new bridge.", "Oslo", "indirect"),
        (
            "Drivers rejected the plan, Mayor Erna Berg has said, as she opened the bridge.",
            "Mayor Erna Berg",
            "indirect",
        ),
        ("He met engineers twice, meetings he did not disclose, Oslo Radio reported.", "Oslo Radio", "indirect"),
        ("However, it did include pledges to act.", None, "none"),
        ("It was said to be the largest bridge in the north.", None, "none"),
        ("“No child in town should eat any of it,” said Dr. Erna Berg, a doctor.", "Dr. Erna Berg", "direct"),
        ("“It was late,” said Prof. Erna B. Dahl on Friday.", "Prof. Erna B. Dahl", "indirect"),
        ("It cost half as much again as the council has said, the auditors warned.", "the auditors", "indirect"),
        ("The bridge cost more than the ministry had announced.", None, "none"),
        ("More than a hundred drivers said they knew of it.", "More than a hundred drivers", "indirect"),
        ("The council as well as the mayor said they knew of it.", "The council as well as the mayor", "indirect"),
        ("Berg Foods recalled 40,000 jars of jam on Monday.", None, "none"),
        ("Erna Berg recalled that the bridge had swayed.", "Erna Berg", "indirect"),
        ("", None, "none"),
    ],
)
def test_who_says_it(sentence: str, speaker: str | None, kind: str) -> None:
    speech = attribute(sentence)
    assert (speech.speaker, speech.kind) == (speaker, kind)


def test_a_pronoun_is_whoever_spoke_last() -> None:
    before = ["Erna Berg said the bridge would close.", "The river is high."]
    assert attribute("She warned that a second one may follow.", before).speaker == "Erna Berg"
    assert attribute("She warned that a second one may follow.").speaker is None


def test_one_person_is_not_several() -> None:
    before = ["Erna Berg saw the bridge fall.", "Officials said the bridge would close."]
    assert attribute("She warned of another one.", before).speaker == "Erna Berg"
    assert attribute("They warned of another one.", before).speaker == "Officials"


@pytest.mark.parametrize(
    ("sentence", "speaker", "via"),
    [
        ("Engineers told Oslo Radio that the bridge was old.", "Engineers", "Oslo Radio"),
        ("Engineers said the bridge was old, according to AFP.", "Engineers", "AFP"),
        ("Engineers say the bridge is old, Oslo Radio reported.", "Engineers", "Oslo Radio"),
        ("Engineers told the mayor that the bridge was old.", "Engineers", None),
    ],
)
def test_a_chain_keeps_the_outlet_that_was_told(sentence: str, speaker: str, via: str | None) -> None:
    speech = attribute(sentence)
    assert (speech.speaker, speech.via) == (speaker, via)


def test_the_speakers_of_real_news() -> None:
    """The half that no rule was made with; the floor is what the issue asks for."""
    labelled = [json.loads(line) for line in SPEAKERS.read_text(encoding="utf-8").splitlines()]
    unseen = [record for record in labelled if record["half"] == "test"]
    right = sum(is_right(record, attribute(record["sentence"], record["before"]).speaker) for record in unseen)
    assert len(labelled) >= 150
    assert right >= 0.85 * len(unseen)


def is_right(record: dict[str, Any], speaker: str | None) -> bool:
    if not record["speaker"]:
        return speaker is None
    return speaker is not None and any(name.casefold() in speaker.casefold() for name in record["speaker"])


def test_several_are_not_one_with_a_title() -> None:
    before = ["The auditors called the bridge badly built.", "Mr Dahl said the firm had done nothing wrong."]
    assert attribute("They blamed the cracks on its design.", before).speaker == "The auditors"


def test_a_running_quotation_keeps_its_speaker() -> None:
    before = ["“The bridge is old,” said Erna Berg. “It was built in 1950."]
    assert attribute("Nobody has looked at it since.”", before).speaker == "Erna Berg"


def test_a_claim_inside_a_claim_has_two_speakers() -> None:
    found = [speech.speaker for speech in speeches("Lars Dahl noted that Sweden has repeatedly warned of floods.")]
    assert found == ["Lars Dahl", "Sweden"]


def test_verbs_of_one_kind() -> None:
    assert verb_family("criticised") == verb_family("blame") == "blame"
    assert verb_family("said") is None
