"""The twenty-three things of the real world that the package must contain: each is turned, and moves what it should."""

import datetime as dt
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest

from forecast.buyers import compute_by_sector, months_later
from forecast.energy import rate_per_watt
from forecast.frontier import frontier_runs
from forecast.inputs import build_inputs
from forecast.model import run
from forecast.names import end_of_year
from forecast.receipts import displaced, receipts
from forecast.regime import LEVERS, NO_EFFECT, Move, Regime
from forecast.rulebook import classify
from tests.laws.test_levers import ABOUT, SHUT

DAY = dt.date(2027, 1, 1)
HOME = ["licensed", "diverted", "domestic"]


class Turn(NamedTuple):
    """A lever set to a value from 2027 on, for some where names are given, and the result that it must move."""

    lever: str
    value: object
    result: str
    where: dict[str, object] = {}  # noqa: RUF012
    whom: dict[str, tuple[str, ...]] = {}  # noqa: RUF012


LAW: dict[int, tuple[Turn, ...]] = {
    1: (Turn("control.all", SHUT, "permitted"), Turn("control.all", SHUT, "additions", {"channel": "licensed"})),
    2: (
        Turn("tool_sales", 0.0, "dies_made", {}, {"firms": ("SMIC",)}),
        Turn("proxy_foundry", 0.0, "additions", {"channel": "domestic", "gpu_class": "kunlun_m100"}, {"firms": ("Kunlunxin",)}),
    ),
    3: (
        Turn("diversion", 0.0, "additions", {"channel": "diverted"}),
        Turn("diversion", 3.0, "additions", {"channel": "diverted"}),
    ),
    5: (
        Turn("quota_ratio", 0.01, "additions", {"channel": "licensed"}), Turn("duty", 1.0, "price_paid"),
        Turn("revenue_share", 0.5, "price_paid"),
    ),
    7: (
        Turn("cloud_rule", 1.0, "offshore_rented"),
        Turn("cloud_rule", 1.0, "offshore_rented", {"country": "MY"}, {"countries": ("SG", "JP")}),
        Turn("hq_rule", 0.0, "offshore_owned"),
    ),
    8: (
        Turn("tool_sales", 0.0, "dies_made", {}, {"countries": ("NL",)}), Turn("tool_servicing", 0.0, "yield_7nm"),
        Turn("subcomponents", 0.0, "dies_made"), Turn("memory_tools", 0.0, "stacks_supplied"),
        Turn("hbm_access", 0.0, "stacks_supplied"),
    ),
    9: (Turn("proxy_foundry", 0.0, "dies_foreign"),),
    10: (Turn("public_funding", 2.0, "stacks_supplied"), Turn("public_funding", 2.0, "dies_made")),
    11: (
        Turn("training_programmes", 3.0, "software_reached"),
        Turn("training_programmes", 0.0, "compute_training", {"channel": "domestic"}),
    ),
    17: (
        Turn("cn_accept", 0.0, "acceptance"), Turn("cn_accept", 0.0, "additions", {"channel": "licensed"}),
        Turn("hostility", 3.0, "acceptance"), Turn("sovereign_only", 3.0, "spending", {"channel": "diverted"}),
    ),
}  # fmt: skip
"""Rows with a lever of law."""

INPUTS: dict[int, tuple[tuple[str, float, str, dict[str, object]], ...]] = {
    4: (("us_additions", 0.8, "us_compute", {}),),
    6: (("host_mw", 0.2, "offshore_rented", {"country": "MY"}), ("host_mw", 0.2, "offshore_owned", {"country": "SG"})),
    9: (("packaging_capacity", 0.5, "additions", {"channel": "domestic"}),),
    11: (
        ("software_training", 0.8, "compute_training", {"channel": "domestic"}),
        ("software_serving", 0.8, "compute_serving", {"channel": "domestic"}),
    ),
    12: (("tdp", 0.8, "power", {"channel": "domestic"}), ("n3_share", 0.5, "yield_5nm", {})),
    16: (("capex", 0.7, "unmet_demand", {}), ("capex", 0.7, "additions", {"channel": "domestic"})),
    17: (
        ("domestic_mandate", 0.3, "additions", {"channel": "diverted"}),
        ("sovereign_share", 2.0, "spending", {"channel": "diverted"}),
    ),
}
"""Rows with an input of the model: scaled by a factor, it moves a result."""

DERIVED: dict[int, tuple[tuple[str, float, str], ...]] = {
    13: (("efficiency_growth", 0.8, "effective_run"), ("efficiency_time_price", 1.2, "effective_run"),
         ("efficiency_size_price", 1.2, "held_parameters")),
    14: (("offshore_run_share", 0.5, "largest_run"),),
    15: (("largest_owner_share", 0.8, "largest_run"), ("run_days", 0.8, "largest_run"),
         ("training_utilisation", 0.9, "largest_run")),
    19: (("availability", 0.9, "run_after_closure"),),
    20: (("us_lab_openai", 0.8, "lab_ratio"), ("us_lab_anthropic", 0.8, "lab_ratio")),
}  # fmt: skip
"""Rows whose result is derived from a run: scaled by a factor, an input moves it."""

