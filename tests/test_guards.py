from __future__ import annotations

import pytest

from rag.guards import Evidence, acronyms, refusals

TEXT = (
    "Norwegian officials said on Monday that at least seven people were killed and 13 hurt when the old bridge near Oslo "
    "collapsed on 20 October. The engineer Lars Dahl has not confirmed the cause, and the repair may cost $70 million."
)
BEFORE = ("The Bridge Safety Board (BSB) looked at it in 2016.", "Erna Berg leads the inquiry.")


def refused(claim: str, text: str = TEXT) -> tuple[str, ...]:
    return refusals(claim, Evidence(text, " ".join([*BEFORE, text]), BEFORE))


@pytest.mark.parametrize(
    "claim",
    [
        "At least 7 people were killed and thirteen hurt when the bridge near Oslo collapsed.",
        "The bridge collapsed on October 20.",
        "The repair may cost $70m.",
        "The repair may cost 70 million dollars.",
        "Norwegian officials said the old bridge collapsed.",
        "Lars Dahl has not yet confirmed the cause.",
        "Lars Dahl hasn't confirmed the cause.",
    ],
)
def test_a_fact_said_otherwise_is_the_same_fact(claim: str) -> None:
    assert refused(claim) == ()


@pytest.mark.parametrize(
    ("claim", "guard"),
    [
        ("Nine people were killed when the bridge near Oslo collapsed.", "number"),
        ("At least 13 people were killed and seven hurt when the bridge collapsed.", "number"),
        ("The repair may cost 70 million euros.", "number"),
        ("Fewer than seven people were killed.", "number"),
        ("The bridge near Oslo collapsed on October 21.", "date"),
        ("Officials said on Friday that seven people were killed.", "date"),
        ("Seven people were killed when the old bridge near Bergen collapsed.", "name"),
        ("The engineer Erna Berg has not confirmed the cause.", "name"),
        ("The engineer Lars Dahl has confirmed the cause.", "negation"),
        ("The old bridge near Oslo did not collapse.", "negation"),
        ("The repair will cost $70 million.", "modality"),
        ("The new bridge near Oslo collapsed.", "opposite"),
        ("Officials “knew for years” that the bridge would collapse.", "quotation"),
        ("Lars Dahl said that at least seven people were killed.", "speaker"),
    ],
)
def test_each_guard_alone_refuses(claim: str, guard: str) -> None:
    assert guard in refused(claim)


def test_a_name_that_stands_for_another_is_there() -> None:
    assert refused("Norway said that the bridge collapsed.") == ()
    text = "The BSB found the bridge safe."
    assert refusals("The Bridge Safety Board found the bridge safe.", Evidence(text, " ".join([*BEFORE, text]))) == ()


def test_what_a_pronoun_means_stands_before() -> None:
    evidence = Evidence("She has not found the cause.", "Erna Berg leads. She has not found the cause.", BEFORE)
    assert refusals("Erna Berg has not found the cause.", evidence) == ()
    assert refusals("Lars Dahl has not found the cause.", evidence) == ("name",)


def test_what_another_sentence_of_the_pair_denies_is_not_denied() -> None:
    text = "The bridge near Oslo collapsed. The engineer has not spoken of any repair."
    assert refused("The bridge near Oslo collapsed.", text) == ()


def test_the_other_side_of_a_pair_does_not_lend_its_name() -> None:
    text = "The mayor Anna Lund praised the engineers. The minister Olav Moe resigned on Friday."
    assert "name" in refused("The minister Anna Lund resigned on Friday.", text)


def test_acronyms_are_found_where_the_text_spells_them_out() -> None:
    found = acronyms("The United Nations and the East Coast Harbour Council (ECHC) met; IT and the U.N. agreed.")
    assert found["echc"] == ("east", "coast", "harbour", "council")
    assert found["un"] == ("unit", "nation")


@pytest.mark.parametrize(
    ("claim", "text", "guard"),
    [
        ("The drivers got a pay rise of 9 percent.", "The union demands a pay rise of 9 percent.", "modality"),
        ("The trams ran again on Monday.", "The trams will run again on Monday.", "modality"),
        (
            "The fire began on the quay and was not on the quay.",
            "The fire began in the kitchen and not on the quay.",
            "negation",
        ),
    ],
)
def test_what_is_only_wanted_foreseen_or_denied_is_not_so(claim: str, text: str, guard: str) -> None:
    assert guard in refusals(claim, Evidence(text, text))
    assert refusals(text, Evidence(text, text)) == ()
