"""Numbers, tables, classes and scenarios from params/, each checked; errors name file, line and key."""

from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

import pandas as pd

from forecast.catalogue import fabs, law
from forecast.catalogue.branches import check_branches
from forecast.catalogue.demand import check_buyers, check_supernodes
from forecast.catalogue.extending import merged
from forecast.catalogue.extending import scenario_path as scenario_path
from forecast.catalogue.faults import Lines
from forecast.catalogue.faults import nearest as nearest
from forecast.catalogue.fitted import check_fitted
from forecast.catalogue.history import check_tables
from forecast.catalogue.home import digest, find_home
from forecast.catalogue.schema import TABLES
from forecast.catalogue.tables import read_table
from forecast.catalogue.yamlfile import read_yaml, validate
from forecast.contract import BadInput
from forecast.draws import ranks
from forecast.names import INPUTS, label_quarter, parse_quarter
from forecast.quantity import Quantity
from forecast.regime import LEVERS, Regime, layers
from forecast.scenario import FIRST, Override, Scenario
from forecast.units import factor

AS_LEVER = "move it in a regime of this scenario, under what_ifs; the explorer's Save as scenario writes that"
QUANTITY_FOLDERS = ("fabs", "supply", "demand", "fitted")


@dataclass(frozen=True)
class Catalogue:
    """Everything that params/ says, checked. Tables by their path below params/, quantities and regimes by name."""

    home: Path
    quantities: dict[str, Quantity]
    places: dict[str, tuple[Path, int]]
    tables: dict[str, pd.DataFrame]
    chips: pd.DataFrame
    regimes: dict[str, Regime]
    hashes: dict[str, str] = field(default_factory=dict)

    def table(self, name: str) -> pd.DataFrame:
        """One table by its path below params/."""
        return self.tables[name]


def open_catalogue(home: Path | None = None) -> Catalogue:
    """Read and check all of params/. Raises BadInput at the first thing that is wrong."""
    found = find_home(home)
    return _open(found, _stamp(found / "params"))


def _stamp(params: Path) -> tuple[tuple[str, int, int], ...]:
    """Names, sizes and times of all files: an unchanged folder is read once in a process."""
    files = sorted(p for p in params.rglob("*") if p.suffix in (".yaml", ".csv"))
    return tuple((str(p), p.stat().st_size, p.stat().st_mtime_ns) for p in files)


@lru_cache(maxsize=4)
def _open(home: Path, _stamped: tuple[tuple[str, int, int], ...]) -> Catalogue:
    params = home / "params"
    tables = {name: read_table(params / name, columns) for name, columns in TABLES.items()}
    chips = law.load_chips(params)
    quantities: dict[str, Quantity] = {}
    places: dict[str, tuple[Path, int]] = {}
    for folder in QUANTITY_FOLDERS:
        for path in sorted((params / folder).glob("*.yaml")):
            for name, (quantity, line) in read_quantities(path).items():
                if name in quantities:
                    raise BadInput("the same input in two files", file=path, line=line, key=name, found=str(places[name][0]))
                quantities[name], places[name] = quantity, (path, line)
    _check_references(params, tables, chips, quantities, places)
    check_tables(params, tables)
    check_buyers(params, tables, quantities)
    check_supernodes(params, tables["demand/supernodes.csv"])
    check_fitted(params, tables, quantities)
    _check_complete(params, quantities)
    _check_correlations(params, tables["correlations.csv"], quantities)
    regimes = law.load_regimes(params)
    _check_law(params, tables, chips, regimes)
    check_branches(params, tables["branches.csv"], tables["turning_points.csv"], regimes)
    fabs.check_lines(params, tables, quantities)
    fabs.check_packages(params, tables)
    fabs.check_releases(params, tables)
    fabs.check_comparisons(params, tables)
    fabs.check_foreign_dies(params, tables)
    fabs.check_reach(
        tables["fabs/lines.csv"], tables["fabs/tool_countries.csv"], regimes, tables["fabs/foreign_dies.csv"]["vendor"].tolist()
    )
    return Catalogue(home, quantities, places, tables, chips, regimes, _hashes(params))


def _hashes(params: Path) -> dict[str, str]:
    files = sorted(p for p in params.rglob("*") if p.suffix in (".yaml", ".csv"))
    return {p.relative_to(params).as_posix(): digest(p) for p in files if "schema" not in p.parts}


