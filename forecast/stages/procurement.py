"""Procurement: two goods (training, serving), options bought from the cheapest usable unit upwards until the money ends.

Arrays are (option, ..., draw); money and shares are (..., draw). With dispersion an option's part follows a logit of its
price against the clearing price; at zero dispersion the order is strict.
"""

from typing import NamedTuple

import numpy as np

STRICT = 0.02
"""Dispersion below which the order is strict: the logit would be a step."""

CENT = 1e-9
"""Worth on offer [USD] below which an option counts as nothing."""

STEPS = 32
"""Halvings of the bracket of a clearing price; what is left of it is scaled away."""


class Purchase(NamedTuple):
    """Chips bought by good and option (good, option, ..., draw), and the money left (..., draw)."""

    bought: np.ndarray
    left: np.ndarray


def fill(key: np.ndarray, cost: np.ndarray, budget: np.ndarray, dispersion: np.ndarray) -> np.ndarray:
    """Share of each option that is taken when those with the smallest key come first and the budget ends. [1]

    key [log of a price or a lean] and cost [USD] are (option, ...), budget [USD] and dispersion [log] (...). All is taken where
    the budget suffices. Else share = 1 / (1 + exp((key - clearing) / dispersion)), with the clearing key that spends the budget.
    """
    share = np.ones(np.broadcast_shapes(key.shape, cost.shape))
    short = np.broadcast_to(cost.sum(axis=0) > budget, share.shape[1:])
    if not short.any():
        return share
    full = [np.broadcast_to(array, share.shape)[:, short] for array in (key, cost)]
    money, spread = (np.broadcast_to(array, short.shape)[short] for array in (budget, dispersion))
    strict = spread < STRICT
    part = np.empty_like(full[0])
    if strict.any():
        part[:, strict] = _in_order(full[0][:, strict], full[1][:, strict], money[strict])
    if not strict.all():
        part[:, ~strict] = _by_logit(full[0][:, ~strict], full[1][:, ~strict], money[~strict], spread[~strict])
    share[:, short] = part
    return share


def _in_order(key: np.ndarray, cost: np.ndarray, budget: np.ndarray) -> np.ndarray:
    """Strict order: all of an option before any of the next; the last one in part."""
    order = np.argsort(key, axis=0, kind="stable")
    dear = np.take_along_axis(cost, order, axis=0)
    before = np.cumsum(dear, axis=0) - dear
    share = np.where(dear > CENT, np.clip((budget - before) / np.maximum(dear, CENT), 0.0, 1.0), 1.0)
    out = np.empty_like(share)
    np.put_along_axis(out, order, share, axis=0)
    return out


def _by_logit(key: np.ndarray, cost: np.ndarray, budget: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Logit shares at the clearing key, found by halving; what the last bracket spends too much is scaled off all parts."""
    scaled = (key.max(axis=0) - key) / spread
    odds = np.exp(np.minimum(scaled, 300.0))
    low, high = -40.0 - scaled.max(axis=0).clip(max=300.0), np.full(spread.shape, 40.0)
    taken, whole = np.empty_like(odds), np.empty_like(odds)
    for _ in range(STEPS):
        middle = (low + high) / 2
        np.multiply(odds, np.exp(middle), out=taken)
        np.divide(taken, np.add(taken, 1.0, out=whole), out=taken)
        over = np.multiply(cost, taken, out=taken).sum(axis=0) >= budget
        low, high = np.where(over, low, middle), np.where(over, middle, high)
    taken = odds * np.exp(high)
    share = taken / (1.0 + taken)
    return np.asarray(share * np.minimum(budget / np.maximum((cost * share).sum(axis=0), 1e-300), 1.0))


def offered_by_good(cost: np.ndarray, usable: np.ndarray, serving: np.ndarray, dispersion: np.ndarray) -> np.ndarray:
    """Share of each option on offer to each good (good, option, ...): worth is divided as the money is. [1]

    usable (good, option, ...) in the order training, serving; serving (...) is its share of the money. Each option leans to
    the good in which it does more than others do: comparative advantage, cut where the worth on offer is divided.
    """
    worse_in_serving = np.log(np.maximum(usable[0], 1e-12)) - np.log(np.maximum(usable[1], 1e-12))
    part = fill(worse_in_serving, cost, serving * cost.sum(axis=0), dispersion)
    return np.stack([1.0 - part, part])


def buy(
    price: np.ndarray, usable: np.ndarray, ceiling: np.ndarray, budget: np.ndarray, serving: np.ndarray,
    at_home: np.ndarray, mandate: np.ndarray, dispersion: np.ndarray, barred: np.ndarray | float = 0.0,
) -> Purchase:  # fmt: skip
    """What buyers of both goods take within their money and the ceilings.

    price [USD/chip] and ceiling [chip/quarter] (option, ...), usable [H100e/chip] (good, option, ...), budget [USD/quarter],
    serving share of the money, mandated share and dispersion (...); at_home (option,) marks Chinese chips. In each good the
    mandated share buys Chinese chips first, then all money left buys all, but for the share that is barred from foreign chips: it
    waits. At zero dispersion nothing dear is bought in a good while something cheaper that is on offer to it has room.
    """
    cost = price * ceiling
    offered = offered_by_good(cost, usable, serving, dispersion)
    home = at_home.reshape(-1, *(1,) * (cost.ndim - 1))
    bought, left = np.empty((2, *cost.shape)), np.zeros(cost.shape[1:])
    for good, money in enumerate((budget * (1.0 - serving), budget * serving)):
        worth = cost * offered[good]
        key = np.log(np.maximum(price, 1e-12)) - np.log(np.maximum(usable[good], 1e-12))
        bound = money * np.maximum(mandate, barred)
        first = np.where(home, fill(key, np.where(home, worth, 0.0), bound, dispersion), 0.0)
        at_first = (worth * first).sum(axis=0)
        waits = np.maximum(money * barred - at_first, 0.0)
        waits = np.where(waits > 1e-9 * money, waits, 0.0)
        unspent = np.maximum(money - at_first - waits, 0.0)
        rest = worth * (1.0 - first)
        second = fill(key, rest, unspent, dispersion)
        bought[good] = ceiling * offered[good] * (first + (1.0 - first) * second)
        left += np.maximum(unspent - (rest * second).sum(axis=0), 0.0) + waits
    return Purchase(bought, np.where(left > 1e-9 * budget, left, 0.0))
