"""Laws of what a scenario changes: a step moves nothing before it, a factor is exact, other inputs keep their draws."""

import json

import numpy as np
import pytest

from forecast.adhoc import idle, question
from forecast.catalogue.load import load
from forecast.contract import BadInput
from forecast.inputs import ON_BOUNDS, build_inputs
from forecast.model import run
from forecast.names import parse_quarter
from forecast.scenario import Scenario

SINCE = "2028Q1"


@pytest.fixture(scope="module")
def asked(home):
    """Builds the scenario of some settings on top of smoke."""
    return lambda *settings: question("smoke", settings, home=home)


@pytest.mark.parametrize("name", ["hbm_domestic", "ai_wafer_share", "offshore_stock", "capex"])
def test_a_factor_multiplies_every_draw_and_leaves_all_other_inputs_alone(asked, catalogue, inputs, name):
    changed = build_inputs(asked(f"{name}=0.5x"), catalogue)
    assert np.allclose(changed[name].values, 0.5 * inputs[name].values, rtol=1e-12)
    for other in set(catalogue.quantities) - {name}:
        assert np.array_equal(changed[other].values, inputs[other].values), other


@pytest.mark.parametrize("name", ["hbm_domestic", "software_training"])
def test_a_dated_factor_is_a_step(asked, catalogue, inputs, name):
    changed, dim = build_inputs(asked(f"{name}=0.5x@{SINCE}"), catalogue), "bound" if name in ON_BOUNDS else "quarter"
    at = inputs[dim].values
    after = at > parse_quarter(SINCE) if dim == "bound" else at >= parse_quarter(SINCE)
    ratio = changed[name].values / inputs[name].values
    assert (ratio[~after] == 1.0).all()
    assert np.allclose(ratio[after], 0.5, rtol=1e-12)
    assert after.any()
    assert not after.all()


@pytest.mark.parametrize("setting", [f"hbm_domestic=0.2x@{SINCE}", f"software_serving=0.3@{SINCE}", f"diversion=0.1@{SINCE}"])
def test_nothing_in_a_run_moves_before_the_quarter_that_was_set(asked, catalogue, result, setting):
    scenario = asked(setting)
    again = run(build_inputs(scenario, catalogue))
    last = scenario.regimes[-1] if scenario.what_ifs else scenario.regimes[0]
    one, two = again.sel(regime=last), result.sel(regime=scenario.regimes[0])
    moved = False
    for name in result.data_vars:
        if "quarter" in result[name].dims:
            cut = {"quarter": slice(None, parse_quarter("2027Q4"))}
        elif "bound" in result[name].dims:
            cut = {"bound": slice(None, parse_quarter(SINCE))}
        else:
            continue
        assert np.array_equal(one[name].sel(cut).values, two[name].sel(cut).values), name
        moved |= not np.array_equal(one[name].values, two[name].values)
    assert moved


def test_an_exact_value_on_a_path_holds_in_every_quarter_and_runs(asked, catalogue):
    inputs = build_inputs(asked("hbm_domestic=4e6"), catalogue)
    assert inputs["hbm_domestic"].dims == ("quarter", "draw")
    assert np.allclose(inputs["hbm_domestic"].values, 1e6)
    assert run(inputs).sizes["draw"] == 64


def test_a_share_times_a_factor_stays_a_share(asked, catalogue):
    values = build_inputs(asked("ai_wafer_share=10x"), catalogue)["ai_wafer_share"].values
    assert values.max() == 1.0


def test_a_lever_set_in_memory_is_the_same_as_a_regime_file(asked, catalogue):
    """The what-if's location checks, typed on the command line on top of current law."""
    inputs = build_inputs(asked("diversion=0.43@2027Q3"), catalogue)
    lever = inputs["lever_diversion"]
    assert np.array_equal(lever.sel(regime="adhoc").values, lever.sel(regime="strict-denial").values)
    assert np.array_equal(inputs["permitted"].sel(regime="adhoc").values, inputs["permitted"].sel(regime="current").values)