def read_quantities(path: Path) -> dict[str, tuple[Quantity, int]]:
    """The inputs of one YAML file with the line where each begins."""
    data, lines = read_yaml(path)
    if not isinstance(data, dict):
        raise BadInput(
            "a list of named inputs was expected", file=path, line=1, found=type(data).__name__, expected="name: then its fields"
        )
    found = {}
    for name, fields in data.items():
        line = lines[(name,)]
        if not isinstance(fields, dict):
            raise BadInput(
                "an input without a passport",
                file=path,
                line=line,
                key=name,
                found=str(fields),
                expected="about, unit, exact or spread or path, basis, sources, reason, dated, confidence",
            )
        found[name] = (validate(Quantity, fields, path, lines, (name,)), line)
        _known_unit(found[name][0].unit, path, lines.get((name, "unit"), line), f"{name}.unit")
    return found


def _known_unit(unit: str, path: Path, line: int, key: str) -> None:
    try:
        factor(unit, unit if unit == "1" else f"1*{unit}")
    except ValueError:
        raise BadInput(
            "an unknown unit", file=path, line=line, key=key, found=unit, expected="such as chip/quarter or USD/H100e"
        ) from None


def _check_references(
    params: Path,
    tables: dict[str, pd.DataFrame],
    chips: pd.DataFrame,
    quantities: dict[str, Quantity],
    places: dict[str, tuple[Path, int]],
) -> None:
    """Every source, class, chip, quarter and name that a row points to exists; shares add up; quantiles are in order."""
    sources = set(tables["sources.csv"]["source"])
    for name, quantity in quantities.items():
        for source in quantity.sources:
            if source not in sources:
                path, line = places[name]
                raise BadInput(
                    "an unknown source", file=path, line=line, key=f"{name}.sources", found=source, mend=nearest(source, sources)
                )
    classes = set(tables["gpus/classes.csv"]["gpu_class"])
    known: dict[str, set[str]] = {
        "gpu_class": classes,
        "predecessor": classes,
        "chip": set(chips.index),
        "name": set(quantities),
        "with": set(quantities),
        "generation": set(tables["fabs/memory_generations.csv"]["generation"]),
    }
    for name, frame in tables.items():
        if name == "sources.csv":
            continue
        for column, allowed in known.items():
            if column in frame:
                _each(params / name, frame, column, allowed)
        if "source" in frame:
            _each(params / name, frame.assign(source=frame["source"].str.split()).explode("source"), "source", sources)
        for column in ("quarter", "first_quarter", "last_quarter"):
            if column in frame and name != "history/hand_arithmetic.csv":
                _quarters(params / name, frame, column)
        _ordered(params / name, frame)
        if name.endswith(("mix.csv", "countries.csv")):
            _whole(params / name, frame)


def _check_complete(params: Path, quantities: dict[str, Quantity]) -> None:
    """Every input that a run asks for is there, and in a unit of its kind; nothing stands there that no run reads."""
    for name in INPUTS:
        if name not in quantities:
            raise BadInput("an input of the model is missing", file=params, key=name, mend=nearest(name, quantities))
    for name in quantities:
        if name not in INPUTS:
            raise BadInput("an input that no run reads", file=params, key=name, mend=nearest(name, INPUTS))


def _check_correlations(params: Path, table: pd.DataFrame, quantities: dict[str, Quantity]) -> None:
    """No input follows two others, or itself through others."""
    try:
        ranks(0, sorted(quantities), list(zip(table["name"], table["with"], table["rho"], strict=True)), 1)
    except ValueError as problem:
        raise BadInput(
            "correlations that cannot be drawn", file=params / "correlations.csv", line=2, found=str(problem)
        ) from None


def _check_law(params: Path, tables: dict[str, pd.DataFrame], chips: pd.DataFrame, regimes: dict[str, Regime]) -> None:
    """Every source that a chip, a regime or a table beside the rules names is in the bibliography."""
    sources = set(tables["sources.csv"]["source"])
    rows = chips.assign(source=chips["source"].str.split()).explode("source")
    _each(params / "gpus" / "chips.csv", rows, "source", sources)
    for name, regime in regimes.items():
        for source in regime.sources:
            if source not in sources:
                raise BadInput(
                    "an unknown source", file=f"regime {name}", key="sources", found=source, mend=nearest(source, sources)
                )
    law.check_beside(params, chips, regimes, sources)


