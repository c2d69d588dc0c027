"""The supply curve is the market that the model ran: same purchases, same money, cheapest first at zero dispersion."""

import numpy as np
import pandas as pd
import pytest

from forecast.contract import BadInput
from forecast.figures import runs_chart, supply_chart
from forecast.frontier import beside_record, frontier_runs, paths_of_runs
from forecast.model import run
from forecast.model.offer import offer
from forecast.names import GOODS
from forecast.supply_curve import COLUMNS, Curve, supply_curve

QUARTERS = ("2026Q4", "2028Q4")
HOME = ["licensed", "diverted", "domestic"]


@pytest.fixture(scope="module", params=QUARTERS)
def held(request, inputs):
    return request.param, offer(inputs, request.param, "open-blackwell")


def at(result, name, quarter, regime="open-blackwell"):
    moment = pd.Period(quarter, "Q").start_time
    return result[name].sel(regime=regime, quarter=moment)


def test_the_curve_buys_what_the_model_bought(held, result):
    quarter, market = held
    usable = (market["bought"] * market["usable"]).sum("option").transpose("good", "draw").values
    assert np.allclose(usable, at(result, "bought_usable", quarter).transpose("good", "draw").values, rtol=1e-5)
    for channel in HOME:
        here = market.isel(option=np.flatnonzero(market["channel"].values == channel))
        chips = here["bought"].sum("good").transpose("option", "draw").values
        bought = at(result, "additions", quarter).sel(channel=channel, gpu_class=here["gpu_class"].values)
        assert np.allclose(chips, bought.transpose("gpu_class", "draw").values, rtol=1e-4, atol=0.5)


def test_the_money_of_the_curve_is_the_budget_and_what_is_left_is_unmet(held, result):
    quarter, market = held
    assert np.allclose(market["money"].sum("good").values, at(result, "budget", quarter).values * 1e9, rtol=1e-5)
    assert np.allclose(market["left"].sum("good").values, at(result, "unmet_demand", quarter).values * 1e9, rtol=1e-4, atol=1e4)
    spent = (market["bought"] * market["price"]).sum(["good", "option"]).values
    by_channel = at(result, "spending", quarter).sel(channel=HOME).sum("channel").values * 1e9
    assert np.allclose(spent, by_channel, rtol=1e-5)


def test_nothing_is_bought_that_is_not_on_offer(held):
    assert (held[1]["bought"].values <= held[1]["offered"].values * (1 + 1e-9) + 1e-9).all()


@pytest.mark.parametrize("good", GOODS)
def test_the_steps_of_a_curve_follow_each_other_and_add_up(inputs, good):
    curve = supply_curve(inputs, "2028Q4", good)
    table = curve.table
    assert list(table.columns) == list(COLUMNS)
    assert table["price"].is_monotonic_increasing or np.allclose(np.minimum(np.diff(table["price"]), 0), 0, atol=1e-4)
    assert np.allclose(table["start"].to_numpy()[1:], table["end"].to_numpy()[:-1])
    assert table["cost"].sum() == pytest.approx((table["price"] * table["offered"]).sum() / 1e9)
    assert curve.spent == pytest.approx(table["spent"].sum(), rel=1e-5)
    assert curve.spent + curve.unmet == pytest.approx(curve.money)
    assert 0 < curve.reach <= table["end"].iloc[-1] * (1 + 1e-12)


def test_without_dispersion_and_mandate_purchases_stop_where_the_money_would_end(inputs):
    strictly = inputs.assign(
        choice_dispersion=inputs["choice_dispersion"] * 0,
        domestic_mandate=inputs["domestic_mandate"] * 0,
        capex=inputs["capex"] / 3,
    )
    found = [supply_curve(strictly, "2028Q4", "serving", draw=draw) for draw in range(8)]
    assert any(curve.unmet < 1e-6 < curve.table["end"].iloc[-1] - curve.reach for curve in found)
    for curve in found:
        assert curve.table["bought"].sum() == pytest.approx(curve.reach, rel=1e-4)
        part = curve.table["bought"] / curve.table["offered"]
        assert ((part > 0.999) | (part < 0.001)).sum() >= len(part) - 1


def test_more_money_reaches_further(inputs):
    poor, rich = (supply_curve(inputs.assign(capex=inputs["capex"] * by), "2027Q4", "serving", draw=3) for by in (0.5, 1.0))
    assert poor.money < rich.money
    assert poor.table["bought"].sum() <= rich.table["bought"].sum() * (1 + 1e-9)


def test_a_denied_class_is_no_step(inputs):
    """What is left under licence is the part that the vendor cut down for this law."""
    steps = supply_curve(inputs, "2028Q4", "training", "strict-denial").table
    licensed = steps.loc[steps["channel"] == "licensed", "gpu_class"]
    assert licensed.str.startswith("answer_").all()


def test_the_quarters_before_are_not_touched_by_stopping_early(inputs, result):
    again = run(inputs)
    assert np.array_equal(again["additions"].values, result["additions"].values)


