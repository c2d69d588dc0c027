"""Stocks by pencil."""

import numpy as np
import pytest

from forecast.stages import capability, fleet

AGES = np.arange(80) + 0.5


def _survival(life=24.0, shape=3.5, attrition=0.0):
    return fleet.survival(AGES, np.array([life]), np.array([shape]), np.array([attrition]))


def test_nothing_is_lost_at_once_and_63_percent_is_gone_at_the_economic_life():
    left = fleet.survival(np.array([0.0, 24.0]), np.array([24.0]), np.array([3.5]), np.array([0.0]))
    assert left[:, 0] == pytest.approx([1.0, np.exp(-1)])


def test_constant_arrivals_settle_at_arrivals_times_mean_life():
    from scipy.special import gamma

    stock = fleet.stock(np.full((80, 1), 100.0), _survival())
    assert stock[-1, 0] == pytest.approx(100.0 * 24.0 * gamma(1 + 1 / 3.5), rel=2e-3)


def test_two_cohorts_by_hand():
    left = np.array([[0.9], [0.5]])
    stock = fleet.stock(np.array([[100.0], [10.0]]), left)
    assert stock[:, 0].tolist() == [0.0, 90.0, 59.0]
    assert fleet.retired(np.array([[100.0], [10.0]]), stock)[:, 0].tolist() == [10.0, 41.0]


def test_diverted_chips_live_shorter():
    assert (_survival(attrition=0.02)[1:] < _survival(attrition=0.005)[1:]).all()


def test_half_of_a_cohort_runs_after_its_mean_wait_times_log_two():
    assert fleet.installed(np.array([2.0 * np.log(2.0)]), np.array([2.0])) == pytest.approx(0.5)


def test_an_h20_is_worth_0_42_h100_in_serving_at_equal_weights():
    found = capability.serving_weight(np.array(0.1496), np.array(4.0), np.array(0.5))
    assert found == pytest.approx(0.42, abs=0.005)


def test_an_h100_is_one_in_every_measure():
    assert capability.serving_weight(np.array(1.0), np.array(3.35), np.array(0.3)) == pytest.approx(1.0)


def test_a_million_chips_of_700_w_draw_1_4_gw_with_overheads():
    found = capability.power(np.array(1e6 * 700.0), np.array(1.55), np.array(1.32))
    assert found == pytest.approx(1.43, abs=0.01)
