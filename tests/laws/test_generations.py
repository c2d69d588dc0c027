"""Laws of memory: the stockpile's provenance, two ways to count Chinese stacks, and what an older generation costs."""

import numpy as np
import pytest
import xarray as xr

from forecast.catalogue.load import open_catalogue
from forecast.contract import BadInput
from forecast.draws import normals, read_off
from forecast.inputs.axes import Axes
from forecast.inputs.fabs import memory_inputs
from forecast.model import run
from forecast.names import STACK_ORIGINS, parse_quarter
from forecast.quantity import Spread


def later(array, first="2026Q4"):
    return array.sel(quarter=slice(parse_quarter(first), None))


def by_year(array, year):
    return array.sel(quarter=slice(parse_quarter(f"{year}Q1"), parse_quarter(f"{year}Q4"))).sum("quarter").values


def test_the_stockpile_less_what_was_used_is_what_is_left(catalogue):
    """Central values within 15 % of the belief's; with each row at its own rank the ends within a factor of two of theirs.

    The lower end of the belief is one account that has almost nothing left; the rows alone do not go so low.
    """
    table = catalogue.table("fabs/stockpile.csv")
    central = table["p50"].where(table["side"] == "arrived", -table["p50"]).sum()
    belief = catalogue.quantities["hbm_left"].spread
    assert central == pytest.approx(belief.p50, rel=0.15)
    left = np.zeros(4096)
    for row in table.itertuples():
        rows = read_off(Spread(p05=row.p05, p50=row.p50, p95=row.p95), "log", normals(1, row.item, len(left)))
        left += rows if row.side == "arrived" else -rows
    low, middle, high = np.quantile(np.maximum(left, 0.0), [0.05, 0.5, 0.95])
    assert belief.p05 < middle < belief.p95
    assert 0.5 < low / belief.p05 < 2
    assert 0.5 < high / belief.p95 < 2


def test_rows_of_the_stockpile_that_repeat_an_input_say_the_same(catalogue):
    table = catalogue.table("fabs/stockpile.csv").set_index("item")
    leaked, made = (catalogue.quantities[name].path for name in ("hbm_illicit", "hbm_domestic"))
    for quantile in ("p05", "p50", "p95"):
        assert table.loc["leaked_2025", quantile] == getattr(leaked["2025"], quantile)
        assert table.loc["domestic_to_2025", quantile] == getattr(made["2024"], quantile) + getattr(made["2025"], quantile)


@pytest.mark.parametrize("year", range(2026, 2033))
def test_stacks_by_wafers_and_as_elicited_agree_within_their_spread(inputs, result, year):
    """The median of each lies within the 90 % interval of the other."""
    counted, elicited = by_year(result["stacks_by_wafers"], year), by_year(inputs["hbm_domestic"], year)
    for one, other in ((counted, elicited), (elicited, counted)):
        low, high = np.quantile(other, [0.05, 0.95])
        assert low <= np.median(one) <= high


def test_up_to_the_origin_packages_are_as_fast_as_their_sheets(result):
    seen = result["memory_speed"].sel(quarter=slice(None, parse_quarter("2026Q3")))
    assert (seen == 1).all()


def test_slower_stacks_take_bandwidth_and_serving_and_leave_the_rate_alone(inputs, result):
    after = inputs["quarter"] > parse_quarter("2026Q3")
    slow = inputs["stack_bandwidth"].where(~after, inputs["stack_bandwidth"] * 0.3).transpose(*inputs["stack_bandwidth"].dims)
    out = run(inputs.assign(stack_bandwidth=slow))
    assert np.array_equal(out["compute_nominal"].values, result["compute_nominal"].values)
    assert (later(out["memory_speed"], "2028Q1") < 0.7).all()
    for name in ("compute_bandwidth", "compute_serving"):
        home, had = (run_[name].sel(channel="domestic", bound="2031-01-01") for run_ in (out, result))
        assert (home < had * 0.9).all(), name
        for channel in ("licensed", "diverted", "offshore"):
            assert np.array_equal(out[name].sel(channel=channel).values, result[name].sel(channel=channel).values)


