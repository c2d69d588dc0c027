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


def moved(shift: np.ndarray, view: np.ndarray, rate: np.ndarray, exchange: np.ndarray) -> np.ndarray:
    """Capacity moved to or from each input [packages/quarter] after one more quarter of moving investment.

    shift (input, regime, draw) so far; view (input, regime, draw): limits [packages/quarter] that planners see, with what is
    under way; rate [1/quarter]: share of an idle surplus that is given up; exchange [1]: packages of the binding input gained
    for one package of surplus given up. Surplus is what lies above 1.5 times the binding limit. No more moves than lifts the
    binding input to the next one: the order of limits is never turned.
    """
    least = view.min(axis=0)
    given = rate * np.maximum(view - IDLE * least, 0.0)
    offered = exchange * given.sum(axis=0)
    gained = np.minimum(offered, np.sort(view, axis=0)[1] - least)
    part = np.where(offered > 0, gained / np.where(offered > 0, offered, 1.0), 0.0)
    binding = np.arange(len(view))[:, None, None] == view.argmin(axis=0)
    return np.asarray(shift - given * part + np.where(binding, gained, 0.0))


def answered(response: np.ndarray, unmet: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Capacity relative to plan when builders answer to scarcity seen some quarters before. [1]

    response [1]: rise for a doubling of the unmet share of demand [1] over its reference, held between half and twice it.
    """
    return np.asarray(1.0 + response * np.log2(np.clip(unmet / reference, 0.5, 2.0)))


def learned(wafers: np.ndarray, imported: np.ndarray, lost: np.ndarray) -> np.ndarray:
    """Wafers that teach: experience is lost in proportion to the share of purchases that are licensed imports. [wafer/quarter]

    wafers [wafer/quarter], imported [1] share of the quarter's onshore purchases, lost [1].
    """
    return np.asarray(wafers * (1.0 - lost * imported))