ELSEWHERE = {4, 18, 19, 21, 22, 23}
"""Rows that have a test of their own below."""


def regime_of(number: int, turn: Turn) -> Regime:
    move = Move(lever=turn.lever, since=DAY, value=turn.value, tag="M", reason="made up for a test", **turn.whom)
    name = f"row-{number}-{turn.lever.replace('_', '-').replace('.', '-')}-{abs(hash(repr(turn))) % 10**6}"
    return Regime(name=name, announced=DAY, effective=DAY, moves=(move,), status="what_if", **ABOUT)


TURNS = [(number, turn) for number, turns in LAW.items() for turn in turns]


@pytest.fixture(scope="module")
def small(scenario, catalogue):
    """Current law and every turn of a lever, on few draws."""
    regimes = {(number, turn.lever, turn.result, str(turn)): regime_of(number, turn) for number, turn in TURNS}
    book = {**catalogue.regimes, **{one.name: one for one in regimes.values()}}
    asked = scenario.model_copy(update={"regimes": ("current", *(one.name for one in regimes.values())), "draws": 16})
    built = build_inputs(asked, replace(catalogue, regimes=book))
    return built, run(built), {key: one.name for key, one in regimes.items()}


@pytest.fixture(scope="module")
def base(small):
    built, result, _ = small
    return built.sel(regime=["current"]), result.sel(regime=["current"])


def test_every_row_of_the_mission_is_walked():
    assert {*LAW, *INPUTS, *DERIVED, *ELSEWHERE} == set(range(1, 24))


def test_every_lever_is_turned_or_says_that_it_has_no_effect():
    turned = {turn.lever for _, turn in TURNS}
    left = {name for name, row in LEVERS.items() if name not in turned and row.acts_on != NO_EFFECT}
    assert left == {"counter_answer", "network_parts"}, (
        "tests/hand/test_answers_in_the_model.py turns the one where a vendor has answered, test_systems.py the other"
    )


MOVING = [(number, turn) for number, turn in TURNS if LEVERS.get(turn.lever, LEVERS["duty"]).acts_on != NO_EFFECT]


@pytest.mark.parametrize(("number", "turn"), MOVING, ids=[f"{n}-{t.lever}-{t.result}" for n, t in MOVING])
def test_a_lever_of_law_moves_the_result_of_its_row(small, number, turn):
    _, result, names = small
    name = names[number, turn.lever, turn.result, str(turn)]
    one = result[turn.result].sel(turn.where) if turn.where else result[turn.result]
    assert not np.array_equal(one.sel(regime=name).values, one.sel(regime="current").values)


WAYS = [(number, *row) for number, rows in INPUTS.items() for row in rows]


@pytest.mark.parametrize(("number", "name", "factor", "moved", "where"), WAYS, ids=[f"{w[0]}-{w[1]}-{w[3]}" for w in WAYS])
def test_an_input_moves_the_result_of_its_row(base, number, name, factor, moved, where):
    built, result = base
    other = run(built.assign({name: built[name] * factor}))
    before, after = (one[moved].sel(where) if where else one[moved] for one in (result, other))
    assert not np.allclose(before.values, after.values, rtol=1e-3)


FROM_RUNS = [(number, *row) for number, rows in DERIVED.items() for row in rows]


@pytest.mark.parametrize(("number", "name", "factor", "moved"), FROM_RUNS, ids=[f"{w[0]}-{w[1]}" for w in FROM_RUNS])
def test_an_input_of_runs_moves_the_result_of_its_row(base, number, name, factor, moved):
    built, result = base
    other = built.assign({name: built[name] * factor})
    before, after = (frontier_runs(each, result, efficient=True)[moved].values for each in (built, other))
    assert not np.allclose(before, after, rtol=1e-3)


def test_row_1_and_4_each_class_is_free_licensed_or_denied_and_blackwell_comes_when_it_is_let(scenario, catalogue):
    asked = scenario.model_copy(update={"regimes": ("current", "open-blackwell"), "draws": 16})
    built = build_inputs(asked, catalogue)
    result = run(built)
    late = {"quarter": np.datetime64("2028-10-01"), "gpu_class": "b30a"}
    assert float(built["permitted"].sel(late, drop=True).sel(regime="current")) == 0.0
    assert float(built["permitted"].sel(late, drop=True).sel(regime="open-blackwell")) == 1.0
    sold = result["additions"].sel(late, drop=True).sel(channel=["licensed", "offshore"]).sum(("channel", "draw"))
    assert float(sold.sel(regime="open-blackwell")) > float(sold.sel(regime="current"))


