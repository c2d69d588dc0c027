"""Frames of page one of the made-up run."""

import pandas as pd

QUANTILES = ["p05", "p50", "p95"]


def fake_front(regimes: tuple[str, ...]) -> dict[str, pd.DataFrame]:
    """Timing, American money, runs, what to watch and the record; invented throughout."""
    timing = pd.DataFrame(
        [(name, 6 + k, "6 quarters", 8 if k else None, 0.5, "8 quarters") for k, name in enumerate(regimes[1:])],
        columns=["instrument", "bites_after", "bites", "half_life", "left", "outlives"],
    ).astype({"bites_after": "Int64", "half_life": "Int64"})
    money, runs = [], []
    for k, regime in enumerate(regimes):
        money.append((regime, "receipts", "bn USD", -20.0 * k + 10, -8.0 * k + 30, -2.0 * k + 70))
        for place in ("onshore", "accessible"):
            runs.append((regime, f"largest_run/{place}", "FLOP", 1e26, 8e26, 3e27))
            runs.append((regime, f"lag_months/{place}", "month", 0.0 if k else 10.0, 1.0 if k else 30.0, 4.0 if k else 48.0))
    columns = ["regime", "what", "unit", *QUANTILES]
    return {
        "timing": timing,
        "money": pd.DataFrame(money, columns=columns),
        "runs": pd.DataFrame(runs, columns=columns),
        "watch": fake_watch(),
        "record": pd.DataFrame(
            [{"run": "Model X", "developer": "A laboratory", "flop": 5e26, "source": "source-01", "released": "2025-07-09"}]
        ),
    }


def fake_watch() -> pd.DataFrame:
    """Six things to watch, of which page one has room for five."""
    rows = [
        (f"thing-{k}", f"invented thing {k}", "thousand H100e", "invented reports", "source-01", "2027Q3", 100.0, 640.0, 2000.0,
         450.0, 870.0, 8.9e6, 12.1e6 - 3e5 * k, 3.2e6 - 3e5 * k, 0.5, 1e-20)
        for k in range(6)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=[
        "watch", "label", "unit", "seen_in", "source", "last", "p05", "p50", "p95", "low", "high", "below", "above", "change",
        "rho", "p_value",
    ])  # fmt: skip


def fake_last(regimes: tuple[str, ...]) -> pd.DataFrame:
    """The headlines of an earlier brief."""
    rows = [
        ("default", "2026-08-20", "2026Q2", "0123456789ab", "0.1.0+old", "params-of-then", name, channel, "2028Q4",
         "change" if k else "stock", -1e6 if k else 5e6, -0.5e6 if k else 9e6, 0.0 if k else 14e6)
        for k, name in enumerate(regimes) for channel in ("accessible", "onshore")
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=[
        "scenario", "published", "as_of", "run", "code", "params", "regime", "channel", "quarter", "kind", *QUANTILES,
    ])  # fmt: skip