def _each(path: Path, frame: pd.DataFrame, column: str, allowed: set[str]) -> None:
    for word, line in zip(frame[column], frame["line"], strict=True):
        if word not in allowed:
            raise BadInput(
                f"an unknown {column}", file=path, line=int(line), key=column, found=str(word), mend=nearest(str(word), allowed)
            )


def _quarters(path: Path, frame: pd.DataFrame, column: str) -> None:
    for word, line in zip(frame[column], frame["line"], strict=True):
        try:
            parse_quarter(word)
        except ValueError as problem:
            raise BadInput("not a quarter", file=path, line=int(line), key=column, found=word, expected=str(problem)) from None


def _ordered(path: Path, frame: pd.DataFrame) -> None:
    if not {"p05", "p50", "p95"} <= set(frame):
        return
    wrong = frame[(frame["p05"] > frame["p50"]) | (frame["p50"] > frame["p95"])]
    if len(wrong):
        row = wrong.iloc[0]
        raise BadInput(
            "quantiles out of order", file=path, line=int(row["line"]), key="p05, p50, p95",
            found=f"{row['p05']:g}, {row['p50']:g}, {row['p95']:g}", expected="p05 <= p50 <= p95",
        )  # fmt: skip


def _whole(path: Path, frame: pd.DataFrame) -> None:
    parts = [name for name in ("series", "quarter") if name in frame]
    for names, rows in frame.groupby(parts) if parts else [(("share",), frame)]:
        if abs(rows["share"].sum() - 1.0) > 1e-6:
            raise BadInput(
                "shares do not add up", file=path, line=int(rows["line"].iloc[0]), key=" ".join(map(str, names)),
                found=f"{rows['share'].sum():.4f}", expected="1",
            )  # fmt: skip


def load(name: str, home: Path | None = None) -> Scenario:
    """A scenario by name or path, with what it extends filled in and its regimes and overrides checked.

    What it extends is checked first, so that a mistake there is told with its own file and line.
    """
    found = find_home(home)
    catalogue = open_catalogue(found)
    path = scenario_path(name, found)
    data, lines = merged(path, found)
    if isinstance(data.get("extends"), str):
        load(data["extends"], found)
    scenario = validate(Scenario, data, path, lines)
    if path.resolve().parent == found / "params" / "scenarios" and scenario.name != path.stem:
        raise BadInput(
            "name and file differ", file=path, line=lines.get(("name",)), key="name", found=scenario.name, expected=path.stem
        )
    return checked(scenario, catalogue, path, lines)


def checked(scenario: Scenario, catalogue: Catalogue, path: Path, lines: Lines) -> Scenario:
    """The scenario itself when its regimes and the inputs that it changes exist and its values fit them."""
    known = with_own(catalogue, scenario).regimes
    own = {what_if.name: what_if for what_if in scenario.what_ifs}
    fabs_lines, sellers, designers = (catalogue.table(f"fabs/{name}.csv") for name in ("lines", "tool_countries", "foreign_dies"))
    fabs.check_reach(fabs_lines, sellers, own, designers["vendor"].tolist())
    for k, what_if in enumerate(scenario.what_ifs):
        if what_if.name in catalogue.regimes or what_if.parent not in known:
            raise BadInput(
                "a regime of this question alone needs a name of its own and a parent", file=path,
                line=lines.get(("what_ifs", k)), key="what_ifs", found=f"{what_if.name} on top of {what_if.parent}",
            )  # fmt: skip
    for k, regime in enumerate(scenario.regimes):
        try:
            layers(regime, known)
        except BadInput as problem:
            raise BadInput(
                "unknown regime", file=path, line=lines.get(("regimes", k)), key="regimes", found=regime,
                expected=problem.expected, mend=problem.mend,
            ) from None  # fmt: skip
        _ahead(regime, known, scenario, path, lines.get(("regimes", k)))
    for key, override in scenario.overrides.items():
        if key not in catalogue.quantities:
            raise BadInput(
                "a lever of the law, not an input" if key in LEVERS else "an override of an unknown input",
                file=path, line=lines.get(("overrides", key)), key=key,
                mend=AS_LEVER if key in LEVERS else nearest(key, catalogue.quantities),
            )  # fmt: skip
        if override.source is not None and override.source not in (books := set(catalogue.table("sources.csv")["source"])):
            raise BadInput(
                "an unknown source", file=path, line=lines.get(("overrides", key, "source")), key=f"overrides.{key}.source",
                found=override.source, expected="an id of params/sources.csv",
                mend=nearest(override.source, books) or "add it with forecast add source, or say it in the reason",
            )  # fmt: skip
        _timed(catalogue.quantities[key], override, scenario.last, path, lines.get(("overrides", key)), key)
        changed(catalogue.quantities[key], override, path, lines, key)
    return scenario


