"""Closing the books: fleet and capability on whole arrays, the ledger, and how each result is made."""

from types import SimpleNamespace

import numpy as np

from forecast.balance import at_most, balance, not_negative
from forecast.contract import Breach
from forecast.model.opening import DIVERTED, DOMESTIC, LICENSED, OFFSHORE, opening_quarter
from forecast.model.opening import at as place
from forecast.names import CHANNELS, FORKS
from forecast.stages import capability, fleet

ONSHORE = [LICENSED, DIVERTED, DOMESTIC]
LIMITED = FORKS["world"].index("limited")

BY_PAIR = ("additions", "retired", "fleet_acquired", "fleet_operational")
"""Results that are handed over by pair (regime, pair, time, draw): most classes come through one channel."""

Bounds = slice | list[int]
EVERY = slice(None)
"""Bounds at which stocks are asked for, by place: all of them, or a few that are sorted and hold the origin."""


def follow(x: SimpleNamespace, b: SimpleNamespace) -> None:
    """Flows by pair, a class in a channel that has any chips, and what survival leaves of a cohort by channel."""
    b.pair_class, b.pair_channel = np.nonzero(b.additions.any(axis=(0, 3, 4)))
    b.left, b.working = _survival(x)
    b.flows = b.additions[:, b.pair_class, b.pair_channel]


def stocks(x: SimpleNamespace, b: SimpleNamespace, at: Bounds = EVERY) -> dict[str, np.ndarray]:
    """Fleet by pair into the books, and stocks by channel (regime, channel, bound, draw), at some bounds or at all of them."""
    b.acquired = fleet.stock(b.flows, b.left[b.pair_channel], at)
    b.running = fleet.stock(b.flows, b.working[b.pair_channel], at)
    out = _capability(x, b, at)
    _slower_memory(x, b, out, at)
    return out


def after(x: SimpleNamespace, b: SimpleNamespace) -> dict[str, np.ndarray]:
    """Fleet and capability on whole arrays, once the flows are known; what is by class and channel stays by pair."""
    follow(x, b)
    out = stocks(x, b)
    b.retired = np.maximum(fleet.retired(b.flows, b.acquired), 0.0)
    out |= {"additions": b.flows, "retired": b.retired, "fleet_acquired": b.acquired, "fleet_operational": b.running}
    onshore = out["compute_nominal"][:, [LICENSED, DIVERTED, DOMESTIC]].sum(axis=1)
    out["us_compute"] = fleet.stock(_american(x, b), b.left[LICENSED])
    out["ratio_us_china"] = out["us_compute"] / np.maximum(onshore, 1.0)
    flows, classes = _of_channel(b, OFFSHORE)
    b.spending[:, OFFSHORE] = (flows * x.list_price[classes]).sum(axis=1)
    owned = capability.weigh(b.acquired[:, b.pair_channel == OFFSHORE], x.h100e[classes])
    out["offshore_rented"] = b.rented_by_host
    out["offshore_owned"] = owned[:, None] * b.host_share
    out |= _sovereignty(x, b)
    out["wafers_out"] = b.wafers_out
    out |= {"yield_7nm": b.yields[0], "yield_5nm": b.yields[1]}
    out["bought_usable"] = b.by_good["usable"]
    out["price_paid"] = b.by_good["spent"] / np.maximum(b.by_good["usable"], 1e-9)
    out |= {"unmet_demand": b.unmet / 1e9, "budget": b.budget / 1e9, "spending": b.spending / 1e9}
    out |= {
        "binding_fabrication": b.binding,
        "binding_procurement": b.bound,
        "acceptance": b.acceptance,
    }
    out |= {name: getattr(b, name) for name in ACCOUNTS}
    out |= {f"fork_{fork}": getattr(x, f"fork_{fork}") for fork in FORKS}
    unsold = (b.unsold[:, b.domestic] * x.h100e[b.domestic, None]).sum(axis=1)
    out |= {"dies_foreign": b.dies_foreign, "h100e": x.h100e, "unsold": unsold}
    return out


def _of_channel(b: SimpleNamespace, channel: int) -> tuple[np.ndarray, np.ndarray]:
    """Flows of a channel (regime, class of its own, quarter, draw), and the places of those classes."""
    here = b.pair_channel == channel
    return b.flows[:, here], b.pair_class[here]


