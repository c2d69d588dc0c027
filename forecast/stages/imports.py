"""The licensed channel: what the law permits, the vendor supplies and Beijing accepts."""

import numpy as np
from scipy.special import expit, logit


def standing(held: np.ndarray) -> np.ndarray:
    """Quarters for which something has held without a break, where `held` is its share of each quarter. [quarter]

    held (regime, gpu_class, quarter, draw or 1); the same shape comes back. A quarter without it begins anew.
    """
    so_far = np.zeros_like(held)
    for quarter in range(held.shape[2]):
        before = so_far[:, :, quarter - 1] if quarter else 0.0
        so_far[:, :, quarter] = np.where(held[:, :, quarter] > 0, before + held[:, :, quarter], 0.0)
    return so_far


def ramped(permitted: np.ndarray, lag: np.ndarray) -> np.ndarray:
    """Share of full supply after a permission, rising with the quarters since the last denial. [1]

    permitted (regime, gpu_class, quarter, draw or 1), lag [quarter] (draw,). Returns (regime, gpu_class, quarter, draw).
    """
    return np.clip(standing(permitted) / (1.0 + lag), 0.0, 1.0)


def brought(due: np.ndarray, lag: np.ndarray, patience: np.ndarray, countered: np.ndarray) -> np.ndarray:
    """Share of its supply that a vendor's answer has reached: none for a lag, all a quarter later, shared with other answers. [1]

    due (regime, gpu_class, quarter, draw or 1): share of the quarter in which law calls for it; lag, patience [quarter] (draw,).
    Where the regulator counters (regime, quarter, draw or 1), he closes the part when it has been on sale for his patience.
    """
    on_sale = standing(due) - lag
    closed = countered[:, None] * np.clip(on_sale - patience, 0.0, 1.0)
    beside = np.maximum((due > 0).sum(axis=1, keepdims=True), 1)
    return np.asarray(np.clip(on_sale, 0.0, 1.0) * (1.0 - closed) / beside)


def acceptance(
    base: np.ndarray, advantage: np.ndarray, cover: np.ndarray, per_advantage: np.ndarray, per_cover: np.ndarray,
    hostility: np.ndarray | float = 0.0,
) -> np.ndarray:  # fmt: skip
    """Share of licensed supply that Beijing lets in. [1]

    base [1] at the reference advantage and cover; advantage [log ratio] of the class over the best domestic part less
    the reference; cover [1] domestic supply over demand less the reference; hostility [log odds] beyond that of the base.
    Judgement: log odds rise with the first and fall with the others.
    """
    return np.asarray(expit(logit(base) + per_advantage * advantage - per_cover * cover - hostility))


def campaign(called: np.ndarray, half_life: np.ndarray) -> np.ndarray:
    """Hostility that is felt when a campaign is called and called off: at once, and fading with a half-life. [log odds]

    called [log odds] (regime, quarter, draw or 1), half_life [quarter] (draw,). Returns (regime, quarter, draw).
    """
    felt = np.broadcast_to(called, (*called.shape[:2], len(half_life))).copy()
    for quarter in range(1, felt.shape[1]):
        felt[:, quarter] = np.maximum(felt[:, quarter], felt[:, quarter - 1] * 0.5 ** (1.0 / half_life))
    return felt


def steered(accepted: np.ndarray, multiplier: np.ndarray) -> np.ndarray:
    """Acceptance times what a regime says of Beijing's side, never above one; a multiplier of one changes nothing. [1]"""
    return np.minimum(accepted * multiplier, 1.0)


def ceiling(supply: np.ndarray, permitted: np.ndarray, accepted: np.ndarray) -> np.ndarray:
    """Licensed chips on offer: a denial is a zero. [chip/quarter]"""
    return supply * permitted * accepted
