"""The run folder: inputs, result, summary, manifest and notebooks of one scenario, written whole or not at all."""

import hashlib
import importlib.metadata
import json
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import xarray as xr

from forecast.catalogue.home import digest
from forecast.catalogue.load import Catalogue, open_catalogue
from forecast.comparison import compare, indistinct_until
from forecast.contract import BadInput, Breach
from forecast.inputs import build_inputs, with_prices
from forecast.model import run
from forecast.runner import Outcome, declared, execute
from forecast.scenario import Scenario
from forecast.summary import summarize

PACKAGES = ("numpy", "scipy", "xarray", "pandas", "pydantic", "h5netcdf", "matplotlib", "papermill", "typst")
KEPT = ("inputs.nc", "result.nc", "summary.csv")
"""Files whose hashes the manifest holds."""

FOLLOWS = ("retired",)
"""Results that are not written because others give them: what retired is additions less the change of the stock."""

INPUTS_FOLLOW = ("list_price",)
"""Inputs that are not written because `forecast.inputs.with_prices` makes them anew, bit for bit."""

REACH = 8192
"""Numbers that the packer compares at once: its window of 32 kB in single precision."""

Step = Callable[[str], None]


@dataclass
class Run:
    """A finished run: where it is, what it says, and how long each step took."""

    folder: Path
    manifest: dict[str, Any]
    seconds: dict[str, float] = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def failed(self) -> list[Outcome]:
        """Notebooks that did not finish."""
        return [o for o in self.outcomes if o.status != "done"]


def code_version() -> str:
    """The package's version and a hash of its own source files."""
    root = Path(__file__).parent
    whole = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        whole.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return f"{importlib.metadata.version('forecast')}+{whole.hexdigest()[:10]}"


def fingerprint(scenario: Scenario, catalogue: Catalogue) -> str:
    """A name for all that a run rests on: the resolved scenario, every parameter file but scenarios, and the code."""
    rows = {k: v for k, v in catalogue.hashes.items() if not k.startswith("scenarios/")}
    whole = json.dumps([scenario.model_dump(mode="json"), rows, code_version()], sort_keys=True)
    return hashlib.sha256(whole.encode()).hexdigest()[:12]


def run_folder(scenario: Scenario, catalogue: Catalogue) -> Path:
    """Where a scenario's run stands: reports/runs/<scenario>-<fingerprint>."""
    return catalogue.home / "reports" / "runs" / f"{scenario.name}-{fingerprint(scenario, catalogue)}"


def manifest_of(scenario: Scenario, catalogue: Catalogue) -> dict[str, Any]:
    """What a run rests on, without clock or place: equal runs have equal manifests."""
    return {
        "scenario": scenario.model_dump(mode="json"),
        "fingerprint": fingerprint(scenario, catalogue),
        "code_version": code_version(),
        "seed": scenario.seed,
        "draws": scenario.draws,
        "as_of": scenario.as_of,
        "params": dict(sorted(catalogue.hashes.items())),
        "packages": {name: importlib.metadata.version(name) for name in PACKAGES},
    }


def compute(scenario: Scenario, home: Path | None = None, *, again: bool = False, step: Step = lambda _: None) -> Run:
    """Run a scenario and write its folder; an equal run that is complete is opened instead, unless `again`.

    Inputs are built and the model has run before anything is written; all files are written into a hidden folder beside
    and moved into place together.
    """
    catalogue = open_catalogue(home)
    folder = run_folder(scenario, catalogue)
    if not again and whole(folder):
        return Run(folder, read_manifest(folder))
    made = Run(folder, manifest_of(scenario, catalogue))
    lap = _stopwatch(made)
    step("drawing the inputs")
    inputs = build_inputs(scenario, catalogue)
    lap("inputs")
    hidden = _hidden(folder)
    try:
        step("running the model")
        result = _run(inputs, scenario)
        lap("model")
        step("summarising")
        table = pd.concat([summarize(result), compare(result)], ignore_index=True)
        made.manifest["indistinct_until"] = indistinct_until(result) if len(scenario.regimes) > 1 else {}
        lap("summary")
        step("writing the run folder")
        save(inputs.drop_vars(INPUTS_FOLLOW), hidden / "inputs.nc", made.manifest["fingerprint"])
        save(result.drop_vars(FOLLOWS), hidden / "result.nc", made.manifest["fingerprint"])
        table.to_csv(hidden / "summary.csv", index=False, float_format="%.7g", lineterminator="\n")
        made.manifest["files"] = {name: digest(hidden / name) for name in KEPT}
        write_json(hidden / "manifest.json", made.manifest)
        lap("writing")
        write_json(hidden / "timings.json", made.seconds)
        _move(hidden, folder)
    finally:
        shutil.rmtree(hidden, ignore_errors=True)
    return made


def _hidden(folder: Path) -> Path:
    """An empty folder to write into. Raises BadInput where nothing can be written."""
    hidden = folder.with_name(f".{folder.name}.{os.getpid()}")
    try:
        shutil.rmtree(hidden, ignore_errors=True)
        hidden.mkdir(parents=True)
    except OSError as problem:
        raise BadInput("the run folder cannot be written", file=folder.parent, found=str(problem.strerror)) from None
    return hidden


