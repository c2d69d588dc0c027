"""One real end-to-end run on few draws: folder, result file, notebook, brief; what a crash leaves behind."""

import hashlib
import json

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from forecast.catalogue.load import load
from forecast.cli import main
from forecast.publication import publish, run_all
from forecast.rows import COLUMNS

pytestmark = pytest.mark.slow

VARIABLES = {
    "additions": ("regime", "gpu_class", "channel", "quarter", "draw"),
    "fleet_acquired": ("regime", "gpu_class", "channel", "bound", "draw"),
    "fleet_operational": ("regime", "gpu_class", "channel", "bound", "draw"),
    "compute_nominal": ("regime", "channel", "bound", "draw"),
    "compute_training": ("regime", "channel", "bound", "draw"),
    "compute_serving": ("regime", "channel", "bound", "draw"),
    "power": ("regime", "channel", "bound", "draw"),
    "us_compute": ("regime", "bound", "draw"),
    "ratio_us_china": ("regime", "bound", "draw"),
    "unmet_demand": ("regime", "quarter", "draw"),
    "binding_fabrication": ("regime", "quarter", "draw"),
    "binding_procurement": ("regime", "gpu_class", "quarter", "draw"),
}


@pytest.fixture
def world(desk_copy, monkeypatch):
    monkeypatch.chdir(desk_copy)
    return desk_copy


def _hash(folder):
    files = [p for p in folder.rglob("*") if p.is_file() and p.name != "timings.json"]
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def test_a_run_leaves_a_whole_folder_that_plain_xarray_opens_and_a_second_run_has_equal_bytes(world):
    made = publish(load("smoke"))
    run_all(load("smoke"))
    names = {p.name for p in made.folder.iterdir()}
    assert names >= {
        "manifest.json",
        "timings.json",
        "inputs.nc",
        "result.nc",
        "summary.csv",
        "30_run_scenario.ipynb",
        "brief.pdf",
    }
    with xr.open_dataset(made.folder / "result.nc") as result:
        for name, dims in VARIABLES.items():
            assert result[name].dims == dims
            assert {"units", "method", "long_name"} <= set(result[name].attrs)
        assert result["bound"].values[-1] == np.datetime64("2033-01-01")
        assert result.attrs["fingerprint"] == made.manifest["fingerprint"]
    table = pd.read_csv(made.folder / "summary.csv", keep_default_na=False)
    assert tuple(table.columns) == COLUMNS
    assert not table.duplicated(list(COLUMNS[:-1])).any()
    assert set(table["regime"]) == {"current", "open-blackwell", "strict-denial"}
    first = _hash(made.folder)
    publish(load("smoke"), again=True)
    run_all(load("smoke"))
    assert _hash(made.folder) == first


def test_every_number_in_the_brief_is_the_arrays_to_the_printed_digit(world):
    """Each row of numbers.csv names the rows it came from; stocks are worked out again from result.nc."""
    made = publish(load("smoke"))
    numbers = pd.read_csv(made.folder / "numbers.csv", keep_default_na=False, dtype=str)
    checked = 0
    with xr.open_dataset(made.folder / "result.nc") as result:
        for number in numbers.itertuples():
            for value, row in zip(number[3].split(), number[4].split(), strict=False):
                row = row.rstrip(";")
                if row.startswith("compute_nominal/p"):
                    assert _again(result, row) == pytest.approx(float(value), rel=1e-5), row
                    checked += 1
    assert checked >= 6


def _again(result, row):
    """A quantile of a stock from the arrays, by the label that numbers.csv gives."""
    _, statistic, *labels = row.split("/")
    where = dict(label.split("=") for label in labels)
    groups = {"onshore": ["licensed", "diverted", "domestic"], "accessible": ["licensed", "diverted", "domestic", "offshore"]}
    stock = result["compute_nominal"].sel(regime=where["regime"], bound=f"{int(where['quarter'][:4]) + 1}-01-01")
    draws = stock.sel(channel=groups.get(where["channel"], [where["channel"]])).sum("channel").values
    return float(np.quantile(draws.astype(float), int(statistic[1:]) / 100))


def test_a_crash_in_a_notebook_is_kept_and_marked_and_replaces_nothing(world, monkeypatch, capsys):
    made = run_all(load("smoke"))
    good = (made.folder / "30_run_scenario.ipynb").read_bytes()
    path = world / "notebooks" / "30_run_scenario.ipynb"
    notebook = json.loads(path.read_text())
    notebook["cells"][4]["source"] = "1 / 0"
    path.write_text(json.dumps(notebook))
    monkeypatch.setattr("sys.argv", ["forecast", "run", "smoke"])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 1
    assert "ZeroDivisionError" in capsys.readouterr().err
    assert (made.folder / "30_run_scenario.ipynb").read_bytes() == good
    failed = json.loads((made.folder / "30_run_scenario.failed.ipynb").read_text())
    assert failed["metadata"]["forecast"]["status"] == "failed"
    assert "ZeroDivisionError" in json.dumps(failed)


def test_the_notebook_runs_alone_with_its_defaults_but_few_draws(world):
    from forecast.runner import execute

    out = world / "alone.ipynb"
    outcome = execute(world / "notebooks" / "30_run_scenario.ipynb", {"scenario": "smoke", "draws": 32}, out, root=world)
    assert outcome.status == "done", outcome.error
    text = out.read_text()
    assert text.count("data:image/svg+xml") == 4
    assert "alt=" in text


def test_a_spoilt_run_folder_is_made_again(world):
    from forecast.folder import compute

    made = compute(load("smoke"))
    good = (made.folder / "summary.csv").read_bytes()
    (made.folder / "summary.csv").write_bytes(good[:1000])
    compute(load("smoke"))
    assert (made.folder / "summary.csv").read_bytes() == good
    (made.folder / "manifest.json").write_text("{")
    compute(load("smoke"))
    assert json.loads((made.folder / "manifest.json").read_text())["scenario"]["name"] == "smoke"
