from __future__ import annotations

import pytest

from index.metadata import Metadata, read_metadata

BODY = "The river rose by two metres overnight, and the authorities in the valley moved four hundred families to the schools on the hill, officials said."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"Flood Forces Families From the Valley\n\n{BODY}", Metadata(title="Flood Forces Families From the Valley")),
        (BODY, Metadata()),
        (f"Flood Forces Families Out\nBy Anna B. Keller\n12 March 2021\n{BODY}",
         Metadata("Flood Forces Families Out", None, "Anna B. Keller", "2021-03-12")),
        (f"Flood Forces Families Out\nPublished: 2021-03-12\n{BODY}", Metadata("Flood Forces Families Out", published="2021-03-12")),
        (f"Flood Forces Families Out\n2021/3/12\n{BODY}", Metadata("Flood Forces Families Out", published="2021-03-12")),
        (f"Flood Forces Families Out\n2021/2/31\n{BODY}", Metadata("Flood Forces Families Out")),
        (f"Flood Forces Families Out\n3/12/2021\n{BODY}", Metadata("Flood Forces Families Out")),
        (f"Flood Forces Families Out\nFebruary 31, 2021\n{BODY}", Metadata("Flood Forces Families Out")),
        (f"Valley News: {BODY}", Metadata(outlet="Valley News")),
        (f"LINZ (AFP) — {BODY}", Metadata(outlet="AFP")),
        (f"Analysis: {BODY}", Metadata()),
        (f"Flood Forces Families Out\nRiverside Courier, 12 March 2021\n{BODY}",
         Metadata("Flood Forces Families Out", "Riverside Courier", None, "2021-03-12")),
        (f"Flood Forces Families Out\nLINZ, 12 March 2021\n{BODY}", Metadata("Flood Forces Families Out")),
        (f"Flood Forces Families Out\nCoastal Wire | 29 May 2024 | By Pia Lund\n{BODY}",
         Metadata("Flood Forces Families Out", "Coastal Wire", "Pia Lund", "2024-05-29")),
        (f"Flood Forces Families Out\nTHE DAILY WIRE — 3 May 2024\n{BODY}",
         Metadata("Flood Forces Families Out", "THE DAILY WIRE", None, "2024-05-03")),
        (f"Flood Forces Families Out\nReuters · Updated on May 3, 2024\n{BODY}",
         Metadata("Flood Forces Families Out", "Reuters", None, "2024-05-03")),
        (f"Flood Forces Families Out\nBy Anna Keller | The Veldmar Record | 2024-05-03\n{BODY}",
         Metadata("Flood Forces Families Out", "The Veldmar Record", "Anna Keller", "2024-05-03")),
        (f"Flood Forces Families Out\nNyheter fra Nord | 3 May 2024 | By Anna Keller\n{BODY}",
         Metadata("Flood Forces Families Out", None, "Anna Keller", "2024-05-03")),
        (f"Flood Forces Families Out\nAl Jazeera | 3 May 2024 | By Anna Keller\n{BODY}",
         Metadata("Flood Forces Families Out", "Al Jazeera", "Anna Keller", "2024-05-03")),
        (f"Flood Forces Families Out\nMiddle East | 3 May 2024 | By Anna Keller\n{BODY}",
         Metadata("Flood Forces Families Out", None, "Anna Keller", "2024-05-03")),
        (f"Flood Forces Families Out\nWorld News | Linz | 3 May 2024\n{BODY}", Metadata("Flood Forces Families Out")),
        (f"Flood Forces Families Out\nLINZ — 3 May 2024\n{BODY}", Metadata("Flood Forces Families Out")),
        (f"Flood Forces Families Out\nThe Long Landing — 6 June 1944\n{BODY}", Metadata("Flood Forces Families Out")),
        (f"Flood Forces Families Out\nRiverside Courier | 31 February 2024\n{BODY}",
         Metadata("Flood Forces Families Out", "Riverside Courier", None, None)),
        (f"Flood Forces Families Out\nNordkyst Post\nBy Anna Keller\n12 March 2021\n{BODY}",
         Metadata("Flood Forces Families Out", "Nordkyst Post", "Anna Keller", "2021-03-12")),
        (f"Flood Forces Families Out\nWorld News\n12 March 2021\n{BODY}",
         Metadata("Flood Forces Families Out", published="2021-03-12")),
        (f"The Daily Star\nBy Anna Keller\n{BODY}", Metadata("The Daily Star", author="Anna Keller")),
        (f"Home\nWorld\nFlood Forces Families Out\nShare\nFlood Forces Families Out\n{BODY}", Metadata("Flood Forces Families Out")),
        (f"{BODY}\n\nAnna Keller is a reporter who writes about rivers.", Metadata(author="Anna Keller")),
        (f"{BODY}\n\nAnna Keller is the mayor of the town.", Metadata()),
        (f"# Museum fire\n\n{BODY}", Metadata(title="Museum fire")),
        (f"By Anna Keller\n\n## Valley floods again ##\n\n{BODY}", Metadata("Valley floods again", author="Anna Keller")),
        (f"## World news of today\n# Museum fire in Vik\n### A day later\n{BODY}", Metadata("Museum fire in Vik")),
        (f"#MeToo reaches the town of Vik\n{BODY}", Metadata("#MeToo reaches the town of Vik")),
        (f"Title: Flood Forces Families Out\nOutlet: Valley Voice\nDate: 3 May 2024\nAuthor: Anna Keller\n\n{BODY}",
         Metadata("Flood Forces Families Out", "Valley Voice", "Anna Keller", "2024-05-03")),
        ("", Metadata()),
        ("One short line", Metadata()),
    ],
)  # fmt: skip
def test_only_what_the_text_tells(text: str, expected: Metadata) -> None:
    assert read_metadata(text) == expected


