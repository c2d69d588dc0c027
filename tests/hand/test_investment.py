"""Investment between inputs by pencil."""

import numpy as np
import pytest

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
