"""Procurement: options are bought from the cheapest usable unit upwards until the money ends."""

import numpy as np


def merit_order(price: np.ndarray, usable: np.ndarray, ceiling: np.ndarray, budget: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Chips bought of each option, and the money that is left.

    price [USD/chip], usable [H100e/chip], ceiling [chip/quarter], all (option, ...); budget [USD/quarter] (...).
    The cheapest price per usable H100e comes first; the last option that can be paid is bought in part. Nothing dearer
    is bought while something cheaper has room.
    """
    order = np.argsort(price / np.maximum(usable, 1e-12), axis=0, kind="stable")
    cost = np.take_along_axis(price * ceiling, order, axis=0)
    before = np.cumsum(cost, axis=0) - cost
    share = np.clip((budget - before) / np.where(cost > 0, cost, 1.0), 0.0, 1.0)
    share = np.where(cost > 0, share, 1.0)
    bought = np.empty_like(cost)
    np.put_along_axis(bought, order, share * np.take_along_axis(ceiling, order, axis=0), axis=0)
    return bought, budget - (price * bought).sum(axis=0)


def with_mandate(
    price: np.ndarray, usable: np.ndarray, ceiling: np.ndarray, budget: np.ndarray, domestic: np.ndarray, mandate: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Merit order in two rounds: a mandated share of the budget buys domestic options first, then all money buys all.

    domestic (option,) marks the domestic options; mandate (...) is the share. Money that the first round does not
    spend is free in the second. Returns chips bought and the money left.
    """
    shape = (-1,) + (1,) * (price.ndim - 1)
    at_home = np.where(domestic.reshape(shape), ceiling, 0.0)
    first, unspent = merit_order(price, usable, at_home, budget * mandate)
    second, left = merit_order(price, usable, ceiling - first, budget * (1.0 - mandate) + unspent)
    return first + second, np.where(left > 1e-9 * budget, left, 0.0)
