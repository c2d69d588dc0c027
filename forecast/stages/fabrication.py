"""Fabrication: wafers to good dies, memory and packaging meeting in a package, inventories of what is left.

All arrays end in (regime, draw) unless said otherwise. Dies are 665.6 mm2 equivalents, stacks 16 GB equivalents.
"""

from typing import NamedTuple

import numpy as np

LOGIC, MEMORY, PACKAGING, OBSERVED = range(4)


class Assembly(NamedTuple):
    """One quarter of packaging."""

    starts: np.ndarray
    binding: np.ndarray
    dies_used: np.ndarray
    stacks_used: np.ndarray
    slots_used: np.ndarray


def tool_limited(wafers: np.ndarray, since: int, growth: np.ndarray) -> np.ndarray:
    """Wafer starts when additions after a quarter are scaled. [wafer/quarter]

    wafers (quarter, draw) on plan, since: last quarter on plan, growth (regime, quarter, draw): 1 leaves the plan as it is.
    Returns (regime, quarter, draw). Falls in the plan are kept in full.
    """
    change = np.diff(wafers, axis=0, prepend=wafers[:1])
    scale = np.where(change > 0, growth, 1.0)
    scale[:, : since + 1] = 1.0
    plan = np.broadcast_to(change, scale.shape) * scale
    plan[:, 0] = wafers[0]
    return np.maximum(np.cumsum(plan, axis=1), 0.0)


def ahead_of(starts: np.ndarray, pulled: np.ndarray) -> np.ndarray:
    """Wafer starts when tools arrive before their time and are not bought again: a step up, then none until the path catches up.

    starts and pulled (regime, quarter, draw) [wafer/quarter]: the path without, and capacity that arrives early in the quarter.
    """
    level = np.where(pulled > 0, starts + np.cumsum(pulled, axis=1), 0.0)
    return np.maximum(starts, np.maximum.accumulate(level, axis=1))


def recovered(stopped: np.ndarray, half_life: np.ndarray) -> np.ndarray:
    """Share of an effect that is left after Chinese makers have filled in for what was stopped. [1]

    stopped (regime, quarter, draw): share of supply that a rule stops, half_life [quarter] (draw,) of the loss under a
    complete stop. The clock runs at the rate of what is stopped, so nothing fades before anything is.
    """
    return np.asarray(0.5 ** (np.cumsum(stopped, axis=1) / half_life))


def missing(stopped: np.ndarray, half_life: np.ndarray) -> np.ndarray:
    """Share of what a rule stops that Chinese makers have not filled in yet (regime, quarter, draw). [1]"""
    return np.asarray(stopped * recovered(np.maximum(stopped, 0.0), half_life))


def growth_left(multiplier: np.ndarray, stopped: np.ndarray, half_life: np.ndarray) -> np.ndarray:
    """Factor on additions to capacity under a rule: multiplier [1] when all is stopped, fading with localisation. [1]"""
    return 1.0 - (1.0 - multiplier) * missing(stopped, half_life)


def worn(quarters_without: np.ndarray, after_eight: np.ndarray) -> np.ndarray:
    """Factor on defect density of machines that miss servicing: straight line to `after_eight` at eight quarters. [1]"""
    return 1.0 + (after_eight - 1.0) * np.minimum(quarters_without / 8.0, 1.0)


def bought_ahead(capacity: np.ndarray, share: np.ndarray, ahead: np.ndarray) -> np.ndarray:
    """Capacity of tools bought before an expected rule that later tools would not have given. [wafer/quarter]

    capacity (quarter, draw) on plan, share (draw,) of one year's additions that a complete stop would pull forward, ahead
    (regime, quarter, draw or 1): the fall expected, spread over the quarters between word and rule. Returns (regime, quarter,
    draw).
    """
    year = np.maximum(capacity[np.minimum(np.arange(len(capacity)) + 4, len(capacity) - 1)] - capacity, 0.0)
    return np.asarray(ahead * share * year)


