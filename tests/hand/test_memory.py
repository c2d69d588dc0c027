"""Memory by pencil."""

import numpy as np
import pytest

from forecast.stages import memory


def test_twenty_two_thousand_wafers_at_a_quarter_yield_give_the_published_stacks():
    """A wafer of 560 dies at 25 % yields 17.5 stacks; 10 000 a month on average in 2026 give 2.1 million."""
    assert memory.stacks_from_wafers(np.array(1.0), np.array(560.0), np.array(0.25)) == pytest.approx(17.5)
    assert memory.stacks_from_wafers(np.array(120e3), np.array(560.0), np.array(0.25)) == pytest.approx(2.1e6)


def test_a_slip_moves_the_table_later_but_takes_back_nothing_that_had_come():
    moments = np.array([2026.0, 2026.5, 2026.75, 2027.0, 2028.0])
    found = memory.slipped(moments, np.array([0.0, 2.0]), 2026.5)
    assert found[:, 0].tolist() == moments.tolist()
    assert found[:, 1].tolist() == [2026.0, 2026.5, 2026.5, 2026.5, 2027.5]


def test_stacks_of_two_speeds_together():
    """300 stacks of 0.2 TB/s and 100 of 0.6: 120 over 400."""
    found = memory.blended([np.array([300.0, 0.0]), np.array([100.0, 0.0])], [np.array([0.2, 0.2]), np.array([0.6, 0.6])])
    assert found.tolist() == pytest.approx([0.3, 0.2])


def test_a_package_of_eight_older_stacks_is_as_fast_as_they_are_and_never_faster_than_its_sheet():
    """A sheet that asks 0.4 a stack, served with 0.2: half; with 0.8: the sheet. Seen whole at 0.9, so 0.45 is half."""
    have = np.array([0.2, 0.8, 0.18])
    assert memory.speed(have, np.array(0.4), np.array([1.1, 1.1, 0.9])).tolist() == pytest.approx([0.5, 1.0, 0.5])
