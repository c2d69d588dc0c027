"""Capability: what a stock amounts to in nominal, training and serving terms, and what power it draws."""

import numpy as np

H100_BANDWIDTH = 3.35
"""Memory bandwidth of one H100 SXM [TB/s], the unit of the bandwidth-based stock."""


def serving_weight(rate: np.ndarray, bandwidth: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """What a chip is worth in serving: a geometric mean of rate and memory bandwidth. [H100e/chip]

    rate [H100e/chip], bandwidth [TB/s], weight of bandwidth [1]. Decoding is limited by bandwidth, prefill by rate.
    """
    return rate ** (1.0 - weight) * (bandwidth / H100_BANDWIDTH) ** weight


def weigh(chips: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """A fleet by class as one stock.

    chips (regime, gpu_class, bound, draw), weights (gpu_class, draw) or (gpu_class, bound, draw).
    Returns (regime, bound, draw).
    """
    wide = weights[:, None, :] if weights.ndim == 2 else weights
    return np.einsum("rcbd,cbd->rbd", chips, np.broadcast_to(wide, chips.shape[1:]), optimize=True)


def power(watts: np.ndarray, overhead: np.ndarray, pue: np.ndarray) -> np.ndarray:
    """Power at the meter of chips with a summed thermal design power. [GW]

    watts [W], overhead of servers and network [1], PUE [1].
    """
    return watts * overhead * pue / 1e9


def third_party(vendor_share: np.ndarray, gap: np.ndarray, half_life: np.ndarray, effort: np.ndarray) -> np.ndarray:
    """Mean over users of what they reach of what vendors' own teams reach. [1]

    vendor_share, gap, half_life [year] (draw,); effort [year] (regime, bound, draw or 1): programmes for engineers added up since
    the end of 2026, negative before it. The gap of third parties halves with each half-life of effort. Judgement.
    """
    reached = 1.0 - np.minimum(gap * 0.5 ** (effort / half_life), 1.0)
    return np.asarray(vendor_share + (1.0 - vendor_share) * reached)


def locked_in(share: np.ndarray, origin: int, strength: np.ndarray) -> np.ndarray:
    """What is left of Chinese stacks' throughput when licensed chips hold users: one less strength times the rise of their share.

    share (regime, bound, draw) of licensed chips in the onshore stock, origin: the bound from which a rise counts. [1]
    """
    rise = np.maximum(share - share[:, origin : origin + 1], 0.0)
    rise[:, : origin + 1] = 0.0
    return np.asarray(1.0 - strength * rise)
