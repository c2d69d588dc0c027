"""Texts that people write, made fit for a page: emoji in words, no invisible signs, places to break long words.

Markup needs nothing: texts reach the template as data and are set letter by letter, in figures too. Scripts that run from right
to left are refused: figures can neither join nor order their letters, so a name would be right on one line and wrong in the next
picture.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from forecast.contract import BadInput

LONGEST_WORD, STEP = 20, 8
"""Letters beyond which a word without a space may break, and where: a narrow column holds eight of the widest letters."""

LONGEST_HEAD = 90
"""Letters of a title that fit into the running head."""

NO_WORDS = ("id", "url", "name", "sources", "regime", "input", "since", "tag", "as_of", "last")
"""Keys whose values are ids, addresses and dates, which other parts look up: they stay as they are."""

BREAK = "\u200b"
_SKIN = range(0x1F3FB, 0x1F400)
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
_KEPT = {"\n", BREAK}


def settable(node: Any, notes: dict[str, str]) -> Any:
    """Nested data with every text made fit for a page; what was put into words is noted by its sign.

    Raises BadInput for text of a script that runs from right to left.
    """
    if isinstance(node, str):
        return settable_text(node, notes)
    if isinstance(node, Mapping):
        return {key: settable(value, notes) if key not in NO_WORDS else value for key, value in node.items()}
    if isinstance(node, list):
        return [settable(part, notes) for part in node]
    return node


def settable_text(text: str, notes: dict[str, str]) -> str:
    """One text made fit for a page."""
    if text.isascii() and len(text) <= LONGEST_WORD:
        return text
    backwards = [sign for sign in text if unicodedata.bidirectional(sign) in ("R", "AL", "AN")]
    if backwards:
        raise BadInput(
            "text of a script that runs from right to left, which our figures cannot set", key=text[:100],
            found=" ".join(f"{sign} (U+{ord(sign):04X})" for sign in dict.fromkeys(backwards)),
            mend="write it in Latin letters; the file may keep the original in a comment",
        )  # fmt: skip
    plain = _FLAG.sub(lambda flag: _flag(flag.group(), notes), text)
    plain = "".join(_sign(sign, notes) for sign in plain)
    return re.sub(rf"[^\s{BREAK}]{{{LONGEST_WORD + 1},}}", lambda word: _breakable(word.group()), plain)


def _sign(sign: str, notes: dict[str, str]) -> str:
    """One character: as it is, in words, or nothing where it is invisible."""
    if sign in _KEPT or sign.isascii():
        return sign if sign in _KEPT or sign.isprintable() else " "
    if unicodedata.category(sign) in ("Cf", "Cc", "Mn", "Me") and not sign.isprintable():
        return ""
    if ord(sign) in _SKIN or sign == "\ufe0f":
        return ""
    if unicodedata.category(sign) == "So" and (ord(sign) >= 0x1F000 or 0x2600 <= ord(sign) < 0x27C0):
        return notes.setdefault(sign, f"({unicodedata.name(sign, 'a sign').lower()})")
    return sign


def _flag(pair: str, notes: dict[str, str]) -> str:
    """A flag as the code of its country."""
    code = "".join(chr(ord(sign) - 0x1F1E6 + ord("A")) for sign in pair)
    return notes.setdefault(pair, f"(flag {code})")


def _breakable(word: str) -> str:
    """A long word with a place to break every so many letters."""
    return BREAK.join(word[at : at + STEP] for at in range(0, len(word), STEP))


def running(title: str) -> str:
    """A title as it stands in the running head: whole, or cut at a word."""
    return title if len(title) <= LONGEST_HEAD else title[: LONGEST_HEAD - 1].rsplit(" ", 1)[0] + "…"
