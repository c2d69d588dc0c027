"""Laws of the largest system: supernodes come late and fill, what stands stays, either limit binds, parts of networks matter."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from forecast.catalogue.demand import check_supernodes
from forecast.contract import BadInput
from forecast.frontier import frontier_runs, limit_by_record, limit_by_supernodes, network_limit
from forecast.inputs import build_inputs
from forecast.model import run
from forecast.names import end_of_year
from forecast.stages import frontier
from forecast.systems_tables import supernodes_table, system_paths, systems_table
from tests.hand.test_frontier_tables import SCOPE
from tests.laws.test_levers import made_up

DAY = dt.date(2027, 1, 1)


@pytest.fixture(scope="module")
def turned(scenario, catalogue):
    """Current law, and parts for networks shut off and doubled from 2027 on."""
    regimes = [made_up(f"parts-{name}", [("network_parts", DAY, value)]) for name, value in (("none", 0.0), ("twice", 2.0))]
    book = {**catalogue.regimes, **{one.name: one for one in regimes}}
    asked = scenario.model_copy(update={"regimes": ("current", *(one.name for one in regimes))})
    inputs = build_inputs(asked, replace(catalogue, regimes=book))
    return inputs, run(inputs)


def test_a_fabric_is_empty_before_the_first_delivery_and_whole_after_its_ramp():
    since = np.array([-1.0, 0.0, 0.5, 1.0, 3.0])[:, None]
    assert frontier.joined_cards(np.array([800.0]), since, np.array([1.0]))[:, 0].tolist() == [0.0, 0.0, 400.0, 800.0, 800.0]


def test_what_stands_stays_and_the_lever_scales_what_is_added():
    path = np.array([10.0, 30.0, 20.0, 70.0])[:, None]
    lever = np.array([[1.0, 1.0, 1.0], [1.0, 1.0, 0.0], [0.5, 1.0, 2.0]])
    found = frontier.widened(path, lever)[..., 0]
    assert found.tolist() == [[10.0, 30.0, 30.0, 70.0], [10.0, 30.0, 30.0, 30.0], [10.0, 20.0, 20.0, 100.0]]


def test_the_typical_card_is_weighted_by_what_it_computes():
    chips, rate = np.array([90.0, 10.0])[:, None, None], np.array([0.1, 2.0])[:, None]
    assert frontier.typical_card(chips, rate)[0, 0] == pytest.approx((9 * 0.1 + 20 * 2.0) / 29)
    assert frontier.typical_card(0 * chips, rate)[0, 0] == 0.0


def test_the_fabric_of_chinese_cards_is_the_largest_kind_by_hand(catalogue, scenario, inputs):
    """In the median world of 2026Q1 only servers and the 384 are there; by 2031 a supernode of 15 488 cards leads."""
    rows = catalogue.table("demand/supernodes.csv").set_index("system")
    late = inputs["fabric_chinese"].sel(bound=end_of_year(2031)).values
    best = inputs["h100e"].sel(gpu_class="ascend_970").values * 15_488
    assert (late <= best * rows["joined_p95"].max() * 2.5).all()
    assert np.median(late) > np.median(best) * 10
    early = np.median(inputs["fabric_chinese"].sel(bound=end_of_year(2025)).values)
    card = np.median(inputs["h100e"].sel(gpu_class="ascend_910c").values)
    assert 8 * 500 * 0.2 < early < 384 * rows.loc["matrix_384", "joined_p50"] * card


def test_supernodes_that_slip_come_later(catalogue, scenario, inputs):
    table = catalogue.table("demand/supernodes.csv")
    slow = table.assign(
        **{name: table[name] + 8 * (table["late_p95"] > table["late_p05"]) for name in ("late_p05", "late_p50", "late_p95")}
    )
    other = build_inputs(scenario, replace(catalogue, tables={**catalogue.tables, "demand/supernodes.csv": slow}))
    at = {"bound": end_of_year(2028)}
    assert (other["fabric_chinese"].values <= inputs["fabric_chinese"].values + 1e-9).all()
    assert np.median(other["fabric_chinese"].sel(at).values) < 0.8 * np.median(inputs["fabric_chinese"].sel(at).values)


def test_both_paths_hold_the_clusters_that_are_known(inputs, result):
    """Confirmed at the end of 2024: about 30 000 H100e in the largest; the two paths agree within a factor of two until 2025."""
    for year in (2024, 2025):
        place = list(result["bound"].values).index(end_of_year(year))
        joined, record = (np.median(limit(inputs, result)[0, place]) for limit in (limit_by_supernodes, limit_by_record))
        assert 1 / 2 < joined / record < 2
    place = list(result["bound"].values).index(end_of_year(2024))
    assert np.quantile(limit_by_supernodes(inputs, result)[0, place], 0.95) > 30_000


def test_worlds_follow_one_path_each_in_the_stated_share(scenario, catalogue, inputs, result):
    by_record = inputs["system_by_record"].values == 1
    assert by_record.mean() == pytest.approx(catalogue.quantities["record_weight"].exact, abs=0.12)
    both = network_limit(inputs, result)
    assert np.array_equal(both[..., by_record], limit_by_record(inputs, result)[..., by_record])
    assert np.array_equal(both[..., ~by_record], limit_by_supernodes(inputs, result)[..., ~by_record])


def test_parts_for_networks_hold_back_the_largest_system_from_their_date_on_and_undo_nothing(turned):
    inputs, result = turned
    runs = frontier_runs(inputs, result)
    before, late = {"bound": np.datetime64("2027-01-01")}, {"bound": end_of_year(2030)}
    system = runs["largest_system"].sel(channel="onshore")
    law, none, twice = (system.sel(regime=name) for name in ("current", "parts-none", "parts-twice"))
    assert np.array_equal(none.sel(before).values, law.sel(before).values)
    assert (none.values <= law.values + 1e-6).all()
    assert (law.values <= twice.values + 1e-6).all()
    assert np.median(none.sel(late).values) < 0.7 * np.median(law.sel(late).values)
    assert np.median(twice.sel(late).values) > np.median(law.sel(late).values)
    record = limit_by_record(inputs, result)[list(result["regime"].values).index("parts-none")]
    place = [int(np.searchsorted(result["bound"].values, moment)) for moment in (before["bound"], late["bound"])]
    assert np.allclose(record[place[1]], record[place[0]]), "without parts what stands stays, and no more comes"
    for name in ("additions", "compute_training"):
        assert np.array_equal(result[name].sel(regime="parts-none").values, result[name].sel(regime="current").values), name


@pytest.mark.parametrize("reach", [1.0, 0.5])
def test_a_fabric_of_chinese_cards_delivers_what_their_software_reaches(inputs, result, reach):
    """Chinese cards alone: cards joined, times what software reaches of their rate, times what is not down."""
    alone = inputs.assign(fabric_foreign=inputs["fabric_foreign"] * 0.0)
    told = result.assign(software_reached=result["software_reached"] * reach)
    found = limit_by_supernodes(alone, told)[0]
    joined = np.maximum.accumulate(inputs["fabric_chinese"].transpose("bound", "draw").values, axis=0)
    reached = told["software_reached"].isel(regime=0).transpose("bound", "draw").values.astype(float)
    assert np.allclose(found, joined * reached * inputs["availability"].values, rtol=1e-6)


def test_a_better_foreign_card_widens_the_fabric_of_foreign_cards(inputs, result):
    at = list(result["bound"].values).index(end_of_year(2025))
    chips = result["fleet_operational"].copy(deep=True)
    chips.loc[{"channel": "diverted", "gpu_class": "b300"}] = 1e7
    law, more = (limit_by_supernodes(inputs, one)[:, at] for one in (result, result.assign(fleet_operational=chips)))
    assert (more >= law - 1e-6).all()
    assert np.median(more) > 1.5 * np.median(law)


def test_the_table_says_what_limits_and_shows_known_clusters(inputs, result, catalogue, scenario):
    runs = frontier_runs(inputs, result)
    paths = system_paths(inputs, result, runs, "current")
    owner, joined, record = (paths[name].values for name in ("owner", "supernodes", "record"))
    network = np.where(inputs["system_by_record"].values == 1, record, joined)
    assert np.allclose(paths["system"].values, np.minimum(owner, network), rtol=1e-6)
    assert np.array_equal(paths["limited"].values == 1, owner > network)
    assert np.array_equal(paths["limited_supernodes"].values == 1, owner > joined)
    assert np.array_equal(paths["limited_record"].values == 1, owner > record)
    table = systems_table(paths, catalogue, SCOPE)
    known = [row[-1] for row in table.rows]
    assert known == ["24", "32", "88", *["–"] * (len(known) - 3)]
    held = table.data.set_index(["quarter", "what"])["p50"]
    assert held["2028Q4", "supernodes"] == pytest.approx(np.median(joined[list(result["bound"].values).index(end_of_year(2028))]))
    assert len(supernodes_table(catalogue).rows) == len(catalogue.table("demand/supernodes.csv"))


def test_a_belief_above_its_makers_claim_is_refused(catalogue, tmp_path):
    table = catalogue.table("demand/supernodes.csv").copy()
    check_supernodes(tmp_path, table)
    with pytest.raises(BadInput, match="more than its maker claims"):
        check_supernodes(tmp_path, table.assign(claimed=1.0))
    with pytest.raises(BadInput, match="out of order"):
        check_supernodes(tmp_path, table.assign(late_p50=99.0))
