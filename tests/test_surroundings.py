"""What stands before the passages that the reader learns from: of their article, and blind to the answer."""

from __future__ import annotations

import random

from training.surroundings import Surroundings

FIRST = "The Sarn rises in the hills of Orm. It is short."
SECOND = "Its mouth lies near Tulla. Boats reach the town in summer."


def of_groups(source: str) -> Surroundings:
    found = Surroundings()
    found.add_groups(
        [(source, "Sarn_River", FIRST), (source, "Sarn_River", SECOND), (source, "Elsewhere", "Snow fell.")]
    )
    return found


def test_a_passage_has_its_title_and_the_sentence_before() -> None:
    around = of_groups("squad2-train")
    assert around.foreword(FIRST) == "Sarn River."
    assert around.foreword(SECOND) == "Sarn River. It is short."
    assert around.foreword("Snow fell.") == "Elsewhere."


def test_passages_in_no_order_have_their_title_alone() -> None:
    assert of_groups("nq-open-gold").foreword(SECOND) == "Sarn River."


def test_posts_and_reviews_stand_alone() -> None:
    assert of_groups("squadshifts-reddit").foreword(SECOND) == ""


def test_a_passage_of_an_article_has_its_headline_and_the_sentence_before() -> None:
    around = Surroundings()
    around.add_article("Ferry Sinks", f"{FIRST} {SECOND}", [FIRST, SECOND, "Not in there."])
    assert around.foreword(FIRST) == "Ferry Sinks."
    assert around.foreword(SECOND) == "Ferry Sinks. It is short."
    assert around.foreword("Not in there.") == "Ferry Sinks."


def test_a_passage_made_of_another_has_the_same() -> None:
    around = of_groups("squad2-train")
    around.same("Boats reach the town in summer.", SECOND)
    assert around.foreword("Boats reach the town in summer.") == around.foreword(SECOND)


def test_while_learning_each_part_is_there_or_not_by_chance() -> None:
    around = of_groups("squad2-train")
    drawn = {around.drawn(SECOND, random.Random(seed)) for seed in range(60)}
    assert {"", "Sarn River.", "It is short.", "Sarn River. It is short."} < drawn
    assert any(told.startswith("The Sarn rises in the hills of Orm.") for told in drawn)
    assert around.drawn("A passage of nowhere.", random.Random(1)) == ""
