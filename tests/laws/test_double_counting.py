"""Ten ways to count the same chip twice, each shut: billing, headquarters, diversion, stages of one flow, rental."""

import numpy as np
import pytest

from forecast.inputs import build_inputs
from forecast.model import run, simulate, unpacked
from forecast.model.opening import before
from forecast.sides import ratios
from forecast.stages import imports

TABLES = ("history/acquisitions.csv", "history/diverted.csv", "history/world.csv")


FLOWS = {
    "licensed": {"amd_2025", "amd_epoch", "amd_q4_2025", "epoch_legal", "ft_h200_delivered"},
    "diverted": {"cnas_2024", "epoch_smuggled"},
    "world": {"epoch_2026h1", "epoch_sales", "wargame_2026"},
}
"""Sources that count foreign chips where they were delivered. Before one joins them: what does it count that these do not?"""

CAME_BY_2025 = {"licensed": 0.41, "diverted": 0.66}
"""Millions of H100e that came in from 2022 to 2025, as the evidence adds them up by hand (design, arithmetic to check)."""


def inputs_of(catalogue):
    """Rows that enter the nowcast."""
    return {name: held[held["role"] == "input"] for name in TABLES for held in [catalogue.table(name)]}


def named(catalogue, *words):
    """Sources of the nowcast's rows whose title or publisher holds a word."""
    used = {source for rows in inputs_of(catalogue).values() for source in rows["source"].str.split().explode()}
    books = catalogue.table("sources.csv").set_index("source").loc[sorted(used)]
    text = (books["publisher"] + " " + books["title"]).str.lower()
    return [source for source, line in text.items() if any(word in line for word in words)]


def test_every_source_of_foreign_chips_counts_deliveries(catalogue):
    """A bill, a filing, a customs value or a laboratory's stock would be a source of another kind, whatever its name."""
    rows = inputs_of(catalogue)
    chips = rows["history/acquisitions.csv"]
    held = {
        "licensed": chips[chips["channel"] == "licensed"], "diverted": rows["history/diverted.csv"],
        "world": rows["history/world.csv"],
    }  # fmt: skip
    for kind, frame in held.items():
        assert set(frame["source"].str.split().explode()) == FLOWS[kind], kind


def test_what_came_in_by_2025_is_what_the_evidence_adds_up_to(inputs):
    early = inputs["quarter"].values < np.datetime64("2026-01-01")
    came = (inputs["observed"] * inputs["h100e"]).isel(quarter=early).sum(["gpu_class", "quarter"]).median("draw") / 1e6
    for channel, told in CAME_BY_2025.items():
        assert float(came.sel(channel=channel)) == pytest.approx(told, rel=0.1), channel
    assert float(came.sel(channel="offshore")) == 0.0


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
    """Of what is sold under licence a share stays abroad: there, and not here; nothing else there changes with it."""
    all_here = run(inputs.assign(offshore_placement=inputs["offshore_placement"] * 0))
    late = inputs["quarter"].values > np.datetime64("2026-09-30")
    share = inputs["offshore_placement"]
    here = result["additions"].sel(channel="licensed").isel(quarter=late)
    there = (result["additions"] - all_here["additions"]).sel(channel="offshore").isel(quarter=late)
    kept = (here * share / (1.0 - share)).transpose(*there.dims)
    assert float(kept.max()) > 1_000
    assert np.allclose(there.values, kept.values, rtol=1e-3, atol=1.0)


def test_6_what_may_come_in_is_what_is_sold_less_what_stays_abroad(inputs):
    x = unpacked(inputs)
    t = int(inputs.attrs["observed_quarters"]) + 8
    books = before(x)
    simulate(x, books, t)
    sold = imports.ceiling(books.supply[:, :, t], x.permitted[:, :, t], books.acceptance[:, :, t])[:, ~books.domestic]
    assert sold.max() > 1_000
    assert np.allclose(books.ceilings[0][:, ~books.domestic], sold * (1.0 - x.offshore_placement), rtol=1e-6)


def test_6_delivered_chips_kept_abroad_are_not_at_home(inputs):
    """Twenty thousand were delivered in 2026Q3: here and abroad together, whatever share of them stays there."""
    seen = inputs["observed"].sel(gpu_class="h200", quarter="2026-07-01")
    here, there = (seen.sel(channel=name).values for name in ("licensed", "offshore"))
    assert np.median(here + there) == pytest.approx(20_000, rel=0.05)
    assert np.allclose(there / (here + there), inputs["offshore_placement"].values)


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
