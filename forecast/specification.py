"""A part as a person describes it: by a name of the chip table, by facts, by both, or by a YAML file."""

import datetime as dt
import difflib
import math
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from forecast.catalogue.yamlfile import read_yaml
from forecast.chipnames import DESCRIBE, find_chip
from forecast.contract import BadInput
from forecast.rulebook import Fact, Law, facts_given
from forecast.stages.permissions import METRICS

NEVER = "never"
"""Written for a first American sale that did not take place."""

NEVER_DAY = dt.date.max
KEYS = ("chip", "vendor", *METRICS)
"""What a description may hold: a name, a vendor, and the facts that rules ask for."""


class Item(NamedTuple):
    """A part to be judged: its name for a reader, its id where it stands in the table as it is, its facts, what was assumed."""

    label: str
    chip: str | None
    facts: dict[str, Fact]
    notes: tuple[str, ...]

    @property
    def asked(self) -> str | dict[str, Fact]:
        """What `classify` takes: the id, or the facts."""
        return self.chip or self.facts


def things_of(law: Law) -> pd.DataFrame:
    """All that can be asked about by name (item, column)."""
    return law.things


def read_item(name: str | None, given: Mapping[str, Fact], chips: pd.DataFrame) -> Item:
    """A part by name, file and facts; facts that were given replace those of the name or the file.

    Raises BadInput on an unknown name, key or value, and where nothing was said.
    """
    facts: dict[str, Fact] = {key: value for key, value in given.items() if value is not None}
    for key, value in facts.items():
        if isinstance(value, float) and not math.isfinite(value):
            raise BadInput("not a number that can be used", key=key, found=str(value), expected="a finite number")
    if name is None and not facts:
        raise BadInput("no part was named", expected="a chip such as H20, or a description", mend=DESCRIBE)
    if name is not None and Path(name).suffix in (".yaml", ".yml"):
        facts = read_description(Path(name)) | facts
    elif name is not None:
        chip = find_chip(name, chips)
        if not facts:
            return Item(str(chips.loc[chip, "label"]), chip, sheet(chips.loc[chip]), ())
        return _changed(chip, facts, chips)
    label = str(facts.get("chip") or "the part described")
    return _completed(label, {**facts, "chip": label}, chips)


def sheet(row: pd.Series) -> dict[str, Fact]:
    """The facts that the chip table knows of a part."""
    known = {name: row[name] for name in ("vendor", *METRICS) if name in row and not pd.isna(row[name])}
    return {name: value.date() if isinstance(value, pd.Timestamp) else value for name, value in known.items()}


def read_description(path: Path) -> dict[str, Fact]:
    """A part from a YAML file with the keys of KEYS. Raises BadInput with the line of what is wrong."""
    data, lines = read_yaml(path)
    if not isinstance(data, dict):
        raise BadInput("named facts were expected", file=path, line=1, expected=", ".join(KEYS))
    for key, value in data.items():
        line = lines.get((key,))
        if key not in KEYS:
            near = difflib.get_close_matches(key, KEYS, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]!r}?" if near else None
            raise BadInput("a key that is not known here", file=path, line=line, key=key, expected=", ".join(KEYS), mend=hint)
        if isinstance(value, list | dict):
            raise BadInput("one value was expected", file=path, line=line, key=key)
        if key in ("chip", "vendor") and not isinstance(value, str):
            raise BadInput("a name was expected", file=path, line=line, key=key, found=str(value))
    facts = {key: NEVER_DAY if (key, value) == ("first_us_sale", NEVER) else value for key, value in data.items()}
    try:
        facts_given(facts)
    except BadInput as problem:
        line = lines.get((str(problem.key),))
        raise BadInput(
            problem.what, file=path, line=line, key=problem.key, found=problem.found, expected=problem.expected, mend=problem.mend
        ) from None
    return facts


def _changed(chip: str, given: Mapping[str, Fact], chips: pd.DataFrame) -> Item:
    """A part of the table with other facts: no longer the part that rules name."""
    facts = sheet(chips.loc[chip]) | dict(given)
    if {"tpp", "die_area"} & {*given} and "performance_density" not in given:
        facts.pop("performance_density", None)
    label = f"{chips.loc[chip, 'label']} with other {', '.join(name.replace('_', ' ') for name in given)}"
    return _completed(label, {**facts, "chip": label}, chips)


def _completed(label: str, facts: dict[str, Fact], chips: pd.DataFrame) -> Item:
    """Facts with what follows from others, each such step told."""
    notes = []
    if facts.get("first_us_sale") == NEVER:
        facts["first_us_sale"] = NEVER_DAY
    elif "first_us_sale" not in facts and facts.get("released") is not None:
        facts["first_us_sale"] = facts["released"]
        notes.append("first American sale taken to be the day of release; say otherwise with first_us_sale (a day, or never)")
    vendor = str(facts.get("vendor") or "")
    known = {name.lower(): name for name in chips["vendor"].unique()}
    if vendor.lower() in known:
        facts["vendor"] = known[vendor.lower()]
        designed = chips.loc[chips["vendor"] == facts["vendor"], "prc_designed"].unique()
        if "prc_designed" not in facts and len(designed) == 1:
            facts["prc_designed"] = bool(designed[0])
            notes.append(f"{'' if designed[0] else 'not '}designed in China, as all known parts of {facts['vendor']}")
    return Item(label, None, facts, tuple(notes))
