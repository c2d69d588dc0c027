"""What is handed over has the columns that others ask for and the numbers of the run."""

import json
import re
import subprocess
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from forecast.catalogue.load import load
from forecast.contract import BadInput
from forecast.exchange import HUB, IAMC, export
from forecast.folder import compute, open_summary
from forecast.rows import look_up
from forecast.workbook import _plain

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def made(home, tmp_path_factory):
    """A small run in a folder of its own, and its scenario."""
    import shutil

    folder = tmp_path_factory.mktemp("handed")
    shutil.copytree(home / "params", folder / "params")
    shutil.copytree(home / "reports" / "template", folder / "reports" / "template")
    asked = load("smoke", folder).model_copy(update={"draws": 16})
    return folder, asked, compute(asked, folder)


def test_iamc_rows_have_the_five_columns_then_years_and_no_row_twice(made):
    folder, asked, run = made
    table = pd.read_csv(export(asked, "iamc", home=folder), keep_default_na=False)
    assert tuple(table.columns[:5]) == IAMC == ("model", "scenario", "region", "variable", "unit")
    assert all(re.fullmatch(r"20\d\d", name) for name in table.columns[5:])
    assert not table.duplicated(list(IAMC)).any()
    assert not table.isna().any().any()
    row = table[(table["scenario"] == "smoke|current") & (table["variable"] == "Compute|Stock|8-bit|Onshore|5th percentile")]
    where = {"regime": "current", "variable": "compute_nominal", "channel": "onshore", "quarter": "2028Q4", "statistic": "p05"}
    assert row["2028"].item() == pytest.approx(look_up(open_summary(run.folder), **where), rel=1e-6)
    assert row["unit"].item() == "H100e"


def pyam_s_python():
    """The interpreter of pyam's own environment, as `make pyam` builds it; nothing where there is none."""
    places = (ROOT / ".venv-pyam" / part for part in ("bin/python", "Scripts/python.exe"))
    return next((place for place in places if place.exists()), None)


def test_pyam_reads_it(made):
    python = pyam_s_python()
    if python is None:
        pytest.skip("pyam cannot share the environment and its own one is not there: make pyam builds it, with a network")
    folder, asked, run = made
    variable, path = "Compute|Stock|8-bit|Onshore", export(asked, "iamc", home=folder)
    command = [str(python), str(ROOT / "tests" / "pyam" / "read.py"), str(path), variable, "2028"]
    ended = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout.splitlines()[-1])
    assert told["scenarios"] == ["smoke|current", "smoke|open-blackwell", "smoke|strict-denial"]
    assert told["regions"] == ["China"]
    assert {"H100e", "GW"} <= set(told["units"])
    assert told["rows"] > 500
    where = {"variable": "compute_nominal", "channel": "onshore", "quarter": "2028Q4", "statistic": "p50"}
    for scenario, value in told["values"]:
        regime = scenario.removeprefix("smoke|")
        assert value == pytest.approx(look_up(open_summary(run.folder), regime=regime, **where), rel=1e-6)


def test_hub_rows_count_quarters_from_the_origin_and_their_quantiles_rise(made):
    folder, asked, _ = made
    table = pd.read_csv(export(asked, "hub", home=folder))
    assert tuple(table.columns) == HUB
    assert set(table["reference_date"]) == {"2026-09-30"}
    assert set(table.loc[table["target_end_date"] == "2028-12-31", "horizon"]) == {9}
    assert table["horizon"].min() == 1
    assert set(table["output_type_id"]) == {0.05, 0.25, 0.5, 0.75, 0.95}
    groups = table.groupby(["scenario_id", "target", "horizon"])
    assert (groups.size() == 5).all()
    assert groups["value"].apply(lambda held: held.is_monotonic_increasing).all()


def test_the_workbook_has_a_sheet_for_each_figure_units_and_sources(made):
    folder, asked, run = made
    book = openpyxl.load_workbook(export(asked, "xlsx", home=folder))
    about = {row[0]: row[1] for row in book["Read me"].iter_rows(values_only=True)}
    assert about["fingerprint"] == run.manifest["fingerprint"]
    figures = [name.removeprefix("sheet ") for name in about if str(name).startswith("sheet ")]
    assert set(figures) | {"Read me"} == set(book.sheetnames)
    assert len(figures) >= 9
    assert any("million H100e" in str(sheet["A1"].value) for sheet in book.worksheets)
    rows = list(book["Summary"].iter_rows(values_only=True))
    head = next(k for k, row in enumerate(rows) if row[0] == "regime")
    assert len(rows) - head - 1 == len(open_summary(run.folder))
    assert "unit" in rows[head]
    assert {row[2] for row in book["Inputs"].iter_rows(min_row=2, values_only=True)} >= {"chip/quarter", "1"}
    assert book["Sources"].max_row > 20


def test_text_that_looks_like_a_formula_stays_text():
    assert _plain("=1+1") == "'=1+1"
    assert _plain("−0.2") == "−0.2"
    assert _plain(float("nan")) is None


def test_an_unknown_form_is_refused(made):
    folder, asked, _ = made
    with pytest.raises(BadInput, match="iamc, hub, xlsx"):
        export(asked, "parquet", home=folder)