def test_bandwidth_lost_is_what_new_packages_lack_cohort_by_cohort(inputs, result):
    """With nothing ever retired the stock is the sum of what came, each at the speed of its quarter."""
    still = {"attrition": 0.0, "economic_life": 1e9}
    kept = {name: inputs[name] * 0 + value for name, value in still.items()}
    after = inputs["quarter"] > parse_quarter("2026Q3")
    slow = inputs["stack_bandwidth"].where(~after, inputs["stack_bandwidth"] * 0.5).transpose(*inputs["stack_bandwidth"].dims)
    out = run(inputs.assign(stack_bandwidth=slow, **kept))
    chips = out["additions"].sel(channel="domestic") * inputs["bandwidth"] / 3.35
    carried = (chips * (1 - inputs["with_stacks"] * (1 - out["memory_speed"]))).sum(["gpu_class", "quarter"])
    found = out["compute_bandwidth"].sel(channel="domestic").isel(bound=-1)
    assert np.allclose(found.transpose("regime", "draw").values, carried.transpose("regime", "draw").values, rtol=1e-4)


def test_serving_lost_is_what_new_packages_lack_by_the_weight_of_memory_and_of_their_software(inputs):
    """With nothing retired or waiting: rate^(1-w) bandwidth^w of each chip, less speed^w of its quarter, by software."""
    w, still = inputs["bandwidth_weight"], {"attrition": 0.0, "economic_life": 1e9, "install_lag_domestic": 1e-6}
    kept = inputs.assign({name: inputs[name] * 0 + value for name, value in still.items()})
    after = inputs["quarter"] > parse_quarter("2026Q3")
    by = {"fast": 10.0, "slow": 0.5}
    out = {
        name: run(kept.assign(stack_bandwidth=kept["stack_bandwidth"].where(~after, kept["stack_bandwidth"] * factor).transpose(
            *kept["stack_bandwidth"].dims)))
        for name, factor in by.items()
    }  # fmt: skip
    chips = out["slow"]["additions"].sel(channel="domestic") * inputs["with_stacks"]
    each = inputs["h100e"] ** (1 - w) * (inputs["bandwidth"] / 3.35) ** w
    lost = (chips * each * (1 - out["slow"]["memory_speed"] ** w)).sum(["gpu_class", "quarter"]) * inputs["availability"]
    lost = lost * inputs["software_serving"].isel(bound=-1)
    fast, slow = (out[name]["compute_serving"].sel(channel="domestic").isel(bound=-1) for name in ("fast", "slow"))
    assert float(out["fast"]["memory_speed"].min()) == 1.0
    found = (fast - slow).transpose("regime", "draw").values
    assert np.allclose(found, lost.transpose("regime", "draw").values, rtol=2e-3, atol=1.0)


def test_newer_generations_slip_from_the_origin_on_and_never_before(scenario, catalogue):
    axes = Axes(scenario, catalogue)
    none, late = (
        memory_inputs(catalogue, scenario, axes, {"memory_slip": np.full(scenario.draws, quarters)})["stack_bandwidth"][1]
        for quarters in (0.0, 6.0)
    )
    assert np.array_equal(late[:, : scenario.observed], none[:, : scenario.observed])
    assert not np.allclose(late[:, scenario.observed :], none[:, scenario.observed :])
    origin = none[:, [scenario.observed - 1]]
    assert (np.abs(late - origin)[:, scenario.observed + 2] <= np.abs(none - origin)[:, scenario.observed + 2] + 1e-9).all()


