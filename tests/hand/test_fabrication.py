"""Fabrication by pencil."""

import numpy as np
import pytest

from forecast.stages import fabrication


def test_wafers_for_a_million_two_die_packages_are_the_published_number():
    # 114 thousand wafers at 30 % die yield and 75 % package yield, 78 gross dies.
    wafers = 1e6 * 2 / (78 * 0.30 * 0.75)
    made = fabrication.assemble(
        (np.array([wafers * 78 * 0.30]), np.array([1e9]), np.array([1e9])), (np.array([2.0]), np.array([8.0]), np.array([1.0]))
    )
    assert wafers == pytest.approx(113_960, rel=1e-3)
    assert made.starts * 0.75 == pytest.approx(1e6)


def test_the_scarcest_input_binds_and_the_others_are_left():
    offered = (np.array([300.0, 100.0, 300.0]), np.array([400.0, 800.0, 800.0]), np.array([200.0, 200.0, 50.0]))
    made = fabrication.assemble(offered, (np.array([2.0]), np.array([8.0]), np.array([1.0])))
    assert made.binding.tolist() == [fabrication.MEMORY, fabrication.LOGIC, fabrication.PACKAGING]
    assert made.starts.tolist() == [50.0, 50.0, 50.0]
    assert made.dies_used.tolist() == [100.0, 100.0, 100.0]


def test_memory_bound_output_ignores_extra_dies():
    each = (np.array([2.0]), np.array([8.0]), np.array([1.0]))
    few = fabrication.assemble((np.array([300.0]), np.array([400.0]), np.array([200.0])), each)
    many = fabrication.assemble((np.array([3000.0]), np.array([400.0]), np.array([200.0])), each)
    assert few.starts == many.starts


def test_without_a_ban_the_plan_of_wafers_is_kept():
    plan = np.array([[10.0], [20.0], [15.0], [40.0]])
    assert fabrication.tool_limited(plan, 0, np.ones((1, 4, 1)))[0] == pytest.approx(plan)


def test_half_the_tools_give_half_the_additions_and_keep_every_fall():
    plan = np.array([[10.0], [20.0], [15.0], [40.0]])
    limited = fabrication.tool_limited(plan, 1, np.full((1, 4, 1), 0.5))[0, :, 0]
    assert limited == pytest.approx([10.0, 20.0, 15.0, 27.5])


def test_servicing_falls_in_a_straight_line_to_eight_quarters_and_no_further():
    found = fabrication.serviced(np.array([0.0, 4.0, 8.0, 20.0]), np.array(0.8))
    assert found == pytest.approx([1.0, 0.9, 0.8, 0.8])


def test_a_gap_is_halved_in_its_half_life():
    gap = np.array([300.0, 0.0])
    assert fabrication.faded(gap, 0, np.array(6.0)).tolist() == [300.0, 0.0]
    assert fabrication.faded(gap, 6, np.array(6.0)).tolist() == [150.0, 0.0]


def test_surprise_is_whole_after_a_year_and_grows_no_more_after_two():
    assert fabrication.surprise(np.array(1.5), 4) == pytest.approx(1.5)
    assert fabrication.surprise(np.array(1.5), 40) == pytest.approx(1.5 ** np.sqrt(2))


def test_missed_servicing_builds_up_by_a_quarter_and_is_made_good_at_the_same_pace():
    lever = np.array([[1.0, 0.0, 0.0, 1.0, 1.0], [0.5] * 5, [5.0] * 5])
    found = fabrication.unserviced(lever[..., None])[..., 0]
    assert found[0].tolist() == [0.0, 1.0, 2.0, 1.0, 0.0]
    assert found[1].tolist() == [1.0, 2.0, 3.0, 4.0, 4.0]
    assert found[2].tolist() == [0.0] * 5


def test_tools_bought_ahead_are_a_share_of_a_year_of_additions_spread_as_the_rule_is_expected():
    """Capacity grows by 10 a quarter; a complete stop half expected in each of two quarters pulls 0.35 x 40 / 2 forward."""
    capacity = np.arange(8.0)[:, None] * 10.0
    ahead = np.array([0.0, 0.5, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0])[None, :, None]
    found = fabrication.bought_ahead(capacity, np.array([0.35]), ahead)[0, :, 0]
    assert found.tolist() == pytest.approx([0.0, 7.0, 7.0, 0.0, 0.0, 0.0, 0.0, 0.0])


def test_growth_under_a_stop_starts_at_the_multiplier_and_recovers_with_the_half_life():
    """A complete stop at a multiplier of 0.6 and a half-life of 4 quarters: a loss of 0.4 is 0.2 after four quarters."""
    stopped = np.array([0.0, 1.0, 1.0, 1.0, 1.0])[None, :, None]
    found = fabrication.growth_left(np.array([0.6]), stopped, np.array([4.0]))[0, :, 0]
    assert found[0] == 1.0
    assert found[4] == pytest.approx(0.8)
    assert (np.diff(found[1:]) > 0).all()


def test_half_a_stop_costs_half_at_first_and_recovers_at_half_the_pace():
    stopped = np.full((1, 8, 1), 0.5)
    found = fabrication.growth_left(np.array([0.6]), stopped, np.array([4.0]))[0, :, 0]
    assert found[7] == pytest.approx(1 - 0.4 * 0.5 * 0.5)


def test_machines_without_servicing_make_more_defects_up_to_eight_quarters():
    found = fabrication.worn(np.array([0.0, 4.0, 8.0, 12.0]), np.array(1.4))
    assert found == pytest.approx([1.0, 1.2, 1.4, 1.4])


def test_foreign_parts_thin_out_as_chinese_ones_arrive():
    """A stock of 100, all foreign, and 300 arrivals of which a tenth is foreign: 130 of 400."""
    found = fabrication.mixed(np.array([1.0]), np.array([100.0]), np.array([0.1]), np.array([300.0]))
    assert found[0] == pytest.approx(0.325)
    assert fabrication.mixed(np.array([0.4]), np.zeros(1), np.array([0.1]), np.zeros(1))[0] == 0.4


def test_without_screening_the_yields_of_two_dies_multiply():
    """One die in ten that passed is bad: 90 % of single packages are good, 81 % of pairs, 65.61 % of fours."""
    count = np.array([1.0, 2.0, 4.0])
    assert fabrication.all_good(np.array(0.1), np.array(0.0), count) == pytest.approx([0.9, 0.81, 0.6561])
    assert fabrication.all_good(np.array(0.1), np.array(1.0), count).tolist() == [1.0, 1.0, 1.0]
    assert fabrication.all_good(np.array(0.1), np.array(0.5), count)[1] == pytest.approx(0.95**2)


def test_cards_without_stacked_memory_are_made_as_wanted_and_within_the_dies_of_the_quarter():
    """A unit of the mix needs 0.2 dies for plain cards; 20 fresh dies allow 100 units."""
    found = fabrication.plain_cards(np.array([50.0, 500.0, 50.0]), np.array(20.0), np.array([0.2, 0.2, 0.0]))
    assert found.tolist() == pytest.approx([50.0, 100.0, 0.0])


def test_tools_that_come_early_are_not_bought_again():
    """A path of 10 a quarter; 25 arrive early in the second quarter: a step up, none until the path is there, and no more."""
    starts = np.array([100.0, 110.0, 120.0, 130.0, 140.0, 150.0])[None, :, None]
    pulled = np.array([0.0, 25.0, 0.0, 0.0, 0.0, 0.0])[None, :, None]
    assert fabrication.ahead_of(starts, pulled)[0, :, 0].tolist() == [100.0, 135.0, 135.0, 135.0, 140.0, 150.0]