HEADLINE = "Flood Forces Families Out"


def credited(lines: str, text: str = BODY) -> tuple[str | None, str | None, str | None]:
    """Outlet, author, date of an article with these lines under its headline, which must stay the title."""
    found = read_metadata(f"{HEADLINE}\n\n{lines}\n\n{text}\n")
    assert found.title == HEADLINE
    return found.outlet, found.author, found.published


@pytest.mark.parametrize(
    "line",
    [
        "Baltic Ledger, 3 May 2024, by Anna Keller",
        "*Baltic Ledger, 3 May 2024, by Anna Keller*",
        "**_Baltic Ledger, May 3, 2024, By Anna Keller_**",
        "Baltic Ledger, Friday, May 3rd, 2024, by Anna Keller",
        "Baltic Ledger by Anna Keller, 3 May 2024",
        "By Anna Keller, Baltic Ledger, 3 May 2024",
        "By Anna Keller, Staff Writer, Baltic Ledger, Riga, 2024-05-03",
        "Baltic Ledger (3 May 2024), by Anna Keller",
        "3 May 2024, Baltic Ledger, by Anna Keller",
        "Source: Baltic Ledger, 3 Sept. 2024, by Anna Keller",
        "Published in Baltic Ledger on 3 May 2024, by Anna Keller",
        "Baltic Ledger · Fri, 3 May 2024, 14:02 GMT · By Anna Keller",
        "Baltic Ledger\nBy Anna Keller\n3 May 2024",
        "3 May 2024 at 9.30 a.m.\nBaltic Ledger\nBy Anna Keller",
        "By Anna Keller\n3 May 2024\n_Baltic Ledger_",
    ],
)
def test_who_printed_it_who_wrote_it_and_when(line: str) -> None:
    day = "2024-09-03" if "Sept" in line else "2024-05-03"
    assert credited(line) == ("Baltic Ledger", "Anna Keller", day)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("Nordlys Online, 3 May 2024, by Pia Lund", ("Nordlys Online", "Pia Lund", "2024-05-03")),
        ("Harbour Echo, 3 May 2024, by Pia Lund and Bo Berg", ("Harbour Echo", "Pia Lund and Bo Berg", "2024-05-03")),
        ("THE BALTIC LEDGER\n3 May 2024", ("THE BALTIC LEDGER", None, "2024-05-03")),
        ("The Baltic Ledger, 3 May 2024", ("The Baltic Ledger", None, "2024-05-03")),
        ("by Łukasz Żak", (None, "Łukasz Żak", None)),
        ("By J. R. Keller", (None, "J. R. Keller", None)),
    ],
)
def test_other_names_that_are_told_as_surely(lines: str, expected: tuple[str | None, ...]) -> None:
    assert credited(lines) == expected


@pytest.mark.parametrize(
    "lines",
    [
        "New York, 3 May 2024, by Anna Keller",  # places
        "Upper Marsh, 3 May 2024, by Anna Keller",
        "RIGA HARBOUR, 3 May 2024, by Anna Keller",
        "Riga, 3 May 2024, by Anna Keller",
        "Middle East\n3 May 2024",  # sections and labels
        "Book Review\n3 May 2024",
        "Special Report, 3 May 2024, by Anna Keller",
        "Anna Keller\n3 May 2024",  # a person
        "Hard Times\nHigh Prices",  # no date beside it
        "Daily Mail",
        "A spokesman told Reuters, 3 May 2024",  # sentences
        "On 3 May 2024, the Baltic Times, by then a weekly, closed",
        "He wrote for the Daily Post, 3 May 2024, by Then",
        "It was read by the Baltic Times on 3 May 2024",
        "The mayor left on 3 May 2024, by Helsinki Express, for good",
        "Read more in the Baltic Times\n3 May 2024",
    ],
)
def test_a_place_a_section_a_person_and_a_sentence_are_no_outlet(lines: str) -> None:
    body = f"Boats were sent to Upper Marsh at night. {BODY}"
    assert read_metadata(f"{HEADLINE}\n\n{lines}\n\n{body}").outlet is None


def test_an_outlet_above_the_headline_is_not_the_title() -> None:
    for head in (
        "The Baltic Ledger\n3 May 2024\n\nFlood Forces Families Out",
        "The Baltic Ledger\n3 May 2024\nBy Anna Keller\n\nFlood Forces Families Out",
        "The Baltic Ledger\n\nFlood Forces Families Out\nBy Anna Keller\n3 May 2024",
        "# The Baltic Ledger\n\n3 May 2024\n\n## Flood Forces Families Out",
    ):
        found = read_metadata(f"{head}\n\n{BODY}")
        assert (found.title, found.outlet, found.published) == (HEADLINE, "The Baltic Ledger", "2024-05-03")


@pytest.mark.parametrize("line", ["By popular demand", "By the river", "by Monday night the mayor had left"])
def test_what_only_begins_like_a_byline_names_no_author(line: str) -> None:
    assert read_metadata(f"{HEADLINE}\n{line}\n{BODY}").author is None


def test_lines_of_a_wrapped_text_are_no_head() -> None:
    body = (
        "The council, which met on Monday night in the old town hall, heard\n"
        "by Anna Keller, who spoke for an hour, that the river would rise by\n"
        "two metres, and it decided to move the families to the schools.\n"
    )
    assert read_metadata(f"{HEADLINE}\n\n{body}") == Metadata(HEADLINE)
