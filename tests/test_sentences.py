from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from index.sentences import paragraphs, sentences, trim


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
