"""Checking of parameter files for a person: all of params, or single files wherever they lie."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from forecast.catalogue import law, lawtables
from forecast.catalogue.home import find_home
from forecast.catalogue.load import load, open_catalogue, read_quantities
from forecast.catalogue.schema import TABLES
from forecast.catalogue.tables import read_table
from forecast.catalogue.yamlfile import read_text, read_yaml, validate
from forecast.contract import BadInput
from forecast.regime import Regime


def check_all(home: Path | None = None) -> Iterator[str]:
    """Check everything below params and every scenario. Raises BadInput at the first thing that is wrong."""
    found = find_home(home)
    catalogue = open_catalogue(found)
    yield f"{len(catalogue.quantities)} inputs with unit, source, date and spread"
    yield f"{len(catalogue.tables)} tables, {len(catalogue.chips)} chips, {len(catalogue.regimes)} regimes"
    yield law.check_beside(found / "params", catalogue.chips, catalogue.regimes, set(catalogue.table("sources.csv")["source"]))
    names = sorted(p.stem for p in (found / "params" / "scenarios").glob("*.yaml"))
    for name in names:
        load(name, found)
    yield f"{len(names)} scenarios: {', '.join(names)}"
    yield "all well"


def check_file(path: Path) -> str:
    """Check one file by what it holds. Raises BadInput when it is wrong or of no known kind."""
    if path.suffix == ".csv":
        return _check_table(path)
    if path.suffix not in (".yaml", ".yml"):
        read_text(path)
        raise BadInput("not a parameter file", file=path, found=path.suffix or "no ending", expected=".yaml or .csv")
    data, lines = read_yaml(path)
    if not isinstance(data, dict):
        raise BadInput("named fields were expected", file=path, line=1, found=type(data).__name__)
    if path.name == law.SWITCHES:
        return f"{len(law.read_switches(path))} switches, well formed"
    if _is_regime(data):
        validate(Regime, data, path, lines)
        _in_its_book(path)
        return "a regime, well formed"
    if "regimes" in data or "question" in data or "extends" in data or "draws" in data:
        load(str(path))
        return "a scenario, well formed"
    return f"{len(read_quantities(path))} inputs, well formed"


def _is_regime(data: dict[str, Any]) -> bool:
    return "moves" in data or "enacted" in data or "effective" in data


def _in_its_book(path: Path) -> None:
    """A regime that lies in params is checked together with its ancestors."""
    if "params" in path.resolve().parts:
        law.load_regimes(find_home(path.resolve().parent) / "params")


def _check_table(path: Path) -> str:
    """A table of a known name, with its references where it lies in params."""
    known = {Path(name).name: columns for name, columns in TABLES.items()} | {
        "chips.csv": lawtables.CHIP_COLUMNS,
        "in_force.csv": lawtables.IN_FORCE_COLUMNS,
        "items.csv": lawtables.ITEM_COLUMNS,
        "listings.csv": lawtables.LISTING_COLUMNS,
        "cn_gate.csv": lawtables.GATE_COLUMNS,
        "events.csv": lawtables.EVENT_COLUMNS,
    }
    if path.name not in known:
        read_text(path)
        raise BadInput("a table of no known name", file=path, expected=", ".join(sorted(known)))
    return f"{len(read_table(path, known[path.name]))} rows, well formed"