def _ahead(name: str, known: dict[str, Regime], scenario: Scenario, path: Path, line: int | None) -> None:
    """What is supposed and not enacted begins after the origin: up to it flows are observed, and a change of law changes none."""
    for layer in layers(name, known):
        early = [move for move in layer.moves if label_quarter(pd.Timestamp(move.since)) <= scenario.as_of]
        if layer.status != "enacted" and early:
            raise BadInput(
                f"{layer.name} begins before the forecast does", file=path, line=line, key="regimes",
                found=f"{early[0].lever} from {early[0].since}", expected=f"a day after {scenario.as_of}, which is observed",
            )  # fmt: skip


def with_own(catalogue: Catalogue, scenario: Scenario) -> Catalogue:
    """The catalogue with the regimes that only this scenario knows."""
    own = {regime.name: regime for regime in scenario.what_ifs}
    return replace(catalogue, regimes={**catalogue.regimes, **own}) if own else catalogue


def _timed(quantity: Quantity, override: Override, last: str, path: Path, line: int | None, key: str) -> None:
    """A change in time is for inputs that have a path, and falls into the run."""
    if quantity.path is None and (override.since is not None or override.path is not None):
        raise BadInput(
            "this input is one number for the whole run", file=path, line=line, key=key, found=override.since or "a path",
            expected="exact, spread or factor without a date",
        )  # fmt: skip
    if override.since is not None and not FIRST <= override.since <= last:
        raise BadInput(
            "a change outside the run", file=path, line=line, key=key, found=override.since, expected=f"{FIRST} to {last}"
        )


def changed(quantity: Quantity, override: Override, path: Path, lines: Lines, key: str) -> Quantity:
    """The default with an override's value in place of its own; a value that does not fit is refused.

    A factor leaves the belief as it is: it is put on the draws, where it is exact on every scale.
    """
    if override.factor is not None:
        if override.factor == 0 and quantity.scale != "identity":
            raise BadInput(
                "zero where a positive number is expected", file=path, line=lines.get(("overrides", key)), key=key,
                found=override.factor, expected="a factor above zero",
            )  # fmt: skip
        return quantity
    fields = quantity.model_dump(mode="json", exclude={"exact", "spread", "path"}, exclude_none=True)
    given = override.model_dump(mode="json", include={"exact", "spread", "path"}, exclude_none=True)
    if quantity.path is not None and "path" not in given:
        one = given["spread"] if "spread" in given else dict.fromkeys(("p05", "p50", "p95"), given["exact"])
        given = {"path": {"2026": one}}
    if quantity.path is None and "path" in given:
        raise BadInput(
            "a path for an input that does not change with time", file=path, line=lines.get(("overrides", key)), key=key,
            expected="exact or spread",
        )  # fmt: skip
    fields |= {**given, "basis": "judgement", "reason": f"{override.reason} ({override.by})"}
    return validate(Quantity, fields, path, lines, ("overrides", key))


def resolved(catalogue: Catalogue, scenario: Scenario) -> dict[str, Quantity]:
    """All inputs of a scenario: the defaults, replaced where it replaces one throughout."""
    return {**catalogue.quantities, **{k: v for k, v in _changes(catalogue, scenario).items() if scenario.overrides[k].replaces}}


def in_part(catalogue: Catalogue, scenario: Scenario) -> dict[str, tuple[Override, Quantity]]:
    """The changes that leave something of the default (a factor, a date), each with the belief that holds from then on."""
    changes = _changes(catalogue, scenario)
    return {key: (override, changes[key]) for key, override in scenario.overrides.items() if not override.replaces}


def _changes(catalogue: Catalogue, scenario: Scenario) -> dict[str, Quantity]:
    place = Path(f"{scenario.name}.yaml")
    return {k: changed(catalogue.quantities[k], override, place, {}, k) for k, override in scenario.overrides.items()}
