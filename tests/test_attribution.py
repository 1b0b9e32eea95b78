from __future__ import annotations

import pytest

from rag.attribution import attribute, speeches
from rag.saying import verb_family


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
        ("It was said to be the largest bridge in the north.", None, "none"),
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


def test_a_running_quotation_keeps_its_speaker() -> None:
    before = ["“The bridge is old,” said Erna Berg. “It was built in 1950."]
    assert attribute("Nobody has looked at it since.”", before).speaker == "Erna Berg"


def test_a_claim_inside_a_claim_has_two_speakers() -> None:
    found = [speech.speaker for speech in speeches("Lars Dahl noted that Sweden has repeatedly warned of floods.")]
    assert found == ["Lars Dahl", "Sweden"]


def test_verbs_of_one_kind() -> None:
    assert verb_family("criticised") == verb_family("blame") == "blame"
    assert verb_family("said") is None
