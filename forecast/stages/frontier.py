"""The largest training run: what one owner can run in one place, how large a run and a model that makes, who came first.

Arrays end in (bound, draw) unless said otherwise. A run counts operations of dense 16-bit training, FLOP.
"""

import numpy as np

from forecast.names import H100_DENSE_8BIT

PEAK_16BIT = H100_DENSE_8BIT / 2.0 * 1e12
"""Dense 16-bit rate of one H100e [FLOP/s]: half of the 8-bit rate, as on the sheet of the H100 (989 TFLOP/s)."""

DAY = 86_400.0
"""Seconds in a day."""

PER_PARAMETER_AND_TOKEN = 6.0
"""Operations of training per parameter and token (Kaplan et al., arXiv 2001.08361)."""

TOKENS_PER_PARAMETER = 20.0
"""Tokens per parameter of a compute-optimal model, rounded (Hoffmann et al., arXiv 2203.15556)."""


def owner_system(usable: np.ndarray, owner: np.ndarray, in_one_run: np.ndarray) -> np.ndarray:
    """Compute of the largest owner that can work on one run in one place. [H100e]

    usable [H100e] of the nation, owner [1]: its share, in_one_run [1]: the part of that share.
    """
    return np.asarray(usable * owner * in_one_run)


def system_limit(at_reference: np.ndarray, growth: np.ndarray, years: np.ndarray) -> np.ndarray:
    """Largest system that networks and software hold together. [H100e]

    at_reference [H100e] (draw,), growth [1/year] factor (draw,), years since the reference (bound,), negative before it.
    Returns (bound, draw).
    """
    return np.asarray(at_reference * growth ** years[:, None])


def joined_cards(whole: np.ndarray, since: np.ndarray, ramp: np.ndarray) -> np.ndarray:
    """Cards that one fabric joins: none before the first delivery, then by a straight line to the whole. [chip]

    whole [chip] (draw,), since [year] the first delivery (bound, draw), ramp [year] (draw,).
    """
    return np.asarray(whole * np.clip(since / ramp, 0.0, 1.0))


def widened(path: np.ndarray, lever: np.ndarray) -> np.ndarray:
    """A path that never falls, each quarter's growth times a lever: what stands stays. Unit of the path.

    path (bound, draw), lever (regime, quarter) [1]. Returns (regime, bound, draw).
    """
    steps = np.diff(np.maximum.accumulate(path, axis=0), axis=0) * lever[..., None]
    return np.asarray(path[0] + np.concatenate([np.zeros((len(lever), 1, path.shape[1])), np.cumsum(steps, axis=1)], axis=1))


def typical_card(chips: np.ndarray, rate: np.ndarray) -> np.ndarray:
    """Rate of the card on which the typical H100e stands: chips weighted by their rate; zero where there are none. [H100e/chip]

    chips (..., class, bound, draw), rate [H100e/chip] (class, draw).
    """
    held = chips * rate[:, None]
    whole = held.sum(axis=-3)
    return np.divide((held * rate[:, None]).sum(axis=-3), whole, out=np.zeros_like(whole), where=whole > 0)


def run_size(system: np.ndarray, utilisation: np.ndarray, days: np.ndarray) -> np.ndarray:
    """Operations of a run that has a system for some days. [FLOP]

    system [H100e], utilisation of the dense 16-bit rate [1], days [day]: H100e x 989.5e12 FLOP/s x utilisation x 86 400 s x days.
    """
    return np.asarray(system * PEAK_16BIT * utilisation * DAY * days)


def days_needed(size: float, system: np.ndarray, utilisation: np.ndarray) -> np.ndarray:
    """Days that a run of a given size [FLOP] takes on a system [H100e]; infinite where there is none. [day]"""
    daily = run_size(system, utilisation, np.ones(()))
    return np.divide(size, daily, out=np.full(daily.shape, np.inf), where=daily > 0)


def optimal_parameters(size: np.ndarray) -> np.ndarray:
    """Parameters of the compute-optimal dense model of a run [FLOP]: C = 6 N D with D = 20 N, so N = sqrt(C / 120). [1]"""
    return np.sqrt(size / (PER_PARAMETER_AND_TOKEN * TOKENS_PER_PARAMETER))


def efficiency(growth: np.ndarray, years: np.ndarray) -> np.ndarray:
    """Compute that a fixed capability needed at the reference over what it needs now. [1]

    growth [1/year] factor (draw,), years since the reference (bound,), negative before it. Returns (bound, draw).
    """
    return np.asarray(growth ** years[:, None])


def lag_months(follower: np.ndarray, leader: np.ndarray, years: np.ndarray) -> np.ndarray:
    """Months since the leader first had what the follower has now, by first passage of the leader's record. [month]

    follower and leader (..., bound, draw) in one unit, years (bound,) as decimals. Records never fall; between bounds the
    leader's record grows by straight lines of its logarithm, from nothing by a straight line. Zero where the follower is level
    or ahead.
    """
    record, held = (np.maximum.accumulate(array, axis=-2) for array in (follower, leader))
    bounds = len(years)
    out = np.zeros(np.broadcast_shapes(record.shape, held.shape))
    for now in range(bounds):
        mine = record[..., now, :]
        passed = np.minimum((held < mine[..., None, :]).sum(axis=-2), bounds - 1)
        before = np.maximum(passed - 1, 0)
        low, high = (np.take_along_axis(held, k[..., None, :], axis=-2)[..., 0, :] for k in (before, passed))
        moment = years[before] + _part_of_way(mine, low, high) * (years[passed] - years[before])
        out[..., now, :] = np.maximum(years[now] - moment, 0.0) * 12.0
    return out


def _part_of_way(level: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """How far a level lies between two others, by logarithms, or straight where the lower one is zero, held to 0 and 1. [1]"""
    level, low, high = np.broadcast_arrays(level, low, high)
    grown = (low > 0) & (high > low)
    floor = np.where(grown, low, 1.0)
    by_log = np.log(np.maximum(level, 1e-300) / floor) / np.log(np.where(grown, high / floor, np.e))
    straight = (level - low) / np.where(high > low, high - low, 1.0)
    return np.asarray(np.clip(np.where(grown, by_log, straight), 0.0, 1.0))