def _american(x: SimpleNamespace, b: SimpleNamespace) -> np.ndarray:
    """American additions (regime, quarter, draw). [H100e/quarter]

    Where world supply is limited, what goes to China under licence or is bought abroad beyond the last observed quarter is
    missing elsewhere, in America in proportion to its share.
    """
    gone = np.zeros((x.regimes, x.quarters, x.draws))
    for gpu_class in range(x.classes):
        pair = b.additions[:, gpu_class, LICENSED] + b.additions[:, gpu_class, OFFSHORE]
        gone += pair * x.h100e[gpu_class]
    more = np.maximum(gone - gone[:, b.last : b.last + 1], 0.0)
    more[:, : b.last + 1] = 0.0
    missing = np.where(x.fork_world == LIMITED, more * x.us_share, 0.0)
    american = np.einsum("cqd,cd->qd", x.us_additions, x.h100e)
    return np.asarray(np.maximum(american - missing, 0.0))


def _sovereignty(x: SimpleNamespace, b: SimpleNamespace) -> dict[str, np.ndarray]:
    """Shares of onshore additions [H100e] designed in China, with logic made there, and with logic and memory made there.

    Before inventories are followed, the foreign share of dies is elicited and that of memory is what counted Chinese stacks
    leave.
    """
    added = np.stack(
        [np.einsum("rcqd,cd->rqd", flows, x.h100e[of]) for flows, of in (_of_channel(b, k) for k in ONSHORE)], axis=1
    )
    designed = added[:, ONSHORE.index(DOMESTIC)] / np.maximum(added.sum(axis=1), 1e-9)
    early = slice(0, opening_quarter(x))
    flows, of = _of_channel(b, DOMESTIC)
    begun = flows[:, :, early] / x.package_yield[early]
    used = np.einsum("rcqd,cd->rqd", begun, (b.each["stacks"] / b.passed)[of])
    b.foreign["stacks"][:, early] = 1.0 - np.minimum(b.stacks[:, early] / np.maximum(used, 1e-9), 1.0)
    logic = designed * (1.0 - b.foreign["dies"])
    memory = logic * (1.0 - b.foreign["stacks"])
    return {"share_designed": designed, "share_logic": logic, "share_memory": memory}


def survival_by_channel(x: SimpleNamespace) -> np.ndarray:
    """Share of a cohort that is left, by channel and age (channel, age, draw)."""
    ages = np.arange(x.quarters) + 0.5
    attrition = [x.attrition] * len(CHANNELS)
    attrition[DIVERTED] = x.attrition_diverted * (1.0 - x.repair)
    return np.stack([fleet.survival(ages, x.economic_life, x.wear_shape, loss) for loss in attrition])


def _survival(x: SimpleNamespace) -> tuple[np.ndarray, np.ndarray]:
    """Share of a cohort that is left, and that is left and running, by channel and age (channel, age, draw)."""
    left, ages = survival_by_channel(x), np.arange(x.quarters) + 0.5
    lags = (x.install_lag_licensed, x.install_lag_diverted, x.install_lag_offshore, x.install_lag_domestic)
    return left, left * np.stack([fleet.installed(ages, lag) for lag in lags]) * x.availability


def _capability(x: SimpleNamespace, b: SimpleNamespace, at: Bounds) -> dict[str, np.ndarray]:
    """Nominal, training, serving and bandwidth stocks and power, by channel; rented compute joins the offshore channel."""
    reached = _software(x, b, at)
    factors = {DOMESTIC: (reached, x.software_serving[at]), DIVERTED: (x.unsupported_factor, x.unsupported_factor)}
    serve = capability.serving_weight(x.h100e, x.bandwidth, x.bandwidth_weight)
    stocks: list[list[np.ndarray]] = [[] for _ in range(5)]
    for channel in range(len(CHANNELS)):
        train_factor, serve_factor = factors.get(channel, (1.0, 1.0))
        here = b.pair_channel == channel
        own, live, of = b.acquired[:, here], b.running[:, here], b.pair_class[here]
        stocks[0].append(capability.weigh(own, x.h100e[of]))
        stocks[1].append(capability.weigh(live, x.h100e[of]) * train_factor)
        stocks[2].append(capability.weigh(live, serve[of]) * serve_factor)
        stocks[3].append(capability.weigh(own, x.bandwidth[of] / capability.H100_BANDWIDTH))
        stocks[4].append(capability.power(capability.weigh(live, x.tdp[of]), x.power_overhead, x.pue))
    names = ("compute_nominal", "compute_training", "compute_serving", "compute_bandwidth", "power")
    out = {name: np.stack(parts, axis=1) for name, parts in zip(names, stocks, strict=True)}
    rate = (x.nvidia_mix[:, :, None] * x.bandwidth[:, None, :] / x.h100e[:, None, :]).sum(axis=0) / capability.H100_BANDWIDTH
    rate, rented = np.concatenate([rate[:1], rate])[at], b.rented[:, at]
    out["software_reached"] = reached
    out["compute_nominal"][:, OFFSHORE] += rented
    out["compute_bandwidth"][:, OFFSHORE] += rented * rate
    out["compute_training"][:, OFFSHORE] += rented * x.availability
    out["compute_serving"][:, OFFSHORE] += rented * x.availability * rate**x.bandwidth_weight
    return out


