#!/usr/bin/env python3
"""Writes dates in words and layouts, each with its ISO 8601 form; see SOURCE.md.

    corpora/dates/generate.py            writes train.tsv and test.tsv
    corpora/dates/generate.py --check    fails unless they are what would be written
"""

from __future__ import annotations

import datetime
import sys
from pathlib import Path
from typing import Callable, Dict, List

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from generation import Random, main, tsv  # noqa: E402

SEED = 1998
TRAINING, TEST = 10_000, 1_000
FIRST, LAST = datetime.date(1900, 1, 1), datetime.date(2099, 12, 31)
SHORT_YEARS = range(1950, 2050)  # what two digits stand for

UNITS = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen
fifteen sixteen seventeen eighteen nineteen""".split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
CARDINALS = UNITS + [f"{ten}-{unit}".replace("-zero", "") for ten in TENS for unit in UNITS[:10]]
NTHS = """zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth
thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth""".split()
ORDINALS = NTHS + [f"twenty-{nth}" for nth in NTHS[1:10]] + ["thirtieth", "thirty-first"]
MONTHS = """January February March April May June July August September October November
December""".split()
POINTED = "Jan. Feb. Mar. Apr. May June July Aug. Sept. Oct. Nov. Dec.".split()
ROMAN = "I II III IV V VI VII VIII IX X XI XII".split()
WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()


class Words:
    """The parts of a date, each in every way that the layouts use."""

    def __init__(self, date: datetime.date) -> None:
        self.day = str(date.day)
        self.day2 = f"{date.day:02}"
        self.month = str(date.month)
        self.month2 = f"{date.month:02}"
        self.year = str(date.year)
        self.year2 = f"{date.year % 100:02}"
        self.name = MONTHS[date.month - 1]
        self.short = self.name[:3]
        self.pointed = POINTED[date.month - 1]
        self.roman = ROMAN[date.month - 1]
        self.weekday = WEEKDAYS[date.weekday()]
        self.nth = self.day + suffix(date.day)
        self.ordinal = ORDINALS[date.day]
        self.spoken = spoken_year(date.year)
        self.counted = counted_year(date.year)


def suffix(day: int) -> str:
    if day in (11, 12, 13):
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


def spoken_year(year: int) -> str:
    """In pairs: nineteen ninety-eight, nineteen oh five, twenty thirty-one; two thousand five."""
    century, rest = divmod(year, 100)
    if century == 20 and rest < 10:
        return counted_year(year).replace(" and ", " ")
    if rest == 0:
        return f"{CARDINALS[century]} hundred"
    return f"{CARDINALS[century]} {'oh ' if rest < 10 else ''}{CARDINALS[rest]}"


def counted_year(year: int) -> str:
    """As numbers are: one thousand nine hundred and ninety-eight, two thousand and five."""
    thousands, rest = divmod(year, 1000)
    hundreds, last = divmod(rest, 100)
    words = f"{CARDINALS[thousands]} thousand"
    words += f" {CARDINALS[hundreds]} hundred" if hundreds else ""
    return words + (f" and {CARDINALS[last]}" if last else "")


# With dots, spaces or letters the day stands before the month unless the year stands first; in
# numbers with slashes the month stands first.
LAYOUTS: List[Callable[[Words], str]] = [
    lambda w: f"{w.year}-{w.month2}-{w.day2}",
    lambda w: f"{w.year}/{w.month2}/{w.day2}",
    lambda w: f"{w.year}.{w.month}.{w.day}",
    lambda w: f"{w.year}{w.month2}{w.day2}",
    lambda w: f"{w.day2}.{w.month2}.{w.year}",
    lambda w: f"{w.day}.{w.month}.{w.year}",
    lambda w: f"{w.day}. {w.month}. {w.year}",
    lambda w: f"{w.month2}/{w.day2}/{w.year}",
    lambda w: f"{w.month}/{w.day}/{w.year}",
    lambda w: f"{w.day}.{w.roman}.{w.year}",
    lambda w: f"{w.day} {w.name} {w.year}",
    lambda w: f"{w.day2} {w.name} {w.year}",
    lambda w: f"{w.day} {w.name}, {w.year}",
    lambda w: f"{w.day} {w.short} {w.year}",
    lambda w: f"{w.day}-{w.short}-{w.year}",
    lambda w: f"{w.day2}{w.short.upper()}{w.year}",
    lambda w: f"{w.day}/{w.short}/{w.year}",
    lambda w: f"{w.year}-{w.short}-{w.day2}",
    lambda w: f"{w.year} {w.name} {w.day}",
    lambda w: f"{w.year}, {w.name} {w.nth}",
    lambda w: f"{w.name} {w.day}, {w.year}",
    lambda w: f"{w.name.lower()} {w.day} {w.year}",
    lambda w: f"{w.name.upper()} {w.day}, {w.year}",
    lambda w: f"{w.pointed} {w.day}, {w.year}",
    lambda w: f"{w.name} {w.nth}, {w.year}",
    lambda w: f"{w.name} the {w.nth}, {w.year}",
    lambda w: f"{w.nth} of {w.name} {w.year}",
    lambda w: f"the {w.nth} of {w.name}, {w.year}",
    lambda w: f"the {w.nth} day of {w.name}, {w.year}",
    lambda w: f"{w.nth} {w.pointed} {w.year}",
    lambda w: f"on the {w.nth} of {w.name.lower()} {w.year}",
    lambda w: f"{w.weekday}, {w.day} {w.name} {w.year}",
    lambda w: f"{w.weekday}, {w.name} {w.day}, {w.year}",
    lambda w: f"{w.weekday[:3]} {w.short} {w.day2} {w.year}",
    lambda w: f"{w.weekday[:3]}, {w.day2} {w.short} {w.year}",
    lambda w: f"on {w.weekday} the {w.nth} of {w.name}, {w.year}",
    lambda w: f"{w.ordinal} of {w.name} {w.year}",
    lambda w: f"the {w.ordinal} of {w.name.lower()} {w.spoken}",
    lambda w: f"{w.name.lower()} the {w.ordinal}, {w.spoken}",
    lambda w: f"{w.name} {w.ordinal}, {w.year}",
    lambda w: f"{w.weekday.lower()} the {w.ordinal} of {w.name.lower()} {w.spoken}",
    lambda w: f"the {w.ordinal} day of {w.name} in the year {w.counted}",
    lambda w: f"in the year {w.year}, on the {w.ordinal} of {w.name}",
]
SHORT_LAYOUTS: List[Callable[[Words], str]] = [
    lambda w: f"{w.name} {w.day}, {w.year2}",
    lambda w: f"{w.short} {w.day} '{w.year2}",
    lambda w: f"{w.day} {w.short.lower()} {w.year2}",
    lambda w: f"{w.day2}-{w.short.upper()}-{w.year2}",
    lambda w: f"{w.day2}.{w.month2}.{w.year2}",
    lambda w: f"{w.month}/{w.day}/{w.year2}",
    lambda w: f"{w.nth} of {w.name} '{w.year2}",
]


def generate() -> Dict[str, str]:
    random = Random(SEED)
    days = (LAST - FIRST).days + 1
    rows = []
    for number in random.shuffled(range(days))[: TRAINING + TEST]:
        date = FIRST + datetime.timedelta(days=number)
        layouts = LAYOUTS + (SHORT_LAYOUTS if date.year in SHORT_YEARS else [])
        rows.append((random.choose(layouts)(Words(date)), date.isoformat()))
    return {"train.tsv": tsv(rows[:TRAINING]), "test.tsv": tsv(rows[TRAINING:])}


if __name__ == "__main__":
    sys.exit(main(__file__, generate))
