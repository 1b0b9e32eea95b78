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
        ("", Metadata()),
        ("One short line", Metadata()),
    ],
)  # fmt: skip
def test_only_what_the_text_tells(text: str, expected: Metadata) -> None:
    assert read_metadata(text) == expected
