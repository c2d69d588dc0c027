"""What differs between two scenarios is told in assumptions, in rules and in results, and nothing else is."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from forecast.catalogue.load import load, open_catalogue
from forecast.cli import app
from forecast.contract import BadInput
from forecast.differing import lines, plain, told_apart
from forecast.folder import compute
from forecast.inputs import build_inputs
from forecast.model import run
from forecast.names import end_of_year
from forecast.rows import grouped

MINE = """\
name: mine
extends: smoke
title: Better cooling and half the memory
regimes: [current, guarded]
forks: {world: trend}
overrides:
  pue: {exact: 1.2, by: A. Analyst, reason: better cooling}
  hbm_domestic: {factor: 0.5, since: 2027Q2, by: A. Analyst, reason: yields stay near a quarter}
what_ifs:
  - name: guarded
    parent: current
    status: what_if
    title: Enforcement twice as strong from 2027
    short: Twice the enforcement
    author: A. Analyst
    announced: "2027-04-01"
    effective: "2027-04-01"
    citation: No text exists; a question
    url: https://example.org/
    sources: [politico_2026_09]
    confidence: low
    summary: Diversion falls to half of what current law lets through.
    moves:
      - {lever: diversion, since: "2027-04-01", value: 0.5, tag: M, reason: our placeholder}
"""


@pytest.fixture
def folder(desk_copy, monkeypatch):
    (desk_copy / "params" / "scenarios" / "mine.yaml").write_text(MINE)
    monkeypatch.chdir(desk_copy)
    return desk_copy


def test_two_scenarios_differ_in_what_one_of_them_says_and_in_nothing_else(folder):
    told = told_apart("smoke", "mine", folder, 16, results=False)
    assert {each.name for each in told.assumptions} == {"fork world", "pue", "hbm_domestic"}
    said = "\n".join(lines(told))
    assert "override by A. Analyst: better cooling" in said
    assert "times 0.5 from 2027Q2" in said
    assert "the same on both sides: current" in said
    assert "diverted flow, relative to enforcement under current law: 0.5 instead of 1" in said
    assert told.results is None


def test_results_are_the_paired_differences_of_the_two_runs(folder):
    told = told_apart("smoke", "mine", folder, 16)
    few = [load(name, folder).model_copy(update={"draws": 16, "regimes": ("current",)}) for name in ("smoke", "mine")]
    stocks = [
        grouped(run(build_inputs(each, open_catalogue(folder)))["compute_nominal"])
        .sel(channel="onshore", bound=end_of_year(2028))
        .isel(regime=0)
        .values.astype(float)
        for each in few
    ]
    rows = told.results.set_index(["base", "regime", "channel", "quarter", "statistic"])["value"]
    value = rows["smoke:current", "current", "onshore", "2028Q4", "p50"]
    assert value == pytest.approx(np.median(stocks[1] - stocks[0]), rel=1e-6)
    assert value != 0
    assert set(told.results["paired"]) == {"yes"}


def test_a_run_folder_stands_for_itself_and_says_when_params_have_moved_on(folder):
    made = compute(load("smoke", folder).model_copy(update={"draws": 16}), folder)
    told = told_apart("smoke", made.folder.name, folder)
    assert told.draws == 16
    assert not told.assumptions
    assert not told.results.query("statistic == 'p50'")["value"].any()
    use = folder / "params" / "demand" / "use.yaml"
    use.write_text(use.read_text().replace("p50: 1.32", "p50: 1.31"))
    assert any("before params or the scenario changed" in note for note in told_apart("smoke", made.folder.name, folder).notes)


def test_another_seed_is_told_and_its_results_are_not_paired(folder):
    (folder / "params" / "scenarios" / "dice.yaml").write_text("name: dice\nextends: smoke\ntitle: Other draws\nseed: 5\n")
    told = told_apart("smoke", "dice", folder, 16)
    assert [each.name for each in told.assumptions] == ["seed"]
    assert set(told.results["paired"]) == {"no"}
    assert any("not on the same draws" in note for note in told.notes)


def test_two_rules_of_one_name_are_told_apart(folder):
    other = MINE.replace("name: mine", "name: yours").replace("value: 0.5, tag", "value: 0.25, tag")
    (folder / "params" / "scenarios" / "yours.yaml").write_text(other)
    said = "\n".join(lines(told_apart("mine:guarded", "yours:guarded", folder, results=False)))
    assert "0.25 instead of 0.5" in said


def test_two_regimes_differ_in_rules_on_the_same_assumptions(folder):
    found = plain(told_apart("current", "open-blackwell", folder, 16))
    assert found["assumptions"] == []
    assert "32,000 TPP" in found["sentences"][0]
    assert [(each["a"], each["b"]) for each in found["rules"]] == [("current", "open-blackwell")]
    assert found["draws"] == 16


def test_the_command_prints_all_three_and_as_json(folder):
    said = CliRunner().invoke(app, ["diff", "smoke", "mine", "--draws", "16"]).output
    for word in ("Assumptions", "Rules", "Results on 16 draws", "accessible"):
        assert word in said
    told = json.loads(CliRunner().invoke(app, ["diff", "smoke", "mine", "--rules", "--json"]).output)
    assert told["results"] is None


def test_an_unknown_word_is_told_with_the_nearest(folder):
    with pytest.raises(BadInput, match="did you mean 'smoke'"):
        told_apart("smok", "mine", folder)
    with pytest.raises(BadInput, match="no such regime"):
        told_apart("mine:garded", "smoke", folder)
