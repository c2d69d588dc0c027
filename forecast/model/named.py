"""Firms that a rule names one by one: what it takes from or leaves to their dies from abroad, and what others make of the rest.

A design for a foreign foundry is not made at home within the quarter, so a firm's packages fall by the dies that it misses,
whatever binds the nation; others take the memory and slots that this frees, as far as their own dies go.
"""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np


class Made(NamedTuple):
    """One quarter: units of the mix begun with stacked memory and without (regime, gpu_class or 1, draw), used inputs, bound."""

    starts: np.ndarray
    alone: np.ndarray
    used: np.ndarray
    binding: np.ndarray


def firms(x: SimpleNamespace) -> list[tuple[np.ndarray, np.ndarray]]:
    """Firms whose dies from abroad a rule moves apart from all others': classes (gpu_class,), and by how much.

    The latter (regime, quarter, draw or 1) [1]: part of all new foreign dies that the firm gets more; fewer where negative.
    """
    apart = x.lever_foreign_dies_apart
    codes = np.unique(x.maker[apart.any(axis=(0, 2, 3))])
    return [(x.maker == code, apart[:, np.argmax(x.maker == code)]) for code in codes]


def kept(
    x: SimpleNamespace, b: SimpleNamespace, t: int, was: Made, needs: np.ndarray, cards: np.ndarray, surprise: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """What is left of each class's packages (regime, gpu_class, draw) [1], and dies that arrive more or fewer. [die/quarter]

    was: the quarter if no rule named a firm; needs (input, gpu_class, draw) and cards (gpu_class, draw) of a unit of the mix. A
    firm that would have used fewer dies than it misses loses what it would have used: no more is taken from the pool.
    """
    share, more = np.ones((x.regimes, x.classes, x.draws)), np.zeros((x.regimes, x.draws))
    for mine, apart in b.named:
        use = was.starts[:, 0] * needs[0, mine].sum(axis=0) + was.alone[:, 0] * cards[mine].sum(axis=0)
        moved = x.proxy_dies * apart[:, t] * surprise
        left = np.where(use > 0, np.maximum(1.0 + moved / np.where(use > 0, use, 1.0), 0.0), 1.0)
        share[:, mine] = left[:, None]
        more += (left - 1.0) * use
    return share, more


def parted(
    b: SimpleNamespace, t: int, was: Made, needs: np.ndarray, cards: np.ndarray, share: np.ndarray, offered: np.ndarray
) -> Made:
    """The quarter in which named firms make what their dies allow and all others share what is left by the mix.

    offered (input, regime, draw): dies, stacks and slots that may be used under the rule. A regime that names no firm in the
    quarter is as it was, bit for bit.
    """
    mine = np.zeros(share.shape, dtype=bool)
    for classes, apart in b.named:
        mine[:, classes] = (apart[:, t] != 0.0)[:, None]
    held = np.where(mine, share, 0.0)
    own = np.einsum("rcd,icd->ird", held, needs) * was.starts[:, 0]
    own[0] += np.einsum("rcd,cd->rd", held, cards) * was.alone[:, 0]
    over = np.maximum((own / np.maximum(offered, 1e-9)).max(axis=0), 1.0)
    own, share = own / over, np.where(mine, share / over[:, None], 1.0)
    others = np.einsum("rcd,icd->ird", ~mine, needs)
    rest = offered - own
    plain = np.einsum("rcd,cd->rd", ~mine, cards) * was.alone[:, 0]
    rest[0] -= plain
    limits = np.maximum(rest, 0.0) / np.maximum(others, 1e-9)
    starts = limits.min(axis=0)
    used = own + starts * others
    used[0] += plain
    named = np.asarray(mine.any(axis=1))
    by_class = np.where(mine, was.starts * share, starts[:, None])
    return Made(
        np.where(named[:, None], by_class, was.starts),
        np.where(named[:, None], was.alone * share, was.alone),
        np.where(named, used, was.used),
        np.where(named, limits.argmin(axis=0), was.binding).astype(np.int8),
    )
