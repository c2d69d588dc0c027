"""Vendors' roadmaps: a part that comes later than the table leaves its share of packages to its predecessor."""

import numpy as np


def readiness(share: np.ndarray, late: np.ndarray) -> np.ndarray:
    """How far a part has ramped over how far the table has it (quarter, draw). [1]

    share (quarter,) of the part in the table, late [quarter] (draw,) against it, below zero where it comes sooner. The ramp runs
    from nothing to the largest share; a later fall is the successor's doing and is not moved. Zero before the table has it.
    """
    ramp = np.maximum.accumulate(share) / max(float(share.max()), 1e-12)
    moments = np.arange(len(share), dtype=float)
    moved = np.interp(moments[:, None] - late, moments, ramp)
    begun = ramp[:, None] > 0
    return np.where(begun, moved / np.where(begun, ramp[:, None], 1.0), 0.0)


def released(mix: np.ndarray, late: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Shares of classes in packages when parts slip (gpu_class, quarter, draw). [1]

    mix (gpu_class, quarter) of the table, late [quarter] (gpu_class, draw) against it, before (gpu_class,): the class that makes
    good for one that is late, itself where nothing slips. What a part lacks goes to its predecessor, which passes on what it
    cannot make yet; a part that is early takes from its predecessor what that has. Shares add up to what they did.
    """
    out = np.repeat(mix[:, :, None], late.shape[1], axis=2)
    for new in _newest_first(before):
        old = before[new]
        ready = readiness(mix[new], late[new])
        own = mix[new][:, None] * ready
        passed_on = (out[new] - mix[new][:, None]) * (1.0 - np.minimum(ready, 1.0))
        missing = np.maximum(mix[new][:, None] - own + passed_on, -out[old])
        out[new] -= missing
        out[old] += missing
    return out


def _newest_first(before: np.ndarray) -> list[int]:
    """Classes that may slip, each ahead of its predecessor."""
    chain = [new for new in range(len(before)) if before[new] != new]
    depth = dict.fromkeys(chain, 0)
    for new in chain:
        step, seen = new, 0
        while before[step] != step:
            step, seen = int(before[step]), seen + 1
        depth[new] = seen
    return sorted(chain, key=lambda new: -depth[new])
