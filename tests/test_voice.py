from __future__ import annotations

import pytest

from rag.voice import reversed_roles


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ("Argus attacked its guards.", "Argus said on Monday that its guards were attacked at the gate."),
        ("Ostmark was attacked.", "Ostmark attacked the Reik in 2022."),
        ("The union was accused of lying.", "The union accused the ministry of lying."),
        ("The bank raised its rates.", "The bank’s rates were raised on Monday."),
        (
            "Ida Holt told her foreman to burn the papers.",
            "A clerk, Ida Holt, told The Harrow Star that her foreman had told her to burn the papers.",
        ),
        (
            "The government halted the work until the high court has heard the villagers.",
            "The high court halted the work until the government has heard the villagers.",
        ),
    ],
)
def test_who_did_it_is_not_who_suffered_it(claim: str, text: str) -> None:
    assert reversed_roles(claim, text)
    assert not reversed_roles(text, text)


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ("Argus attacked its guards.", "Its guards were attacked by Argus on Monday."),
        ("The Reik was attacked by Ostmark.", "Ostmark attacked the Reik in 2022."),
        ("Police arrested three men.", "Three men were arrested by the police after the raid."),
        ("The attack killed three people.", "Three people were killed in the attack."),
        ("Three people were killed in the attack.", "The attack killed three people."),
        ("The ministry was accused by the union.", "The union accused the ministry of lying."),
        ("Ida Holt told The Harrow Star so.", "Ida Holt told The Harrow Star that her foreman had told her so."),
        ("It halted the work on the dam.", "The high court halted the work on the dam."),
        ("The high court halted the work.", "The high court met on Monday. It halted the work until June."),
        ("The high court halted the work, villagers said.", "Villagers said that the high court halted the work."),
        ("The ship was named after the queen.", "They named the ship after the queen."),
        ("The guards attacked at the gate have left.", "The guards were attacked at the gate."),
    ],
)
def test_the_same_told_the_other_way_round(claim: str, text: str) -> None:
    assert not reversed_roles(claim, text)
