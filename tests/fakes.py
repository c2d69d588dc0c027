"""A made-up run: a long table and a context with the shape of real ones and invented numbers."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from forecast.names import FORKS
from tests.fakes_front import fake_front, fake_last

QUARTERS = [f"{year}Q{part}" for year in range(2022, 2033) for part in range(1, 5)]
AS_OF = "2026Q3"
REGIMES = ("current", "open-blackwell", "strict-denial")
DRAWS = 400
CLASSES = {
    "h20": ("NVIDIA H20", "", "licensed", 0.55),
    "h200": ("NVIDIA H200", "", "licensed", 0.45),
    "h100": ("NVIDIA H100", "", "diverted", 0.35),
    "b200": ("NVIDIA B200", "", "diverted", 0.65),
    "ascend-910c": ("Ascend 910C", "昇腾 910C", "domestic", 0.40),
    "ascend-950": ("Ascend 950", "昇腾 950", "domestic", 0.20),
    "siyuan-590": ("Siyuan 590", "思元 590", "domestic", 0.13),
    "shensuan-3": ("Hygon DCU 3", "深算三号", "domestic", 0.09),
    "kunlun-p800": ("Kunlun P800", "昆仑芯 P800", "domestic", 0.08),
    "ppu": ("T-Head PPU", "平头哥 PPU", "domestic", 0.07),
    "xiyun-c500": ("MetaX C500", "曦云 C500", "domestic", 0.02),
    "br100": ("Biren BR106", "壁仞 106", "domestic", 0.01),
}
VENDORS = (
    ("Huawei", "华为", ("ascend-910c", "ascend-950")),
    ("Cambricon", "寒武纪", ("siyuan-590",)),
    ("Hygon", "海光", ("shensuan-3",)),
    ("Kunlunxin", "昆仑芯", ("kunlun-p800",)),
    ("T-Head", "平头哥", ("ppu",)),
    ("MetaX", "沐曦", ("xiyun-c500",)),
    ("Biren", "壁仞科技", ("br100",)),
)
LEVERS = {
    "current": {"licensed": 1.0, "diverted": 1.0, "domestic": 1.0, "offshore": 1.0},
    "open-blackwell": {"licensed": 6.0, "diverted": 0.75, "domestic": 0.95, "offshore": 0.95},
    "strict-denial": {"licensed": 0.0, "diverted": 0.45, "domestic": 1.03, "offshore": 0.55},
}
FIRST_DIFFERENCE = QUARTERS.index("2027Q1")
Rows = Iterator[dict[str, object]]


def fake_summary(regimes: tuple[str, ...] = REGIMES, seed: int = 7) -> pd.DataFrame:
    """The long table of a made-up run: regime, variable, unit, channel, gpu_class, country, quarter, statistic, value."""
    world = _world(np.random.default_rng(seed))
    runs = {regime: _flows(world, LEVERS.get(regime, LEVERS["current"])) for regime in regimes}
    stocks = {regime: _stocks(world, flows, LEVERS.get(regime, LEVERS["current"])) for regime, flows in runs.items()}
    rows = [row for regime in regimes for row in _levels(regime, runs[regime], stocks[regime], world)]
    rows += [row for regime in regimes[1:] for row in _effects(regime, stocks[regime], stocks[regimes[0]])]
    rows += [row for regime in regimes for row in _codes(regime)]
    columns = ["regime", "variable", "unit", "channel", "gpu_class", "country", "quarter", "statistic", "value"]
    return pd.DataFrame(rows, columns=columns).fillna({"channel": "", "gpu_class": "", "country": ""})


def _world(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """One latent rank per channel and a small shock per quarter."""
    rank = {name: rng.standard_normal(DRAWS) for name in ("licensed", "diverted", "domestic", "offshore", "us", "acceptance")}
    shock = {f"{name}_shock": 0.15 * rng.standard_normal((len(QUARTERS), DRAWS)) for name in list(rank)}
    return {**rank, **shock}


def _flows(world: Mapping[str, np.ndarray], levers: Mapping[str, float]) -> dict[str, np.ndarray]:
    """H100e added in each quarter and draw, by channel."""
    steps = np.arange(len(QUARTERS))[:, None]
    widening = np.clip((steps - 4) / 40.0, 0.05, 1.0)
    paths = {
        "licensed": 60e3 * np.exp(-(((steps - 10) / 7.0) ** 2)) + 12e3,
        "diverted": 70e3 * (1 - np.exp(-steps / 8.0)),
        "domestic": 9e3 * np.exp(3.9 * (1 - np.exp(-steps / 18.0))),
    }
    spread = {"licensed": 1.0, "diverted": 0.9, "domestic": 0.75}
    after = (steps >= FIRST_DIFFERENCE).astype(float)
    return {
        name: path
        * np.exp(spread[name] * widening * world[name] + world[f"{name}_shock"])
        * (1 + after * (levers[name] - 1) * (np.exp(0.5 * world["acceptance"]) if levers[name] > 1 else 1))
        for name, path in paths.items()
    }


def _stocks(
    world: Mapping[str, np.ndarray], flows: Mapping[str, np.ndarray], levers: Mapping[str, float]
) -> dict[str, np.ndarray]:
    """H100e standing at the end of each quarter, by channel, onshore and accessible."""
    steps = np.arange(len(QUARTERS))[:, None]
    age = 0.985 ** np.arange(len(QUARTERS))
    kept = np.array(
        [[age[row - column] if column <= row else 0.0 for column in range(len(QUARTERS))] for row in range(len(QUARTERS))]
    )
    stocks = {name: kept @ flow for name, flow in flows.items()}
    after = np.clip((steps - FIRST_DIFFERENCE - 3) / 4.0, 0.0, 1.0)
    offshore = 20e3 * np.exp(5.2 * (1 - np.exp(-steps / 17.0)) + 0.45 * world["offshore"])
    stocks["offshore"] = offshore * (1 + after * (levers["offshore"] - 1))
    stocks["onshore"] = stocks["licensed"] + stocks["diverted"] + stocks["domestic"]
    stocks["accessible"] = stocks["onshore"] + stocks["offshore"]
    return stocks


def _statistics(values: np.ndarray, **labels: object) -> Rows:
    """The six statistics of one quantity over draws, a row each per quarter."""
    numbers = {f"p{level:02d}": np.quantile(values, level / 100, axis=1) for level in (5, 25, 50, 75, 95)}
    numbers["mean"] = values.mean(axis=1)
    for statistic, path in numbers.items():
        for quarter, value in zip(QUARTERS, path, strict=True):
            yield {**labels, "quarter": quarter, "statistic": statistic, "value": float(value)}


def _levels(
    regime: str, flows: Mapping[str, np.ndarray], stocks: Mapping[str, np.ndarray], world: Mapping[str, np.ndarray]
) -> Rows:
    """All stocks, flows and ratios of one regime."""
    usable = {"compute_nominal": 1.0, "compute_training": 0.62, "compute_serving": 0.55, "compute_bandwidth": 0.8}
    for name, stock in stocks.items():
        for variable, factor in usable.items():
            unit = "H100e (bandwidth)" if variable == "compute_bandwidth" else "H100e"
            yield from _statistics(factor * stock, regime=regime, variable=variable, unit=unit, channel=name)
        yield from _statistics(1.5e-6 * stock, regime=regime, variable="power", unit="GW", channel=name)
    steps = np.arange(len(QUARTERS))[:, None]
    us = 0.4e6 * np.exp(5.0 * (1 - np.exp(-steps / 18.0)) + 0.3 * world["us"])
    yield from _statistics(us, regime=regime, variable="us_compute", unit="H100e")
    yield from _statistics(us / stocks["onshore"], regime=regime, variable="ratio_us_china", unit="1")
    for name, flow in flows.items():
        labels = {"regime": regime, "variable": "additions_h100e", "unit": "H100e/quarter", "channel": name}
        yield from _statistics(flow, **labels, gpu_class="all")
        for gpu_class, (_, _, channel, share) in CLASSES.items():
            if channel == name:
                yield from _statistics(share * flow, **labels, gpu_class=gpu_class)
        yield from _statistics(2.5e-5 * flow, regime=regime, variable="spending", unit="bn USD/quarter", channel=name)
    budget = 2.0 * np.exp(0.06 * steps + 0.2 * world["us"])
    yield from _statistics(budget, regime=regime, variable="budget", unit="bn USD/quarter")
    yield from _statistics(0.2 * budget, regime=regime, variable="unmet_demand", unit="bn USD/quarter")
    for name, factor in (("stacks_supplied", 30.0), ("stacks_imputed", 12.0)):
        yield from _statistics(factor * flows["domestic"], regime=regime, variable=name, unit="stack/quarter")
    for country, share in {"SG": 0.3, "MY": 0.35, "ID": 0.1, "JP": 0.1, "AE": 0.05, "other": 0.1}.items():
        rented = 0.8 * share * stocks["offshore"]
        yield from _statistics(rented, regime=regime, variable="offshore_rented", unit="H100e", country=country)


def _effects(regime: str, stocks: Mapping[str, np.ndarray], base: Mapping[str, np.ndarray]) -> Rows:
    """Paired differences of one regime from the base, with the two decision probabilities and the Monte Carlo error."""
    for variable, factor in {"compute_nominal": 1.0, "compute_training": 0.62, "compute_serving": 0.55}.items():
        for channel in ("onshore", "offshore", "accessible"):
            labels = {"regime": regime, "variable": f"effect:{variable}", "unit": "H100e", "channel": channel}
            effect, tenth = factor * (stocks[channel] - base[channel]), 0.1 * factor * base[channel]
            yield from _statistics(effect, **labels)
            extra = {
                "p_gain_10pct": (effect > tenth).mean(axis=1),
                "p_loss_10pct": (effect < -tenth).mean(axis=1),
                "mc_error": 1.25 * effect.std(axis=1) / np.sqrt(DRAWS),
            }
            for statistic, path in extra.items():
                for quarter, value in zip(QUARTERS, path, strict=True):
                    yield {**labels, "quarter": quarter, "statistic": statistic, "value": float(value)}


def _codes(regime: str) -> Rows:
    """Shares of draws in which each bound held."""
    tilt = 0.08 if regime == "strict-denial" else 0.0
    for step, quarter in enumerate(QUARTERS):
        seen = 1.0 if quarter <= AS_OF else 0.0
        memory = (1 - seen) * (0.62 - 0.012 * (step - 18) + tilt)
        packaging = (1 - seen) * 0.09
        shares = {"logic dies": 1 - seen - memory - packaging, "memory": memory, "packaging": packaging, "observed": seen}
        labels = {"regime": regime, "unit": "1", "quarter": quarter}
        for bound, share in shares.items():
            yield {**labels, "variable": "binding_fabrication", "statistic": f"share:{bound}", "value": share}
        for gpu_class, bounds in _purchase_bounds(regime, step).items():
            for bound, share in bounds.items():
                row = {**labels, "variable": "binding_procurement", "gpu_class": gpu_class}
                yield {**row, "statistic": f"share:{bound}", "value": share}


def _purchase_bounds(regime: str, step: int) -> dict[str, dict[str, float]]:
    """What stopped purchases of each class: invented shares that add to one."""
    refused = 0.15 if regime == "open-blackwell" else 0.45
    late = min(1.0, step / 40.0)
    bounds: dict[str, dict[str, float]] = {}
    for gpu_class, (_, _, channel, _) in CLASSES.items():
        if channel == "licensed":
            bounds[gpu_class] = {"Beijing's acceptance": refused, "vendor supply": 0.3, "rule": 0.7 - refused}
        elif channel == "diverted":
            bounds[gpu_class] = {"smuggling capacity": 0.8 - 0.2 * late, "budget": 0.2 + 0.2 * late}
        elif gpu_class == "ascend-950" and step < 16:
            bounds[gpu_class] = {"not on the market": 1.0}
        else:
            bounds[gpu_class] = {"domestic output": 0.9 - 0.4 * late, "budget": 0.1 + 0.4 * late}
    return bounds


def fake_context(regimes: tuple[str, ...] = REGIMES) -> dict[str, object]:
    """What the caller tells the brief beside the numbers; invented throughout."""
    return {
        "scenario": {
            "name": "default",
            "title": "AI compute in China to the end of 2028",
            "question": "If Washington opens or closes the licence channel in 2027, how much AI compute will China have "
            "at the end of 2028, through which channels, and limited by what?",
            "as_of": AS_OF,
            "regimes": [_regime(name) for name in regimes],
            "draws": 2048,
            "seed": 20261122,
        },
        "moves": fake_moves(regimes),
        "instruments": {name: label for parts in INSTRUMENTS.values() for name, label, _ in parts},
        "passports": {name: dict(PASSPORT) for name in ("capex", "memory", "acceptance", "idle")},
        "answers": [
            {
                "regime": "strict-denial",
                "name": "answer_x",
                "label": "a part",
                "since": "2027-01-01",
                "tpp": 2399.0,
                "dram_bandwidth": 1399.0,
            }
        ],
        "side": fake_side(regimes),
        "comparison": _comparison(),
        "crosscheck": _crosscheck(),
        "sources": [
            {
                "id": f"source-{number:02d}",
                "publisher": f"Example institute {number}",
                "title": "Invented title of a report on accelerators and their makers",
                "date": f"2026-0{1 + number % 9}-15",
                "url": f"https://example.org/report/{number}",
            }
            for number in range(1, 23)
        ],
        "provenance": {
            "fingerprint": "3f9c5a7e0b1d4c62a8f05e9d7b3c1a2468ace013579bdf02468ace013579bdf0",
            "code_version": "0.1.0+165774f",
            "seed": 20261122,
            "draws": 2048,
            "packages": {"numpy": "2.4.6", "scipy": "1.17.1", "xarray": "2026.9.0", "typst": "0.15.2"},
            "params_hash": "b1946ac92492d2347c6235b4d2611184e0d9a3bca1f4d9b1c1a1f9e1f2d3c4b5",
        },
        "last": fake_last(regimes),
        "groups": {"supply/licensed.yaml": ["source-03", "source-01", "source-03", "unlisted"]},
        "turning_points": [("2027Q1", 0.7, "an invented turn")],
        "indistinct_until": dict(zip(regimes[1:], ("2028Q2", None), strict=False)),
        "vendors": [{"name": name, "name_zh": name_zh, "classes": list(classes)} for name, name_zh, classes in VENDORS],
        "classes": {
            gpu_class: {"label": label, "label_zh": label_zh, "origin": "CN" if channel == "domestic" else "US"}
            for gpu_class, (label, label_zh, channel, _) in CLASSES.items()
        },
    }


def fake_override(name: str = "tool_lag", by: str = "An analyst", reason: str = "an invented reason") -> dict[str, object]:
    """An invented change of an input, as a dossier tells it."""
    return {
        "input": name, "about": "An invented input; more of it", "unit": "stack/year", "by": by, "reason": reason,
        "sources": ["source-02"], "default": {"path": {"2027": {"p05": 1e6, "p50": 2e6, "p95": 3e6}}},
        "here": {"factor": 0.5, "since": "2027Q2"},
    }  # fmt: skip


def _regime(name: str) -> dict[str, str]:
    titles = {
        "current": (
            "Current law",
            "Case-by-case licences for H200-class chips under volume caps; Beijing decides what it lets in.",
        ),
        "open-blackwell": ("Open Blackwell", "Licences also for cut-down Blackwell parts from 2027, same caps and duty."),
        "strict-denial": ("Strict denial", "Denial by statute, location verification, closure of remote access from 2028."),
    }
    title, summary = titles.get(name, (name.replace("-", " ").capitalize(), "An invented regime."))
    return {"id": name, "title": title, "summary": summary, "citation": "00 FR 0000 (invented)"}


def _comparison() -> list[dict[str, object]]:
    """Our numbers beside invented published ones."""

    def other(number: int, value: float, low: float | None, high: float | None, note: str) -> dict[str, object]:
        held = {"publisher": f"Example institute {number}", "source": f"source-{number:02d}"}
        return {**held, "value": value, "low": low, "high": high, "note": note}

    return [
        {
            "definition": "Onshore stock, 8-bit",
            "quarter": "2025Q4",
            "channel": "onshore",
            "ours_p05": 1.5e6,
            "ours_p50": 1.9e6,
            "ours_p95": 2.6e6,
            "others": [
                other(1, 1.82e6, 1.4e6, 2.3e6, "sales-based; includes smuggling"),
                other(2, 1.58e6, None, None, "excludes small vendors"),
            ],
        },
        {
            "definition": "Diverted in 2025",
            "quarter": "2025Q4",
            "channel": "diverted",
            "ours_p05": 0.09e6,
            "ours_p50": 0.24e6,
            "ours_p95": 0.6e6,
            "others": [other(3, 0.29e6, 0.06e6, 1.1e6, "units times mean rate")],
        },
    ]


def _crosscheck() -> list[dict[str, object]]:
    """Expected arithmetic beside ours, one row inside and one outside."""
    rows = [
        ("Onshore stock, end-2025", 1.5, 2.0, 3.0, 1.5, 1.9, 2.6, "within the expected range"),
        ("Added in 2026", 0.8, 1.35, 2.1, 0.7, 1.1, 1.9, "Domestic output ramps later here"),
        ("Offshore, end-2026", 0.55, 1.2, 2.5, 1.4, 2.9, 6.0, "Rented stock counted at nameplate"),
    ]
    names = ("what", "expected_p05", "expected_p50", "expected_p95", "ours_p05", "ours_p50", "ours_p95", "remark")
    return [{**dict(zip(names, row, strict=True)), "unit": "million H100e"} for row in rows]


INSTRUMENTS = {
    "open-blackwell": (("ceiling", "Higher ceiling", "M"), ("duty", "Wider duty", "M")),
    "strict-denial": (("statute", "Statute", "B"), ("checks", "Location checks", "M"), ("clouds", "Cloud rule", "M")),
}
"""Invented instruments of the made-up bundles: id, label, tag of their one setting."""

PASSPORT = {"basis": "judgement", "confidence": "low", "sources": ["source-04"], "reason": "invented"}


def fake_moves(regimes: tuple[str, ...] = REGIMES) -> list[dict[str, object]]:
    """Settings that the made-up regimes change, a line each."""
    return [
        {
            "regime": regime, "instrument": label, "since": "2027-01-01", "words": f"An invented setting of {label}", "tag": tag,
            "settings": 1, "placeholders": int(tag == "M"), "sources": ["source-05"],
        }
        for regime in regimes
        for _, label, tag in INSTRUMENTS.get(regime, ())
    ]  # fmt: skip


def fake_gates() -> pd.DataFrame:
    """Changes gate by gate: the wider either gate, the more comes in, and the reference cell is zero."""
    rows = []
    for wide, permission in enumerate(("nothing", "as law has it", "cut-down Blackwell", "full Blackwell")):
        for leaning, share in (("low", 0.1), ("median", 0.4), ("high", 0.8)):
            for channel, reach in (("onshore", 1.0), ("accessible", 3.0)):
                change = 1e6 * reach * (wide * share - 0.4)
                rows.append((permission, leaning, share, channel, "2028Q4", 512, change - 2e5, change, change + 4e5, change))
    columns = ["permission", "leaning", "acceptance", "channel", "quarter", "draws", "p05", "p50", "p95", "mean"]
    return pd.DataFrame(rows, columns=columns)


def fake_split(regimes: tuple[str, ...] = REGIMES) -> pd.DataFrame | None:
    """Bundles split: the second instrument of each overlaps with the first by a fifth."""
    rows = []
    for regime in regimes:
        parts = INSTRUMENTS.get(regime, ())
        sign = 1.0 if regime == "open-blackwell" else -1.0
        for channel, reach in (("onshore", 0.3e6), ("accessible", 0.9e6)):
            sizes = [sign * reach / (k + 1) for k in range(len(parts))]
            for k, (name, _, tag) in enumerate(parts):
                shift = 0.2 * sizes[1] * (1 if k == 0 else -1 if k == 1 else 0)
                orders = {
                    "stated": sizes[k] + shift / 2,
                    "reverse": sizes[k] - shift / 2,
                    "mean": sizes[k],
                    "order effect": shift,
                }
                rows += [(regime, name, k + 1, order, float(tag == "M"), channel, value) for order, value in orders.items()]
            if parts:
                judged = sum(tag == "M" for *_, tag in parts) / len(parts)
                rows.append((regime, "whole effect", 0, "whole", judged, channel, sum(sizes)))
    if not rows:
        return None
    frame = pd.DataFrame(rows, columns=["regime", "instrument", "place", "order", "placeholder_share", "channel", "mean"])
    frame = frame.assign(variable="effect:compute_nominal", unit="H100e", quarter="2028Q4", p05=frame["mean"] * 0.4 - 1e4,
                         p95=frame["mean"] * 1.8 + 1e4)  # fmt: skip
    keys = ["regime", "instrument", "place", "order", "placeholder_share", "variable", "unit", "channel", "quarter"]
    return frame.melt(keys, ["mean", "p05", "p95"], "statistic", "value")


def fake_drivers() -> pd.DataFrame:
    """A table as the sensitivity module makes it, with beliefs added: three drivers and one input within the noise."""
    names = {
        "capex": "Capital expenditure of firms", "memory": "Chinese output of standard memory, all makers, in some equivalents",
        "acceptance": "Share of licensed supply that Beijing lets in", "idle": "An input that hardly matters",
    }  # fmt: skip
    ends = [(3e6, 9e6), (7.5e6, 4e6), (5e6, 5.5e6), (5.1e6, 5.2e6)]
    rows = [
        {"input": name, "about": about, "unit": "stack/quarter", "at": "", "rho": 0.5, "median": 5.2e6, "low": low, "high": high,
         "change": high - low, "mc_error": 2e5, "within_noise": name == "idle", "p05": 1e6, "p50": 2e6, "p95": 4e6}
        for (name, about), (low, high) in zip(names.items(), ends, strict=True)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def fake_abroad(regimes: tuple[str, ...] = REGIMES) -> pd.DataFrame:
    """Long rows of compute abroad by host and together: owned, rented in all, both, and room."""
    parts = {"offshore_owned": 0.6e6, "offshore_both": 2.5e6, "host_cap": 4e6}
    shares = {"SG": 0.3, "MY": 0.45, "AE": 0.0, "other": 0.25, "": 1.0}
    sizes = {(name, country): size * share for name, size in parts.items() for country, share in shares.items()}
    sizes["offshore_rented", ""] = 1.9e6
    spread = (("p05", 0.4), ("p25", 0.8), ("p50", 1.0), ("p75", 1.3), ("p95", 2.5), ("mean", 1.1))
    rows = [
        {"regime": regime, "variable": name, "unit": "H100e", "channel": "", "gpu_class": "all", "country": country,
         "quarter": quarter, "statistic": statistic, "value": size * factor}
        for regime in regimes
        for (name, country), size in sizes.items()
        for quarter in QUARTERS
        for statistic, factor in spread
    ]  # fmt: skip
    return pd.DataFrame(rows)


def fake_forks(regimes: tuple[str, ...] = REGIMES) -> pd.DataFrame:
    """Forms of forks: the second of each moves the stock up by a fifth of a million and more."""
    rows = []
    for k, (fork, forms) in enumerate(FORKS.items()):
        for what, regime, level in (("stock", regimes[0], 8e6), *(("effect", name, -1e6) for name in regimes[1:2])):
            for form, weight, shift in zip(forms, (0.6, 0.4), (0.0, 0.2e6 * (k + 1)), strict=True):
                middle = level + shift
                ends = (middle - 2e6, middle, middle + 3e6, 0.2e6 * (k + 1), 2.5e6, 0.01 * k)
                rows.append((fork, form, weight, what, regime, "accessible", "2029-01-01", "H100e", *ends))
    columns = ["fork", "form", "weight", "what", "regime", "channel", "bound", "unit", "p05", "p50", "p95", "between", "within",
               "variance_share"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def fake_goods() -> pd.DataFrame:
    """Prices and purchases of both goods in the last quarter of one year."""
    rows = [("2028Q4", "current", good, name, size / 2, size, 2 * size)
            for good, size in (("training", 2e4), ("serving", 1e4)) for name in ("price_paid", "bought_usable")]  # fmt: skip
    return pd.DataFrame(rows, columns=["quarter", "regime", "good", "variable", "p05", "p50", "p95"])


def fake_shadow() -> pd.DataFrame:
    """What one percent more of two constraints would add."""
    sizes = {"logic wafers": 0.0, "memory stacks": 14e3}
    rows = [(name, form, 0.2 * size, size, 3 * size, 0.38, 0.98) for name, size in sizes.items()
            for form in FORKS["bottlenecks"]]  # fmt: skip
    return pd.DataFrame(rows, columns=["constraint", "form", "p05", "p50", "p95", "elasticity", "share_moved"])


def fake_side(regimes: tuple[str, ...] = REGIMES) -> dict[str, object]:
    """Side results of the made-up run."""
    most = "strict-denial" if "strict-denial" in regimes else next(iter(regimes[1:]), None)
    drivers = {"level": fake_drivers(), **({"effect": fake_drivers().assign(low=-2e6, high=-1e6, median=-1.5e6)} if most else {})}
    return {
        "front": fake_front(regimes),
        "gates": fake_gates(), "split": fake_split(regimes), "drivers": drivers, "most": most, "rows": fake_abroad(regimes),
        "draws": 512, "seconds": {"gates": 1.0}, "forks": fake_forks(regimes), "goods": fake_goods(), "shadow": fake_shadow(),
        "pictures": {}, "odds": None,
    }  # fmt: skip