def unserviced(servicing: np.ndarray) -> np.ndarray:
    """Quarters of servicing that machines miss, 0 to 8, moving by at most one a quarter towards 8 (1 - lever). [quarter]

    servicing (..., quarter, draw or 1), 1 as today; restored servicing restores the machines at the same pace.
    """
    out = np.zeros_like(servicing)
    for quarter in range(servicing.shape[-2]):
        before = out[..., quarter - 1, :] if quarter else 0.0
        aim = np.clip(8.0 * (1.0 - servicing[..., quarter, :]), 0.0, 8.0)
        out[..., quarter, :] = before + np.clip(aim - before, -1.0, 1.0)
    return out


def serviced(quarters_without: np.ndarray, left_after_eight: np.ndarray) -> np.ndarray:
    """Share of capacity that still runs after some quarters without servicing; straight line to eight quarters. [1]"""
    return 1.0 - (1.0 - left_after_eight) * np.minimum(quarters_without / 8.0, 1.0)


def assemble(offered: tuple[np.ndarray, np.ndarray, np.ndarray], each: tuple[np.ndarray, np.ndarray, np.ndarray]) -> Assembly:
    """Packages begun: dies, memory or slots, whichever runs out first. [chip/quarter]

    offered: dies, stacks and slots that may be used in the quarter; each: the same per package of the quarter's mix.
    Returns starts before assembly loss, the index of the binding input, and what was used.
    """
    limits = np.stack(np.broadcast_arrays(*(have / need for have, need in zip(offered, each, strict=True))))
    starts = limits.min(axis=0)
    dies_used, stacks_used, slots_used = (starts * need for need in each)
    return Assembly(starts, limits.argmin(axis=0).astype(np.int8), dies_used, stacks_used, slots_used)


def all_good(escape: np.ndarray, screened: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Share of packages in which no compute die turns out bad that had passed the test on the wafer. [1]

    escape: share of dies that pass and are bad, screened: share of those that are found before they are joined, count: dies in
    a package (gpu_class, draw). One bad die loses the package, so without screening the shares multiply.
    """
    return np.asarray((1.0 - escape * (1.0 - screened)) ** count)


def plain_cards(wanted: np.ndarray, fresh: np.ndarray, each: np.ndarray) -> np.ndarray:
    """Units of the mix in which cards without stacked memory are made: as wanted, within the dies of the quarter.

    wanted [chip/quarter], fresh dies of the quarter [die/quarter], each: dies that the cards without in one unit of the mix need
    [die/chip]. What lies in stock is left to packages that wait for memory. No unit where the mix has no such card.
    """
    return np.where(each > 0, np.minimum(wanted, fresh / np.where(each > 0, each, 1.0)), 0.0)


def mixed(share: np.ndarray, stock: np.ndarray, fresh_share: np.ndarray, fresh: np.ndarray) -> np.ndarray:
    """Share of foreign parts in a stock that is well mixed with what arrives, and in what is used of it. [1]

    share of the stock and of the arrivals that is foreign [1], stock and fresh in the unit of the part.
    """
    whole = stock + fresh
    return np.where(whole > 0, (share * stock + fresh_share * fresh) / np.where(whole > 0, whole, 1.0), share)


def faded(gap: np.ndarray, quarters: float, half_life: np.ndarray) -> np.ndarray:
    """What observed output took beyond counted supply, carried forward: the same amount, halving with each half-life.

    gap in the unit of the input per quarter, quarters since it was observed, half_life [quarter].
    """
    return gap * 0.5 ** (quarters / half_life)


def surprise(one_year: np.ndarray, quarters: int) -> np.ndarray:
    """Factor by which output departs from plan after some quarters: the one-year factor, growing as the square root of time. [1]

    Held at two years. One rank per world, so a world that surprises keeps surprising the same way.
    """
    return np.asarray(one_year ** np.sqrt(min(quarters / 4.0, 2.0)))
