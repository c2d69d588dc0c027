"""Licensed, diverted and offshore compute by pencil."""

import numpy as np
import pytest

from forecast.stages import diversion, imports, offshore


def test_a_denial_is_a_zero():
    assert imports.ceiling(np.array([100.0]), np.array([0.0]), np.array([0.9])) == 0.0


def test_a_permission_of_half_a_quarter_is_half_the_supply():
    assert imports.ceiling(np.array([100.0]), np.array([0.5]), np.array([0.2])) == pytest.approx(10.0)


def test_supply_rises_over_the_lag_after_a_permission_and_starts_again_after_a_denial():
    permitted = np.array([0.0, 1.0, 1.0, 0.0, 1.0])[None, None, :, None]
    assert imports.ramped(permitted, np.array([1.0]))[0, 0, :, 0].tolist() == [0.0, 0.5, 1.0, 0.0, 0.5]


def test_acceptance_at_the_reference_is_the_elicited_one_and_moves_the_right_way():
    base, zero, one = np.array(0.3), np.array(0.0), np.array(1.0)
    assert imports.acceptance(base, zero, zero, one, one) == pytest.approx(0.3)
    assert imports.acceptance(base, one, zero, one, one) > 0.3 > imports.acceptance(base, zero, one, one, one)
    assert imports.acceptance(base, one, one, zero, zero) == pytest.approx(0.3)


def test_diversion_follows_the_gap_up_to_what_the_routes_carry():
    base, most = np.array(100.0), np.array(150.0)
    assert diversion.flow(base, np.array(1.0), np.array(0.7), np.array(1.0), most) == 100.0
    assert diversion.flow(base, np.array(4.0), np.array(1.0), np.array(1.0), most) == 150.0
    assert diversion.flow(base, np.array(4.0), np.array(1.0), np.array(0.2), most) == pytest.approx(30.0)
    assert diversion.flow(base, np.array(4.0), np.array(1.0), np.array(5.0), most) == pytest.approx(150.0)
    assert diversion.flow(base, np.array(2.0), np.array(0.0), np.array(1.0), most) == 100.0


def test_the_gap_is_one_at_the_reference_and_stays_within_its_bounds():
    reference = diversion.unmet_share(np.array(60.0), np.array(100.0))
    assert reference == pytest.approx(0.4)
    assert diversion.gap_ratio(np.array(60.0), np.array(100.0), reference) == pytest.approx(1.0)
    assert diversion.gap_ratio(np.array(500.0), np.array(100.0), reference) == pytest.approx(0.25)


def test_what_is_wanted_abroad_doubles_in_a_year_at_a_growth_of_two_and_grows_by_its_root_later():
    stock = np.ones((9, 1)) * 100.0
    found = offshore.potential(stock, 0, np.array([2.0]), 4)
    assert found[4, 0] == pytest.approx(200.0)
    assert found[8, 0] == pytest.approx(200.0 * 2**0.5)


def test_a_megawatt_holds_more_each_year_and_no_less_before():
    found = offshore.room(np.array([[[10.0], [10.0], [20.0]]]), np.array([1000.0]), np.array([1.2]), np.array([-1.0, 0.0, 1.0]))
    assert found[0, :, 0] == pytest.approx([10_000.0, 10_000.0, 24_000.0])


def test_what_one_host_cannot_hold_goes_where_room_is_left_and_racks_that_stand_stay():
    """Two hosts share 100 equally at the last known bound; then 300 are wanted, one has room for 80, the other for 400."""
    wanted, shares = np.array([[100.0], [300.0]]), np.full((2, 2), 0.5)
    caps = np.array([[[10.0], [80.0]], [[50.0], [400.0]]])
    found = offshore.housed(wanted, shares, caps, 0)
    assert found[:, 0, 0] == pytest.approx([50.0, 50.0])
    assert found[:, 1, 0] == pytest.approx([80.0, 220.0])


def test_when_all_hosts_are_full_the_rest_is_not_housed():
    caps = np.array([[[60.0], [80.0]], [[60.0], [90.0]]])
    found = offshore.housed(np.array([[100.0], [300.0]]), np.full((2, 2), 0.5), caps, 0)
    assert found[:, 1, 0] == pytest.approx([80.0, 90.0])


