"""Units: published conversions, round trips, one stock in ten units, and warnings where the order turns."""

import numpy as np
import pytest
import xarray as xr

from forecast.catalogue.history import check_tables
from forecast.catalogue.schema import COUNTED
from forecast.contract import BadInput
from forecast.names import end_of_year
from forecast.yardsticks import convert, facts_of_chips, rank_changes, stocks_in_units, units_table

HOME = ["licensed", "diverted", "domestic"]


@pytest.fixture(scope="module")
def table(catalogue):
    return units_table(catalogue)


@pytest.fixture(scope="module")
def stocks(inputs, result, catalogue):
    return stocks_in_units(inputs, result, catalogue)


@pytest.mark.parametrize(
    ("amount", "unit", "to", "published"),
    [
        (1, "eflops_16bit", "h100e", 1011),
        (1, "b300e", "h100e", 2.527),
        (1, "gb300e_bandwidth", "h100e_bandwidth", 2.39),
        (1590, "eflops_16bit", "h100e", 1.61e6),
        (624e3, "b300e", "h100e", 1.58e6),
        (15840 / 15832, "h100e_tpp", "h100e", 1.0),
    ],
)
def test_published_conversions_to_the_three_digits_published(table, amount, unit, to, published):
    assert convert(amount, unit, to, table) == pytest.approx(published, rel=0.004)


def test_conversions_round_trip(table):
    rates = ("h100e", "h100e_tpp", "b300e", "eflops_16bit")
    for one in rates:
        for other in rates:
            assert convert(convert(7.0, one, other, table), other, one, table) == pytest.approx(7.0)


@pytest.mark.parametrize(
    ("unit", "to", "word"),
    [("h100", "h100e", "did you mean"), ("h100e", "chips", "depends on the chip"), ("gw", "usd_bn", "depends")],
)
def test_what_cannot_be_converted_is_refused(table, unit, to, word):
    with pytest.raises(BadInput, match=word):
        convert(1.0, unit, to, table)


@pytest.mark.parametrize(
    ("gpu_class", "counts", "unit", "published"),
    [
        ("b30a", "rate_8bit", "h100e", 1.26), ("b30a", "tpp", "h100e_tpp", 1.89), ("b300", "tpp", "h100e_tpp", 3.79),
        ("h20", "rate_8bit", "h100e", 0.15), ("h20", "bandwidth", "h100e_bandwidth", 1.19),
        ("h200", "bandwidth", "h100e_bandwidth", 1.43), ("a100", "tpp", "h100e_tpp", 0.315),
        ("rubin", "tpp", "h100e_tpp", 8.84), ("rubin", "rate_8bit", "h100e", 8.42), ("b300", "rate_4bit", "gb300e_4bit", 1.0),
        ("h100", "rate_4bit", "gb300e_4bit", 1979 / 15000),
    ],
)  # fmt: skip
def test_a_chip_counts_in_each_unit_what_was_published(inputs, catalogue, table, gpu_class, counts, unit, published):
    place = list(inputs["gpu_class"].values).index(gpu_class)
    fact = facts_of_chips(inputs, catalogue)[counts][place]
    assert fact / table.loc[unit, "amount"] == pytest.approx(published, rel=0.005)


def test_every_kind_of_unit_is_counted_for_every_class(inputs, catalogue):
    facts = facts_of_chips(inputs, catalogue)
    assert set(facts) == set(COUNTED)
    assert all((array > 0).all() for array in facts.values())


def test_the_headline_unit_gives_the_headline_stocks(stocks, result):
    ours = stocks.sel(unit="h100e")
    nominal = result["compute_nominal"].sel(channel=HOME).sum("channel").transpose("regime", "bound", "draw")
    assert np.allclose(ours.sel(country="China").values, nominal.values, rtol=1e-5)
    assert np.allclose(ours.sel(country="United States").values, result["us_compute"].values, rtol=1e-5)


