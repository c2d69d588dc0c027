"""Lines and nodes: what a rule that touches some lines reaches of the whole, and nodes that arrive at an uncertain date."""

import numpy as np


def shares(capacity: np.ndarray, exposure: np.ndarray) -> np.ndarray:
    """Share of each line in all capacity that a rule on foreign tools can reach for accelerators (fab, quarter, draw). [1]

    capacity [wafer/month] (fab, quarter, draw), exposure [1] (fab,): accelerator share times foreign share of tools.
    """
    weight = capacity * exposure[:, None, None]
    whole = weight.sum(axis=0)
    return np.asarray(np.where(whole > 0, weight / np.where(whole > 0, whole, 1.0), 1.0 / len(capacity)))


def shares_of_growth(capacity: np.ndarray, exposure: np.ndarray) -> np.ndarray:
    """The same for what lines add within the next year; where none adds anything, the share in capacity. [1]"""
    ahead = np.minimum(np.arange(capacity.shape[1]) + 4, capacity.shape[1] - 1)
    growth = np.maximum(capacity[:, ahead] - capacity, 0.0)
    grows = (growth * exposure[:, None, None]).sum(axis=0) > 0
    return np.where(grows, shares(growth, exposure), shares(capacity, exposure))


def reached(effect: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """What a rule does to the whole, from what it does to each line (regime, fab, quarter, draw or 1). Unit of the effect.

    weight (fab, quarter, draw) adds up to one over lines. Returns (regime, quarter, draw), or without weight what all lines have
    in common where they are touched alike: then nothing depends on the split.
    """
    if np.array_equal(effect, np.broadcast_to(effect[:, :1], effect.shape)):
        return effect[:, 0]
    return (effect * weight).sum(axis=1)


def scarcest(mean: np.ndarray, best: np.ndarray, complements: np.ndarray) -> np.ndarray:
    """What tools of several countries come to where some are missing and a line needs all kinds (regime, fab, quarter, ...). [1]

    mean, best [1] (regime, fab, quarter, 1 or draw): over countries; complements [1] (draw,): 1 is their mean, more lets the
    missing ones hold up the others. Where all countries do alike, that is what comes, whatever complements.
    """
    if np.array_equal(mean, best):
        return mean
    whole = np.where(best > 0, best, 1.0)
    return np.asarray(best * (mean / whole) ** complements)


def arrived(years: np.ndarray, wait: np.ndarray, ramp: np.ndarray) -> np.ndarray:
    """How far a node that comes after a wait has ramped (quarter, draw): a straight line from 0 to 1. [1]

    years [year] (quarter,) since the day from which the wait counts, wait and ramp [year] (draw,).
    """
    return np.clip((years[:, None] - wait) / ramp, 0.0, 1.0)


def with_denser_node(good: np.ndarray, denser: np.ndarray, moved: np.ndarray) -> np.ndarray:
    """Good dies from a wafer of a node of which a part moves to a denser one, where that gives more. [die/wafer]

    good and denser [die/wafer] of the same function, moved [1].
    """
    return np.asarray(good + moved * np.maximum(denser - good, 0.0))
