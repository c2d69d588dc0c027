"""Named streams: stratified uniforms in blocks of 256, rank correlations, and beliefs read off at a rank.

The only module that makes a random generator. A draw is one world: the same under every regime, whatever the number
of draws, the size of blocks or the order of inputs.
"""

import zlib
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from scipy.special import expit, logit, ndtr, ndtri

from forecast.quantity import Quantity, Scale, Spread

BLOCK = 256
"""Draws in one stratified block; any number of draws is a prefix of the blocks."""

LATENT, SHOCK, PERSISTENCE = 0.9, np.sqrt(1 - 0.9**2), 0.7
"""A path keeps one rank through time (weight 0.9) plus a yearly shock with memory 0.7, as the evidence suggests."""

FIRST_YEAR, LAST_YEAR = 2022, 2033
_EDGE = ndtri(0.95)

Pair = tuple[str, str, float]


def uniforms(seed: int, name: str, draws: int) -> np.ndarray:
    """Stratified uniforms (draw,) of one name: each block of 256 has one value in each 256th of the unit interval."""
    blocks = -(-draws // BLOCK)
    key = zlib.crc32(name.encode())
    return np.concatenate([_stratified(seed, key, block) for block in range(blocks)])


@lru_cache(maxsize=16_384)
def _stratified(seed: int, key: int, block: int) -> np.ndarray:
    """One block of uniforms (BLOCK,), not to be changed: the same block serves every question about the same worlds."""
    generator = np.random.default_rng([seed, key, block])
    strata = generator.permutation(BLOCK)
    out: np.ndarray = np.clip((strata + generator.uniform(size=BLOCK)) / BLOCK, 1e-12, 1 - 1e-12)
    out.setflags(write=False)
    return out


def normals(seed: int, name: str, draws: int) -> np.ndarray:
    """Stratified standard normals (draw,) of one name."""
    return ndtri(uniforms(seed, name, draws))[:draws]


def ranks(seed: int, names: Sequence[str], pairs: Sequence[Pair], draws: int) -> dict[str, np.ndarray]:
    """Standard normals (draw,) by name, with the declared rank correlations.

    Each pair (name, with, rho) makes `name` follow `with`; marginals stay stratified. A name follows at most one other.
    Raises ValueError when a name follows two others or itself through others.
    """
    follows: dict[str, tuple[str, float]] = {}
    for name, other, rho in pairs:
        if name in follows:
            raise ValueError(f"{name!r} already follows {follows[name][0]!r}; an input follows at most one other")
        follows[name] = (other, rho)
    whole = -(-draws // BLOCK) * BLOCK
    made: dict[str, np.ndarray] = {}

    def make(name: str, above: tuple[str, ...]) -> np.ndarray:
        if name in made:
            return made[name]
        if name in above:
            raise ValueError(f"correlations go in a circle: {' -> '.join((*above, name))}")
        own = ndtri(uniforms(seed, name, whole))
        if name in follows:
            other, rho = follows[name]
            own = _restratify(rho * make(other, (*above, name)) + np.sqrt(1 - rho**2) * own, own)
        made[name] = own
        return own

    return {name: make(name, ())[:draws] for name in names}


def _restratify(mixed: np.ndarray, own: np.ndarray) -> np.ndarray:
    """The order of `mixed` with one value in each stratum, block by block."""
    inside = np.mod(ndtr(own) * BLOCK, 1.0)
    order = mixed.reshape(-1, BLOCK).argsort(axis=1).argsort(axis=1).reshape(-1)
    return ndtri(np.clip((order + inside) / BLOCK, 1e-12, 1 - 1e-12))


def read_off(spread: Spread, scale: Scale, z: np.ndarray) -> np.ndarray:
    """Values of a belief at standard normals z: a normal split at its median on the given scale."""
    low, mid, high = (_to_scale(np.asarray(v), scale) for v in (spread.p05, spread.p50, spread.p95))
    return _from_scale(mid + z / _EDGE * np.where(z > 0, high - mid, mid - low), scale)


def sample(quantity: Quantity, z: np.ndarray, factor: float) -> np.ndarray:
    """Values (draw,) of a constant or a belief, times a factor of units."""
    if quantity.exact is not None:
        return np.full(z.shape, quantity.exact * factor)
    assert quantity.spread is not None, "a path is read by sample_path"
    return _bounded(quantity, read_off(quantity.spread, quantity.scale, z)) * factor


def sample_path(quantity: Quantity, z: np.ndarray, shocks: np.ndarray, moments: np.ndarray, factor: float) -> np.ndarray:
    """Values (moment, draw) of a path at decimal years; quantiles are interpolated between knots, flat outside.

    z (draw,) is the latent rank, shocks (year, draw) the yearly shocks from FIRST_YEAR.
    """
    if quantity.path is None:
        return np.broadcast_to(sample(quantity, z, factor), (len(moments), len(z))).copy()
    knots = list(quantity.path.values())
    low, mid, high = (
        np.interp(moments, quantity.years, _to_scale(np.array([getattr(k, p) for k in knots]), quantity.scale))
        for p in ("p05", "p50", "p95")
    )
    years = np.arange(FIRST_YEAR, FIRST_YEAR + len(shocks)) + 0.5
    place = np.clip(np.interp(moments, years, np.arange(len(years))), 0, len(years) - 1.000001)
    left, share = place.astype(int), (place % 1.0)[:, None]
    shock = (1 - share) * shocks[left] + share * shocks[np.minimum(left + 1, len(years) - 1)]
    total = LATENT * z + SHOCK * shock
    step = np.where(total > 0, (high - mid)[:, None], (mid - low)[:, None])
    return _bounded(quantity, _from_scale(mid[:, None] + total / _EDGE * step, quantity.scale)) * factor


def multiplied(quantity: Quantity, values: np.ndarray, by: float, factor: float) -> np.ndarray:
    """Sampled values times `by`, within the input's floor and cap and, where they are shares, at most one.

    `factor` is the factor of units that the values carry already.
    """
    if by == 1.0:
        return values
    shares = np.minimum(values * by, factor) if quantity.scale == "logit" else values * by
    return _bounded(quantity, shares / factor) * factor


def yearly_shocks(seed: int, name: str, draws: int) -> np.ndarray:
    """Standard normal shocks (year, draw) with memory between years; a stream for each year."""
    out = np.empty((LAST_YEAR - FIRST_YEAR + 1, draws))
    for k, year in enumerate(range(FIRST_YEAR, LAST_YEAR + 1)):
        fresh = normals(seed, f"{name}/{year}", draws)
        out[k] = fresh if k == 0 else PERSISTENCE * out[k - 1] + np.sqrt(1 - PERSISTENCE**2) * fresh
    return out


def _bounded(quantity: Quantity, values: np.ndarray) -> np.ndarray:
    low = 0.0 if quantity.floor is None else quantity.floor
    high = np.inf if quantity.cap is None else quantity.cap
    return np.clip(values, low, high)


def _to_scale(value: np.ndarray, scale: Scale) -> np.ndarray:
    return np.asarray({"log": np.log, "logit": logit, "identity": np.asarray}[scale](value))


def _from_scale(value: np.ndarray, scale: Scale) -> np.ndarray:
    return np.asarray({"log": np.exp, "logit": expit, "identity": np.asarray}[scale](value))
