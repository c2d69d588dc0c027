"""Laws of a whole run, on real inputs with few draws."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from forecast.anticipation import first_word
from forecast.balance import balance
from forecast.contract import Breach, seal
from forecast.inputs import build_inputs
from forecast.model import run
from forecast.names import CHANNELS, TERMS, label_quarter, parse_quarter
from forecast.regime import resolve
from forecast.rows import grouped

AFTER = "2026Q4"


def later(array):
    return array.sel(quarter=slice(parse_quarter(AFTER), None))


def test_chips_are_conserved(result):
    stock = result["fleet_acquired"].transpose(..., "bound", "draw").values.astype(float)
    flows = (result["additions"] - result["retired"]).transpose(..., "quarter", "draw").values.astype(float)
    assert np.abs(np.diff(stock, axis=-2) - flows).max() <= 1e-6 * stock.max()


@pytest.mark.parametrize(("stock", "plus", "minus"), [
    ("dies_stock", ["dies_made", "dies_foreign", "dies_imputed"], "dies_used"),
    ("stacks_stock", ["stacks_supplied", "stacks_imputed"], "stacks_used"),
])  # fmt: skip
def test_dies_and_stacks_are_conserved(result, stock, plus, minus):
    change = np.diff(result[stock].sel(bound=slice("2026-01-01", None)).values.astype(float), axis=1)
    flows = sum(result[name] for name in plus) - result[minus]
    flows = flows.sel(quarter=slice("2026-01-01", None)).values.astype(float)
    assert np.abs(change - flows).max() <= 1e-6 * np.abs(flows).max()


def test_dollars_are_conserved_and_no_budget_is_exceeded(result):
    spent = later(result["spending"].drop_sel(channel="offshore").sum("channel")).values
    budget, left = later(result["budget"]).values, later(result["unmet_demand"]).values
    assert np.abs(spent + left - budget).max() <= 1e-5 * budget.max()
    assert (spent <= budget * (1 + 1e-6)).all()


def test_pathways_add_up_to_the_totals(result):
    whole = grouped(result["compute_nominal"])
    parts = sum(result["compute_nominal"].sel(channel=c) for c in CHANNELS)
    assert np.allclose(whole.sel(channel="accessible"), parts.transpose(*whole.sel(channel="accessible").dims), rtol=1e-6)


def test_nothing_is_negative_or_missing(result):
    for name in result.data_vars:
        values = result[name].values
        assert np.isfinite(values).all(), name
        if name not in ("dies_imputed", "stacks_imputed"):
            assert (values >= 0).all(), name


def test_a_denial_is_a_zero_in_the_licensed_channel(result):
    denied = later(result["permitted"]) == 0
    licensed = later(result["additions"]).sel(channel="licensed")
    assert denied.any()
    assert float(licensed.where(denied, 0.0).max()) == 0.0


def test_regimes_share_their_past_bit_for_bit(result, catalogue):
    """Until the first quarter in which a move of one regime alone is expected, announced or in force."""
    base = set(resolve("current", catalogue.regimes))
    seen = set()
    for regime in result["regime"].values[1:]:
        moves = [move for move in resolve(regime, catalogue.regimes) if move not in base]
        words = [min(first_word(move, regime, catalogue.regimes), move.since) for move in moves]
        first = parse_quarter(label_quarter(pd.Timestamp(min(words))))
        seen.add(label_quarter(first))
        for name in ("additions", "fleet_acquired", "compute_nominal", "stacks_stock"):
            dim = "quarter" if "quarter" in result[name].dims else "bound"
            before = result[name][dim] < first if dim == "quarter" else result[name][dim] <= first
            past = result[name].isel({dim: before.values})
            assert np.array_equal(past.sel(regime=regime).values, past.isel(regime=0).values), (name, regime)
    assert max(seen) > AFTER


def test_regimes_differ_in_the_end(result):
    last = result["compute_nominal"].isel(bound=-1).sum("channel")
    for regime in result["regime"].values[1:]:
        assert not np.array_equal(last.sel(regime=regime).values, last.isel(regime=0).values)


def test_equal_runs_are_equal_and_blocks_and_workers_change_nothing(inputs, result):
    for block, workers in ((64, 1), (20, 2), (7, 3)):
        again = run(inputs, block=block, workers=workers)
        for name in result.data_vars:
            assert np.array_equal(again[name].values, result[name].values), (name, block)


def test_fewer_draws_are_the_same_worlds(scenario, catalogue, result):
    few = run(build_inputs(scenario.model_copy(update={"draws": 16}), catalogue))
    assert np.array_equal(few["compute_nominal"].values, result["compute_nominal"].isel(draw=slice(16)).values)


def test_the_order_of_regimes_changes_nothing(scenario, catalogue, result):
    turned = scenario.model_copy(update={"regimes": tuple(reversed(scenario.regimes))})
    again = run(build_inputs(turned, catalogue))
    for regime in scenario.regimes:
        assert np.array_equal(
            again["compute_nominal"].sel(regime=regime).values, result["compute_nominal"].sel(regime=regime).values
        )


def test_a_regime_equal_to_its_base_has_no_effect(scenario, catalogue):
    from dataclasses import replace

    twin = catalogue.regimes["current"].model_copy(update={"name": "twin"})
    doubled = replace(catalogue, regimes={**catalogue.regimes, "twin": twin})
    same = run(build_inputs(scenario.model_copy(update={"regimes": ("current", "twin"), "draws": 32}), doubled))
    assert np.array_equal(same["compute_nominal"].isel(regime=0).values, same["compute_nominal"].isel(regime=1).values)


def _quiet(inputs: xr.Dataset) -> xr.Dataset:
    """The inputs with every behavioural response off."""
    names = ("gap_elasticity", "acceptance_advantage", "acceptance_cover", "domestic_mandate", "choice_dispersion")
    names = (*names, "scarcity_response", "learning_lost")
    return inputs.assign({name: inputs[name] * 0 for name in (*names, "fork_bottlenecks", "fork_diversion")})


@pytest.mark.parametrize("name", ["hbm_domestic", "hbm_inhouse", "packaging_capacity", "logic_capacity"])
def test_more_of_one_input_never_lowers_what_has_been_made(inputs, name):
    """On cumulative output with mix and package yield held: more memory today may use up dies of a later, better quarter."""
    held = {key: inputs[key].isel(quarter=18).expand_dims(quarter=inputs["quarter"]) for key in ("package_mix", "package_yield")}
    held = {key: array.transpose(*inputs[key].dims) for key, array in held.items()}
    base = _quiet(inputs).assign(accelerator_share=inputs["accelerator_share"] * 1e3, **held)
    after = inputs["quarter"] >= parse_quarter(AFTER)
    values = xr.where(after, base[name] * 1.5, base[name]).transpose(*base[name].dims)
    runs = [run(x)["additions"].sel(channel="domestic").sum("gpu_class") for x in (base, base.assign({name: values}))]
    few, many = (flow.cumsum("quarter").values for flow in runs)
    assert (many >= few * (1 - 1e-6)).all()


def test_loosening_the_licensed_ceiling_never_lowers_what_is_acquired(inputs):
    base = _quiet(inputs).assign(accelerator_share=inputs["accelerator_share"] * 1e3)
    more = base.assign(vendor_supply=base["vendor_supply"] * 2)
    few, many = (run(x)["additions"].sum(["channel", "gpu_class"]) for x in (base, more))
    assert (many.values >= few.values * (1 - 1e-6)).all()


def test_denser_defects_never_raise_what_logic_allows(inputs):
    base = _quiet(inputs)
    worse = base.assign(defects_n2=base["defects_n2"] * 1.3, defects_n3=base["defects_n3"] * 1.3)
    assert (run(worse)["dies_made"].values <= run(base)["dies_made"].values * (1 + 1e-6)).all()


def test_homogeneity_twice_the_supplies_money_and_stocks_is_twice_the_stock(inputs):
    """Learning off: it goes by cumulative wafers relative to a reference, so doubling both leaves defects alone."""
    base = _quiet(inputs)
    twice = [
        "observed",
        "vendor_supply",
        "logic_capacity",
        "proxy_dies",
        "die_bank_left",
        "hbm_left",
        "hbm_domestic",
        "hbm_inhouse",
    ]
    twice += [
        "hbm_illicit",
        "packaging_capacity",
        "capex",
        "diverted_base",
        "diversion_ceiling",
        "offshore_stock",
        "host_mw",
    ]
    double = base.assign({name: base[name] * 2 for name in twice})
    one, two = run(base), run(double)
    for name in ("additions", "fleet_acquired", "compute_nominal", "power"):
        assert np.allclose(two[name].values, 2 * one[name].values, rtol=2e-4, atol=1e-6), name


def test_no_seam_at_the_origin(result):
    """A warning of the design, kept as a test on medians: no channel above 10k H100e a quarter jumps by more than 1.5."""
    flows = (result["additions"] * result["h100e"]).sum("gpu_class").isel(regime=0).median("draw")
    last, first = flows.sel(quarter=parse_quarter("2026Q3")), flows.sel(quarter=parse_quarter("2026Q4"))
    for channel in ("domestic", "diverted"):
        a, b = float(last.sel(channel=channel)), float(first.sel(channel=channel))
        assert a > 1e4
        assert max(a / b, b / a) <= 1.5, channel


def test_nan_in_any_float_input_is_refused(inputs):
    for name in ("hbm_domestic", "h100e", "observed", "economic_life"):
        values = inputs[name].values.copy()
        values.flat[0] = np.nan
        with pytest.raises(Breach):
            run(inputs.assign({name: (inputs[name].dims, values)}))


def test_a_misspelt_label_is_refused(inputs):
    with pytest.raises((Breach, ValueError)):
        xr.align(
            inputs["h100e"], inputs["observed"].assign_coords(gpu_class=[f"{c}_" for c in inputs.gpu_class.values]), join="exact"
        )


def test_every_result_is_in_the_vocabulary_with_unit_name_and_method(result):
    for name in result.data_vars:
        assert result[name].dims == TERMS[name].dims
        assert result[name].attrs["units"] == TERMS[name].unit
        assert result[name].attrs["long_name"]
        assert result[name].attrs["method"]


def test_the_ledger_refuses_books_that_do_not_balance():
    with pytest.raises(Breach, match="chips do not balance"):
        balance({"chips": (np.array([1.0, 2.0]), np.array([1.0, 2.1]))})


def test_the_seal_refuses_what_the_vocabulary_does_not_say(inputs):
    axes = {dim: inputs.indexes[dim] for dim in inputs.dims}
    good = np.zeros((3, 44, 64))
    assert seal("budget", good, TERMS["budget"].dims, axes, "test").attrs["units"] == "bn USD/quarter"
    for bad in (good[:, 1:], good - 1.0, good * np.nan):
        with pytest.raises(Breach):
            seal("budget", bad, TERMS["budget"].dims, axes, "test")


def test_one_value_for_an_input_that_changes_with_time_holds_in_every_quarter(scenario, catalogue):
    from forecast.scenario import Override

    for given in ({"exact": 50.0}, {"spread": {"p05": 40.0, "p50": 50.0, "p95": 60.0}}):
        override = Override.model_validate({**given, "by": "a test", "reason": "to see it hold"})
        changed = build_inputs(scenario.model_copy(update={"overrides": {"capex": override}}), catalogue)
        assert changed["capex"].dims == ("quarter", "draw")
        assert changed["capex"].median().item() == pytest.approx(12.5, rel=0.05)
    assert float(build_inputs(scenario, catalogue)["capex"].isel(quarter=-1).median()) > 40.0


def test_chips_bought_abroad_are_bought_with_licensed_ones_in_the_elicited_share(inputs, result):
    """Of a licensed class, offshore over all is the placement share of the world, quarter by quarter."""
    after = later(result["additions"]).sel(gpu_class="b30a", regime="open-blackwell")
    owned = later(result["additions"]).sel(gpu_class="b30a", regime="current", channel="offshore")
    home, abroad = after.sel(channel="licensed"), after.sel(channel="offshore") - owned
    both = home + abroad
    share = (abroad / both.where(both > 1.0)).transpose("quarter", "draw").values
    expected = np.broadcast_to(inputs["offshore_placement"].values, share.shape)
    seen = np.isfinite(share)
    assert seen.sum() > 100
    assert share[seen] == pytest.approx(expected[seen], rel=1e-3)


def test_packages_are_bought_or_unsold(inputs):
    """With no new money packages wait in most worlds (what the nowcast spent goes on, fading); with plenty none does."""
    broke = run(inputs.assign(capex=inputs["capex"] * 1e-9))
    assert float((broke["unsold"].isel(bound=-1) > 0).mean()) > 0.9
    assert float(run(inputs.assign(accelerator_share=inputs["accelerator_share"] * 1e3))["unsold"].max()) == 0.0


def test_what_is_wholly_chinese_is_no_more_than_what_has_chinese_logic_and_that_no_more_than_what_is_designed(result):
    designed, logic, memory = (result[f"share_{name}"].values for name in ("designed", "logic", "memory"))
    assert (memory <= logic).all()
    assert (logic <= designed).all()
    assert designed.max() <= 1.0


def test_without_foreign_dies_and_stacks_the_three_ratios_meet(inputs):
    none = {name: inputs[name] * 0 for name in ("proxy_dies", "die_bank_left", "hbm_left", "hbm_illicit")}
    result = later(run(inputs.assign(none)))
    assert np.allclose(result["share_memory"].values, result["share_designed"].values, atol=1e-6)
