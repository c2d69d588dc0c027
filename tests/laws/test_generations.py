"""Laws of memory: the stockpile's provenance, two ways to count Chinese stacks, and what an older generation costs."""

import numpy as np
import pytest

from forecast.catalogue.load import open_catalogue
from forecast.contract import BadInput
from forecast.draws import normals, read_off
from forecast.model import run
from forecast.names import parse_quarter
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


def test_fast_enough_stacks_cost_nothing(inputs):
    fast = run(inputs.assign(stack_bandwidth=inputs["stack_bandwidth"] * 10))
    assert float(fast["memory_speed"].min()) == 1.0


def test_the_way_under_cheap_logic_changes_what_leaked_stacks_carry_and_not_how_many(inputs, result):
    all_of_it = run(inputs.assign(leak_copackaged=inputs["leak_copackaged"] * 0 + 1))
    assert np.array_equal(all_of_it["stacks_supplied"].values, result["stacks_supplied"].values)
    assert float(all_of_it["memory_speed"].min()) < float(result["memory_speed"].min()) or not np.array_equal(
        all_of_it["compute_bandwidth"].values, result["compute_bandwidth"].values
    )


def test_a_source_whose_generations_do_not_add_up_is_refused(desk_copy):
    path = desk_copy / "params/fabs/memory_mix.csv"
    text = path.read_text()
    path.write_text(text.replace("stockpile,2026Q1,hbm2e,0.9,", "stockpile,2026Q1,hbm2e,0.8,"))
    with pytest.raises(BadInput, match=r"(?s)do not add up.*stockpile 2026Q1"):
        open_catalogue(desk_copy)
    path.write_text(text.replace("stockpile,2026Q1,hbm2e", "stockpile,2026Q1,hbm2x"))
    with pytest.raises(BadInput, match="did you mean 'hbm2e'"):
        open_catalogue(desk_copy)
