from __future__ import annotations

from pathlib import Path

import pytest

from index import Article, SentenceTransformerEmbedder
from rag import Chatbot
from rag.attribution import attribute
from rag.conflicts import disagreements
from rag.statements import Statement
from tests.conftest import chatbot_over


@pytest.fixture
def said(embedder: SentenceTransformerEmbedder):  # type: ignore[no-untyped-def]
    def make(text: str, *, article: str = "a.txt", start: int = 0, answer: str | None = None) -> Statement:
        inside = (text.index(answer), text.index(answer) + len(answer)) if answer else None
        return Statement(article, (start, start + len(text)), text, attribute(text), embedder.encode([text])[0], inside)

    return make


def articles(**published: str | None) -> dict[str, Article]:
    return {f"{name}.txt": Article(key=f"{name}.txt", text="", published=day) for name, day in published.items()}


TOWN = "The mayor of Oslo said at least seven people were killed when the Aker bridge collapsed."
UNION = "The rescue workers’ union put it otherwise: it reported 25 casualties at the Aker bridge in Oslo."


def between(one: Statement, other: Statement, known: dict[str, Article]):  # type: ignore[no-untyped-def]
    return disagreements([(one.article, one.span)], [one, other], known)


def test_two_tolls_of_one_event(said) -> None:  # type: ignore[no-untyped-def]
    other = said("The union reported 25 casualties at the bridge.", start=200)
    (found,) = between(said(TOWN), other, articles(a=None))
    assert found.kind == "number"
    assert "killed" in found.about
    assert [side.speech.speaker for side in found.sides] == ["The mayor of Oslo", "The union"]


@pytest.mark.parametrize(
    "other",
    [
        "The union said that seven people were killed.",  # the same toll
        "The mayor of Oslo later said that nine people were killed.",  # the same speaker
        "The union said that 25 workers want higher pay.",  # another thing
        "Nine people were killed at another bridge in 1950.",  # no one else says it
        "The union said that the bridge had stood for 90 years.",
    ],
)
def test_what_only_looks_like_a_conflict(said, other: str) -> None:  # type: ignore[no-untyped-def]
    assert between(said(TOWN), said(other, start=200), articles(a=None)) == []


def test_a_later_report_is_an_update(said) -> None:  # type: ignore[no-untyped-def]
    early = said(TOWN, article="a.txt")
    late = said("The mayor of Oslo said nine people were killed when the Aker bridge collapsed.", article="b.txt")
    late_speaker = said("Police in Oslo said nine people were killed when the Aker bridge collapsed.", article="b.txt")
    known = articles(a="2024-05-01", b="2024-05-03")
    (found,) = between(late_speaker, early, known)
    assert found.kind == "update"
    assert [side.article for side in found.sides] == ["a.txt", "b.txt"]
    (same_speaker,) = between(late, early, known)
    assert same_speaker.kind == "update"


def test_articles_on_other_events_do_not_disagree(said) -> None:  # type: ignore[no-untyped-def]
    other = said("Police in Bergen said nine people were killed when a ferry sank.", article="b.txt")
    assert between(said(TOWN), other, articles(a=None, b=None)) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "Four people were killed and eight injured when a Berg Line bus crashed in Oslo, officials said.",
            "Four people were pronounced dead in Oslo while eight others were taken to hospital after the Berg Line bus "
            "crashed, police said.",
        ),
        (
            "The Berg Line ticket from Oslo to Bergen costs 20 euros.",
            "The cost of the Berg Line ticket from Oslo to Bergen went up by 5 euros.",
        ),
        (
            "The Berg Line from Oslo to Bergen earned 90 million euros.",
            "The Berg Line from Oslo to Bergen earned 20 million euros in the fourth quarter.",
        ),
        (
            "Lars Dahl of Oslo won the Bergen race over 90 miles.",
            "Lars Dahl of Oslo won the Bergen race in a 3-mile sprint over the hills.",
        ),
    ],
)
def test_figures_that_do_not_exclude_each_other(said, one: str, other: str) -> None:  # type: ignore[no-untyped-def]
    assert between(said(one, article="a.txt"), said(other, article="b.txt"), articles(a=None, b=None)) == []


def test_another_day_for_the_same_thing(said) -> None:  # type: ignore[no-untyped-def]
    one = said("The Harbour Council of Oslo will meet on 3 May to vote on the new Aker bridge.")
    other = said("The Harbour Council of Oslo will meet on 5 May to vote on the new Aker bridge.", article="b.txt")
    (found,) = between(one, other, articles(a=None, b=None))
    assert (found.kind, found.about) == ("date", "the date")


