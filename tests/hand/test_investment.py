"""Investment between inputs by pencil."""

from types import SimpleNamespace

import numpy as np
import pytest

from forecast.model import quarter
from forecast.names import FORKS
from forecast.stages import investment


def column(*values):
    return np.array(values, dtype=float)[:, None, None]


def test_surplus_above_one_and_a_half_is_given_up_and_the_binding_input_gains():
    """Dies for 350, memory for 100, slots for 120: 200 lie idle; a tenth is given up and half of it arrives as memory."""
    found = investment.moved(np.zeros((3, 1, 1)), column(350, 100, 120), np.array([0.1]), np.array([0.5]))[:, 0, 0]
    assert found == pytest.approx([-20.0, 10.0, 0.0])


def test_no_more_moves_than_lifts_the_binding_input_to_the_next_one():
    """Two surpluses of 200 and 50; a half of each at an exchange of one would bring 125, and 70 suffice."""
    found = investment.moved(np.zeros((3, 1, 1)), column(350, 100, 200), np.array([0.5]), np.array([1.0]))[:, 0, 0]
    assert found == pytest.approx([-80.0, 100.0, -20.0])
    found = investment.moved(np.zeros((3, 1, 1)), column(350, 100, 110), np.array([0.5]), np.array([1.0]))[:, 0, 0]
    assert found == pytest.approx([-10.0, 10.0, 0.0])


def test_ordinary_slack_moves_nothing():
    found = investment.moved(np.zeros((3, 1, 1)), column(150, 100, 149), np.array([0.5]), np.array([1.0]))
    assert not found.any()


def test_planners_see_what_was_and_nothing_before_the_record_begins():
    limits = np.arange(10.0).reshape(1, 1, 10, 1) * np.ones((3, 1, 10, 2))
    seen, known = investment.seen(limits, 7, np.array([4.4, 6.0]), 2)
    assert seen[0, 0].tolist() == [3.0, 2.0]
    assert known.tolist() == [True, False]


def test_builders_answer_a_doubled_gap_in_full_a_halved_one_in_kind_and_hold_there():
    unmet = np.array([0.2, 0.4, 0.8, 0.1, 0.01])
    found = investment.answered(np.array(0.3), unmet, np.array(0.2))
    assert found == pytest.approx([1.0, 1.3, 1.3, 0.7, 0.7])


def test_experience_lost_to_imports_by_pencil():
    """1,000 wafers, imports are 40 % of purchases, half as much experience is lost: 800 wafers teach."""
    assert investment.learned(np.array([1000.0]), np.array([0.4]), np.array([0.5]))[0] == pytest.approx(800.0)


def planners(limits, shift, unmet, now, lag):
    """Books of one world in which planners of the rebalancing kind decide in the quarter `now`; the record begins at 2."""
    day = np.datetime64("2025-07-01") + np.arange(12).astype("timedelta64[D]") * 92
    x = SimpleNamespace(
        quarter=day, rebalancing_lag=np.array([float(lag)]), rebalancing_rate=np.array([0.1]), scarcity_response=np.array([0.3]),
        rebalancing_exchange=np.array([0.5]), fork_bottlenecks=np.array([FORKS["bottlenecks"].index("rebalancing")]),
    )  # fmt: skip
    b = SimpleNamespace(
        last=3, limits=np.zeros((3, 1, 12, 1)), shift=np.zeros((3, 1, 12, 1)), unmet_seen=np.zeros((1, 12, 1)),
        unmet_reference=np.array([[0.2]]),
    )  # fmt: skip
    for place, values in limits.items():
        b.limits[:, 0, place, 0] = values
    for place, values in shift.items():
        b.shift[:, 0, place, 0] = values
    for place, value in unmet.items():
        b.unmet_seen[0, place] = value
    return quarter._invested(x, b, now)


def test_planners_count_what_is_under_way_since_the_quarter_that_they_see():
    """Four quarters ago 350, 100 and 120 with 5 moved already; 25 by now: they act on 330, 110 and 120, not on what they saw."""
    _, found = planners({6: (350, 100, 120)}, {6: (-5, 2, 0), 9: (-25, 12, 0)}, {}, now=10, lag=4)
    assert found[:, 0, 0] == pytest.approx([-25 - 0.1 * (330 - 165), 12 + 0.5 * 0.1 * 165, 0.0])


def test_planners_move_nothing_on_a_record_that_had_not_begun():
    _, found = planners({2: (350, 100, 120)}, {4: (-25, 12, 0)}, {}, now=5, lag=4)
    assert found[:, 0, 0] == pytest.approx([-25.0, 12.0, 0.0])


def test_builders_answer_to_the_gap_of_the_quarter_that_they_see_and_not_before_there_was_one():
    late, _ = planners({6: (1, 1, 1)}, {}, {6: 0.4, 9: 0.1}, now=10, lag=4)
    early, _ = planners({3: (1, 1, 1)}, {}, {3: 0.4, 4: 0.4, 5: 0.4}, now=6, lag=4)
    assert late == pytest.approx(1.3)
    assert early == pytest.approx(1.0)
