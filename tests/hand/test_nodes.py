"""Lines and nodes by pencil."""

import numpy as np
import pytest

from forecast.stages import nodes


def lines(*rows):
    return np.array(rows, dtype=float)[:, :, None]


def test_the_share_of_a_line_is_its_capacity_times_what_a_rule_can_reach_of_it():
    """20 and 10 thousand wafers, 0.3 and 0.6 exposed: 6 and 6, half each."""
    found = nodes.shares(lines([20e3], [10e3]), np.array([0.3, 0.6]))
    assert found[:, 0, 0].tolist() == pytest.approx([0.5, 0.5])


def test_a_line_that_grows_no_more_has_no_share_in_what_tool_sales_reach():
    """The first adds nothing, the second 4 000 within the year; afterwards nobody adds and capacity counts again."""
    capacity = lines([9e3] * 6, [1e3, 2e3, 3e3, 4e3, 5e3, 5e3])
    found = nodes.shares_of_growth(capacity, np.ones(2))[:, :, 0]
    assert found[:, 0].tolist() == [0.0, 1.0]
    assert found[:, 5].tolist() == pytest.approx([9 / 14, 5 / 14])


def test_a_stop_at_one_of_two_firms_reaches_its_share():
    effect = np.array([[[1.0, 1.0], [0.0, 0.0]]])[..., None]
    weight = lines([0.7, 0.6], [0.3, 0.4])
    assert nodes.reached(effect, weight)[0, :, 0].tolist() == pytest.approx([0.7, 0.6])


def test_a_stop_at_all_lines_is_the_whole_stop_and_asks_nothing_of_the_split():
    effect = np.broadcast_to(np.array([0.0, 0.87])[:, None], (1, 5, 2, 1))
    found = nodes.reached(effect, np.full((5, 2, 3), np.nan))
    assert found.shape == (1, 2, 1)
    assert found[0, :, 0].tolist() == [0.0, 0.87]


def test_a_node_arrives_after_its_wait_and_ramps_in_a_straight_line():
    found = nodes.arrived(np.array([0.0, 3.0, 4.0, 5.0, 9.0]), np.array([3.0]), np.array([2.0]))[:, 0]
    assert found.tolist() == [0.0, 0.0, 0.5, 1.0, 1.0]


def test_a_denser_node_is_used_where_it_gives_more():
    """30 good dies at the old node; a quarter moves to one that gives 40, nothing to one that gives 20."""
    found = nodes.with_denser_node(np.array([30.0, 30.0]), np.array([40.0, 20.0]), np.array(0.25))
    assert found.tolist() == [32.5, 30.0]


def test_what_lines_add_counts_a_whole_year_ahead():
    """The first line adds within the year, the second in the fourth quarter from now: half each, though only one adds at once."""
    capacity = np.array([[10.0, 20, 20, 20, 20], [10.0, 10, 10, 10, 20]])[:, :, None]
    assert nodes.shares_of_growth(capacity, np.ones(2))[:, 0, 0] == pytest.approx([0.5, 0.5])
    assert nodes.shares_of_growth(capacity, np.ones(2))[:, 1, 0] == pytest.approx([0.0, 1.0])
