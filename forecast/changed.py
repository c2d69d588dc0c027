"""What moved the headline since the last run of a scenario: files, code, question; medians before and after."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from forecast.catalogue.load import open_catalogue
from forecast.contract import BadInput, Breach
from forecast.contrast import CHANNELS, VARIABLE, YEARS, aligned
from forecast.folder import Step, compute, fingerprint, open_inputs, open_summary
from forecast.model import run
from forecast.names import end_of_year
from forecast.rows import grouped
from forecast.scenario import Scenario
from forecast.tables import WHERE, signed, two_digits, year_end

Labels = tuple[str, str, str]
"""Regime, channel, quarter."""


class Change(NamedTuple):
    """One headline median before and after, and as the present model gives it on the inputs of before. [H100e]"""

    labels: Labels
    before: float
    between: float | None
    after: float


class Report(NamedTuple):
    """What changed from an earlier run to the present one."""

    earlier: str
    present: str
    files: list[str]
    code: tuple[str, str] | None
    question: list[str]
    headline: list[Change]
    why_whole: str | None


def earlier_run(scenario: Scenario, home: Path | None = None) -> Path | None:
    """The newest run of the same scenario with another fingerprint; one with as many draws and the same seed if there is one."""
    catalogue = open_catalogue(home)
    present = fingerprint(scenario, catalogue)
    found = []
    for path in (catalogue.home / "reports" / "runs").glob(f"{scenario.name}-*/manifest.json"):
        manifest = _manifest(path)
        if manifest["scenario"]["name"] == scenario.name and manifest["fingerprint"] != present:
            alike = (manifest["draws"], manifest["seed"]) == (scenario.draws, scenario.seed)
            found.append((alike, path.stat().st_mtime_ns, path.parent))
    return max(found)[-1] if found else None


def _manifest(path: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if {"scenario", "fingerprint", "draws", "seed", "params", "code_version"} <= set(manifest):
            return manifest
    except ValueError:
        pass
    raise BadInput("a manifest that cannot be read", file=path, mend="delete this run folder")


def report(scenario: Scenario, earlier: Path, home: Path | None = None, *, step: Step = lambda _: None) -> Report:
    """The present run of a scenario beside an earlier one; runs it where it has not been run."""
    before = _manifest(earlier / "manifest.json")
    made = compute(scenario, home, step=step)
    after = made.manifest
    old, new = _medians(earlier), _medians(made.folder)
    code = (before["code_version"], after["code_version"])
    files = _files(before["params"], after["params"])
    question = _question(before["scenario"], after["scenario"])
    between: dict[Labels, float] | None
    why = None
    if code[0] == code[1]:
        between = old
    elif not files and not question:
        between = new
    else:
        step("running the present model on the earlier inputs")
        between, why = _again(earlier)
    headline = [Change(key, old[key], between.get(key) if between else None, new[key]) for key in new if key in old]
    return Report(earlier.name, made.folder.name, files, code if code[0] != code[1] else None, question, headline, why)


def _medians(folder: Path) -> dict[Labels, float]:
    """Headline medians of a run folder."""
    table = open_summary(folder)
    chosen = table[(table["variable"] == VARIABLE) & (table["statistic"] == "p50") & table["channel"].isin(CHANNELS)]
    wanted = chosen[chosen["quarter"].isin([f"{year}Q4" for year in YEARS])]
    found = {(str(r.regime), str(r.channel), str(r.quarter)): float(r.value) for r in wanted.itertuples()}
    regimes = list(dict.fromkeys(regime for regime, _, _ in found))
    return {k: found[k] for k in sorted(found, key=lambda k: (regimes.index(k[0]), CHANNELS.index(k[1]), k[2]))}


def _again(folder: Path) -> tuple[dict[Labels, float] | None, str | None]:
    """Headline medians that the present model gives on a run's own inputs; or why it cannot."""
    try:
        result = run(open_inputs(folder))
    except (OSError, AttributeError, KeyError, ValueError, Breach, TypeError, IndexError) as problem:
        return None, f"the present model cannot run on the earlier inputs ({type(problem).__name__}: {problem})"
    stock = grouped(result[VARIABLE])
    ends = {year: end_of_year(year) for year in YEARS if end_of_year(year) in stock["bound"].values}
    return {
        (str(regime), channel, f"{year}Q4"): float(np.median(stock.sel(regime=regime, channel=channel, bound=bound).values))
        for regime in stock["regime"].values
        for channel in CHANNELS
        for year, bound in ends.items()
    }, None


def _files(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Parameter files that came, went or changed; scenario files count only through the question."""
    names = sorted(name for name in {*before, *after} if not name.startswith("scenarios/"))
    word = {(False, True): "new", (True, False): "gone", (True, True): "changed"}
    return [f"{word[name in before, name in after]}: params/{name}" for name in names if before.get(name) != after.get(name)]


def _question(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Fields of the scenario that differ."""
    keys = [key for key in sorted({*before, *after}) if before.get(key) != after.get(key)]
    return [key if key in ("overrides", "what_ifs") else f"{key}: {before.get(key)} -> {after.get(key)}" for key in keys]


def lines(told: Report) -> list[str]:
    """The report for a person."""
    out = [f"before  {told.earlier}", f"after   {told.present}", ""]
    out += [f"code      {told.code[0]} -> {told.code[1]}" if told.code else "code      unchanged"]
    out += [f"question  {line}" for line in told.question] or ["question  unchanged"]
    out += [f"data      {line}" for line in told.files] or ["data      unchanged"]
    if told.headline and all(change.before == change.after == (change.between or change.after) for change in told.headline):
        return [*out, "", "The headline has not moved: every median is the same to the digits of summary.csv."]
    header = ["median, million H100e", "at", "before", "after", "change", "by the model's code", "by data, inputs and question"]
    body = [header]
    for change in told.headline:
        regime, channel, quarter = change.labels
        moved = change.after - change.before
        shares = ["?", "?"] if change.between is None else [
            signed((change.between - change.before) / 1e6), signed((change.after - change.between) / 1e6)
        ]  # fmt: skip
        cells = [two_digits(change.before / 1e6), two_digits(change.after / 1e6), signed(moved / 1e6)]
        body.append([f"{regime}, {WHERE[channel]}", year_end(quarter), *cells, *shares])
    notes = [f"The parts cannot be told apart: {told.why_whole}."] if told.why_whole else []
    if not told.headline:
        notes.append("The two runs share no regime: no headline can be compared.")
    if told.code and (told.files or told.question) and not told.why_whole:
        notes.append("By the model's code: the present model on the earlier inputs.nc. The rest: what then changes the inputs.")
    return [*out, "", *aligned(body), *([""] if notes else []), *notes]
