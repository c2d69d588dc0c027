"""Rate per watt, who is paid, what a denial costs, who goes without: by pencil, as laws, and beside what was published."""

import numpy as np
import pandas as pd
import pytest

from forecast.contract import BadInput
from forecast.energy import rate_per_watt
from forecast.model import run
from forecast.names import FORKS, end_of_year
from forecast.receipts import denial_cost, displaced, receipts

LIMITED = FORKS["world"].index("limited")


@pytest.fixture(scope="module")
def money(inputs, result):
    return receipts(inputs, result)


@pytest.fixture(scope="module")
def others(inputs, result):
    return displaced(inputs, result)


def only(dataset, name, gpu_class, per_chip=1.0):
    """A copy in which one class alone has any chips."""
    kept = (dataset["gpu_class"] == gpu_class).astype(float) * per_chip
    return dataset.assign({name: (dataset[name] * kept).transpose(*dataset[name].dims)})


def test_a_fleet_of_one_class_has_the_rate_per_watt_of_its_sheet(inputs, result):
    found = rate_per_watt(inputs, only(result, "fleet_operational", "h20"))
    late = found["rate_per_kw"].sel(bound=end_of_year(2026)).values
    assert late == pytest.approx(296 / 1979 / 0.4, rel=1e-3)


def test_the_frontier_is_the_best_class_on_sale(inputs, result):
    found = rate_per_watt(inputs, result)
    h100 = 1 / 0.7
    assert found["frontier_rate_per_kw"].sel(bound=end_of_year(2022)).values == pytest.approx(h100, rel=1e-3)
    best = found["frontier_rate_per_kw"].values
    assert (best[None] >= found["us_rate_per_kw"].values * (1 - 1e-9)).all()


def test_watts_per_rate_at_the_end_of_2025_lie_beside_published_ones(inputs, result):
    found = rate_per_watt(inputs, result).sel(bound=end_of_year(2025)).isel(regime=0)
    assert 1 / np.median(found["rate_per_kw"].values) == pytest.approx(1.026, rel=0.25)
    assert 1 / np.median(found["us_rate_per_kw"].values) == pytest.approx(0.62, rel=0.15)


def test_halving_all_watts_doubles_the_rate_per_watt_and_leaves_the_ratio(inputs, result):
    once, twice = rate_per_watt(inputs, result), rate_per_watt(inputs.assign(tdp=inputs["tdp"] / 2), result)
    for name in ("rate_per_kw", "us_rate_per_kw", "frontier_rate_per_kw"):
        assert np.allclose(twice[name].values, 2 * once[name].values)
    assert np.allclose(twice["efficiency_ratio"].values, once["efficiency_ratio"].values)


def test_all_receipts_are_all_spending_by_channel(money, result):
    spent = result["spending"].transpose("regime", "channel", "quarter", "draw").values
    assert np.allclose(money.sum("recipient").values, spent, rtol=1e-5, atol=1e-5)


def test_nobody_is_paid_by_a_channel_that_is_not_theirs(money):
    paid = money.transpose("channel", ...)
    assert not paid.sel(channel="domestic", recipient=["American vendors", "US Treasury", "middlemen"]).any()
    assert not paid.sel(recipient="Chinese vendors", channel=["licensed", "diverted", "offshore"]).any()
    assert not paid.sel(recipient="US Treasury", channel=["diverted", "offshore"]).any()


def test_a_licensed_chip_with_duty_by_pencil(inputs, result):
    ten = result.assign(additions=result["additions"] * 0.0)
    place = {"regime": "current", "gpu_class": "h200", "channel": "licensed", "quarter": "2027-01-01"}
    ten["additions"].loc[place] = 1e6
    plain = {"list_price": 30_000.0, "duty_pass_through": 0.4, "levy": 0.25}
    fixed = inputs.assign({name: inputs[name] * 0.0 + value for name, value in plain.items()})
    paid = receipts(fixed, ten).sel(regime="current", channel="licensed", quarter="2027-01-01").isel(draw=0)
    assert paid.sel(recipient="US Treasury") == pytest.approx(7.5)
    assert paid.sel(recipient="American vendors") == pytest.approx(30 - 0.6 * 7.5)
    assert paid.sum() == pytest.approx(30 * 1.1)


def test_a_diverted_chip_pays_its_maker_the_list_price_and_middlemen_the_premium(inputs, result):
    ten = result.assign(additions=result["additions"] * 0.0)
    ten["additions"].loc[{"gpu_class": "b200", "channel": "diverted", "quarter": "2027-01-01"}] = 1e5
    fixed = inputs.assign(list_price=inputs["list_price"] * 0 + 40_000.0, diverted_premium=inputs["diverted_premium"] * 0 + 1.5)
    paid = receipts(fixed, ten).sel(regime="current", channel="diverted", quarter="2027-01-01").isel(draw=0)
    assert paid.sel(recipient="American vendors") == pytest.approx(4.0)
    assert paid.sel(recipient="middlemen") == pytest.approx(2.0)


def test_sales_of_h20_in_the_first_quarter_of_2025_are_what_nvidia_reported(money):
    ours = money.sel(regime="current", recipient="American vendors", channel="licensed", quarter="2025-01-01").values
    assert np.median(ours) == pytest.approx(4.6, rel=0.15)