def test_machines_draw_the_power_of_their_chips_and_of_servers_and_network(inputs, result, catalogue):
    """Before cooling: doubling the overhead doubles the gigawatts of both countries and no other unit."""
    more = inputs.assign(power_overhead=inputs["power_overhead"] * 2.0)
    one, two = (stocks_in_units(each, result, catalogue) for each in (inputs, more))
    for unit in one["unit"].values:
        factor = 2.0 if unit == "gw" else 1.0
        assert np.allclose(two.sel(unit=unit), one.sel(unit=unit) * factor, rtol=1e-5), unit


def test_chips_are_chips_and_units_of_one_fact_are_proportional(stocks, result):
    chips = result["fleet_acquired"].sel(channel=HOME).sum(["channel", "gpu_class"]).transpose("regime", "bound", "draw")
    assert np.allclose(stocks.sel(unit="chips", country="China").values, chips.values, rtol=1e-5)
    late = stocks.sel(bound=end_of_year(2027))
    assert np.allclose(late.sel(unit="h100e").values / late.sel(unit="b300e").values, 5000 / 1979, rtol=1e-5)


def test_chinese_stock_counts_for_more_in_bandwidth_and_for_less_in_four_bits(stocks):
    at = stocks.sel(bound=end_of_year(2025)).isel(regime=0)
    china = {
        unit: float(np.median(at.sel(unit=unit, country="China").values)) for unit in ("b300e", "gb300e_bandwidth", "gb300e_4bit")
    }
    assert china["gb300e_bandwidth"] / china["b300e"] == pytest.approx(2.0, rel=0.25)
    assert china["gb300e_4bit"] / china["b300e"] == pytest.approx(0.5, rel=0.25)


def made(first, second):
    """Two regimes and two countries with the same stock in every world; values are H100e and bandwidth."""
    values = np.zeros((2, 2, 2, 1, 4))
    values[:, 0, 0, 0], values[:, 0, 1, 0] = np.array(first)[:, None], np.array(second)[:, None]
    values[:, 1] = 1e3
    coords = {
        "unit": ["h100e", "h100e_bandwidth"], "country": ["China", "United States"], "regime": ["ten H20", "four H100"],
        "bound": [end_of_year(2028).astype("datetime64[ns]")], "draw": range(4),
    }  # fmt: skip
    return xr.DataArray(values, dims=list(coords), coords=coords)


def test_ten_h20_against_four_h100_turn_with_the_unit():
    found = rank_changes(made((1.5, 11.9), (4.0, 4.0)), ["2028Q4"])
    assert len(found) == 1
    row = found.iloc[0]
    assert (row["kind"], row["unit"], row["first"], row["second"]) == ("regimes", "h100e_bandwidth", "ten H20", "four H100")
    assert row["reference"] == pytest.approx((1.5 - 4) / 4)
    assert row["other"] == pytest.approx((11.9 - 4) / 11.9)
    assert row["worlds"] == 1.0


def test_no_warning_where_the_order_stands_or_nothing_divides():
    assert rank_changes(made((1.5, 3.9), (4.0, 4.0)), ["2028Q4"]).empty
    assert rank_changes(made((4.0, 4.0), (4.0, 4.0)), ["2028Q4"]).empty


def test_a_country_that_leads_in_one_unit_alone_is_told():
    stocks = made((2e3, 1.0), (1.0, 1.0))
    found = rank_changes(stocks, ["2028Q4"])
    assert list(found["kind"]) == ["countries"]
    assert found.iloc[0]["first"] == "China (ten H20)"


def test_a_unit_of_another_kind_is_refused_with_its_line(catalogue):
    wrong = catalogue.table("units.csv").copy()
    wrong.loc[3, "of"] = "TPP"
    with pytest.raises(BadInput, match="another kind") as told:
        check_tables(catalogue.home / "params", {**catalogue.tables, "units.csv": wrong})
    assert told.value.line == 5
    assert told.value.expected == "TFLOP/s"
