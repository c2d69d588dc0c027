"""The explorer says at once what a run of the same question says, and what it saves is that question and no more."""

import xml.etree.ElementTree as ET

import numpy as np
import pytest
from ruamel.yaml import YAML

from forecast.catalogue.load import load
from forecast.contract import BadInput
from forecast.desk.controls import Desk, levers_table
from forecast.desk.livechart import picture, svg, words
from forecast.explorer import Explorer, under
from forecast.inputs import build_again, build_inputs, built
from forecast.model import run
from forecast.names import end_of_year
from forecast.rows import grouped, quantiles

MOVED = ["diversion=0.4@2027Q2", "tool_sales=0.5@2028Q1"]


@pytest.fixture(scope="module")
def explorer(home):
    return Explorer("smoke", 32, home)


@pytest.fixture
def desk(desk_copy):
    return Desk(Explorer("smoke", 16, desk_copy))


def test_moving_a_lever_builds_again_all_that_the_law_sets_and_nothing_else(explorer, catalogue):
    one = explorer.asked(MOVED, ["hbm_domestic=0.5x"]).model_copy(update={"regimes": ("adhoc",)})
    fresh = build_inputs(one, catalogue)
    inputs, _ = explorer._scaled(("hbm_domestic=0.5x",), 32)
    quick = inputs.assign_coords(regime=fresh["regime"]).assign(under(inputs, one, catalogue, {"diversion", "tool_sales"}))
    assert fresh.drop_attrs().equals(quick.drop_attrs())


@pytest.mark.parametrize(
    "name", ["hbm_domestic", "offshore_placement", "memory_slip", "die_width", "answer_power", "world_level", "pue"]
)
def test_a_factor_builds_again_all_that_rests_on_the_input(explorer, catalogue, name):
    chosen = explorer.asked([], [f"{name}=0.9x"], 16).model_copy(update={"regimes": ("current",)})
    inputs, reads = built(chosen.model_copy(update={"overrides": {}}), catalogue)
    again = build_again(inputs, reads, chosen, catalogue, {name})
    assert again.identical(build_inputs(chosen, catalogue))
    assert not again.equals(inputs)


def test_the_answer_is_the_run_s(explorer, catalogue):
    answer = explorer.answer(MOVED, ["hbm_domestic=0.5x"], "onshore")
    changed = run(build_inputs(explorer.asked(MOVED, ["hbm_domestic=0.5x"]), catalogue)).sel(regime="adhoc")
    plain = run(build_inputs(explorer.scenario, catalogue)).sel(regime="current")
    level, base = (grouped(each["compute_nominal"]).sel(channel="onshore") for each in (changed, plain))
    shown = answer.after.shape[1]
    assert np.allclose(answer.after, quantiles(level.values.astype(float))[:, :shown], rtol=2e-6)
    assert np.allclose(answer.before, quantiles(base.values.astype(float))[:, :shown], rtol=2e-6)
    at = {"bound": end_of_year(2028)}
    effect = level.sel(at).values.astype(float) - base.sel(at).values.astype(float)
    assert answer.effect[2] == pytest.approx(np.median(effect), rel=1e-5)
    assert answer.effect[2] < 0
    assert answer.draws == 32


@pytest.fixture(scope="module")
def lever_by_lever(home, catalogue):
    """Each lever moved to one end of its range in 2027, as full runs of the model say it, and the world that is run again."""
    held = Explorer("baseline", 16, home)
    asked = {}
    for name, lever in held.levers.items():
        stands = held.stands_at("2027Q1")[name]
        end = lever.high if lever.high - stands > stands - lever.low else lever.low
        asked[name] = held.asked([f"{name}={end:g}@2027Q1"], []).model_copy(update={"regimes": ("adhoc",)})
    return held, asked


def test_every_lever_in_the_live_model_gives_what_the_full_model_gives_in_every_draw(lever_by_lever, catalogue):
    held, asked = lever_by_lever
    inputs, _, live = held._world(16)
    for name, one in asked.items():
        quick = live.again(under(inputs, one, catalogue, {name}))
        whole = run(build_inputs(one, catalogue))["compute_nominal"].isel(regime=0).transpose("channel", "bound", "draw")
        assert np.allclose(quick, whole.values[:, : quick.shape[1]], rtol=2e-6, atol=1e-3), name


@pytest.mark.parametrize("since", ["2026Q4", "2029Q3"])
def test_a_lever_that_moves_early_or_late_gives_what_the_full_model_gives(lever_by_lever, catalogue, since):
    held, _ = lever_by_lever
    one = held.asked([f"tool_sales=0.3@{since}", f"hbm_access=0@{since}"], []).model_copy(update={"regimes": ("adhoc",)})
    inputs, _, live = held._world(16)
    quick = live.again(under(inputs, one, catalogue, {"tool_sales", "hbm_access"}))
    whole = run(build_inputs(one, catalogue))["compute_nominal"].isel(regime=0).transpose("channel", "bound", "draw")
    assert np.allclose(quick, whole.values[:, : quick.shape[1]], rtol=2e-6, atol=1e-3)


