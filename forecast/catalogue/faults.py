"""What is wrong with a record of params, told to a person: the checker's words as file, line, found, expected, mend."""

import difflib
import re
import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from forecast.contract import BadInput

Path_ = tuple[str | int, ...]
Lines = dict[Path_, int]

NOTHING = "nothing: no value is written here"

EXPECTED = {
    "string_type": "a text",
    "string_too_short": "a text of at least {min_length} letters",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number, with a point for decimals",
    "float_parsing": "a number, with a point for decimals",
    "bool_type": "true or false",
    "tuple_type": "a list in square brackets, as [one, two]",
    "list_type": "a list in square brackets, as [one, two]",
    "too_short": "a list with at least {min_length} in it",
    "dict_type": "fields with names, each as name: value",
    "model_type": "fields with names, each as name: value",
    "model_attributes_type": "fields with names, each as name: value",
    "greater_than_equal": "at least {ge:g}",
    "greater_than": "more than {gt:g}",
    "less_than_equal": "at most {le:g}",
    "less_than": "less than {lt:g}",
    "date_type": "a day as 2027-04-01",
    "date_from_datetime_parsing": "a day as 2027-04-01",
    "date_parsing": "a day as 2027-04-01",
    "literal_error": "one of {expected}",
}
"""What the checker wanted, by the kind of its complaint."""

QUARTER = r"^\d{4}Q[1-4]$"
PATTERNS = {
    QUARTER: "a quarter as 2027Q2",
    r"^\d{4}$": "a year in four digits and quotation marks",
    r"^[0-9]{2}_[a-z0-9_]+$": "the name of a notebook without its ending, as 30_run_scenario",
    r"^[a-z0-9][a-z0-9_-]*$": "small letters, digits, - and _, beginning with a letter or digit",
    r"^[a-z0-9-]+$": "small letters, digits and -",
    r"^https?://": "an address that begins with https://",
    r"^([A-Z]{2}|any|[AD]:[1-6])$": "a country in two capitals, any, or a group as D:5",
    r"^[A-Z]{2}$": "a country in two capitals, as US",
}
"""Texts of a fixed form, and the form in words."""

OTHER_WORDS = {
    "why": "reason", "because": "reason", "who": "by", "author": "by", "analyst": "by", "value": "exact", "multiplier": "factor",
    "times": "factor", "from": "since", "when": "since", "quarter": "since", "sources": "source", "parent": "extends",
    "inputs": "overrides", "assumptions": "overrides", "regime": "regimes", "fork": "forks", "origin": "as_of",
}  # fmt: skip
"""Words that people write for a key of a scenario, where that record has no such key."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """A hint that names the nearest known word."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f"did you mean {close[0]!r}?" if close else None


def dotted(at: Iterable[str | int]) -> str:
    """A place in a record as its keys, with points between."""
    return ".".join(str(step) for step in at)


def explained(error: Any, kind: type[BaseModel], path: Path, lines: Lines, at: Path_) -> BadInput:
    """One complaint of the checker about a record as a message for a person."""
    where: Path_ = (*at, *error["loc"])
    line = next((lines[where[:k]] for k in range(len(where), -1, -1) if where[:k] in lines), None)
    key = dotted(where) or None
    found = error.get("input")
    if error["type"] == "extra_forbidden":
        allowed = _keys_at(kind, error["loc"][:-1])
        return BadInput(
            "a key that is not known here", file=path, line=line, key=key, expected=", ".join(allowed) or None,
            mend=_meant(str(where[-1]), found, allowed),
        )  # fmt: skip
    if error["type"] == "missing":
        return BadInput("a key is missing", file=path, line=line, key=key, expected=f"a value for {where[-1]!r}")
    if error["type"] == "int_type" and isinstance(found, float):
        found = f"{found:g} (a decimal number)"
    expected, mend = _wanted(error, kind), _mended(error, str(found))
    found = NOTHING if found is None or found == "" else None if isinstance(found, dict | list) else found
    return BadInput("a value cannot be used", file=path, line=line, key=key, found=found, expected=expected, mend=mend)


def _wanted(error: Mapping[str, Any], kind: type[BaseModel]) -> str:
    """What was expected, in the reader's words; a law that a record states itself is in words already."""
    told, loc = error.get("ctx") or {}, error["loc"]
    if error["type"] == "string_pattern_mismatch":
        return PATTERNS.get(str(told["pattern"]), f"a text of the form {told['pattern']}")
    if error["type"] == "string_type" and (loc[-1] in ("as_of", "last") or (loc[0], loc[-1]) == ("overrides", "since")):
        return PATTERNS[QUARTER]
    if error["type"].startswith("model_") and (fields := _keys_at(kind, loc)):
        return f"fields in braces, each as name: value, out of {', '.join(fields)}"
    if error["type"] in EXPECTED:
        return EXPECTED[error["type"]].format(**told)
    return str(error["msg"]).removeprefix("Value error, ")


def _mended(error: Mapping[str, Any], found: str) -> str | None:
    """The value that was meant, where what was found shows it."""
    told = error.get("ctx") or {}
    if error["type"] == "literal_error":
        return nearest(found, re.findall(r"'([^']*)'", str(told["expected"])))
    if error["type"] in ("tuple_type", "list_type") and isinstance(error.get("input"), str):
        return f"write [{found}]"
    if told.get("pattern") == QUARTER and (quarter := quarter_meant(found)):
        return f"did you mean {quarter}?"
    return None


def quarter_meant(text: str) -> str | None:
    """The quarter that a person means by 2027-Q2, Q2 2027, 2027q2 or 2027-04-01; none where that is not plain."""
    if named := re.fullmatch(r"(\d{4})\W*[qQ]\s*([1-4])|[qQ]\s*([1-4])\W*(\d{4})", text.strip()):
        year, number = named[1] or named[4], named[2] or named[3]
        return f"{year}Q{number}"
    if day := re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])(-\d{2})?", text.strip()):
        return f"{day[1]}Q{(int(day[2]) + 2) // 3}"
    return None


def _meant(word: str, value: object, allowed: Sequence[str]) -> str:
    """The key that was meant by one that is not known."""
    if word.isdigit() and value is None:
        return "a decimal is written with a point, as 1.2"
    if OTHER_WORDS.get(word.lower()) in allowed:
        return f"here it is called {OTHER_WORDS[word.lower()]!r}"
    return nearest(word, allowed) or "remove it or choose one of the known keys"


def _keys_at(kind: type[BaseModel], loc: Sequence[str | int]) -> list[str]:
    """Names of the fields that the record at a location knows."""
    here: Any = kind
    for step in loc:
        if isinstance(here, type) and issubclass(here, BaseModel) and step in here.model_fields:
            here = _model_in(here.model_fields[str(step)].annotation)
    return sorted(here.model_fields) if isinstance(here, type) and issubclass(here, BaseModel) else []


def _model_in(annotation: Any) -> Any:
    """The record type inside an annotation such as dict[str, Spread] | None."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if isinstance(annotation, types.UnionType) or typing.get_origin(annotation) is not None:
        for part in typing.get_args(annotation):
            if (inner := _model_in(part)) is not None:
                return inner
    return None
