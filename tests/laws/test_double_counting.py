"""Ten ways to count the same chip twice, each shut: billing, headquarters, diversion, stages of one flow, rental."""

import numpy as np
import pytest

from forecast.inputs import build_inputs
from forecast.model import run
from forecast.sides import ratios

TABLES = ("history/acquisitions.csv", "history/diverted.csv", "history/world.csv")


def inputs_of(catalogue):
    """Rows that enter the nowcast."""
    return {name: held[held["role"] == "input"] for name in TABLES for held in [catalogue.table(name)]}


def named(catalogue, *words):
    """Sources of the nowcast's rows whose title or publisher holds a word."""
    used = {source for rows in inputs_of(catalogue).values() for source in rows["source"].str.split().explode()}
    books = catalogue.table("sources.csv").set_index("source").loc[sorted(used)]
    text = (books["publisher"] + " " + books["title"]).str.lower()
    return [source for source, line in text.items() if any(word in line for word in words)]


def test_1_no_billing_by_place_enters_a_flow(catalogue):
    assert named(catalogue, "billing", "singapore", "revenue by region") == []


def test_2_revenue_by_headquarters_is_no_import(catalogue, inputs, result):
    assert named(catalogue, "headquarters", "10-q") == []
    row = catalogue.table("history/acquisitions.csv").query("gpu_class == 'h200' and channel == 'licensed'")
    assert (row["p95"] * 27_000 < 0.89e9).all()


def test_3_chips_bought_abroad_are_a_part_of_the_stock_abroad_and_not_beside_it(inputs, result):
    whole = result["compute_nominal"].sel(channel="offshore")
    owned, rented = result["offshore_owned"].sum("country"), result["offshore_rented"].sum("country")
    assert np.allclose((owned + rented).values, whole.values, rtol=1e-5)
    elicited = inputs["offshore_stock"].sel(bound="2026-01-01").values
    assert np.allclose(whole.sel(regime="current", bound="2026-01-01").values, elicited, rtol=0.12)


def test_4_diverted_chips_are_not_taken_for_chips_abroad(inputs, result):
    more = run(inputs.assign(observed=_scaled(inputs["observed"], "diverted", 2.0)))
    early = {"bound": "2026-01-01"}
    for name in ("offshore_owned", "offshore_rented"):
        assert np.array_equal(more[name].sel(early).values, result[name].sel(early).values)


def _scaled(observed, channel, by):
    factor = observed["channel"].copy(data=np.where(observed["channel"].values == channel, by, 1.0)).astype(float)
    return (observed * factor).transpose(*observed.dims)


def test_5_two_estimates_of_diversion_are_one_row_a_quarter(catalogue):
    rows = inputs_of(catalogue)["history/diverted.csv"]
    assert not rows.duplicated("quarter").any()


def test_6_licensed_chips_kept_abroad_count_once_and_there(inputs, result):
    all_here = run(inputs.assign(offshore_placement=inputs["offshore_placement"] * 0))
    rate = inputs["h100e"]
    late = inputs["quarter"].values > np.datetime64("2026-09-30")
    named = "open-blackwell" if "open-blackwell" in result.regime.values else str(result.regime.values[-1])

    def total(one):
        both = one["additions"].sel(regime=named, channel=["licensed", "offshore"]).sum("channel")
        return (both * rate).sum("gpu_class").transpose("quarter", "draw").values[late].sum()

    kept = result["additions"].sel(regime=named, channel="licensed").sum()
    moved = all_here["additions"].sel(regime=named, channel="licensed").sum()
    assert float(kept) < float(moved)
    assert total(all_here) == pytest.approx(total(result), rel=0.35)


def test_7_orders_approvals_and_licences_of_the_h200_are_not_rows_beside_deliveries(catalogue):
    rows = inputs_of(catalogue)["history/acquisitions.csv"]
    h200 = rows[(rows["gpu_class"] == "h200") & (rows["channel"] == "licensed")]
    assert not h200.duplicated("quarter").any()
    assert h200["p50"].sum() == pytest.approx(20_000)


def test_8_no_laboratorys_stock_enters_beside_the_flows(catalogue):
    assert named(catalogue, "deepseek", "high-flyer", "stockpile of a lab") == []


def test_9_what_chinese_tenants_rent_of_american_clouds_is_not_american_use(inputs, result):
    held = ratios(inputs, result)
    none = ratios(inputs.assign(rented_american=inputs["rented_american"] * 0), result)
    assert (held["use"].values <= none["use"].values).all()
    assert (held["use"].values[:, -1] < none["use"].values[:, -1]).all()
    assert np.array_equal(held["owner"].values, none["owner"].values)


def test_10_customs_values_of_hosts_enter_no_stock(catalogue, scenario):
    assert named(catalogue, "customs", "hs code", "import value") == []
    once = build_inputs(scenario, catalogue)
    for name in catalogue.quantities:
        if name.startswith("host_mw"):
            assert "import" not in catalogue.quantities[name].reason.lower()
    assert "host_mw" in once


def test_the_same_row_twice_does_not_load(catalogue):
    for name, rows in inputs_of(catalogue).items():
        keys = [key for key in ("series", "channel", "gpu_class", "quarter") if key in rows]
        assert not rows.duplicated(keys).any(), name
