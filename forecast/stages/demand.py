"""Demand: what buyers pay over list prices, how money answers, and the money that may buy Chinese chips only."""

import numpy as np


def markup(spent: np.ndarray, listed: np.ndarray) -> np.ndarray:
    """What was paid over list prices of the same chips, one where nothing was bought. [1]

    spent and listed [USD/quarter] (regime, draw).
    """
    return np.asarray(np.where(listed > 0, spent / np.where(listed > 0, listed, 1.0), 1.0))


def response(dearer: np.ndarray, elasticity: np.ndarray) -> np.ndarray:
    """Factor on money when prices are `dearer` times what they were: chips wanted fall by the power `elasticity`. [1]

    dearer [1] (regime, draw), elasticity [1] (draw,). At one money stays, above it falls, below it rises with the price.
    """
    return np.asarray(dearer ** (1.0 - elasticity))


def barred(in_force: np.ndarray, share: np.ndarray, reach: np.ndarray) -> np.ndarray:
    """Share of the money at home that may buy Chinese chips only. [1]

    in_force [1] (quarter,): share of the quarter in which sovereign buyers are barred from foreign ones; share [1]
    (quarter, draw): their part of the money; reach [1] (regime, quarter, draw or 1): how far the bar goes, one as today.
    """
    return np.asarray(np.minimum(in_force[:, None] * share * reach, 1.0))
