from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.encoding import has_text
from index.sentences import folded, paragraphs, says_something, sentences, trim


def texts(text: str) -> list[str]:
    return [text[start:end] for span in paragraphs(text) for start, end in sentences(text, *span)]


def test_lines_blank_lines_and_wrapped_lines() -> None:
    assert texts("A headline\nFirst line. Second one.\n\n\nNew paragraph.") == [
        "A headline", "First line.", "Second one.", "New paragraph.",
    ]  # fmt: skip
    wrapped = "The committee that was set up in the spring has not\nyet met, although its chair, President\u00a0Jones, said\nit would. It will."
    assert texts(wrapped)[0].endswith("said\nit would.")


def test_abbreviations_and_quotes_do_not_end_a_sentence() -> None:
    assert texts("Mr. Smith of the U.S. embassy left on Monday. He said “It is over. We won.” Then he slept.") == [
        "Mr. Smith of the U.S. embassy left on Monday.",
        "He said “It is over. We won.”",
        "Then he slept.",
    ]


def test_a_line_without_end_is_cut_into_pieces_that_lose_nothing() -> None:
    text = "word " * 50_000
    assert "".join("".join(texts(text)).split()) == "word" * 50_000


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A heading\n=========\nText. More.\nAnother\n---\nEnd.\n* * *", ["A heading", "Text.", "More.", "Another", "End."]),
        ("- one\n* two\n• “Three.”\n–Four", ["one", "two", "“Three.”", "Four"]),
        ("- an item that is broken and\n  goes on\n- another that ends", ["an item that is broken and\n  goes on", "another that ends"]),
        ("The school has pupils.- There were more. -The rest left.", ["The school has pupils.", "There were more.", "The rest left."]),
        ("It came to an end.The next day it rained.", ["It came to an end.", "The next day it rained."]),
        ("See www.example.Com or Report.Pdf of the U.S. by J.K. Rowling, 3.5 pages. It ends.", [
            "See www.example.Com or Report.Pdf of the U.S. by J.K. Rowling, 3.5 pages.", "It ends.",
        ]),
        ("1. The first came. 2. The second did.", ["The first came.", "The second did."]),
        ("1) The mayor of Vik resigned.\n2) The council meets today, it was said in the\n  town.", ["The mayor of Vik resigned.", "The council meets today, it was said in the\n  town."]),
        ("10. Boil the water before you drink it or wash with it\n11. Stay at home", ["Boil the water before you drink it or wash with it", "11. Stay at home"]),
        ("(1) First it rained. (2) Then it snowed.", ["First it rained.", "Then it snowed."]),
        ("It ended.\n1. Norway\n2. Sweden\n3. Sápmi", ["It ended.", "1. Norway", "2. Sweden", "3. Sápmi"]),
        ("3.5 million came. 2024. It was in May. 5", ["3.5 million came.", "2024.", "It was in May. 5"]),
    ],
)  # fmt: skip
def test_dashes_rules_and_sentences_that_run_together(text: str, found: list[str]) -> None:
    assert texts(text) == found


def test_a_short_list_is_one_sentence_with_its_introduction() -> None:
    text = "All is told. Three groups took part:\n\n- farmers,\n- teachers;\n• miners of\u00a0Kiruna\n\nThen it ended."
    assert texts(text)[1:] == [
        "Three groups took part:\n\n- farmers,\n- teachers;\n• miners of\u00a0Kiruna",
        "Then it ended.",
    ]
    assert folded(texts(text)[1]) == "Three groups took part: farmers; teachers; miners of Kiruna"
    assert texts("It lost:\n1. a ship\n2. a map") == ["It lost:\n1. a ship\n2. a map"]
    assert folded("It lost:\n1. a ship\n2. a map") == "It lost: 1. a ship 2. a map"


def test_a_list_of_sentences_or_a_long_list_is_quoted_item_by_item() -> None:
    said = "The mayor of the town has resigned on Monday night."
    assert texts(f"In short:\n- {said}\n- It is over.") == ["In short:", said, "It is over."]
    assert len(texts("They were:\n" + "- a group of people from the town\n" * 20)) == 21


def test_a_quotation_mark_too_many_joins_nothing() -> None:
    assert texts('It reached more families". The mayor left. She said: "It is over now." Then she slept.') == [
        'It reached more families".', "The mayor left.", 'She said: "It is over now."', "Then she slept.",
    ]  # fmt: skip
    assert texts('"It is over," he said. "We won. "They lost.') == ['"It is over," he said.', '"We won.', '"They lost.']
    assert texts('The G20"s plan is good. It is. They don"t like it.')[1] == "It is."


@given(st.text(alphabet=st.sampled_from('aB.:1- \n"“”*='), max_size=60))
def test_every_word_is_in_exactly_one_sentence(text: str) -> None:
    at = 0
    for span in paragraphs(text):
        for start, end in sentences(text, *span):
            assert at <= start < end
            assert not says_something(text[at:start])
            at = end
    assert not has_text(text[at:])


@given(st.text(alphabet=st.sampled_from("aB.?! \n\t“”’é🙂\u00a0\u2028\u0301"), max_size=200))
def test_every_visible_character_is_in_exactly_one_sentence(text: str) -> None:
    covered = [0] * len(text)
    for span in paragraphs(text):
        for start, end in sentences(text, *span):
            assert trim(text, start, end) == (start, end)
            for position in range(start, end):
                covered[position] += 1
    for character, times in zip(text, covered, strict=True):
        assert times == 1 or (times == 0 and character.isspace())
