"""The words of the calendar, as English news writes them, for the patterns that look for days and months."""

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip

MONTH_NUMBERS = {name[:3].casefold(): number for number, name in enumerate(MONTHS, start=1)}
"""First three letters, in small → 1 to 12."""

MONTH = f"(?:{'|'.join(MONTHS)})"
"""Pattern of a month's full name."""

WEEKDAY = "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
"""Pattern of a day's full name."""
