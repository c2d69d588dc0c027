"""The language that a page speaks: one catalogue per language (languages/CODE.po), number forms and days by babel.

`_` turns a text into the language spoken, with named gaps filled; `N_` marks a text that `_` is given later. Texts are English in
the code, so that the code reads and English needs no catalogue.
"""

import datetime as dt
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from babel import Locale
from babel.dates import format_date
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

HOME = "en"
FOLDER = Path(__file__).parent / "languages"
NARROW_SPACE = "\u202f"
FIRST_DAYS = {"fr": "1er "}
"""How a language writes the first day of a month where it is no plain number."""
TYPE_SCALE = {"fr": 0.94}
"""How large pages set a language whose words run longer than English ones [1]."""

_SPOKEN: ContextVar[str] = ContextVar("language", default=HOME)


def languages() -> tuple[str, ...]:
    """Codes of the languages that there is a catalogue for, English first."""
    return (HOME, *sorted(path.stem for path in FOLDER.glob("*.po")))


def spoken() -> str:
    """The code of the language that is spoken now."""
    return _SPOKEN.get()


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Speak a language for the length of a block. Raises ValueError when there is no catalogue for it."""
    if code not in languages():
        raise ValueError(f"no catalogue for the language {code!r}; there are {', '.join(languages())}")
    token = _SPOKEN.set(code)
    try:
        yield
    finally:
        _SPOKEN.reset(token)


def _(text: str, /, **gaps: object) -> str:
    """A text in the language spoken, its gaps in braces filled; as it stands where the catalogue has nothing for it."""
    told = text if spoken() == HOME else catalogue(spoken()).get((text, 0), text)
    return told.format(**gaps) if gaps else told


def N_(text: str) -> str:  # noqa: N802 (gettext's own name)
    """Mark a text for the catalogues where it is written down and spoken later."""
    return text


def counted(one: str, many: str, count: int) -> str:
    """A count with its noun in the form that the language asks for: 1 rule, 3 rules."""
    if spoken() == HOME:
        return (one if count == 1 else many).format(n=number(count, 0))
    place = 0 if Locale.parse(spoken()).plural_form(count) == "one" else 1
    return catalogue(spoken()).get((one, place), one if place == 0 else many).format(n=number(count, 0))


def number(x: float | Decimal, places: int) -> str:
    """A number with so many decimals in the form of the language spoken, with a true minus sign: 12,345.6 or 12 345,6."""
    pattern = "#,##0" + ("." + "0" * places if places else "")
    shown = Decimal(f"{x:.{places}f}")
    return format_decimal(shown if shown else abs(shown), format=pattern, locale=spoken()).replace("-", "−")


def quarter_name(quarter: str) -> str:
    """2027Q2 as the language writes quarters: 2027Q2, T2 2027."""
    return _("{year}Q{part}", year=quarter[:4], part=quarter[5:])


def long_date(day: dt.date) -> str:
    """A day in words: 30 September 2026, 30 septembre 2026."""
    told = format_date(day, format="d MMMM y", locale=spoken())
    return told.replace("1 ", FIRST_DAYS[spoken()], 1) if day.day == 1 and spoken() in FIRST_DAYS else told


def words() -> dict[str, str]:
    """All texts of the language spoken by their English ones, plurals left out: what a page's template looks up."""
    return {} if spoken() == HOME else {text: told for (text, place), told in catalogue(spoken()).items() if place == 0}


def in_language(name: str) -> str:
    """The name of a file as it stands beside that of other languages: brief.pdf, brief.fr.pdf."""
    stem, dot, kind = name.rpartition(".")
    return name if spoken() == HOME else f"{stem}.{spoken()}{dot}{kind}"


def catalogue_hash() -> str:
    """What the texts of the language spoken rest on; nothing for English."""
    return "" if spoken() == HOME else hashlib.sha256((FOLDER / f"{spoken()}.po").read_bytes()).hexdigest()[:16]


@lru_cache(maxsize=4)
def catalogue(code: str) -> dict[tuple[str, int], str]:
    """The texts of a language by English text and plural form; what is not translated, or only guessed, is left out."""
    with (FOLDER / f"{code}.po").open("rb") as file:
        messages = read_po(file, locale=code)
    held: dict[tuple[str, int], str] = {}
    for message in messages:
        if not message.id or message.fuzzy:
            continue
        ids, strings = ((x,) if isinstance(x, str) else tuple(x or ()) for x in (message.id, message.string))
        held |= {(ids[0], place): string for place, string in enumerate(strings) if string}
    return held
