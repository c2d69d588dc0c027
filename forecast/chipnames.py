"""A chip's name as people write it ('H20', 'rtx 4090', 'NVIDIA B300') to its id in the chip table.

A name fits exactly when, but for case, blanks and signs, it is an id, a label, a label with the vendor in front, or an alias.
Else every word of it must be a word of the chip's id, label or vendor. Where several chips fit, a name with a number in it is
the first of those whose id begins with it: 'H20' is the 96 GB part, which came before the one of 141 GB.
"""

import difflib
import re
from collections.abc import Iterable
from functools import lru_cache

import pandas as pd

from forecast.contract import BadInput

SHOWN = 6
"""Candidates told at once when a name fits several chips."""

NEAR = 4
"""Neighbours told of a name that fits none."""

DESCRIBE = (
    "describe it instead: tpp, die_area, dram_bandwidth, io_bandwidth, datacenter, vendor, released "
    "(on the command line --tpp, --die-area and so on, or a YAML file with these keys)"
)


def find_chip(name: str, chips: pd.DataFrame) -> str:
    """The id of the chip of a name, from the chip table (chip, column).

    Raises BadInput that lists the candidates of an ambiguous name, or the nearest names of an unknown one.
    """
    exact = exactly(name, chips)
    if len(exact) == 1:
        return exact[0]
    words = _words(name)
    fitting = exact or [chip for chip, names in _names(chips).items() if words and words <= _words(" ".join(names))]
    if len(fitting) == 1:
        return fitting[0]
    first = _first_of(name, fitting, chips)
    if first is not None:
        return first
    if fitting:
        raise BadInput("the name fits several chips", found=name, expected=_listed(fitting, chips), mend="write one of the ids")
    near = [f"{chip!r} ({chips.loc[chip, 'label']})" for chip in nearest_chips(name, chips)]
    hint = f"did you mean {', '.join(near)}?" if near else "no name is near; forecast rule --table lists all known chips."
    raise BadInput("unknown chip", found=name, expected="a chip of params/gpus/chips.csv", mend=f"{hint} Or {DESCRIBE}")


def exactly(name: str, chips: pd.DataFrame) -> list[str]:
    """Ids of the chips that a name fits but for case, blanks and signs."""
    asked = plain(name)
    return [chip for chip, names in _names(chips).items() if asked and asked in {plain(each) for each in names}]


def nearest_chips(name: str, chips: pd.DataFrame, most: int = NEAR) -> list[str]:
    """Ids of the chips whose names are nearest to a name, best first: those with a word that begins like it, then by spelling."""
    asked, words = plain(name), _words(name)
    scores: dict[str, float] = {}
    for chip, names in _names(chips).items():
        known_as = {*map(plain, names), *_words(chip)}
        spelt = max(difflib.SequenceMatcher(None, asked, each).ratio() for each in known_as)
        begins = any(
            known.startswith(word) or word.startswith(known) for word in words for known in _words(chip) if len(word) > 1
        )
        scores[chip] = spelt + (0.5 if begins else 0.0)
    ranked = sorted((chip for chip, score in scores.items() if score >= 0.5), key=lambda chip: -scores[chip])
    return ranked[:most]


def _names(chips: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """All that each chip is called."""
    aliases = chips["aliases"] if "aliases" in chips else pd.Series("", index=chips.index)
    return {
        str(chip): (str(chip), label, f"{vendor} {label}", *aliases_in(also))
        for chip, label, vendor, also in zip(chips.index, chips["label"], chips["vendor"], aliases, strict=True)
    }


def aliases_in(aliases: object) -> tuple[str, ...]:
    """Aliases of one cell, parted by semicolons."""
    return tuple(each.strip() for each in str(aliases).split(";") if each.strip()) if isinstance(aliases, str) else ()


@lru_cache(maxsize=4096)
def plain(name: str) -> str:
    """A name without case, blanks and signs."""
    return re.sub(r"[\W_]+", "", name.lower())


def _words(name: str) -> set[str]:
    """Words of a name, in small letters."""
    return set(re.findall(r"[^\W_]+", name.lower()))


def _first_of(name: str, fitting: Iterable[str], chips: pd.DataFrame) -> str | None:
    """Of several chips, the one that came first under this very name, None if two did."""
    words = re.findall(r"[^\W_]+", name.lower())
    vendors = {word for vendor in chips["vendor"] for word in _words(vendor)}
    stem = [word for word in words if word not in vendors]
    family = [chip for chip in fitting if re.findall(r"[^\W_]+", chip)[: len(stem)] == stem]
    if not family or not re.search(r"\d", "".join(stem)):
        return None
    days = chips.loc[family, "released"].sort_values()
    return str(days.index[0]) if days.notna().any() and (days == days.iloc[0]).sum() == 1 else None


def _listed(found: Iterable[str], chips: pd.DataFrame) -> str:
    """Chips by id and label, no more than fit a line or two."""
    names = [f"{chip} ({chips.loc[chip, 'label']})" for chip in found]
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