def test_the_cost_of_a_denial_by_pencil(result):
    """100 units for 2 million dollars under the base; 50 for 1.5 million under the other, half a million left over."""
    made = {name: result[name] * 0.0 for name in ("bought_usable", "spending", "unmet_demand")}
    at = {"quarter": "2027-01-01"}
    made["bought_usable"].loc[{**at, "good": "training", "regime": "current"}] = 100.0
    made["bought_usable"].loc[{**at, "good": "training", "regime": "strict-denial"}] = 50.0
    made["spending"].loc[{**at, "channel": "domestic", "regime": "current"}] = 2e-3
    made["spending"].loc[{**at, "channel": "domestic", "regime": "strict-denial"}] = 1.5e-3
    made["spending"].loc[{**at, "channel": "offshore"}] = 99.0
    made["unmet_demand"].loc[{**at, "regime": "strict-denial"}] = 5e-4
    two = result.assign(made).sel(regime=["current", "strict-denial"])
    told = denial_cost(two, "2027Q4").set_index(["regime", "what"])["p50"]["strict-denial"]
    assert told["extra_price"] == pytest.approx(30_000 - 20_000)
    assert told["extra_money"] == pytest.approx(5e-4)
    assert told["lost"] == pytest.approx(50)
    assert told["lost_per_million"] == pytest.approx(50 - 1e6 / 30_000)
    assert told["unspent"] == pytest.approx(5e-4)
    with pytest.raises(BadInput, match="no price"):
        denial_cost(result.assign(made), "2027Q4")


def test_the_cost_counts_from_the_first_forecast_quarter_to_the_one_asked_for(result):
    """One quarter alone, then two: units lost are those of the quarters themselves."""
    first = int(result.attrs["observed_quarters"])
    quarters = result["quarter"].values
    lost = result["bought_usable"].sum("good").sel(regime="current") - result["bought_usable"].sum("good").sel(
        regime="strict-denial"
    )
    for many in (1, 2):
        last = pd.Period(quarters[first + many - 1], "Q")
        told = denial_cost(result, f"{last.year}Q{last.quarter}").set_index(["regime", "what"])["p50"]
        wanted = float(np.median(lost.isel(quarter=slice(first, first + many)).sum("quarter").values.astype(float)))
        assert told["strict-denial", "lost"] == pytest.approx(wanted, rel=1e-3)


def test_no_regime_costs_anything_against_itself(result):
    twin = result.sel(regime=["current", "current"]).assign_coords(regime=["current", "twin"])
    assert (denial_cost(twin, "2028Q4")[["p05", "p50", "p95"]] == 0).all().all()


@pytest.mark.parametrize(("quarter", "base", "word"), [("2024Q1", None, "not forecast"), ("2028Q4", "thaw", "unknown regime")])
def test_a_cost_that_cannot_be_told_is_refused(result, quarter, base, word):
    with pytest.raises(BadInput, match=word):
        denial_cost(result, quarter, base)


def test_nobody_goes_without_where_supply_follows_orders(inputs, others):
    trend = inputs["fork_world"].values != LIMITED
    assert trend.any()
    for name in ("us_displaced", "third_displaced"):
        assert (others[name].values[..., trend] == 0).all()
        assert others[name].values[..., ~trend].any()


def test_what_americans_go_without_is_what_the_model_takes_from_their_stock(inputs, others):
    """Against a run in which the same worlds have unlimited supply, with nothing that ages."""
    ageless = {name: inputs[name] * 0.0 for name in ("attrition",)} | {"economic_life": inputs["economic_life"] * 1e6}
    young = inputs.assign(ageless).isel(draw=slice(16))
    free = young.assign(fork_world=young["fork_world"] * 0 + (1 - LIMITED))
    made = run(young)
    taken = (run(free)["us_compute"] - made["us_compute"]).transpose("regime", "bound", "draw").values
    summed = displaced(young, made)["us_displaced"].transpose("regime", "quarter", "draw").values.cumsum(axis=1)
    assert summed[:, -1].max() > 1e4
    assert np.allclose(taken[:, 1:], summed, rtol=1e-3, atol=64.0)


def test_america_and_third_countries_go_without_in_proportion_to_their_shares(inputs, others):
    share = inputs["us_share"].values
    american, third = (others[name].transpose("regime", "quarter", "draw").values for name in ("us_displaced", "third_displaced"))
    flow = inputs["third_country_flow"].transpose("quarter", "draw").values
    free = (third > 1.0) & (third < flow * 0.999)
    assert free.any()
    assert np.allclose((american * (1.0 - share))[free], (third * share)[free], rtol=1e-4)


def test_third_countries_hold_what_they_were_sold_and_have_not_retired(inputs, others):
    sold = inputs["third_country_flow"].transpose("quarter", "draw").values.cumsum(axis=0)
    stock = others["third_compute"].transpose("regime", "bound", "draw").values
    assert (stock[:, 1:] <= sold * (1 + 1e-9)).all()
    assert (np.median(stock[:, 16] / sold[15], axis=-1) > 0.8).all()
