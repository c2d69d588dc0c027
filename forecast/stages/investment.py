"""Structural fork (a): planners who see what is scarce move investment to it."""

import numpy as np

IDLE = 1.5
"""An input counts as surplus above this multiple of the one that binds; below it, slack is ordinary caution."""


def seen(limits: np.ndarray, now: int, lag: np.ndarray, first: int) -> tuple[np.ndarray, np.ndarray]:
    """Limits (input, regime, quarter, draw) as they stood `lag` [quarter] (draw,) before quarter `now`, and where any stood.

    Returns (input, regime, draw) and (draw,): False where that lies before the first quarter on record.
    """
    then = now - np.rint(lag).astype(int)
    pick = np.arange(limits.shape[-1])
    return limits[:, :, np.maximum(then, first), pick], then >= first


def moved(factors: np.ndarray, limits: np.ndarray, rate: np.ndarray, exchange: np.ndarray) -> np.ndarray:
    """Capacity of each input relative to plan after one more quarter of moving investment. [1]

    factors and limits [packages/quarter] (input, regime, draw), rate [1/quarter]: share of an idle surplus that is given up,
    exchange [1]: packages of the binding input gained for one package of surplus given up. Surplus is what lies above
    1.5 times the binding limit; only relative limits matter, so factors stay above zero.
    """
    least = limits.min(axis=0)
    given = rate * np.maximum(limits - IDLE * least, 0.0)
    binding = np.arange(len(limits))[:, None, None] == limits.argmin(axis=0)
    gained = exchange * given.sum(axis=0) / np.maximum(least, 1e-9)
    return np.asarray(factors * np.where(binding, 1.0 + gained, 1.0 - given / np.maximum(limits, 1e-9)))