def _software(x: SimpleNamespace, b: SimpleNamespace, at: Bounds) -> np.ndarray:
    """Training throughput of Chinese stacks (regime, bound, draw): the elicited path, more effort, and lock-in. [1]"""
    end_2026 = place(x.bound, "2026-12-31")
    years = (np.arange(len(x.bound)) - end_2026)[None, :, None] / 4.0
    more = np.cumsum(x.lever_training_programmes - 1.0, axis=1) / 4.0
    effort = years + np.concatenate([np.zeros_like(more[:, :1]), more], axis=1)
    split = (x.vendor_run_share, x.third_party_gap, x.third_party_half_life)
    gained = capability.third_party(*split, effort[:, at]) / capability.third_party(*split, years[:, at])
    rate = x.h100e[b.pair_class]
    here = [b.pair_channel == channel for channel in ONSHORE]
    held = np.stack([capability.weigh(b.acquired[:, pairs], rate[pairs]) for pairs in here])
    share = held[ONSHORE.index(LICENSED)] / np.maximum(held.sum(axis=0), 1e-9)
    origin = b.last + 1 if isinstance(at, slice) else at.index(b.last + 1)
    return np.asarray(np.minimum(x.software_training[at] * gained, 1.0) * capability.locked_in(share, origin, x.lock_in))


def _slower_memory(x: SimpleNamespace, b: SimpleNamespace, out: dict[str, np.ndarray], at: Bounds) -> None:
    """Take from Chinese bandwidth and serving stocks what packages lack whose memory is older than their sheet asks."""
    flows, of = _of_channel(b, DOMESTIC)
    chips = flows * x.with_stacks[of, None, None]
    lost = np.einsum("rcqd,cd->rqd", chips, x.bandwidth[of]) * (1.0 - b.memory_speed) / capability.H100_BANDWIDTH
    out["compute_bandwidth"][:, DOMESTIC] -= fleet.stock(lost, b.left[DOMESTIC], at)
    serving = np.einsum("rcqd,cd->rqd", chips, b.serve[of]) * (1.0 - b.memory_speed**x.bandwidth_weight)
    out["compute_serving"][:, DOMESTIC] -= fleet.stock(serving, b.working[DOMESTIC], at) * x.software_serving[at]


def ledger(x: SimpleNamespace, b: SimpleNamespace, out: dict[str, np.ndarray]) -> None:
    """Both sides of every account; raises Breach where they differ."""
    accounts(x, b, x.quarters)
    balance({"chips": (np.diff(b.acquired, axis=2), b.flows - b.retired)})
    not_negative(
        {"additions": b.flows, "retired": b.retired} | {k: out[k] for k in ("dies_stock", "stacks_stock", "unmet_demand")}
    )
    denied = x.permitted[:, :, b.last + 1 :] == 0
    if bool((denied & (b.additions[:, :, LICENSED, b.last + 1 :] > 0)).any()):
        raise Breach("a denied class was bought under licence")


def accounts(x: SimpleNamespace, b: SimpleNamespace, end: int) -> None:
    """Dies, stacks, dollars and ceilings of the quarters before the place `end`; raises Breach where they differ."""
    cut, ahead = slice(opening_quarter(x), end), slice(b.last + 1, end)

    def change(name: str) -> np.ndarray:
        return np.asarray(np.diff(getattr(b, name)[:, : end + 1], axis=1)[:, cut])

    balance({
        "dies": (change("dies_stock") + b.dies_used[:, cut], (b.dies_made + b.dies_foreign + b.dies_imputed)[:, cut]),
        "stacks": (change("stacks_stock") + b.stacks_used[:, cut], (b.stacks_supplied + b.stacks_imputed)[:, cut]),
        "dollars": (b.spending[:, ONSHORE, ahead].sum(axis=1) + b.unmet[:, ahead], b.budget[:, ahead]),
    })  # fmt: skip
    at_most({"ceilings": (b.bought_over[:, :end], np.ones(1)), "slots": (b.slots_used[:, :end], b.slots_supplied[:, :end])})


