"""Runs beside one another: comparison, questions without a file, and what moved the headline since the last run."""

import json

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from forecast.catalogue.load import load
from forecast.changed import earlier_run, report
from forecast.cli import main
from forecast.contrast import contrast, members, table_lines, unpaired
from forecast.folder import compute

pytestmark = pytest.mark.slow


@pytest.fixture
def world(desk_copy, monkeypatch):
    monkeypatch.chdir(desk_copy)
    return desk_copy


def _say(monkeypatch, capsys, *words):
    monkeypatch.setattr("sys.argv", ["forecast", *words])
    with pytest.raises(SystemExit) as stopped:
        main()
    said = capsys.readouterr()
    assert stopped.value.code == 0, said
    return said.out


def _scenario(world, name, *lines):
    (world / "params" / "scenarios" / f"{name}.yaml").write_text("\n".join([f"name: {name}", "extends: smoke", *lines]) + "\n")


def test_paired_differences_are_those_of_the_arrays(world, monkeypatch, capsys):
    _scenario(world, "less", "overrides: {hbm_domestic: {factor: 0.3, by: A. Analyst, reason: much less of it}}")
    out = world / "table.csv"
    said = _say(monkeypatch, capsys, "compare", "smoke:current", "less", "--csv", str(out), "--draws", "32")
    assert "less:strict-denial less smoke:current" in said
    assert "Not paired" not in said
    table = pd.read_csv(out, keep_default_na=False)
    assert set(table[table["variable"] == "difference:compute_nominal"]["paired"]) == {"yes"}
    folders = {json.loads(p.read_text())["scenario"]["name"]: p.parent for p in world.glob("reports/runs/*/manifest.json")}
    stocks = {}
    for name, folder in folders.items():
        with xr.open_dataset(folder / "result.nc") as result:
            stock = result["compute_nominal"].sel(regime="current", bound="2029-01-01").sum("channel")
            stocks[name] = stock.values.astype(float)
    change = stocks["less"] - stocks["smoke"]
    rows = table[(table["scenario"] == "less") & (table["regime"] == "current") & (table["channel"] == "accessible")]
    found = rows[(rows["variable"] != "compute_nominal") & (rows["quarter"] == "2028Q4")].set_index("statistic")["value"]
    assert found["p50"] == pytest.approx(np.median(change), rel=1e-5)
    assert found["p05"] == pytest.approx(np.quantile(change, 0.05), rel=1e-5)
    assert found["p_loss_10pct"] == pytest.approx((change < -0.1 * stocks["smoke"]).mean(), abs=1e-6)


@pytest.mark.parametrize(("line", "why"), [("seed: 7", "seed 7"), ("draws: 48", "48 draws")])
def test_without_common_draws_there_is_no_interval_and_no_probability(world, line, why):
    _scenario(world, "other", line)
    held = members(["smoke:current", "other:current"], draws=None)
    table = contrast(held)
    differences = table[table["variable"].str.startswith("difference")]
    assert set(differences["statistic"]) == {"median_difference"}
    assert set(differences["paired"]) == {"no"}
    text = "\n".join(table_lines(held, table))
    assert "Not paired" in text
    assert why in text
    assert "chance" not in text


def test_other_draws_of_an_input_that_nobody_changed_are_noticed(world):
    one, two = members(["smoke:current", "smoke:strict-denial"], draws=16)
    assert unpaired(one, two) is None
    spoilt = two._replace(ranks=two.ranks.assign(pue=two.ranks["pue"] * 1.01))
    assert "pue" in unpaired(one, spoilt)


def test_a_question_without_a_file_runs_and_is_found_again(world, monkeypatch, capsys):
    words = ["current", "--set", "pue=1.2", "--set", "hbm_domestic=0.5x@2027Q2", "--set", "diversion=0.4@2027Q2"]
    said = _say(monkeypatch, capsys, "run", *words, "--draws", "32")
    assert "reports/runs/adhoc-current-" in said
    assert "adhoc-current:adhoc less adhoc-current:current" in said
    (folder,) = (world / "reports" / "runs").iterdir()
    held = json.loads((folder / "manifest.json").read_text())["scenario"]
    assert held["overrides"]["hbm_domestic"]["since"] == "2027Q2"
    assert held["what_ifs"][0]["parent"] == "current"
    assert "As set" in (folder / "30_run_scenario.ipynb").read_text()
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "timings.json"}
    _say(monkeypatch, capsys, "run", *words, "--draws", "32", "--again")
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "timings.json"} == before
    said = _say(monkeypatch, capsys, "compare", "smoke:current", f"{folder.name}:current", "--draws", "32")
    assert "adhoc-current:current less smoke:current" in said
    assert "Not paired" not in said
    _say(monkeypatch, capsys, "report", *words, "--draws", "32")
    assert (folder / "brief.pdf").exists()


def test_one_regime_alone_makes_a_run_with_its_notebook(world, monkeypatch, capsys):
    assert "done" in _say(monkeypatch, capsys, "run", "current", "--draws", "16")


def test_the_first_run_has_nothing_before_it(world, monkeypatch, capsys):
    compute(load("smoke"))
    assert "nothing to compare with" in _say(monkeypatch, capsys, "changed", "smoke")


def test_a_changed_number_is_named_and_its_whole_effect_is_of_data(world, monkeypatch, capsys):
    compute(load("smoke"))
    path = world / "params" / "fabs" / "packaging.yaml"
    path.write_text(path.read_text().replace("p50: 15000", "p50: 12000"))
    said = _say(monkeypatch, capsys, "changed", "smoke")
    assert "changed: params/fabs/packaging.yaml" in said
    assert "code      unchanged" in said
    told = report(load("smoke"), earlier_run(load("smoke")))
    assert all(change.between == change.before for change in told.headline)
    assert any(change.after != change.before for change in told.headline)


def test_code_and_data_are_told_apart_by_running_the_present_model_on_the_earlier_inputs(world):
    """The earlier run is made to look like one of other code, and its summary like another model's."""
    made = compute(load("smoke"))
    manifest = json.loads((made.folder / "manifest.json").read_text())
    old = made.folder.with_name("smoke-000000000000")
    made.folder.rename(old)
    (old / "manifest.json").write_text(json.dumps({**manifest, "code_version": "0.0.1+x", "fingerprint": "000000000000"}))
    table = pd.read_csv(old / "summary.csv", keep_default_na=False)
    true = table["value"].copy()
    table["value"] *= 2
    table.to_csv(old / "summary.csv", index=False)
    path = world / "params" / "fabs" / "packaging.yaml"
    path.write_text(path.read_text().replace("p50: 15000", "p50: 12000"))
    told = report(load("smoke"), earlier_run(load("smoke")))
    assert told.code[0] == "0.0.1+x"
    table["value"] = true
    stock = table[(table["variable"] == "compute_nominal") & (table["statistic"] == "p50")]
    stock = stock.set_index(["regime", "channel", "quarter"])["value"]
    for change in told.headline:
        assert change.between == pytest.approx(stock[change.labels], rel=1e-5)
        assert change.before == pytest.approx(2 * stock[change.labels], rel=1e-5)
    (old / "inputs.nc").write_bytes(b"no file of ours")
    told = report(load("smoke"), old)
    assert told.why_whole
    assert {change.between for change in told.headline} == {None}
