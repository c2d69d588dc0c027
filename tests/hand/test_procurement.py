"""Purchases by pencil."""

import numpy as np
import pytest

from forecast.stages import procurement

PRICE = np.array([[10.0], [20.0], [5.0]])
CEILING = np.array([[10.0], [10.0], [10.0]])
ALIKE = np.ones((2, 3, 1))
NOBODY = np.array([False, False, False])


def one_good(budget, usable=ALIKE, ceiling=CEILING, at_home=NOBODY, mandate=0.0, dispersion=0.0):
    """Training buyers alone."""
    none = np.array([0.0])
    done = procurement.buy(PRICE, usable, ceiling, np.array([budget]), none, at_home, np.array([mandate]), np.array([dispersion]))
    assert done.bought[1].sum() == 0.0
    return done.bought[0][:, 0], float(done.left[0])


def test_the_cheapest_usable_unit_is_bought_first_and_the_last_one_in_part():
    bought, left = one_good(250.0)
    assert bought.tolist() == [10.0, 5.0, 10.0]
    assert left == pytest.approx(0.0)


def test_a_dear_chip_that_does_more_comes_before_a_cheap_one_that_does_little():
    usable = np.broadcast_to(np.array([[0.1], [10.0], [0.2]]), (2, 3, 1))
    bought, _ = one_good(200.0, usable=usable)
    assert bought.tolist() == [0.0, 10.0, 0.0]


def test_money_that_finds_no_supply_is_left():
    bought, left = one_good(1000.0)
    assert bought.tolist() == [10.0, 10.0, 10.0]
    assert left == pytest.approx(650.0)


def test_no_ceiling_no_purchase_no_money_no_purchase():
    bought, left = one_good(100.0, ceiling=CEILING * 0)
    assert bought.sum() == 0
    assert left == 100.0
    for dispersion in (0.0, 0.3):
        assert one_good(0.0, dispersion=dispersion)[0].sum() == pytest.approx(0.0, abs=1e-12)


def test_a_mandate_buys_the_dear_domestic_chip_before_the_cheap_foreign_one():
    bought, left = one_good(100.0, at_home=np.array([False, True, False]), mandate=0.8)
    assert bought == pytest.approx([0.0, 4.0, 4.0])
    assert left == pytest.approx(0.0)


def test_mandated_money_that_finds_no_domestic_chip_is_free():
    ceiling = np.array([[10.0], [1.0], [10.0]])
    bought, left = one_good(100.0, ceiling=ceiling, at_home=np.array([False, True, False]), mandate=0.8)
    assert bought == pytest.approx([3.0, 1.0, 10.0])
    assert left == pytest.approx(0.0)


def test_two_equal_chips_with_dispersion_are_bought_in_equal_parts():
    """Both cost 10 a unit, there is money for half of what is on offer."""
    share = procurement.fill(np.zeros((2, 1)), np.array([[100.0], [100.0]]), np.array([100.0]), np.array([0.3]))
    assert share[:, 0] == pytest.approx([0.5, 0.5], abs=1e-6)


def test_a_logit_by_pencil():
    """Keys 0 and 0.3, dispersion 0.3, equal worth of 100: shares 0.7311 and 0.5 at a clearing key of 0.3 spend 123.11."""
    share = procurement.fill(np.array([[0.0], [0.3]]), np.array([[100.0], [100.0]]), np.array([123.1058579]), np.array([0.3]))
    assert share[:, 0] == pytest.approx([0.7310586, 0.5], abs=1e-5)


def test_a_small_dispersion_is_close_to_strict_order():
    strict, _ = one_good(250.0)
    close, _ = one_good(250.0, dispersion=0.03)
    assert close == pytest.approx(strict, abs=1e-4)


def test_each_chip_goes_to_the_good_in_which_it_does_more():
    """A fast chip and one with wide memory, equal worth, money in halves: each goes whole to its own good."""
    usable = np.array([[[1.0], [0.15]], [[1.0], [0.42]]])
    offered = procurement.offered_by_good(np.full((2, 1), 100.0), usable, np.array([0.5]), np.array([0.0]))
    assert offered[0][:, 0] == pytest.approx([1.0, 0.0])
    assert offered[1][:, 0] == pytest.approx([0.0, 1.0])


def test_the_chip_with_wide_memory_is_bought_for_serving_where_one_good_would_not_buy_it():
    """H20-like (12 000 for 0.15 in training, 0.42 in serving) beside H100-like at a premium, money for one of two."""
    price, ceiling = np.array([[40000.0], [12000.0]]), np.array([[100.0], [333.0]])
    usable = np.array([[[1.0], [0.15]], [[1.1], [0.42]]])
    money, off = np.array([4.0e6]), np.array([0.0])
    single = procurement.buy(price, usable, ceiling, money, off, NOBODY[:2], off, off).bought.sum(axis=0)
    both = procurement.buy(price, usable, ceiling, money, np.array([0.5]), NOBODY[:2], off, off).bought.sum(axis=0)
    assert single[:, 0] == pytest.approx([100.0, 0.0])
    assert both[1, 0] > 100.0
