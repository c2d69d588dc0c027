"""Memory: stacks from wafers, and what its generation gives a package in bandwidth. Stacks are 16 GB equivalents."""

import numpy as np

DIES_PER_STACK = 8
"""Memory dies of 2 GB in a stack of 16 GB."""


def stacks_from_wafers(wafers: np.ndarray, gross: np.ndarray, good: np.ndarray) -> np.ndarray:
    """Stacks that wafers give. [stack/quarter]

    wafers [wafer/quarter], gross [die/wafer], good: yield of wafer and stacking together [1].
    """
    return np.asarray(wafers * gross * good / DIES_PER_STACK)


def slipped(moments: np.ndarray, slip: np.ndarray, since: float) -> np.ndarray:
    """The moment of a table that holds in each quarter of each world (quarter, draw). [year]

    moments [year] (quarter,), slip [quarter] (draw,): later by so much, but nothing that had come by `since` goes away.
    """
    return np.where(moments[:, None] <= since, moments[:, None], np.maximum(moments[:, None] - slip / 4.0, since))


def blended(amounts: list[np.ndarray], rates: list[np.ndarray]) -> np.ndarray:
    """Bandwidth of a stack of supplies taken together; of the first where there is none. [TB/s]

    amounts [stack] and rates [TB/s] of each supply.
    """
    whole = np.asarray(sum(amounts))
    carried = sum(amount * rate for amount, rate in zip(amounts, rates, strict=True))
    return np.where(whole > 0, carried / np.where(whole > 0, whole, 1.0), rates[0])


def speed(have: np.ndarray, need: np.ndarray, at_origin: np.ndarray | float) -> np.ndarray:
    """Bandwidth of new packages over what their sheets say, at most one. [1]

    have: bandwidth of a stack on hand, need: what the sheets of the mix ask of a stack [TB/s]; at_origin: have over need when
    packages were last seen to ship as their sheets say, so that only what came after counts.
    """
    return np.asarray(np.minimum(have / need / np.minimum(at_origin, 1.0), 1.0))