def whole(folder: Path) -> bool:
    """Whether a run folder is complete and its files are the ones that its manifest names."""
    try:
        files = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["files"]
        json.loads((folder / "timings.json").read_text(encoding="utf-8"))
        return all(digest(folder / name) == files[name] for name in KEPT)
    except (OSError, ValueError, KeyError):
        return False


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a run folder. Raises BadInput when it is missing or spoilt."""
    try:
        found: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise BadInput("no readable manifest in this run folder", file=folder, mend="run the scenario again") from None
    return found


def _run(inputs: xr.Dataset, scenario: Scenario) -> xr.Dataset:
    """The model on these inputs; where the scenario changes inputs, books that do not balance are told as its mistake."""
    try:
        return run(inputs)
    except Breach as problem:
        if not scenario.overrides:
            raise
        raise BadInput(
            "the changed inputs make no world that the model can run",
            key=", ".join(scenario.overrides), found=str(problem), mend="choose values nearer to the defaults: forecast show",
        ) from problem  # fmt: skip


def _stopwatch(made: Run) -> Callable[[str], None]:
    """Writes down the seconds since it was last asked, under a name."""
    clock = time.perf_counter()

    def lap(name: str) -> None:
        nonlocal clock
        made.seconds[name] = round(time.perf_counter() - clock, 3)
        clock = time.perf_counter()

    return lap


def write_json(path: Path, content: Any) -> None:
    """JSON that is easy to read and to compare, by atomic rename."""
    hidden = path.with_name(f".{path.name}.{os.getpid()}")
    hidden.write_text(json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
    hidden.replace(path)


def save(dataset: xr.Dataset, path: Path, name: str) -> None:
    """A Dataset as netCDF 4 with light compression and CF times; equal Datasets give equal bytes."""
    encoding: dict[str, dict[str, Any]] = {}
    for key, variable in dataset.variables.items():
        if key in ("quarter", "bound"):
            encoding[str(key)] = {"units": "days since 2022-01-01", "dtype": "int32"}
        elif variable.ndim > 1:
            encoding[str(key)] = {"zlib": True, "complevel": 1, "shuffle": True, **_chunks(variable)}
    dataset.assign_attrs(fingerprint=name, Conventions="CF-1.11").to_netcdf(path, engine="h5netcdf", encoding=encoding)


def _chunks(variable: xr.Variable) -> dict[str, tuple[int, ...]]:
    """Chunks that hold one series under all regimes, so that worlds in which regimes do not differ are packed once."""
    size = {str(dim): number for dim, number in variable.sizes.items()}
    if "regime" not in size:
        return {}
    draws = min(size.get("draw", 1), max(REACH // size["regime"], 1))
    moments = max(REACH // (size["regime"] * draws), 1)
    held = {"regime": size["regime"], "draw": draws} | {name: min(moments, size.get(name, 1)) for name in ("quarter", "bound")}
    return {"chunksizes": tuple(held.get(dim, 1) for dim in size)}


def _move(hidden: Path, folder: Path) -> None:
    """Put a finished folder in place; executed notebooks and briefs of an equal earlier run go with the old one."""
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    hidden.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def execute_notebooks(made: Run, scenario: Scenario, home: Path, *, resume: bool = True, step: Step = lambda _: None) -> Run:
    """Execute the scenario's notebooks into the run folder; one that fails is kept beside, marked, and replaces nothing."""
    seconds = dict(json.loads((made.folder / "timings.json").read_text(encoding="utf-8")))
    for name in scenario.notebooks:
        path = home / "notebooks" / f"{name}.ipynb"
        if not path.exists():
            raise BadInput("a notebook of the scenario does not exist", file=path, key="notebooks", found=name)
        step(f"executing {name}")
        given = {"scenario": scenario.name}
        if "run_folder" in declared(path):
            given["run_folder"] = made.folder.relative_to(home).as_posix()
        outcome = execute(
            path, given, made.folder / f"{name}.ipynb", root=home, fingerprint=made.manifest["fingerprint"], resume=resume
        )
        made.outcomes.append(outcome)
        seconds[f"notebook {name}"] = round(sum(outcome.seconds.values()), 3)
    write_json(made.folder / "timings.json", seconds)
    return made


def open_result(folder: Path) -> xr.Dataset:
    """The result of a run folder. Raises BadInput when it is missing."""
    path = folder / "result.nc"
    if not path.exists():
        raise BadInput("no result in this run folder", file=path, mend="run the scenario first: forecast run NAME")
    return xr.open_dataset(path, engine="h5netcdf")


def open_inputs(folder: Path) -> xr.Dataset:
    """The inputs of a run folder, whole and in memory, as the model takes them. Raises BadInput when they are missing."""
    path = folder / "inputs.nc"
    if not path.exists():
        raise BadInput("no inputs in this run folder", file=path, mend="run the scenario first: forecast run NAME")
    with xr.open_dataset(path, engine="h5netcdf") as opened:
        return with_prices(opened.load())


def open_summary(folder: Path) -> pd.DataFrame:
    """The long table of a run folder. Raises BadInput when it is missing."""
    path = folder / "summary.csv"
    if not path.exists():
        raise BadInput("no summary in this run folder", file=path, mend="run the scenario first: forecast run NAME")
    return pd.read_csv(path, keep_default_na=False)