def test_a_share_of_third_countries_grows_with_them_and_enforcement_thins_it():
    flow = diversion.flow_of_share(np.array([100.0]), np.array([2.0]), np.array([0.5]), np.array([150.0]))
    assert flow[0] == pytest.approx(75.0)
    assert diversion.flow_of_share(np.array([100.0]), np.array([2.0]), np.array([1.0]), np.array([250.0]))[0] == 200.0


def test_owned_and_rented_are_shares_of_one_stock_and_closure_takes_from_the_rented():
    potential = np.array([[0.0], [100.0], [300.0]])
    share, none = np.array([0.25]), np.zeros((1, 2, 1))
    bought = offshore.owned_additions(potential, share, none, np.array([0.7]), 0)
    assert bought[0, :, 0].tolist() == [25.0, 50.0]
    closed = np.array([[[[0.0], [0.0], [1.0]]]])
    assert offshore.rented(potential[None], share, closed, np.array([0.5]))[0, 0, :, 0].tolist() == [0.0, 75.0, 112.5]


def test_what_a_closure_takes_moves_to_the_open_host_by_share_and_within_its_room():
    gone = np.array([[[[60.0]], [[0.0]], [[0.0]]]])
    spare = np.array([[[500.0]], [[20.0]], [[60.0]]])
    closed = np.array([[[[1.0]], [[0.0]], [[0.0]]]])
    half, all_ = np.array([0.5]), np.array([1.0])
    assert offshore.migrated(gone, spare, closed, half)[0, :, 0, 0].tolist() == pytest.approx([0.0, 7.5, 22.5])
    assert offshore.migrated(gone * 10, spare, closed, all_)[0, :, 0, 0].tolist() == pytest.approx([0.0, 20.0, 60.0])


@pytest.mark.parametrize("level", [0.0, 0.3, 1.0])
def test_where_all_hosts_close_alike_nothing_moves(level):
    gone, spare = np.full((1, 2, 1, 1), 50.0), np.full((2, 1, 1), 100.0)
    assert not offshore.migrated(gone, spare, np.full((1, 2, 1, 1), level), np.array([0.7])).any()


def test_a_headquarters_rule_enforced_after_the_origin_cuts_purchases_and_the_past_stands():
    potential = np.array([[0.0], [100.0], [200.0]])
    rule = np.array([[0.0, 1.0], [1.0, 1.0]])[..., None]
    bought = offshore.owned_additions(potential, np.array([0.5]), rule, np.array([0.7]), 0)[:, :, 0]
    assert bought[0].tolist() == pytest.approx([50.0, 15.0])
    assert bought[1].tolist() == pytest.approx([50.0, 50.0])


def test_a_regime_scales_what_beijing_accepts_and_one_is_the_most():
    accepted = np.array([0.2, 0.5, 1.0])
    assert imports.steered(accepted, np.array(0.5)).tolist() == [0.1, 0.25, 0.5]
    assert imports.steered(accepted, np.array(3.0)).tolist() == pytest.approx([0.6, 1.0, 1.0])
    assert np.array_equal(imports.steered(accepted, np.array(1.0)), accepted)


def test_a_gap_in_money_counts_between_a_quarter_and_four_times_the_reference():
    """Unmet 0.8 of the budget against 0.1 at the reference would be eight times; all met against 0.9 is 0.05 over it."""
    found = diversion.gap_ratio(np.array([20.0, 100.0]), np.array([100.0, 100.0]), np.array([0.1, 0.9]))
    assert found.tolist() == [4.0, 0.25]


def test_what_was_bought_abroad_up_to_the_origin_is_the_elicited_path_whatever_the_rule_was():
    """The gap of the rule on headquarters closed before the origin: growth of 10 a quarter, half of it owned, is 5 each."""
    potential = np.arange(5)[:, None] * 10.0
    rule = np.array([0.3, 0.3, 1.0, 0.0])[None, :, None]
    found = offshore.owned_additions(potential, np.array([0.5]), rule, np.array([0.8]), 2)[0, :, 0]
    assert found[:3].tolist() == [5.0, 5.0, 5.0]
    assert found[3] == pytest.approx(5.0 * 1.0 / (1.0 - 0.8))


def test_racks_that_stand_stay_when_halls_shrink_again():
    """Caps of 20, 40 and 30 against wants of 10, 45 and 45: what stood at 40 goes on standing."""
    found = offshore.housed(np.array([[10.0], [45.0], [45.0]]), np.ones((1, 3)), np.array([[[20.0], [40.0], [30.0]]]), 0)
    assert found[0, :, 0].tolist() == [10.0, 40.0, 40.0]