def test_a_regime_with_a_vendor_s_answer_is_explored_too(home, catalogue):
    held = Explorer("open-blackwell", 16, home)
    answer = held.answer(["diversion=0.4@2028Q1"], [], "onshore")
    one = held.asked(["diversion=0.4@2028Q1"], []).model_copy(update={"regimes": ("adhoc",)})
    whole = grouped(run(build_inputs(one, catalogue))["compute_nominal"]).sel(channel="onshore").isel(regime=0)
    assert np.allclose(answer.after, quantiles(whole.values.astype(float))[:, : answer.after.shape[1]], rtol=2e-6)


def test_without_changes_nothing_differs_in_any_draw(explorer):
    answer = explorer.answer([], [])
    assert not answer.effect.any()
    assert np.array_equal(answer.before, answer.after)


def test_a_regime_is_explored_from_where_it_stands(home):
    held = Explorer("strict-denial", 16, home)
    assert held.regime == "strict-denial"
    assert held.parent == "baseline"
    assert held.stands_at("2032Q1")["cloud_rule"] > 0
    moved, scaled = held.settings(held.stands_at("2032Q1"), {"pue": 1.0}, "2032Q1")
    assert (moved, scaled) == ([], [])


def test_a_lever_that_an_overlay_holds_has_no_control(home):
    assert "cn_accept" not in Explorer("current+beijing-refusal", 16, home).levers


def test_levers_without_effect_have_no_control(explorer):
    assert "quota_ratio" not in explorer.levers
    assert "diversion" in explorer.levers


def test_a_control_changes_the_figure_and_reset_brings_it_back(desk):
    before = desk.chart.value
    desk.levers["diversion"].value = 0.2
    assert desk.chart.value != before
    assert "diversion=0.2@2027Q1" in desk.status.value
    next(iter(desk.factors.values())).value = 2.0
    desk.to_start()
    assert desk.chart.value == before
    assert "nothing is changed" in desk.status.value


def test_what_is_saved_holds_the_changes_only_and_asks_the_same(desk, desk_copy, catalogue):
    name = next(iter(desk.factors))
    desk.levers["diversion"].value = 0.2
    desk.factors[name].value = 0.5
    desk.name.value, desk.by.value, desk.why.value = "less-diversion", "A. Analyst", "Checks of buyers get stricter"
    path = desk.write()
    data = YAML(typ="safe").load(path.read_text())
    assert set(data) == {"name", "extends", "title", "regimes", "overrides", "what_ifs"}
    assert data["overrides"] == {name: {"factor": 0.5, "by": "A. Analyst", "reason": "Checks of buyers get stricter"}}
    assert [(move["lever"], move["value"]) for move in data["what_ifs"][0]["moves"]] == [("diversion", 0.2)]
    saved = load("less-diversion", desk_copy)
    own = build_inputs(saved.model_copy(update={"draws": 16}), catalogue).sel(regime="less-diversion-rules", drop=True)
    asked = build_inputs(desk.explorer.asked(*desk.settings()), catalogue).sel(regime="adhoc", drop=True)
    assert own.drop_attrs().equals(asked.sel(gpu_class=own["gpu_class"].values).drop_attrs())


@pytest.mark.parametrize(
    ("name", "by", "why", "source", "says"),
    [
        ("Bad Name", "A. Analyst", "a long enough reason", "", "not a name"),
        ("smoke", "A. Analyst", "a long enough reason", "", "exists"),
        ("mine", "", "a long enough reason", "", "your name"),
        ("mine", "A. Analyst", "short", "", "the reason"),
        ("mine", "A. Analyst", "a long enough reason", "nobody_2026", "unknown source"),
    ],
)
def test_what_cannot_be_saved_is_told_in_a_box_and_not_written(desk, desk_copy, name, by, why, source, says):
    before = sorted((desk_copy / "params" / "scenarios").iterdir())
    desk.levers["diversion"].value = 0.2
    desk.name.value, desk.by.value, desk.why.value, desk.source.value = name, by, why, source
    assert desk.write() is None
    assert says in desk.saved.value
    assert sorted((desk_copy / "params" / "scenarios").iterdir()) == before


def test_nothing_changed_is_nothing_to_save(desk):
    desk.name.value, desk.by.value, desk.why.value = "mine", "A. Analyst", "a long enough reason"
    assert desk.write() is None
    assert "nothing" in desk.saved.value


def test_untouched_levers_follow_the_law_to_another_date(home):
    held = Desk(Explorer("strict-denial", 16, home))
    held.since.value = "2032Q1"
    assert held.levers["cloud_rule"].value == held.explorer.stands_at("2032Q1")["cloud_rule"]
    assert held.settings() == ([], [])


def test_the_chart_is_well_formed_and_says_in_words_what_it_shows(explorer):
    answer = explorer.answer(MOVED, [])
    root = ET.fromstring(svg(answer))
    assert root[0].text == words(answer)
    assert "32 draws" in words(answer)
    assert 'alt="Accessible compute at end-2028' in picture(answer)


def test_every_control_is_explained(explorer):
    table = levers_table(explorer).table
    assert set(table["control"]) >= {name.replace("_", " ") for name in explorer.levers}
    assert table["what it means"].str.len().min() > 20
    assert (table["unit"].str.len() > 0).all()


def test_a_channel_that_is_not_shown_is_refused(explorer):
    with pytest.raises(BadInput, match="onshore"):
        explorer.answer([], [], "licensed")
