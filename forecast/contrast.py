"""Scenarios and regimes side by side: stocks at year-ends, and differences to the first, paired only where that is allowed."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from forecast.catalogue.home import find_home
from forecast.catalogue.load import load, nearest, open_catalogue
from forecast.comparison import DECISION_SIZE
from forecast.contract import BadInput
from forecast.folder import Run, Step, compute, open_inputs, open_result, read_manifest
from forecast.names import TERMS, end_of_year
from forecast.rows import PROBABILITIES, grouped, quantiles
from forecast.scenario import Scenario
from forecast.tables import WHERE, millions, percent, signed, spread

CHANNELS = ("onshore", "offshore", "accessible")
YEARS = (2025, 2026, 2027, 2028)
VARIABLE = "compute_nominal"
COLUMNS = ("scenario", "regime", "fingerprint", "variable", "unit", "base", "paired", "channel", "quarter", "statistic", "value")


Found = dict[tuple[object, ...], float]
"""Numbers by scenario, regime, fingerprint, variable, channel, quarter and statistic."""


class Member(NamedTuple):
    """One line of the comparison: a regime of a computed scenario and its stocks (channel, bound, draw)."""

    scenario: Scenario
    regime: str
    fingerprint: str
    stock: xr.DataArray
    ranks: xr.Dataset

    @property
    def label(self) -> str:
        """How the reader names it."""
        return f"{self.scenario.name}:{self.regime}"


def members(
    words: Sequence[str], home: Path | None = None, draws: int | None = None, step: Step = lambda _: None
) -> list[Member]:
    """Every `name` (all its regimes) or `name:regime`, computed or opened. All words are checked before any run.

    A name is a scenario, or a run folder of reports/runs, which is opened as it is.
    """
    chosen = [_chosen(word, home, draws) for word in words]
    runs: dict[str, Run] = {}
    out: dict[tuple[str, str], Member] = {}
    for scenario, regimes, made in chosen:
        key = made.folder.name if made else scenario.model_dump_json()
        if made is not None:
            runs[key] = made
        if key not in runs:
            runs[key] = compute(scenario, home, step=step)
        for member in open_members(runs[key], scenario, regimes, home):
            out.setdefault((key, member.regime), member)
    if len(out) < 2:
        raise BadInput("nothing to compare with", found=" ".join(words), expected="two scenarios or regimes at least")
    return list(out.values())


def _chosen(word: str, home: Path | None, draws: int | None) -> tuple[Scenario, tuple[str, ...], Run | None]:
    name, colon, regime = word.partition(":")
    folder, made = find_home(home) / "reports" / "runs" / Path(name).name, None
    if "-" in name and (folder / "manifest.json").exists():
        made = Run(folder, read_manifest(folder))
        scenario = Scenario.model_validate_json(json.dumps(made.manifest["scenario"]))
    else:
        scenario = load(name, home)
        scenario = scenario if draws is None else scenario.model_copy(update={"draws": draws})
    if colon and regime not in scenario.regimes:
        raise BadInput(
            "the scenario has no such regime", found=word, expected=", ".join(scenario.regimes),
            mend=nearest(regime, scenario.regimes),
        )  # fmt: skip
    return scenario, (regime,) if colon else scenario.regimes, made


def open_members(made: Run, scenario: Scenario, regimes: Sequence[str], home: Path | None = None) -> list[Member]:
    """Stocks of the regimes wanted, and what shows on which draws they stand."""
    fingerprint = made.manifest["fingerprint"]
    with open_result(made.folder) as result:
        stock = grouped(result[VARIABLE].sel(regime=list(regimes)).load()).sel(channel=list(CHANNELS)).astype(float)
    ranks = _ranks(open_inputs(made.folder), scenario, home)
    return [
        Member(scenario, regime, fingerprint, stock.sel(regime=regime).transpose("channel", "bound", "draw"), ranks)
        for regime in regimes
    ]


def member_of(
    scenario: Scenario, regime: str, fingerprint: str, result: xr.Dataset, inputs: xr.Dataset, home: Path | None = None
) -> Member:
    """One regime of a result that lies in no folder."""
    stock = grouped(result[VARIABLE].sel(regime=regime, drop=True)).sel(channel=list(CHANNELS)).astype(float)
    return Member(scenario, regime, fingerprint, stock.transpose("channel", "bound", "draw"), _ranks(inputs, scenario, home))


def _ranks(inputs: xr.Dataset, scenario: Scenario, home: Path | None) -> xr.Dataset:
    """Inputs of one number a draw that the scenario does not change: they show on which draws a run stands."""
    names = set(open_catalogue(home).quantities) - set(scenario.overrides)
    return inputs[sorted(str(name) for name in inputs.data_vars if name in names and inputs[name].dims == ("draw",))]


def unpaired(first: Member, other: Member) -> str | None:
    """Why draw k of two members is not the same world, or nothing where it is."""
    if first.scenario.seed != other.scenario.seed:
        return f"seed {other.scenario.seed} against {first.scenario.seed}"
    if first.scenario.draws != other.scenario.draws:
        return f"{other.scenario.draws} draws against {first.scenario.draws}"
    common = set(first.ranks.data_vars) & set(other.ranks.data_vars)
    for name in sorted(str(name) for name in common):
        if not np.array_equal(first.ranks[name].values, other.ranks[name].values):
            return f"input {name} has other draws though neither scenario changes it"
    return None


def contrast(held: Sequence[Member]) -> pd.DataFrame:
    """The long table: stocks of each member, and differences to the first. Differences that are not paired are of medians."""
    first = held[0]
    rows: list[dict[str, object]] = []
    for member in held:
        for channel, year, stock in _stocks(member):
            found = dict(zip(PROBABILITIES, quantiles(stock), strict=True))
            rows += _rows(member, VARIABLE, "", "", channel, year, found)
    for other in held[1:]:
        paired = unpaired(first, other) is None
        base = {(channel, year): stock for channel, year, stock in _stocks(first)}
        for channel, year, stock in _stocks(other):
            if (channel, year) in base:
                found = _difference(stock, base[channel, year], paired)
                rows += _rows(other, f"difference:{VARIABLE}", first.label, "yes" if paired else "no", channel, year, found)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _stocks(member: Member) -> list[tuple[str, int, np.ndarray]]:
    """Draws of each stock at each year-end that the run reaches."""
    years = [year for year in YEARS if end_of_year(year) in member.stock["bound"].values]
    at = {year: member.stock.sel(bound=end_of_year(year)) for year in years}
    return [(channel, year, at[year].sel(channel=channel).values) for channel in CHANNELS for year in years]


def _difference(stock: np.ndarray, base: np.ndarray, paired: bool) -> dict[str, float]:
    """Quantiles and probabilities of the paired difference; without pairs only the difference of medians."""
    if not paired:
        return {"median_difference": float(np.median(stock) - np.median(base))}
    change = stock - base
    return dict(zip(PROBABILITIES, quantiles(change), strict=True)) | {
        "p_gain_10pct": float((change > DECISION_SIZE * base).mean()),
        "p_loss_10pct": float((change < -DECISION_SIZE * base).mean()),
    }


def _rows(
    member: Member, variable: str, base: str, paired: str, channel: str, year: int, found: dict[str, float]
) -> list[dict[str, object]]:
    shared = {
        "scenario": member.scenario.name, "regime": member.regime, "fingerprint": member.fingerprint, "variable": variable,
        "base": base, "paired": paired, "channel": channel, "quarter": f"{year}Q4",
    }  # fmt: skip
    unit = TERMS[VARIABLE].unit
    return [
        {**shared, "unit": "1" if name.startswith("p_") else unit, "statistic": name, "value": float(value)}
        for name, value in found.items()
    ]


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """The long table as CSV, by atomic rename."""
    hidden = path.with_name(f".{path.name}.{os.getpid()}")
    table.to_csv(hidden, index=False, float_format="%.7g", lineterminator="\n")
    hidden.replace(path)


def table_lines(held: Sequence[Member], table: pd.DataFrame) -> list[str]:
    """The table that a reader sees, as text."""
    body, notes = table_rows(held, table)
    return [*aligned(body), "", *notes]


def table_rows(held: Sequence[Member], table: pd.DataFrame) -> tuple[list[list[str]], list[str]]:
    """Rows and notes of the table that a reader sees: stocks, differences to the first, chances beyond a tenth."""
    values = table.set_index(["scenario", "regime", "fingerprint", "variable", "channel", "quarter", "statistic"])["value"]
    found: Found = {tuple(key): float(value) for key, value in values.to_dict().items()}
    body = [["million H100e", *(f"end-{year}" for year in YEARS)]]
    first = held[0]
    for channel in CHANNELS:
        body.append([WHERE[channel].capitalize()])
        body += [[f"  {m.label}", *(_stated(found, m, VARIABLE, channel, year) for year in YEARS)] for m in held]
        for other in held[1:]:
            cells = [_stated(found, other, f"difference:{VARIABLE}", channel, year) for year in YEARS]
            body.append([f"  {other.label} less {first.label}", *cells])
            if unpaired(first, other) is None:
                chances = [_chance(found, other, channel, year) for year in YEARS]
                body.append([f"    chance of over {percent(DECISION_SIZE)} more, less", *chances])
    reasons = {other.scenario.name: why for other in held[1:] if (why := unpaired(first, other))}
    notes = [
        f"Not paired: {name} and {first.label} do not stand on the same draws ({why}). Their differences are of medians; "
        "an interval or a probability would mix sampling with effect and is not given."
        for name, why in reasons.items()
    ]
    notes.append("Medians over draws, 90% intervals in brackets, two significant digits. Paired differences: draw by draw.")
    return body, notes


def _stated(found: Found, member: Member, variable: str, channel: str, year: int) -> str:
    """Median and interval; a lone difference of medians where there are no pairs; a dash where the run ends before."""
    key = (member.scenario.name, member.regime, member.fingerprint, variable, channel, f"{year}Q4")
    write = signed if variable.startswith("difference") else None
    if (alone := found.get((*key, "median_difference"))) is not None:
        return f"{signed(alone / 1e6)} unpaired"
    if (*key, "p50") not in found:
        return "–"
    low, mid, high = (found[(*key, statistic)] for statistic in ("p05", "p50", "p95"))
    if write is not None:
        return f"{write(mid / 1e6)} ({spread(low, high, 1e6, write)})"
    return f"{millions(mid)} ({spread(low, high, 1e6)})"


def _chance(found: Found, member: Member, channel: str, year: int) -> str:
    key = (member.scenario.name, member.regime, member.fingerprint, f"difference:{VARIABLE}", channel, f"{year}Q4")
    if (*key, "p_gain_10pct") not in found:
        return "–"
    return f"{percent(found[(*key, 'p_gain_10pct')])}, {percent(found[(*key, 'p_loss_10pct')])}"


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as text with columns under one another; a row of one cell is a heading and widens nothing."""
    wide = [row for row in rows if len(row) > 1]
    widths = [max((len(row[k]) for row in wide if len(row) > k), default=0) for k in range(max(map(len, rows), default=0))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip() for row in rows]
