"""The law on disk: regimes (params/regimes), chips (params/gpus/chips.csv), other items, and the tables beside the rules."""

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from forecast.catalogue.faults import Lines
from forecast.catalogue.lawtables import CHIP_COLUMNS as CHIP_COLUMNS
from forecast.catalogue.lawtables import EVENT_COLUMNS, GATE_COLUMNS, ITEM_COLUMNS, LISTING_COLUMNS, REACHES
from forecast.catalogue.lawtables import IN_FORCE_COLUMNS as IN_FORCE_COLUMNS
from forecast.catalogue.tables import read_table
from forecast.catalogue.yamlfile import read_yaml, validate
from forecast.chipnames import aliases_in, plain
from forecast.contract import BadInput
from forecast.items import OF_CHIPS
from forecast.regime import PIECES, Regime, instruments_of, lineage
from forecast.stages.permissions import METRICS, parse_test
from forecast.switches import EVERY, Switch

FOLDERS = {"regimes": "enacted", "what_if": "what_if", "instruments": "instrument", "overlays": "overlay"}
"""Status of a file by its folder; enacted steps lie in params/regimes itself."""

SWITCHES = "switches.yaml"
"""The one YAML file among the regimes that is none."""

BESIDE = ("regimes/items.csv", "regimes/listings.csv", "regimes/cn_gate.csv", "gpus/chips.csv")
"""Tables on which an answer may rest, below params/."""


def law_stamp(params_dir: Path) -> tuple[int, ...]:
    """Times of all files of the law in order of their names: a stamp that changes when one of them does."""
    files = [*(params_dir / name for name in BESIDE), *sorted((params_dir / "regimes").rglob("*.yaml"))]
    return tuple(file.stat().st_mtime_ns for file in files if file.exists())


def load_chips(params_dir: Path) -> pd.DataFrame:
    """The chip table, one row per chip, indexed by chip id (chip, column). Raises BadInput."""
    return read_table(params_dir / "gpus" / "chips.csv", CHIP_COLUMNS).set_index("chip")


def load_items(params_dir: Path) -> pd.DataFrame:
    """Memory stacks, tools and software, one row each, indexed by item id, with the facts that follow from their columns.

    Density is bandwidth over area [GB/s/mm2]; resolution is 0.25 times wavelength over numerical aperture [nm] (technical note
    to 3B001.f.1.b.2). Raises BadInput.
    """
    items = read_table(params_dir / "regimes" / "items.csv", ITEM_COLUMNS).set_index("item")
    kind = items["kind"]
    return items.assign(
        hbm_stack=kind.eq("hbm_stack").astype("boolean"),
        tool=kind.isin(("lithography", "tool")).astype("boolean"),
        service=kind.eq("service").astype("boolean"),
        eda=kind.eq("software").astype("boolean"),
        memory_bandwidth_density=items["stack_bandwidth"] / items["stack_area"],
        resolution=0.25 * items["wavelength"] / items["numerical_aperture"],
        **{name: np.full(len(items), value) for name, value in OF_CHIPS.items() if METRICS[name].kind == "number"},
        **{
            name: pd.array([bool(value)] * len(items), "boolean")
            for name, value in OF_CHIPS.items()
            if METRICS[name].kind == "flag"
        },
    )


