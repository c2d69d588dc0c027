"""Compute outside China that Chinese firms own or rent; kept apart from what stands in China."""

import numpy as np


def potential(stock: np.ndarray, last: int, growth: np.ndarray, slow_after: int, limit: np.ndarray) -> np.ndarray:
    """The offshore stock without closure, by bound. [H100e]

    stock (bound, draw) as elicited, used up to the bound `last`; after it the stock grows by `growth` a year (draw,),
    by its square root a year after the bound `slow_after`, up to `limit` [H100e] (draw,).
    """
    out = stock.copy()
    for bound in range(last + 1, len(stock)):
        grown = out[bound - 1] * growth ** (0.25 if bound <= slow_after else 0.125)
        out[bound] = np.maximum(np.minimum(grown, limit), out[bound - 1])
    return out


def owned_additions(
    potential: np.ndarray, owned_share: np.ndarray, hq_rule: np.ndarray, effect: np.ndarray, last: int
) -> np.ndarray:
    """Compute that Chinese firms buy abroad. [H100e/quarter]

    potential (bound, draw), owned_share and effect (draw,), hq_rule (regime, quarter), last: the last observed quarter.
    The stock was elicited under the rule of that quarter, so only a change of the rule after it changes purchases.
    Returns (regime, quarter, draw).
    """
    growth = np.maximum(np.diff(potential, axis=0, prepend=0.0)[1:], 0.0)
    left = 1.0 - hq_rule[..., None] * effect
    relative = left / np.maximum(left[:, last : last + 1], 1e-6)
    relative[:, : last + 1] = 1.0
    return growth * owned_share * relative


def rented(potential: np.ndarray, owned_share: np.ndarray, closed: np.ndarray, effect: np.ndarray) -> np.ndarray:
    """Compute that Chinese firms rent abroad, a level on bounds. [H100e]

    potential (bound, draw), closed (regime, bound, draw): how far remote access is controlled, 0 to 1.
    Returns (regime, bound, draw).
    """
    return potential * (1.0 - owned_share) * (1.0 - closed * effect)
