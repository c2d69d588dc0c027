"""Purchases by pencil."""

import numpy as np
import pytest

from forecast.stages import procurement

PRICE = np.array([[10.0], [20.0], [5.0]])
USABLE = np.array([[1.0], [1.0], [1.0]])
CEILING = np.array([[10.0], [10.0], [10.0]])


def test_the_cheapest_usable_unit_is_bought_first_and_the_last_one_in_part():
    bought, left = procurement.merit_order(PRICE, USABLE, CEILING, np.array([250.0]))
    assert bought[:, 0].tolist() == [10.0, 5.0, 10.0]
    assert left == pytest.approx(0.0)


def test_a_dear_chip_that_does_more_comes_before_a_cheap_one_that_does_little():
    usable = np.array([[0.1], [10.0], [0.2]])
    bought, _ = procurement.merit_order(PRICE, usable, CEILING, np.array([200.0]))
    assert bought[:, 0].tolist() == [0.0, 10.0, 0.0]


def test_money_that_finds_no_supply_is_left():
    bought, left = procurement.merit_order(PRICE, USABLE, CEILING, np.array([1000.0]))
    assert bought[:, 0].tolist() == [10.0, 10.0, 10.0]
    assert left == pytest.approx([650.0])


def test_no_ceiling_no_purchase_no_money_no_purchase():
    bought, left = procurement.merit_order(PRICE, USABLE, CEILING * 0, np.array([100.0]))
    assert bought.sum() == 0
    assert left == 100.0
    assert procurement.merit_order(PRICE, USABLE, CEILING, np.array([0.0]))[0].sum() == 0


def test_a_mandate_buys_the_dear_domestic_chip_before_the_cheap_foreign_one():
    domestic = np.array([False, True, False])
    bought, left = procurement.with_mandate(PRICE, USABLE, CEILING, np.array([100.0]), domestic, np.array([0.8]))
    assert bought[:, 0] == pytest.approx([0.0, 4.0, 4.0])
    assert left == pytest.approx(0.0)


def test_mandated_money_that_finds_no_domestic_chip_is_free():
    domestic = np.array([False, True, False])
    ceiling = np.array([[10.0], [1.0], [10.0]])
    bought, left = procurement.with_mandate(PRICE, USABLE, ceiling, np.array([100.0]), domestic, np.array([0.8]))
    assert bought[:, 0] == pytest.approx([3.0, 1.0, 10.0])
    assert left == pytest.approx(0.0)