def test_a_setting_that_moves_nothing_is_noticed(asked, home):
    settings = ("hbm_domestic=0.5x@2028Q1", "software_serving=1x", "diversion=1@2028Q1")
    assert idle(asked(*settings), home) == ["software_serving", "adhoc"]
    assert idle(asked("hbm_domestic=0.5x", "diversion=0.5"), home) == []


def test_a_factor_of_one_changes_nothing(asked, catalogue, inputs):
    assert build_inputs(asked(f"hbm_domestic=1x@{SINCE}"), catalogue)["hbm_domestic"].equals(inputs["hbm_domestic"])


def test_what_is_set_is_in_the_scenario_and_in_the_fingerprint(asked, home, catalogue):
    from forecast.folder import fingerprint, manifest_of, run_folder

    one, two, plain = asked("pue=1.2"), asked("pue=1.3"), load("smoke", home)
    assert len({fingerprint(scenario, catalogue) for scenario in (one, two, plain)}) == 3
    assert fingerprint(one, catalogue) == fingerprint(asked("pue=1.2"), catalogue)
    assert run_folder(one, catalogue).name.startswith("adhoc-smoke-")
    lever = asked("diversion=0.4@2027Q2")
    held = manifest_of(lever, catalogue)["scenario"]
    assert held["what_ifs"][0]["moves"][0]["value"] == 0.4
    assert Scenario.model_validate_json(json.dumps(held)) == lever


def test_a_regime_alone_stands_beside_the_default_base(home):
    assert question("strict-denial", home=home).regimes == ("current", "strict-denial")
    assert question("what_if/strict-denial", home=home).regimes == ("current", "strict-denial")
    assert question("current", draws=256, home=home).regimes == ("current",)
    on_top = question("strict-denial", ["diversion=0.1"], home=home)
    assert on_top.regimes == ("current", "strict-denial", "adhoc")
    assert on_top.what_ifs[0].parent == "strict-denial"
    assert str(on_top.what_ifs[0].effective) == "2026-10-01"
    assert question("smoke", home=home) == load("smoke", home)


def test_levers_and_inputs_have_names_of_their_own(catalogue):
    from forecast.regime import LEVERS

    assert not set(LEVERS) & set(catalogue.quantities)


def test_a_scenario_file_may_hold_a_dated_factor_and_a_regime_of_its_own(desk_copy):
    path = desk_copy / "params" / "scenarios" / "mine.yaml"
    change = "overrides: {hbm_domestic: {factor: 0.5, since: 2027Q2, by: A. Analyst, reason: half of it is likelier}}\n"
    path.write_text("name: mine\nextends: smoke\ntitle: A question of mine\n" + change)
    assert load("mine", desk_copy).overrides["hbm_domestic"].factor == 0.5
    path.write_text(path.read_text().replace("factor: 0.5, ", "factor: 0.5, exact: 3, "))
    with pytest.raises(BadInput, match="exactly one of"):
        load("mine", desk_copy)


def test_a_dated_change_of_a_change_is_refused_a_factor_multiplies_it_and_a_value_replaces_it(desk_copy):
    change = "overrides: {hbm_domestic: {factor: 0.5, by: A. Analyst, reason: half of it is likelier}}\n"
    (desk_copy / "params" / "scenarios" / "mine.yaml").write_text("name: mine\nextends: smoke\n" + change)
    with pytest.raises(BadInput, match="changes this input already"):
        question("mine", ["hbm_domestic=2x@2027Q2"], home=desk_copy)
    assert question("mine", ["hbm_domestic=3x"], home=desk_copy).overrides["hbm_domestic"].factor == pytest.approx(1.5)
    assert question("mine", ["hbm_domestic=3e6"], home=desk_copy).overrides["hbm_domestic"].exact == 3e6
