"""Fleet: cohorts by class and channel, their survival, and the part that is installed and running."""

import numpy as np


def survival(ages: np.ndarray, life: np.ndarray, shape: np.ndarray, attrition: np.ndarray) -> np.ndarray:
    """Share of a cohort that is left at an age. [1]

    ages [quarter] (age,), life [quarter] Weibull scale, shape [1], attrition [1/quarter] constant loss, all (draw,).
    Returns (age, draw).
    """
    age = ages[:, None]
    return np.exp(-attrition * age - (age / life) ** shape)


def installed(ages: np.ndarray, lag: np.ndarray) -> np.ndarray:
    """Share of a cohort that has been put to work at an age; mean wait `lag` [quarter] (draw,). [1]"""
    return 1.0 - np.exp(-ages[:, None] / lag)


def stock(additions: np.ndarray, left: np.ndarray, at: slice | list[int] = slice(None)) -> np.ndarray:
    """Chips at each bound from additions that arrive at mid-quarter. [chip]

    additions (..., quarter, draw), left (age, draw) or (..., age, draw) at ages 0.5, 1.5, ... quarters, with the leading
    dimensions of additions from the right. Returns (..., bound, draw) at all bounds, or at the places `at` names.
    """
    quarters, draws = additions.shape[-2:]
    if not isinstance(at, slice):
        out = np.zeros((*additions.shape[:-2], len(at), draws))
        for place, bound in enumerate(at):
            for age in range(bound):
                out[..., place, :] += additions[..., bound - 1 - age, :] * left[..., age, :]
        return out
    out = np.zeros((*additions.shape[:-2], quarters + 1, draws))
    share = np.broadcast_to(left, (*additions.shape[:-2], *left.shape[-2:]))
    room = np.empty((quarters, draws))
    for one in np.ndindex(additions.shape[:-2]):
        new, kept, held = additions[one], share[one], out[one]
        for age in range(quarters):
            held[age + 1 :] += np.multiply(new[: quarters - age], kept[age], out=room[: quarters - age])
    return out


def retired(additions: np.ndarray, stocks: np.ndarray) -> np.ndarray:
    """What arrived and did not stay has left. [chip/quarter]"""
    return additions - np.diff(stocks, axis=-2)
