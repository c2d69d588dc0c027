"""Dies: how many a wafer holds, how many of them work, and how makers learn. Lengths in mm, areas in cm2 where said."""

import numpy as np

RETICLE = (26.0, 33.0)
"""Largest field that a scanner exposes at once [mm]."""

WAFER = 300.0
"""Diameter of the wafer [mm]."""


def fits_reticle(width: np.ndarray, height: np.ndarray) -> np.ndarray:
    """Whether a die of a width and height [mm] can be exposed at once, either way round."""
    short, long = np.minimum(width, height), np.maximum(width, height)
    return np.asarray((short <= RETICLE[0]) & (long <= RETICLE[1]))


def gross_dies(width: np.ndarray, height: np.ndarray, edge: np.ndarray, scribe: np.ndarray) -> np.ndarray:
    """Whole dies on a wafer, the mean over all placements of the grid. [die/wafer]

    width, height, edge (rim that is not used) and scribe (lane between dies) [mm]. A grid of pitch p, q laid down at random has
    as many whole dies as the area in which the centre of a die may lie, over p q; that area is bounded by arcs, so it is exact.
    """
    radius = WAFER / 2 - edge
    low, high = width / 2, np.sqrt(np.maximum(radius**2 - (height / 2) ** 2, 0.0))

    def primitive(u: np.ndarray) -> np.ndarray:
        return np.asarray((u * np.sqrt(np.maximum(radius**2 - u**2, 0.0)) + radius**2 * np.arcsin(np.clip(u / radius, 0, 1))) / 2)

    quarter = primitive(high) - primitive(low) - height / 2 * (high - low)
    return np.asarray(np.where(high > low, 4.0 * quarter / ((width + scribe) * (height + scribe)), 0.0))


def most_dies(width: float, height: float, edge: float, scribe: float, step: float = 0.05) -> int:
    """Whole dies on a wafer at the best place of the grid, which real layouts do not reach. [die/wafer]

    Lengths [mm]. Across, the grid is moved by `step`; along, the best place is found exactly: some die then touches the rim.
    """
    radius, pitch = WAFER / 2 - edge, height + scribe
    columns = np.arange(-np.ceil(WAFER / width), np.ceil(WAFER / width) + 1)
    best = 0
    for offset in np.arange(0.0, width + scribe, step):
        left = offset + columns * (width + scribe)
        far = np.maximum(np.abs(left), np.abs(left + width))
        half = np.sqrt(radius**2 - far[far < radius] ** 2)
        half = half[2 * half >= height]
        starts = np.concatenate([np.mod(-half, pitch), np.mod(half - height, pitch)])
        rows = np.floor((half[None] - height - starts[:, None]) / pitch + 1e-9)
        rows -= np.ceil((-half[None] - starts[:, None]) / pitch - 1e-9)
        best = max(best, int((rows + 1).clip(min=0).sum(axis=1).max(initial=0)))
    return best


def negative_binomial_yield(area: float | np.ndarray, defects: np.ndarray, clustering: float | np.ndarray) -> np.ndarray:
    """Share of dies without a killing defect. [1]

    area [cm2], defects [1/cm2], clustering [1]. Y = (1 + A D / alpha)^(-alpha), the usual clustered-defect form.
    """
    return np.asarray((1.0 + area * defects / clustering) ** -clustering)


def usable(clean: np.ndarray, lost: np.ndarray, binned: np.ndarray) -> np.ndarray:
    """Share of dies that are sold: clean ones less those too slow or too hot, and defective ones sold with cores off. [1]

    clean: share without a killing defect; lost: share of clean dies that miss speed or power; binned: share of the others saved.
    """
    return np.asarray(clean * (1.0 - lost) + (1.0 - clean) * binned)


def learned_defects(
    reference: np.ndarray, wafers: np.ndarray, wafers_reference: np.ndarray, exponent: np.ndarray, floor: np.ndarray
) -> np.ndarray:
    """Defect density after cumulative wafers, never below what the equipment allows. [1/cm2]

    Wright's law: D = D_ref (W / W_ref)^(-b), bounded below by floor.
    """
    return np.maximum(reference * (np.maximum(wafers, 1.0) / np.maximum(wafers_reference, 1.0)) ** -exponent, floor)


def taught(own: np.ndarray, other: np.ndarray, transfer: np.ndarray) -> np.ndarray:
    """Cumulative wafers that count for a node: its own, and a part of an older node's. [wafer]

    own and other [wafer], transfer [1].
    """
    return np.asarray(own + transfer * other)


def raised_floor(floor: np.ndarray, without: np.ndarray, stopped: np.ndarray) -> np.ndarray:
    """Defect density that learning cannot pass when part of the new tools does not arrive. [1/cm2]

    floor under today's access, without: multiplier when all new tools stop, stopped: share that is missing (below zero where
    more arrive). floor * without ** stopped.
    """
    return np.asarray(floor * without**stopped)
