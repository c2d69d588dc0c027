"""Compute outside China that Chinese firms own or rent; kept apart from what stands in China."""

import numpy as np


def potential(stock: np.ndarray, last: int, growth: np.ndarray, slow_after: int) -> np.ndarray:
    """The offshore stock that Chinese firms would use without closure and with room everywhere, by bound. [H100e]

    stock (bound, draw) as elicited, used up to the bound `last`; after it the stock grows by `growth` a year (draw,),
    by its square root a year after the bound `slow_after`.
    """
    out = stock.copy()
    for bound in range(last + 1, len(stock)):
        out[bound] = out[bound - 1] * growth ** (0.25 if bound <= slow_after else 0.125)
    return out


def room(megawatts: np.ndarray, density: np.ndarray, yearly: np.ndarray, years: np.ndarray) -> np.ndarray:
    """What the halls of a country that are open to Chinese tenants can hold. [H100e]

    megawatts [MW] of machines (country, bound, draw), density [H100e/MW] at the reference instant (draw,), its yearly factor
    (draw,), years since that instant (bound,), not below zero.
    """
    return np.asarray(megawatts * density * yearly ** np.maximum(years, 0.0)[:, None])


def housed(wanted: np.ndarray, shares: np.ndarray, caps: np.ndarray, last: int) -> np.ndarray:
    """Compute by host country when each has a cap and the overflow goes where room is left. [H100e]

    wanted (bound, draw), shares (country, bound), caps (country, bound, draw). A cap is never below what the country holds at
    the bound `last` or held before: those racks stand. Returns (country, bound, draw); the sum is min(wanted, sum of caps).
    """
    asked = shares[:, :, None] * wanted
    caps = caps.copy()
    caps[:, : last + 1] = np.maximum(caps[:, : last + 1], asked[:, : last + 1])
    caps = np.maximum.accumulate(caps, axis=1)
    here = np.minimum(asked, caps)
    spare = caps - here
    over = np.minimum((asked - here).sum(axis=0), spare.sum(axis=0))
    return here + spare * (over / np.maximum(spare.sum(axis=0), 1e-9))


def owned_additions(
    potential: np.ndarray, owned_share: np.ndarray, hq_rule: np.ndarray, effect: np.ndarray, last: int
) -> np.ndarray:
    """Compute that Chinese firms buy abroad. [H100e/quarter]

    potential (bound, draw), owned_share and effect (draw,), hq_rule (regime, quarter, draw or 1), last: the last quarter seen.
    The stock was elicited under the rule of that quarter, so only a change of the rule after it changes purchases.
    Returns (regime, quarter, draw).
    """
    growth = np.maximum(np.diff(potential, axis=0, prepend=0.0)[1:], 0.0)
    left = 1.0 - hq_rule * effect
    relative = left / np.maximum(left[:, last : last + 1], 1e-6)
    relative[:, : last + 1] = 1.0
    return growth * owned_share * relative


def rented(potential: np.ndarray, owned_share: np.ndarray, closed: np.ndarray, effect: np.ndarray) -> np.ndarray:
    """Compute that Chinese firms rent abroad, a level on bounds. [H100e]

    potential (country, bound, draw) as housed, closed (regime, country, bound, draw): how far remote access is controlled,
    0 to 1. Returns (regime, country, bound, draw).
    """
    return potential * (1.0 - owned_share) * (1.0 - closed * effect)


def migrated(gone: np.ndarray, spare: np.ndarray, closed: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Rented compute that moves to hosts that stay open, within their room. [H100e]

    gone (regime, country, bound, draw): what closure took some time ago; spare (country, bound, draw): room that is left, not
    below zero; closed (regime, country, bound, draw); share (draw,): what of it finds its way. A host is open so far as it is
    less closed than the most closed one: where all close alike nothing moves.
    """
    most = closed.max(axis=1, keepdims=True)
    open_ = np.where(most > 0, 1.0 - closed / np.maximum(most, 1e-12), 0.0)
    room = np.maximum(spare, 0.0) * open_
    whole = room.sum(axis=1, keepdims=True)
    wanted = share * gone.sum(axis=1, keepdims=True)
    return np.asarray(room * np.minimum(wanted / np.maximum(whole, 1e-9), 1.0))