def test_logic_and_memory_is_logic_times_the_share_of_chinese_stacks_in_what_packages_took(inputs):
    """Before inventories are followed: Chinese stacks over all that packages begun took, at most one."""
    plenty = inputs["hbm_domestic"] * 1e4
    early = slice(parse_quarter("2024Q1"), parse_quarter("2025Q4"))
    out = run(inputs)
    stacks = inputs["hbm_domestic"] + inputs["hbm_inhouse"] * (1 - inputs["hbm_overlap"])
    good = inputs["package_yield"] * (1 - inputs["die_escape"] * (1 - inputs["die_screening"])) ** inputs["compute_dies"]
    took = (out["additions"].sel(channel="domestic") * inputs["stacks"] * inputs["with_stacks"] / good).sum("gpu_class")
    share = np.minimum(stacks / np.maximum(took, 1e-9), 1.0).sel(quarter=early).transpose("regime", "quarter", "draw").values
    logic, both = (
        out[name].sel(quarter=early).transpose("regime", "quarter", "draw").values for name in ("share_logic", "share_memory")
    )
    assert ((share > 0.01) & (share < 0.99)).any()
    assert np.allclose(both, logic * share, rtol=1e-3, atol=1e-5)
    none = run(inputs.assign(hbm_domestic=plenty, foreign_die_share=inputs["foreign_die_share"] * 0 + 1.0))
    assert float(none["share_memory"].sel(quarter=early).max()) == 0.0


def test_fast_enough_stacks_cost_nothing(inputs):
    fast = run(inputs.assign(stack_bandwidth=inputs["stack_bandwidth"] * 10))
    assert float(fast["memory_speed"].min()) == 1.0


def test_the_way_under_cheap_logic_changes_what_leaked_stacks_carry_and_not_how_many(inputs, result):
    all_of_it = run(inputs.assign(leak_copackaged=inputs["leak_copackaged"] * 0 + 1))
    assert np.array_equal(all_of_it["stacks_supplied"].values, result["stacks_supplied"].values)
    assert float(all_of_it["memory_speed"].min()) < float(result["memory_speed"].min()) or not np.array_equal(
        all_of_it["compute_bandwidth"].values, result["compute_bandwidth"].values
    )


def test_a_supply_that_there_is_none_of_sets_no_speed(inputs):
    """Without own stacks of the vendors and without leaks only the standard Chinese stacks and the stockpile count."""
    one = inputs.assign({name: inputs[name] * 0 for name in ("hbm_inhouse", "hbm_illicit")})
    rate, axis = one["stack_bandwidth"], one["stack_bandwidth"].dims[0]

    def slower(origin):
        held = np.arange(len(STACK_ORIGINS)) != STACK_ORIGINS.index(origin)
        return run(one.assign(stack_bandwidth=rate.where(xr.DataArray(held, dims=axis), rate * 0.2).transpose(*rate.dims)))

    plain, without, with_ = (
        out["compute_bandwidth"].sel(channel="domestic") for out in (run(one), slower("in-house"), slower("standard"))
    )
    assert np.array_equal(without.values, plain.values)
    assert float((with_.isel(bound=-1) < plain.isel(bound=-1)).mean()) > 0.5


def test_what_was_left_of_the_stockpile_is_foreign_until_it_is_used(inputs):
    """A stock of stacks that lasts for years: what packages take in the first quarter that follows it was not made in China."""
    out = run(inputs.assign(hbm_left=inputs["hbm_left"] * 0 + 1e10, inventory_release=inputs["inventory_release"] * 0 + 1.0))
    first = out["share_memory"].sel(quarter=parse_quarter("2026Q1"))
    assert float(out["share_logic"].sel(quarter=parse_quarter("2026Q1")).max()) > 0.2
    assert float(first.max()) < 0.02


def test_a_source_whose_generations_do_not_add_up_is_refused(desk_copy):
    path = desk_copy / "params/fabs/memory_mix.csv"
    text = path.read_text()
    path.write_text(text.replace("stockpile,2026Q1,hbm2e,0.9,", "stockpile,2026Q1,hbm2e,0.8,"))
    with pytest.raises(BadInput, match=r"(?s)do not add up.*stockpile 2026Q1"):
        open_catalogue(desk_copy)
    path.write_text(text.replace("stockpile,2026Q1,hbm2e", "stockpile,2026Q1,hbm2x"))
    with pytest.raises(BadInput, match="did you mean 'hbm2e'"):
        open_catalogue(desk_copy)