def test_what_one_denies_and_another_says(said) -> None:  # type: ignore[no-untyped-def]
    one = said("The police accused Northern Steel of selling weak beams for the Aker bridge.")
    other = said("Northern Steel denied selling weak beams for the Aker bridge.", start=200)
    (found,) = between(one, other, articles(a=None))
    assert found.kind == "denial"


def test_other_figures_for_what_was_asked(said) -> None:  # type: ignore[no-untyped-def]
    one = said("About 60 firefighters fought the flames for five hours.", answer="60")
    other = said("There were 45 firefighters, Mr Aas said.", article="b.txt", answer="45 firefighters")
    (found,) = between(one, other, articles(a="2024-05-22", b="2024-05-29"))
    assert (found.kind, found.about) == ("update", "the number of firefighters")
    assert [side.article for side in found.sides] == ["a.txt", "b.txt"]
    (found,) = between(one, other, articles(a="2024-05-22", b="2024-05-22"))
    assert found.kind == "number"


def test_all_figures_for_what_was_asked_the_latest_last(said) -> None:  # type: ignore[no-untyped-def]
    first = said("Eleven passengers died, the coast guard said.", article="b.txt", answer="Eleven passengers")
    later = said("Twelve passengers died, the inquiry said.", article="c.txt", answer="Twelve passengers")
    early = said("Nine passengers died, a doctor said.", article="a.txt", answer="Nine passengers")
    again = said("Nine passengers died, police said.", article="d.txt", answer="Nine passengers")
    known = articles(a="2024-05-01", b="2024-05-03", c="2024-05-20", d="2024-05-01")
    (found,) = disagreements([("b.txt", first.span)], [first, early, later, again], known)
    assert found.kind == "update"
    assert [side.article for side in found.sides] == ["a.txt", "b.txt", "c.txt"]


def test_months_later_only_what_names_the_same(said) -> None:  # type: ignore[no-untyped-def]
    one = said("The Aker bridge in Oslo will cost 410 million kroner.", answer="410 million kroner")
    same = said("The Aker bridge in Oslo will cost 720 million kroner.", article="b.txt", answer="720 million kroner")
    less = said("The bridge will cost 720 million kroner.", article="b.txt", answer="720 million kroner")
    known = articles(a="2024-01-14", b="2024-03-20")
    assert [found.kind for found in between(one, same, known)] == ["update"]
    assert between(one, less, known) == []


def test_what_is_demanded_is_not_what_is_paid(said) -> None:  # type: ignore[no-untyped-def]
    one = said("The union demanded a rise of 9 percent for the drivers.", answer="9 percent")
    other = said("The drivers got a rise of 6.2 percent.", article="b.txt", answer="6.2 percent")
    assert between(one, other, articles(a="2024-05-01", b="2024-05-11")) == []


def test_two_shares_of_one_vote_are_not_one_figure(said) -> None:  # type: ignore[no-untyped-def]
    one = said("The town as a whole voted to leave, with 55 percent in favour.", answer="55 percent")
    other = said("The islanders voted by 62 to 38 percent to stay.", article="b.txt", answer="38 percent")
    assert between(one, other, articles(a="2024-05-01", b="2024-05-11")) == []


def test_another_day_for_what_was_asked(said) -> None:  # type: ignore[no-untyped-def]
    one = said("It opened on 13 May, in the rain.", answer="13 May")
    other = said("The mayor had the ribbon cut on 14 May.", article="b.txt", answer="14 May")
    (found,) = between(one, other, articles(a="2024-05-15", b="2024-05-15"))
    assert (found.kind, found.about) == ("date", "the date")


@pytest.mark.parametrize(
    ("text", "answer", "published"),
    [
        ("It cost €455 million.", "€455 million", "2023-06-03"),  # of another year
        ("It cost €455 million.", "€455 million", None),
        ("It cost €410 million.", "€410 million", "2024-06-03"),  # rounded
        ("It cost more than €400 million.", "more than €400 million", "2024-06-03"),
        ("It took 455 million rivets.", "455 million rivets", "2024-06-03"),
        ("It cost €455 million.", None, "2024-06-03"),  # not read as an answer
    ],
)
def test_answers_that_do_not_exclude_each_other(  # type: ignore[no-untyped-def]
    said, text: str, answer: str | None, published: str | None
) -> None:
    one = said("The bridge cost €412 million in the end.", answer="€412 million")
    other = said(text, article="b.txt", answer=answer)
    assert between(one, other, articles(a="2024-06-01", b=published)) == []