def together(chips: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """Chips and other items in one table by id (thing, column); what a table does not know of its rows is unknown.

    Raises BadInput if two things share an id or an alias.
    """
    index = pd.Index([*chips.index, *items.index])
    columns = {}
    for name in dict.fromkeys([*chips.columns, *items.columns]):
        values = [value for table in (chips, items) for value in (table[name] if name in table else [None] * len(table))]
        kind = (chips if name in chips else items)[name].dtype
        if pd.api.types.is_integer_dtype(kind):
            columns[name] = pd.Series(values, index, dtype="float64")
        elif pd.api.types.is_object_dtype(kind):
            columns[name] = pd.Series(["" if value is None else value for value in values], index, dtype="object")
        else:
            columns[name] = pd.Series([None if pd.isna(value) else value for value in values], index, dtype=kind)
    things = pd.DataFrame(columns)
    _told_apart(things)
    return things


def _told_apart(things: pd.DataFrame) -> None:
    """Refuse one name for two things."""
    owner, both = {plain(str(key)): str(key) for key in things.index}, "gpus/chips.csv, regimes/items.csv"
    if len(owner) < len(things):
        raise BadInput("two things share an id", file=both, expected="ids that differ in more than signs")
    for key, cell in things["aliases"].items():
        for alias in aliases_in(cell):
            if owner.setdefault(plain(alias), str(key)) != key:
                wanted = f"a name that {owner[plain(alias)]!r} does not have"
                raise BadInput("an alias of another thing", file=both, key=str(key), found=alias, expected=wanted)


def load_listings(params_dir: Path) -> pd.DataFrame:
    """Firms on party lists, one row per entry. Raises BadInput."""
    path = params_dir / "regimes" / "listings.csv"
    table = read_table(path, LISTING_COLUMNS)
    for row in table.itertuples():
        if wrong := [word for word in row.reaches.split() if word not in REACHES]:
            near = difflib.get_close_matches(wrong[0], REACHES, n=1, cutoff=0.4)
            raise BadInput(
                "an unknown kind of goods", file=path, line=int(row.line), key="reaches", found=wrong[0],
                expected=" ".join(REACHES), mend=f"did you mean {near[0]!r}?" if near else None,
            )  # fmt: skip
    return table


def load_gate(params_dir: Path) -> pd.DataFrame:
    """What Beijing did at its border, one row per state. Raises BadInput at a test that cannot be read."""
    path = params_dir / "regimes" / "cn_gate.csv"
    table = read_table(path, GATE_COLUMNS)
    for row in table.itertuples():
        for part in filter(None, row.test.split(" & ")):
            try:
                if not part.startswith("vendor is "):
                    parse_test(part)
            except ValueError as problem:
                raise BadInput(
                    "a test that cannot be read", file=path, line=int(row.line), key="test", found=str(problem)
                ) from None
    return table


def load_events(params_dir: Path) -> pd.DataFrame:
    """The public record, one row per event: where it is coded, or why it is not. Raises BadInput if neither is said."""
    path = params_dir / "regimes" / "events.csv"
    table = read_table(path, EVENT_COLUMNS)
    for row in table.itertuples():
        if not row.coded_in and not row.why:
            raise BadInput("an event that is neither coded nor set aside", file=path, line=int(row.line), key=row.event)
    return table


def load_switches(params_dir: Path) -> dict[str, Switch]:
    """Open points of the text by name. Raises BadInput."""
    return read_switches(params_dir / "regimes" / SWITCHES)


def read_switches(path: Path) -> dict[str, Switch]:
    """The switches of one file by name. Raises BadInput."""
    data, lines = read_yaml(path)
    if not isinstance(data, dict):
        raise BadInput("named switches were expected", file=path, line=1, found=type(data).__name__)
    return {name: validate(Switch, data[name], path, lines, (name,)) for name in data}


def load_in_force(params_dir: Path) -> pd.DataFrame:
    """The separately typed table of rules in force under current law, one row per lever."""
    return read_table(params_dir / "regimes" / "in_force.csv", IN_FORCE_COLUMNS)


def check_beside(params_dir: Path, chips: pd.DataFrame, book: Mapping[str, Regime], sources: set[str]) -> str:
    """Check the tables beside the rules against chips, regimes and sources; what was found, in words. Raises BadInput."""
    folder = params_dir / "regimes"
    items, events, switches = load_items(params_dir), load_events(params_dir), load_switches(params_dir)
    tables = {"items.csv": items, "listings.csv": load_listings(params_dir), "cn_gate.csv": load_gate(params_dir)}
    things = together(chips, items)
    for name, table in tables.items():
        for words, line in zip(table["source"], table["line"], strict=True):
            _all_known(words.split(), sources, folder / name, int(line), "source")
    for row in tables["cn_gate.csv"].itertuples():
        _all_known(row.chips.split(), set(things.index), folder / "cn_gate.csv", int(row.line), "chips")
    places = {*book, "listings", "cn_gate"}
    for row in events.itertuples():
        _all_known(row.coded_in.split(), places, folder / "events.csv", int(row.line), "coded_in")
    for name, switch in switches.items():
        _all_known(switch.sources, sources, folder / SWITCHES, None, f"{name}.sources")
        chips_read = {chip for option in switch.options.values() for chip in option.facts} - {EVERY}
        _all_known(chips_read, set(things.index), folder / SWITCHES, None, f"{name}.facts")
    return f"{len(items)} other items, {len(tables['listings.csv'])} listings, {len(events)} events, {len(switches)} switches"


def _all_known(words: Iterable[str], known: set[str], path: Path, line: int | None, key: str) -> None:
    for word in words:
        if word not in known:
            near = difflib.get_close_matches(word, known, n=1, cutoff=0.4)
            mend = f"did you mean {near[0]!r}?" if near else None
            raise BadInput("a name that stands nowhere", file=path, line=line, key=key, found=word, mend=mend)


def load_regimes(params_dir: Path) -> dict[str, Regime]:
    """Every regime by name, enacted ones first. Raises BadInput at the first file that is wrong or has no true parent."""
    folder = params_dir / "regimes"
    places = [folder, *(folder / name for name in FOLDERS if name != "regimes")]
    paths = [
        path for place in places for path in sorted(place.glob("*.yaml"), key=lambda each: each.stem) if path.name != SWITCHES
    ]
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