@pytest.mark.parametrize("firm", ["Biren", "Moore Threads"])
def test_row_2_a_listing_cuts_a_firm_off_from_its_day_on(firm):
    """Entity List of 2023-10-17, 88 FR 71991: before it a V100 was free for both, as it is for others after."""
    assert classify("V100", on="2022-03-01", to="CN", buyer=firm).status == "free"
    assert classify("V100", on="2023-10-18", to="CN", buyer=firm).status == "licence_presumption_of_denial"


def test_row_5_a_quota_by_share_of_american_sales_says_that_it_has_no_effect(small):
    """The elicited supply of the H200 holds its cap already; caps in units stand on the rules they belong to."""
    _, result, names = small
    assert LEVERS["quota_ratio"].acts_on == NO_EFFECT
    name = next(value for key, value in names.items() if key[1] == "quota_ratio")
    assert np.array_equal(result["additions"].sel(regime=name).values, result["additions"].sel(regime="current").values)


def test_row_18_self_sufficiency_is_a_result_by_quarter_with_its_spread(base):
    _, result = base
    for name in ("share_designed", "share_logic", "share_memory"):
        values = result[name].sel(quarter=slice(np.datetime64("2026-10-01"), None)).values
        assert values.min() >= 0
        assert values.max() <= 1 + 1e-6
        assert np.ptp(values, axis=-1).max() > 0.01
    assert (result["share_memory"] <= result["share_logic"] + 1e-6).all()
    assert (result["share_logic"] <= result["share_designed"] + 1e-6).all()


def test_row_19_reliance_abroad_is_exposed_in_runs_and_in_stock(base):
    built, result = base
    runs = frontier_runs(built, result)
    assert float(runs["run_exposed"].max()) > 0
    assert (runs["run_after_closure"] <= runs["largest_run"].sel(channel="accessible") + 1e-6).all()


def test_row_21_vendors_duty_and_displaced_buyers_move_with_licences(scenario, catalogue):
    asked = scenario.model_copy(update={"regimes": ("current", "open-blackwell", "strict-denial"), "draws": 16})
    built = build_inputs(asked, catalogue)
    result = run(built)
    money, gone = receipts(built, result), displaced(built, result)
    year = slice(np.datetime64("2028-01-01"), np.datetime64("2028-12-31"))
    vendors = money.sel(recipient="American vendors", quarter=year).sum(("channel", "quarter", "draw"))
    assert float(vendors.sel(regime="open-blackwell")) > float(vendors.sel(regime="current"))
    assert float(vendors.sel(regime="current")) >= float(vendors.sel(regime="strict-denial"))
    for name in ("us_displaced", "third_displaced"):
        there = gone[name].sel(quarter=year).sum(("quarter", "draw"))
        assert float(there.sel(regime="open-blackwell")) > float(there.sel(regime="strict-denial"))


def test_row_22_a_class_with_a_judged_rate_contributes_in_proportion_to_it(base):
    built, result = base
    name = "biren_br106"
    rate = built["h100e"]
    half = rate.where(rate["gpu_class"] != name, rate * 0.5)
    other = run(built.assign(h100e=half.transpose(*rate.dims)))
    own = _contribution(built, result, name), _contribution(built.assign(h100e=half), other, name)
    assert own[0] > 0
    assert own[1] < own[0]
    spread = np.quantile(rate.sel(gpu_class=name).values, [0.05, 0.95])
    assert spread[1] / spread[0] > 1.2


def _contribution(built, result, name) -> float:
    chips = result["fleet_acquired"].sel(gpu_class=name, bound=end_of_year(2026)).sum("channel")
    return float((chips * built["h100e"].sel(gpu_class=name)).sum())


def test_row_23_a_denial_delays_sectors_and_more_those_that_need_giant_models(scenario, catalogue):
    asked = scenario.model_copy(update={"regimes": ("current", "strict-denial"), "draws": 32})
    built = build_inputs(asked, catalogue)
    result = run(built)
    held = compute_by_sector(built, result, catalogue.table("demand/buyers.csv"), catalogue.table("demand/sectors.csv"))
    later = months_later(held, "current", "strict-denial", end_of_year(2028))
    assert np.nanmedian(later.values) > 0


def test_row_12_rate_per_watt_stands_beside_the_frontier(base):
    built, result = base
    held = rate_per_watt(built, result)
    better = built.assign(tdp=built["tdp"] * 0.5)
    assert np.allclose(
        rate_per_watt(better, result)["rate_per_kw"].values[:, 8:], 2 * held["rate_per_kw"].values[:, 8:], rtol=1e-4
    )
