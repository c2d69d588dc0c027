"""The ledger: chips, dies, stacks and dollars add up, in every world and every quarter, on every run."""

from collections.abc import Mapping

import numpy as np

from forecast.contract import Breach

TOLERANCE = 1e-9
"""Largest gap allowed, relative to the largest entry of the account."""


def balance(books: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> None:
    """Raise Breach unless both sides of each account are equal. Keys name the account, values are its two sides."""
    for name, (left, right) in books.items():
        scale = max(1.0, float(np.abs(left).max(initial=0.0)), float(np.abs(right).max(initial=0.0)))
        gap = float(np.abs(left - right).max(initial=0.0))
        if not gap <= TOLERANCE * scale:
            raise Breach(f"{name} do not balance: the sides differ by {gap:.3g} where the largest entry is {scale:.3g}")


def at_most(limits: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> None:
    """Raise Breach unless no value exceeds its limit. Keys name the limit, values are (value, limit)."""
    for name, (value, limit) in limits.items():
        scale = max(1.0, float(np.abs(limit).max(initial=0.0)))
        over = float((value - limit).max(initial=0.0))
        if not over <= TOLERANCE * scale:
            raise Breach(f"{name} exceeded by {over:.3g} where the largest limit is {scale:.3g}")


def not_negative(values: Mapping[str, np.ndarray]) -> None:
    """Raise Breach unless all values are zero or more."""
    for name, value in values.items():
        scale = max(1.0, float(np.abs(value).max(initial=0.0)))
        if float(value.min(initial=0.0)) < -TOLERANCE * scale:
            raise Breach(f"{name} below zero: {float(value.min()):.3g}")