ACCOUNTS = (
    "dies_made",
    "dies_used",
    "dies_imputed",
    "dies_stock",
    "stacks_supplied",
    "stacks_by_wafers",
    "memory_speed",
    "stacks_used",
    "stacks_imputed",
    "stacks_stock",
    "slots_supplied",
    "slots_used",
)

METHODS = {
    "additions": "nowcast to as_of, then two goods bought in order of price per usable unit within ceilings and money",
    "retired": "additions less the change of the stock",
    "fleet_acquired": "cohorts by class and channel, constant attrition and Weibull wear-out",
    "fleet_operational": "cohorts less those not yet installed or down for repair",
    "compute_nominal": "acquired stock times dense 8-bit rate; offshore adds the rented level",
    "compute_training": "operational stock times rate times training software factor",
    "compute_serving": "operational stock times rate^(1-w) bandwidth^w times serving software factor",
    "compute_bandwidth": "acquired stock times memory bandwidth",
    "offshore_rented": "elicited offshore stock within what hosts can hold, less what is owned, cut by remote-access rules host "
    "by host; a part of what is cut moves to hosts that stay open and have room",
    "offshore_owned": "chips bought abroad, placed as all housed compute of the instant; caps bind purchases through the total",
    "share_designed": "domestic over onshore additions, by rate",
    "share_logic": "domestic additions times the Chinese share of dies, stocks well mixed; dies before 2026 as elicited",
    "share_memory": "the same times the Chinese share of stacks: foreign dies and foreign stacks fall on packages independently",
    "bought_usable": "purchases by good times what a chip does in it; up to as_of observed purchases, by comparative advantage",
    "price_paid": "money over usable compute bought for the good",
    "power": "operational stock times chip power, server and network overhead, and PUE",
    "us_compute": "world additions less China's foreign chips, times the American share, by the same fleet; less what goes to "
    "China where world supply is limited",
    "ratio_us_china": "draw by draw; onshore acquired stock below",
    "unmet_demand": "money left when every permitted supply was bought",
    "spending": "chips bought times price by channel; the nowcast is priced, not observed; offshore is money outside the budget",
    "budget": "capital expenditure times accelerator share less offshore share, raised where the nowcast spent more, fading",
    "binding_fabrication": "input with the least packages; observed up to as_of",
    "binding_procurement": "order of tests: budget, market, rule, acceptance below one half, vendor supply",
    "dies_stock": "followed from 2026Q1",
    "stacks_stock": "followed from 2026Q1",
    "wafers_out": "starts a fab's and packager's time before, after rules on tools, in either form of investment",
    "yield_7nm": "clustered defects learned with wafers, less parametric loss, plus binned parts; run backwards before 2026",
    "yield_5nm": "the same; a part of the older node's wafers teaches as well",
    "dies_made": "wafers out times gross dies times negative-binomial yield",
    "dies_foreign": "dies from foreign foundries, as elicited, less what rules take from the firms that they name",
    "stacks_supplied": "standard, in-house and illicit memory that sources count",
    "stacks_by_wafers": "wafers of the largest maker some quarters before, times gross dies and yield, over eight; used nowhere",
    "memory_speed": "bandwidth of stacks on hand over what sheets of the mix ask, relative to the origin; one up to as_of",
    "dies_imputed": "observed use beyond stock and counted supply; later the same gap, fading, and the surprise of output",
    "stacks_imputed": "observed use beyond stock and counted supply; later the same gap, fading, and the surprise of output",
    "dies_used": "packages begun times dies each",
    "stacks_used": "packages begun times stacks each",
    "slots_supplied": "packaging wafers by plan and funding times slots a wafer, with what observed packages took more, fading",
    "slots_used": "packages begun times slots each; a slot that is not used is lost with its quarter",
    "acceptance": "log odds: elicited path, advantage of the class, domestic cover; times the regime's multiplier",
    "software_reached": "elicited path, times what programmes for engineers add, less lock-in by licensed chips",
    "unsold": "packages made and not yet bought, by rate; on offer again in the next quarter",
    **dict.fromkeys((f"fork_{fork}" for fork in FORKS), "sampled by the weights of params/forks.csv, or fixed by the scenario"),
    "permitted": "thresholds against the chip's sheet, by days in force",
    "h100e": "dense 8-bit rate over 1 979 TOP/s",
}
