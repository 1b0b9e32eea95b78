"""An office is one of a country: another country's does not answer, and what may be meant otherwise is left alone."""

from __future__ import annotations

import pytest

from rag.offices import asked_country, held_elsewhere

ELSEWHERE = (
    ("Who is Iran's top diplomat?", "Russian Foreign Minister Sergei Lavrov met him in Moscow.", "Sergei Lavrov"),
    ("Who is Denmark's foreign minister?", "Norway’s foreign minister, Kari Lund, flew", "Kari Lund"),
    ("Who is Denmark’s foreign minister?", "Kari Lund is the foreign minister of Norway.", "Kari Lund"),
    ("Who is Denmark's foreign minister?", "Kari Lund, 52, Norway's foreign minister, flew", "Kari Lund"),
    (
        "Who is the foreign minister of Turkey?",
        "Sergei Lavrov, the Russian foreign minister, spoke in Ankara.",
        "Sergei Lavrov",
    ),
    (
        "Who was the Afghan interior minister in 2015?",
        "Pakistani Interior Minister Nisar Ali Khan said.",
        "Nisar Ali Khan",
    ),
    ("Who's Germany's foreign minister?", "U.S. Secretary of State Marco Rubio said", "Marco Rubio"),
    ("And who is the president of France?", "US President Donald Trump said.", "Donald Trump"),
    ("What is the name of South Korea's president?", "North Korean President Kim Jong-un", "Kim Jong-un"),
    ("Who is Norway's foreign minister?", "Danish Foreign Minister Lars Holt flew to Oslo on Monday", "Lars Holt"),
    (
        "Who is Norway's foreign minister?",
        "Danish Foreign Minister Lars Holt flew to Oslo on Monday",
        "Danish Foreign Minister Lars Holt",
    ),
    (
        "Who is the president of Kenya today, please?",
        "Former Kenyan President X Y; Ugandan President Yoweri Museveni said.",
        "Yoweri Museveni",
    ),
)
LEFT_ALONE = (
    ("Who is Iran's top diplomat?", "Iranian Foreign Minister Javad Zarif met him in Moscow.", "Javad Zarif"),
    (
        "Who is Iran's top diplomat?",
        "Javad Zarif, the Iranian foreign minister, met Russian President Putin.",
        "Javad Zarif",
    ),
    ("Who is the foreign minister of Turkey?", "Ankara's top diplomat Mevlut Cavusoglu spoke.", "Mevlut Cavusoglu"),
    ("Who did the president of Iran meet?", "Pakistani Interior Minister Nisar Ali Khan said.", "Nisar Ali Khan"),
    ("Who is the president of France?", "President Donald Trump said.", "Donald Trump"),
    ("Who was the ambassador shot dead in Ankara?", "Russian Ambassador Andrei Karlov", "Andrei Karlov"),
    ("Who was the first foreign leader to visit Ukraine?", "Polish President Andrzej Duda", "Andrzej Duda"),
    ("Who is the Taliban's ambassador in Beijing?", "Afghan ambassador Bilal Karimi", "Bilal Karimi"),
    ("Who are the ministers meeting in Dushanbe?", "Chinese Foreign Minister Wang Yi", "Wang Yi"),
    ("Who is England's coach?", "German coach Thomas Tuchel", "Thomas Tuchel"),
    (
        "Who is Britain's prime minister?",
        "French President Emmanuel Macron and Prime Minister Keir Starmer agreed",
        "Keir Starmer",
    ),
    (
        "Who is Tajikistan's president?",
        "Chinese leader Xi Jinping and President Emomali Rahmon signed",
        "Emomali Rahmon",
    ),
    (
        "Who is Norway's foreign minister?",
        "Foreign Minister Espen Barth Eide, who met Danish Prime Minister Mette",
        "Espen Barth Eide",
    ),
    ("Who is Afghanistan's president?", "US-backed President Ashraf Ghani fled", "Ashraf Ghani"),
    ("Who is the EU's foreign policy chief?", "Former Estonian Prime Minister Kaja Kallas took over", "Kaja Kallas"),
    ("Who is Britain's foreign secretary?", "Foreign Secretary Douglas Hurd", "Douglas Hurd"),
    ("Who is India's defence minister?", "who gave us Defence Minister Rajnath Singh", "Rajnath Singh"),
    ("Who is Norway's health minister?", "the only male minister Jan Kjerkol", "Jan Kjerkol"),
    ("Who was the minister?", "Danish Foreign Minister Lars Holt flew to Oslo", "Lars Holt"),
    ("Who is Jordan's king?", "King Abdullah, whose US President friend", "King Abdullah"),
    ("Who is the president of the United States?", "Washington President Donald Trump", "Donald Trump"),
    ("Who is the US president?", "American President Donald Trump", "Donald Trump"),
)


def elsewhere(question: str, text: str, name: str) -> bool:
    asked = asked_country(question)
    return bool(asked) and held_elsewhere(text, text.index(name) + len(name), asked)


@pytest.mark.parametrize(("question", "text", "name"), ELSEWHERE)
def test_another_countrys_office_is_seen(question: str, text: str, name: str) -> None:
    assert elsewhere(question, text, name)


@pytest.mark.parametrize(("question", "text", "name"), LEFT_ALONE)
def test_all_else_is_left_alone(question: str, text: str, name: str) -> None:
    assert not elsewhere(question, text, name)