def test_an_answer_that_another_article_rules_out(said) -> None:  # type: ignore[no-untyped-def]
    one = said("The flames began in the cloakroom, Mr Vik said.", answer="the cloakroom")
    text = "The flames had started in the kitchen of the café, not in the cloakroom."
    other = said(text, article="b.txt", answer="the kitchen of the café")
    known = articles(a="2024-05-22", b="2024-05-29")
    assert [found.kind for found in between(one, other, known)] == ["denial"]
    agreeing = said("It began not in the kitchen but in the cloakroom.", article="b.txt", answer="the cloakroom")
    assert between(one, agreeing, known) == []


def test_a_denial_in_the_next_sentence(tmp_path: Path, embedder: SentenceTransformerEmbedder) -> None:
    text = (
        "Dag Rognli accused BlueLine of having threatened strikers with dismissal. Hanne Krog denied this. "
        "The ferries run again from Tuesday."
    )
    chatbot = chatbot_over({"ferry.txt": text}, tmp_path, embedder)
    answer = chatbot.ask("Whom does Dag Rognli accuse of having threatened strikers?")
    (conflict,) = answer.conflicts
    assert conflict.kind == "denial"
    assert [claim.text for claim in conflict.claims][1] == "Hanne Krog denied this."
    assert [claim.speaker for claim in conflict.claims] == ["Dag Rognli", "Hanne Krog"]


NEXT_FIRST = "The council says that the new quay will cost £40 million."
AGAINST = [
    ("Engineers at Port Watch put the bill at £55 million.", True),
    ("The harbour union says that the true cost is £61 million.", True),
    ("The harbour union says that the quay will be only 90 metres long.", False),
    ("The harbour union disputes this, and wants £55 million for its members.", False),
    ("The council said that the old one had cost only £9 million.", False),  # the same speaker
    ("Engineers at Port Watch called it a bargain at £55 million.", False),  # nothing sets it against the other
    ("Engineers at Port Watch put the bill at more than £39 million.", False),
]


@pytest.mark.parametrize(("text", "told"), AGAINST)
def test_a_figure_set_against_that_of_the_sentence_before(said, text: str, told: bool) -> None:  # type: ignore[no-untyped-def]
    one, other = said(NEXT_FIRST), said(text, start=len(NEXT_FIRST) + 1)
    found = between(one, other, articles(a="2024-05-01"))
    assert [(each.kind, each.about) for each in found] == ([("number", "the sum of money")] if told else [])
    apart = said(text, start=len(NEXT_FIRST) + 200)
    assert between(one, apart, articles(a="2024-05-01")) == []


def test_what_goes_without_saying_in_the_next_sentence(said) -> None:  # type: ignore[no-untyped-def]
    one = said("Police said that 400 protesters had marched to the quay.")
    other = said("The organisers put the number at 2,500.", start=len(one.text) + 1)
    (found,) = between(one, other, articles(a=None))
    assert (found.kind, found.about) == ("number", "the number of protesters")
    one = said("The pilots’ union said that 620 of its 1,100 members had stayed at home.")
    other = said("The airline, Norvik Air, spoke of 240.", start=len(one.text) + 1)
    (found,) = between(one, other, articles(a=None))
    assert (found.kind, found.about) == ("number", "the number of members")


def test_the_answer_tells_both_sides_with_their_sources(tmp_path: Path, embedder: SentenceTransformerEmbedder) -> None:
    text = (
        "Bridge falls in Oslo\n\nThe mayor of Oslo said on Monday that at least seven people were killed when the Aker bridge "
        "collapsed. The union of rescue workers reported 25 casualties among those on the Aker bridge.\n"
    )
    chatbot = chatbot_over({"bridge.txt": text}, tmp_path, embedder)
    answer = chatbot.ask("How many people were killed when the Aker bridge collapsed, according to the mayor?")
    (conflict,) = answer.conflicts
    assert {claim.speaker for claim in conflict.claims} == {"The mayor of Oslo", "The union of rescue workers"}
    quotes = {citation.number: citation.quote for citation in answer.citations}
    assert all(claim.text == " ".join(quotes[claim.citation].split()) for claim in conflict.claims)


def test_the_tolls_of_the_seeds(chatbot: Chatbot) -> None:
    answer = chatbot.ask("How many people were killed in the Kabul explosion according to the Taliban?")
    assert [conflict.kind for conflict in answer.conflicts] == ["number"]
    assert any("25 casualties" in claim.text for claim in answer.conflicts[0].claims)
