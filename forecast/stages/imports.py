"""The licensed channel: what the law permits, the vendor supplies and Beijing accepts."""

import numpy as np
from scipy.special import expit, logit


def ramped(permitted: np.ndarray, lag: np.ndarray) -> np.ndarray:
    """Share of full supply after a permission, rising with the quarters since the last denial. [1]

    permitted (regime, gpu_class, quarter, draw or 1), lag [quarter] (draw,). Returns (regime, gpu_class, quarter, draw).
    """
    so_far = np.zeros_like(permitted)
    for quarter in range(permitted.shape[2]):
        before = so_far[:, :, quarter - 1] if quarter else 0.0
        so_far[:, :, quarter] = np.where(permitted[:, :, quarter] > 0, before + permitted[:, :, quarter], 0.0)
    return np.clip(so_far / (1.0 + lag), 0.0, 1.0)


def acceptance(
    base: np.ndarray, advantage: np.ndarray, cover: np.ndarray, per_advantage: np.ndarray, per_cover: np.ndarray
) -> np.ndarray:
    """Share of licensed supply that Beijing lets in. [1]

    base [1] at the reference advantage and cover; advantage [log ratio] of the class over the best domestic part less
    the reference; cover [1] domestic supply over demand less the reference. Judgement: log odds rise with the first and
    fall with the second.
    """
    return np.asarray(expit(logit(base) + per_advantage * advantage - per_cover * cover))


def steered(accepted: np.ndarray, multiplier: np.ndarray) -> np.ndarray:
    """Acceptance times what a regime says of Beijing's side, never above one; a multiplier of one changes nothing. [1]"""
    return np.minimum(accepted * multiplier, 1.0)


def ceiling(supply: np.ndarray, permitted: np.ndarray, accepted: np.ndarray) -> np.ndarray:
    """Licensed chips on offer: a denial is a zero. [chip/quarter]"""
    return supply * permitted * accepted
