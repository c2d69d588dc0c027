"""CSV tables read with their units in the header, checked by pandera, refused with file and line."""

import csv
import difflib
import io
import re
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pandera.pandas as pa

from forecast.catalogue.yamlfile import read_text
from forecast.contract import BadInput

_HEADER = re.compile(r"^([a-z][a-z0-9_]*)(?: \[([^\]]+)\])?$")


class Column(NamedTuple):
    """What one column holds: text, number, date or flag; its unit; whether a cell may be empty; its range."""

    kind: str = "text"
    unit: str | None = None
    empty: bool = False
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] | None = None
    unique: bool = False


def read_table(path: Path, columns: dict[str, Column]) -> pd.DataFrame:
    """A table with typed columns and a `line` column. Raises BadInput at the first thing that is wrong."""
    try:
        rows = list(csv.reader(io.StringIO(read_text(path), newline=None), strict=True))
    except csv.Error as problem:
        raise BadInput(
            "not a readable table", file=path, line=1, found=str(problem), mend="look for a quote that is not closed"
        ) from None
    header = _header(path, rows[0], columns)
    body = rows[1:]
    for number, row in enumerate(body, start=2):
        if len(row) != len(header):
            raise BadInput(
                "a row with the wrong number of cells",
                file=path,
                line=number,
                found=f"{len(row)} cells",
                expected=f"{len(header)} cells",
            )
        if any("\n" in cell for cell in row):
            raise BadInput("a line break inside a cell", file=path, line=number, mend="keep each row on one line")
    frame = pd.DataFrame(
        {name: _typed(path, name, columns[name], [row[k].strip() for row in body]) for k, name in enumerate(header)}
    )
    frame["line"] = range(2, len(body) + 2)
    _check(path, frame, columns)
    return frame


def _header(path: Path, found: list[str], columns: dict[str, Column]) -> list[str]:
    """Names of the columns; each unit must stand in the header and be the expected one."""
    names = []
    for cell in found:
        match = _HEADER.match(cell.strip())
        name = match[1] if match else cell.strip()
        if match is None or name not in columns:
            near = difflib.get_close_matches(name, list(columns), n=1, cutoff=0.5)
            raise BadInput(
                "an unknown column",
                file=path,
                line=1,
                key=cell,
                expected=", ".join(columns),
                mend=f"did you mean {near[0]!r}?" if near else None,
            )
        if (match[2] or None) != columns[name].unit:
            raise BadInput(
                "a column's unit is not the expected one",
                file=path,
                line=1,
                key=name,
                found=match[2] or "no unit",
                expected=f"[{columns[name].unit}] in the header" if columns[name].unit else "no unit",
            )
        names.append(name)
    for name in columns:
        if names.count(name) != 1:
            what = "a column is missing" if name not in names else "the same column twice"
            raise BadInput(what, file=path, line=1, key=name)
    return names


def _typed(path: Path, name: str, column: Column, cells: list[str]) -> pd.Series:
    """The cells as numbers, dates or flags; an empty cell becomes a missing value only where it may."""
    for number, cell in enumerate(cells, start=2):
        if not cell and not column.empty:
            raise BadInput("an empty cell", file=path, line=number, key=name, expected=f"a {column.kind}")
    if column.kind == "text":
        return pd.Series(cells, dtype="object")
    out: list[object] = []
    for number, cell in enumerate(cells, start=2):
        try:
            out.append(_value(column.kind, cell) if cell else None)
        except ValueError:
            raise BadInput(
                "a cell cannot be read", file=path, line=number, key=name, found=cell, expected=f"a {column.kind}"
            ) from None
    dtype = {"number": "float64", "date": "datetime64[ns]", "flag": "boolean"}[column.kind]
    return pd.Series(out, dtype=dtype)


def _value(kind: str, cell: str) -> object:
    if kind == "number":
        if not re.fullmatch(r"[-+]?\d+(\.\d*)?([eE][-+]?\d+)?", cell):
            raise ValueError(cell)
        return float(cell)
    if kind == "flag":
        return {"yes": True, "no": False}[cell] if cell in ("yes", "no") else _raise(cell)
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", cell):
        raise ValueError(cell)
    return pd.Timestamp(cell)


def _raise(cell: str) -> object:
    raise ValueError(cell)


def _check(path: Path, frame: pd.DataFrame, columns: dict[str, Column]) -> None:
    """Ranges, choices and uniqueness through pandera; its first failure becomes one message."""
    schema = {}
    for name, column in columns.items():
        checks = []
        if column.low is not None:
            checks.append(pa.Check.ge(column.low, error=f"at least {column.low:g}"))
        if column.high is not None:
            checks.append(pa.Check.le(column.high, error=f"at most {column.high:g}"))
        if column.choices is not None:
            allowed = (*column.choices, "") if column.empty else column.choices
            checks.append(pa.Check.isin(allowed, error=f"one of {', '.join(column.choices)}"))
        schema[name] = pa.Column(checks=checks, nullable=True, unique=column.unique)
    try:
        pa.DataFrameSchema(schema).validate(frame, lazy=True)
    except pa.errors.SchemaErrors as problem:
        first = problem.failure_cases.dropna(subset=["index"]).sort_values("index").iloc[0]
        name, cell = str(first["column"]), first["failure_case"]
        near = difflib.get_close_matches(str(cell), columns[name].choices or (), n=1, cutoff=0.5)
        expected = "a value that stands once" if "unique" in str(first["check"]) else str(first["check"])
        raise BadInput(
            "a cell is not allowed",
            file=path,
            line=int(first["index"]) + 2,
            key=name,
            found=str(cell),
            expected=expected,
            mend=f"did you mean {near[0]!r}?" if near else None,
        ) from None
