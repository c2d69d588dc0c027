"""Letters on paper: what our fonts cannot draw is named in brackets or refused, and long words may break."""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from matplotlib.ft2font import FT2Font, LoadFlags

from forecast.contract import BadInput
from forecast.figures import font_files
from forecast.paper.pandoc import Block, changed

ZERO = "\u200b"
"""A place where a word may break."""

LONG = 26
"""Letters of a word that go on one line without a place to break."""

SPELT = {"☐": "[ ]", "☒": "[x]", "☑": "[x]", "\u00ad": "", "\u2011": "-", "\u2212": "−", "\u202f": "\u00a0", "\u2009": "\u00a0"}
NAMELESS = {"Cf", "Mn", "Me", "Cc", "Zs", "Zl", "Zp"}
"""Signs without a shape of their own: joiners, variation selectors, marks."""


@lru_cache(maxsize=1)
def drawable() -> frozenset[str]:
    """All letters that the shipped fonts can draw."""
    return frozenset({"\n", "\t", ZERO, *(chr(code) for path in font_files() for code in FT2Font(path).get_charmap())})


@lru_cache(maxsize=1)
def advances() -> dict[str, float]:
    """Width of each letter in the heaviest weight, as a share of the type size; a letter of another font is one wide."""
    font = FT2Font(next(path for path in font_files() if "SemiBold" in path.name))
    font.set_size(1000, 72)
    codes, plain = font.get_charmap(), LoadFlags.NO_HINTING
    held = {chr(code): font.load_char(code, flags=plain).linearHoriAdvance / 65536 / 1000 for code in codes}
    return {letter: width for letter, width in held.items() if width > 0}


def width(text: str) -> float:
    """Width of a line, as a multiple of the type size; digits are set in equal widths."""
    held = advances()
    return sum(held["0"] if letter.isdigit() and letter.isascii() else held.get(letter, 1.0) for letter in text if letter != ZERO)


def drawn(text: str, refuse: Callable[[str], BadInput], told: set[str]) -> str:
    """The text with our letters only: a sign or an emoji gives its name in brackets, a letter of another script is refused."""
    out = []
    for letter in text:
        if letter in drawable():
            out.append(letter)
        elif letter in SPELT:
            out.append(SPELT[letter])
        elif (kind := unicodedata.category(letter)) in NAMELESS:
            out.append(" " if kind.startswith("Z") else "")
        elif kind.startswith(("S", "P", "N")):
            name = unicodedata.name(letter, f"U+{ord(letter):04X}").lower()
            told.add(f"{letter} is printed as [{name}]")
            out.append(f"[{name}]")
        else:
            raise refuse(letter)
    return "".join(out)


def breakable(text: str, limit: int = LONG) -> str:
    """The text with places to break in each word that is longer than the limit."""
    return re.sub(rf"\S{{{limit + 1},}}", lambda word: _broken(word[0], limit), text)


def _broken(word: str, limit: int) -> str:
    """A long word with places to break after its signs, else after so many letters."""
    out, run = "", 0
    for letter in word:
        out, run = out + letter, run + 1
        if (letter in "/_-.,;:=&?)]}" and run > 3) or run >= limit:
            out, run = out + ZERO, 0
    return out.removesuffix(ZERO)


def set_letters(blocks: list[Block], cell: int, path: Any, told: set[str]) -> Any:
    """All words of a part of the tree in our letters, long ones with places to break."""

    def refuse(letter: str) -> BadInput:
        name = unicodedata.name(letter, "a letter without a name").lower()
        return BadInput(
            "The fonts of the report have no such letter",
            file=path,
            key=f"cell {cell}",
            found=f"{letter} (U+{ord(letter):04X}, {name})",
            mend="write it otherwise, or add a font that has it to reports/template/fonts",
        )

    def change(element: dict[str, Any]) -> dict[str, Any]:
        if element["t"] == "Str":
            return {"t": "Str", "c": breakable(drawn(element["c"], refuse, told))}
        if element["t"] == "Code":
            return {"t": "Code", "c": [element["c"][0], breakable(drawn(element["c"][1], refuse, told))]}
        if element["t"] == "CodeBlock":
            return {"t": "CodeBlock", "c": [element["c"][0], breakable(drawn(element["c"][1], refuse, told), 60)]}
        return element

    return changed(blocks, change)
