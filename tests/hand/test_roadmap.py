"""Roadmaps by pencil."""

import numpy as np
import pytest

from forecast.stages import roadmap

RAMP = np.array([0.0, 0.0, 0.1, 0.2, 0.4, 0.4, 0.2])
"""A part that comes in the third quarter, is whole in the fifth and gives way to a successor in the seventh."""


def test_a_part_two_quarters_late_is_where_the_table_has_it_two_quarters_before():
    found = roadmap.readiness(RAMP, np.array([0.0, 2.0, 1.0]))
    assert found[:, 0].tolist() == pytest.approx([0, 0, 1, 1, 1, 1, 1])
    assert found[:, 1].tolist() == pytest.approx([0, 0, 0, 0, 0.25, 0.5, 1])
    assert found[3, 2] == pytest.approx(0.5)


def test_a_part_that_comes_sooner_is_ahead_of_the_table_until_it_is_whole():
    assert roadmap.readiness(RAMP, np.array([-1.0]))[:, 0].tolist() == pytest.approx([0, 0, 2, 2, 1, 1, 1])


def test_what_a_late_part_lacks_is_made_by_its_predecessor_and_passed_on_where_that_is_late_too():
    """Shares 0.5, 0.3, 0.2 of old, middle and new in the last quarter; the new is not out, the middle is half ready."""
    mix = np.array([[1.0, 0.5], [0.0, 0.3], [0.0, 0.2]])
    late = np.array([[0.0], [0.5], [1.0]])
    found = roadmap.released(mix, late, np.array([0, 0, 1]))[:, :, 0]
    assert found[:, 0].tolist() == [1.0, 0.0, 0.0]
    assert found[:, 1].tolist() == pytest.approx([0.5 + 0.15 + 0.1, 0.15 + 0.1, 0.0])


def test_an_early_part_takes_no_more_than_its_predecessor_has():
    mix = np.array([[0.9, 0.05, 0.0], [0.1, 0.35, 0.4], [0.0, 0.6, 0.6]])
    found = roadmap.released(mix, np.array([[0.0], [-3.0], [0.0]]), np.array([0, 0, 2]))[:, :, 0]
    assert found[0].tolist() == pytest.approx([0.6, 0.0, 0.0])
    assert found[1].tolist() == pytest.approx([0.4, 0.4, 0.4])