@pytest.mark.parametrize(
    ("asked", "word"),
    [
        ({"quarter": "2025Q4"}, "not forecast"), ({"quarter": "2040Q1"}, "not forecast"), ({"quarter": "2028"}, "not a quarter"),
        ({"quarter": "2028Q4", "good": "play"}, "unknown good"), ({"quarter": "2028Q4", "regime": "thaw"}, "unknown regime"),
        ({"quarter": "2028Q4", "draw": 10**6}, "unknown world"),
    ],
)  # fmt: skip
def test_a_curve_that_cannot_be_drawn_is_refused(inputs, asked, word):
    with pytest.raises(BadInput, match=word):
        supply_curve(inputs, **asked)


def test_a_curve_by_pencil():
    table = pd.DataFrame({
        "gpu_class": ["a", "b"], "channel": ["domestic", "diverted"], "price": [10e3, 40e3], "offered": [50e3, 100e3],
        "bought": [50e3, 25e3], "start": [0.0, 50e3], "end": [50e3, 150e3], "cost": [0.5, 4.0], "spent": [0.5, 1.0],
    })  # fmt: skip
    curve = Curve("2028Q4", "current", "serving", 7, table, 1.5, 1.5, 0.0, 75e3, 0.3)
    drawing = supply_chart(curve, {"a": "Maker A", "b": "Maker B"}, "current law")
    assert "Maker A (domestic) at 10: 50 on offer, 50 bought" in drawing.alt
    assert "1.5 of 1.5 billion dollars" in drawing.alt
    lines = [line for line in drawing.figure.axes[0].lines if line.get_linestyle() == "--"]
    assert [float(line.get_xdata()[0]) for line in lines] == [75.0]
    assert len(drawing.data) == 2


def test_where_all_is_bought_the_chart_says_what_is_left_and_draws_no_line():
    table = pd.DataFrame({
        "gpu_class": ["a"], "channel": ["domestic"], "price": [10e3], "offered": [50e3], "bought": [50e3], "start": [0.0],
        "end": [50e3], "cost": [0.5], "spent": [0.5],
    })  # fmt: skip
    drawing = supply_chart(Curve("2028Q4", "current", "training", 0, table, 2.0, 0.5, 1.5, 50e3, 0.3), {}, "current law")
    assert not [line for line in drawing.figure.axes[0].lines if line.get_linestyle() == "--"]
    assert "all is bought; 1.5 of 2.0 bn USD unspent" in [text.get_text() for text in drawing.figure.legends[0].get_texts()]


def test_money_that_may_buy_nothing_else_waits_and_the_chart_does_not_say_that_all_is_bought():
    table = pd.DataFrame({
        "gpu_class": ["a", "b"], "channel": ["domestic", "diverted"], "price": [10e3, 20e3], "offered": [50e3, 50e3],
        "bought": [50e3, 10e3], "start": [0.0, 50e3], "end": [50e3, 100e3], "cost": [0.5, 1.0], "spent": [0.5, 0.2],
    })  # fmt: skip
    curve = Curve("2028Q4", "current", "training", 0, table, 1.5, 0.7, 0.8, 100e3, 0.9, barred=0.86)
    drawing = supply_chart(curve, {}, "current law")
    assert not curve.all_bought
    assert "0.80 of 1.5 bn USD wait for Chinese chips" in [text.get_text() for text in drawing.figure.legends[0].get_texts()]
    assert "86% may buy nothing else" in drawing.note


def test_the_share_that_buys_chinese_first_is_no_less_than_what_is_barred_from_others(inputs):
    bar = inputs["sovereign_share"] * 0 + 0.95
    held = offer(inputs.assign(sovereign_share=bar), "2028Q4", "current")
    assert np.allclose(held["barred"], 0.95)
    assert (held["first"] >= held["barred"]).all()
    curve = supply_curve(inputs.assign(sovereign_share=bar), "2028Q4")
    assert (curve.mandate, curve.barred) == (pytest.approx(max(0.95, curve.mandate)), pytest.approx(0.95))


def test_the_chart_of_runs_marks_its_axis_by_powers_of_ten(inputs, result, catalogue):
    runs = frontier_runs(inputs, result)
    record = beside_record(runs, catalogue.table("history/training_runs.csv"))
    axes = runs_chart(paths_of_runs(runs), record, "2026Q3", "current law").figure.axes[0]
    marks = [text.get_text() for text in axes.get_yticklabels()]
    assert "10²⁶" in marks
    assert not any("$" in mark or "^" in mark for mark in marks)


def test_the_chart_of_runs_shows_three_paths_and_counts_what_lies_below(inputs, result, catalogue):
    runs = frontier_runs(inputs, result)
    record = beside_record(runs, catalogue.table("history/training_runs.csv"))
    drawing = runs_chart(paths_of_runs(runs), record, "2026Q3", "current law")
    assert set(drawing.data["series"]) == {"onshore", "accessible", "American"}
    chinese = record[record["largest"] & (record["country"] == "CN")]
    assert f"{(chinese['share'] < 1).sum()} of {len(chinese)} lie below" in drawing.alt
    raised = record.assign(share=record["share"] * 1e3)
    assert f"0 of {len(chinese)} lie below" in runs_chart(paths_of_runs(runs), raised, "2026Q3", "current law").alt
