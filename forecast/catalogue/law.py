"""The law on disk: regimes (params/regimes), chips (params/gpus/chips.csv) and the table of rules in force."""

import difflib
from pathlib import Path

import pandas as pd

from forecast.catalogue.tables import Column, read_table
from forecast.catalogue.yamlfile import Lines, read_yaml, validate
from forecast.contract import BadInput
from forecast.regime import PIECES, Regime, instruments_of, lineage
from forecast.stages.permissions import STATUSES

FOLDERS = {"regimes": "enacted", "what_if": "what_if", "instruments": "instrument", "overlays": "overlay"}
"""Status of a file by its folder; enacted steps lie in params/regimes itself."""

CHIP_COLUMNS: dict[str, Column] = {
    "chip": Column(unique=True),
    "label": Column(),
    "vendor": Column(),
    "origin": Column(choices=("US", "CN")),
    "released": Column("date", empty=True),
    "first_us_sale": Column("date", empty=True),
    "datacenter": Column("flag"),
    "prc_designed": Column("flag"),
    "dense_8bit": Column("number", "TOP/s", empty=True, low=0.0, high=1e6),
    "dense_16bit": Column("number", "TFLOP/s", empty=True, low=0.0, high=1e6),
    "dense_4bit": Column("number", "TFLOP/s", empty=True, low=0.0, high=1e6),
    "tpp": Column("number", "TPP", empty=True, low=0.0, high=1e7),
    "die_area": Column("number", "mm2", empty=True, low=1.0, high=1e4),
    "performance_density": Column("number", "TPP/mm2", empty=True, low=0.0, high=1e3),
    "dram_bandwidth": Column("number", "GB/s", empty=True, low=0.0, high=1e6),
    "io_bandwidth": Column("number", "GB/s", empty=True, low=0.0, high=1e6),
    "memory": Column("number", "GB", empty=True, low=0.0, high=1e5),
    "tdp": Column("number", "W", empty=True, low=0.0, high=1e5),
    "price_low": Column("number", "USD", empty=True, low=0.0, high=1e6),
    "price_high": Column("number", "USD", empty=True, low=0.0, high=1e6),
    "basis": Column(choices=("reported", "derived", "judgement")),
    "confidence": Column(choices=("high", "medium", "low")),
    "source": Column(),
    "note": Column(empty=True),
}
"""Columns of the chip table. Rates are dense; io_bandwidth is the scale-up link, both directions, or the host link where
there is no other; a month without a day stands as its last day; an empty cell is unknown, never zero."""

IN_FORCE_COLUMNS: dict[str, Column] = {
    "lever": Column(unique=True),
    "since": Column("date"),
    "value": Column("number", empty=True),
    "paragraph": Column(empty=True),
    "test": Column(empty=True),
    "named": Column(empty=True),
    "vendors": Column(empty=True),
    "destinations": Column(empty=True),
    "headquarters": Column("flag", empty=True),
    "applies_to": Column(empty=True),
    "policy": Column(empty=True, choices=STATUSES),
    "citation": Column(),
}
"""Columns of the table of rules in force: a scalar has a value, a control or relief the rest; branches of tests are parted
by ' | ', tests within a branch by ' & ', lists by blanks, paragraphs by '; '."""


def law_stamp(params_dir: Path) -> tuple[int, ...]:
    """Times of all files of the law in order of their names: a stamp that changes when one of them does."""
    files = [params_dir / "gpus" / "chips.csv", *sorted((params_dir / "regimes").rglob("*.yaml"))]
    return tuple(file.stat().st_mtime_ns for file in files if file.exists())


def load_chips(params_dir: Path) -> pd.DataFrame:
    """The chip table, one row per chip, indexed by chip id (chip, column)."""
    return read_table(params_dir / "gpus" / "chips.csv", CHIP_COLUMNS).set_index("chip")


def load_in_force(params_dir: Path) -> pd.DataFrame:
    """The separately typed table of rules in force under current law, one row per lever."""
    return read_table(params_dir / "regimes" / "in_force.csv", IN_FORCE_COLUMNS)


def load_regimes(params_dir: Path) -> dict[str, Regime]:
    """Every regime by name, enacted ones first. Raises BadInput at the first file that is wrong or has no true parent."""
    folder = params_dir / "regimes"
    places = [folder, *(folder / name for name in FOLDERS if name != "regimes")]
    paths = [path for place in places for path in sorted(place.glob("*.yaml"), key=lambda each: each.stem)]
    if not paths:
        raise BadInput("no regimes here", file=folder, expected="one YAML file per rule")
    book: dict[str, Regime] = {}
    places_of: dict[str, Lines] = {}
    for path in paths:
        data, lines = read_yaml(path)
        regime = validate(Regime, data, path, lines)
        _in_its_place(regime, path, lines.get(("name",)), lines.get(("status",)), book)
        book[regime.name] = regime
        places_of[regime.name] = lines
    for path in paths:
        _rooted(path, places_of[path.stem].get(("parent",)), book)
        _composed(path, places_of[path.stem], book)
    return book


def _in_its_place(regime: Regime, path: Path, name_line: int | None, status_line: int | None, book: dict[str, Regime]) -> None:
    """The name is the file's, stands once, and the status fits the folder."""
    if regime.name != path.stem:
        raise BadInput(
            "a regime's name must be its file's", file=path, line=name_line, key="name", found=regime.name, expected=path.stem
        )
    if regime.name in book:
        raise BadInput("two regimes with one name", file=path, line=name_line, key="name", found=regime.name)
    wanted = FOLDERS[path.parent.name]
    if regime.status != wanted:
        raise BadInput(
            "status does not fit the folder", file=path, line=status_line, key="status", found=regime.status, expected=wanted
        )


def _rooted(path: Path, line: int | None, book: dict[str, Regime]) -> None:
    """The parent exists and no regime is its own ancestor."""
    if book[path.stem].status in PIECES:
        return
    parent = book[path.stem].parent
    if parent is not None and parent not in book:
        near = difflib.get_close_matches(parent, list(book), n=1, cutoff=0.4)
        raise BadInput(
            "the parent of this regime does not exist",
            file=path,
            line=line,
            key="parent",
            found=parent,
            expected=", ".join(sorted(book)),
            mend=f"did you mean {near[0]!r}?" if near else None,
        )
    try:
        lineage(path.stem, book)
    except BadInput as problem:
        raise BadInput(problem.what, file=path, line=line, key="parent", found=parent, mend="mend one parent") from None


def _composed(path: Path, lines: Lines, book: dict[str, Regime]) -> None:
    """The instruments of a what-if exist, and the effective date is the date of one of its moves."""
    regime = book[path.stem]
    try:
        pieces = instruments_of(regime, book)
    except BadInput as problem:
        wrong = [name for name in regime.instruments if name == problem.found]
        line = lines.get(("instruments", regime.instruments.index(wrong[0])), lines.get(("instruments",)))
        raise BadInput(
            "unknown instrument", file=path, line=line, key="instruments", found=wrong[0],
            expected=problem.expected, mend=problem.mend,
        ) from None  # fmt: skip
    dates = {move.since for each in (*pieces, regime) for move in each.moves}
    if pieces and regime.effective not in dates:
        raise BadInput(
            "nothing moves on the effective date", file=path, line=lines.get(("effective",)), key="effective",
            found=str(regime.effective), expected=", ".join(str(day) for day in sorted(dates)),
        )  # fmt: skip
