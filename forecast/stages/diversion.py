"""Chips that reach China against the rules."""

import numpy as np


def flow(base: np.ndarray, gap: np.ndarray, elasticity: np.ndarray, enforcement: np.ndarray, most: np.ndarray) -> np.ndarray:
    """Diverted compute on offer. [H100e/quarter]

    base [H100e/quarter], gap [1]: unmet share of demand over that of the reference quarter, elasticity [1],
    enforcement [1]: multiplier relative to current law, most [H100e/quarter]: what the routes can carry.
    min(base x gap^e x enforcement, most x min(enforcement, 1)): tighter enforcement thins the routes as well as the flow,
    looser enforcement does not widen them.
    """
    return np.minimum(base * gap**elasticity * enforcement, most * np.minimum(enforcement, 1.0))


def gap_ratio(supplied: np.ndarray, budget: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Unmet share of demand in money, at least 5 %, over its reference, held between a quarter and four. [1]"""
    return np.clip(unmet_share(supplied, budget) / reference, 0.25, 4.0)


def unmet_share(supplied: np.ndarray, budget: np.ndarray) -> np.ndarray:
    """Share of the budget that lawful and domestic supply leaves open, between 5 % and 1. [1]"""
    return np.clip(1.0 - supplied / np.maximum(budget, 1.0), 0.05, 1.0)


def flow_of_share(base: np.ndarray, world: np.ndarray, enforcement: np.ndarray, most: np.ndarray) -> np.ndarray:
    """Diverted compute on offer when it is a share of what third countries buy: the other form of `flow`. [H100e/quarter]

    base [H100e/quarter] at the reference quarter, world [1]: purchases of third countries over those of that quarter. The
    share stays what it was; enforcement and what the routes can carry act as in `flow`.
    """
    return np.minimum(base * world * enforcement, most * np.minimum(enforcement, 1.0))
