"""The equation sheet: inputs Dataset in, results Dataset out. Pure: no files, no clock, no random numbers.

Read `_simulate` from top to bottom: it is the order of events in one quarter. Axis order is (regime, ..., draw).
"""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import xarray as xr

from forecast.balance import at_most, balance, not_negative
from forecast.contract import Breach, seal, strict
from forecast.names import CHANNELS, PROCUREMENT_BOUNDS, TERMS, parse_quarter
from forecast.stages import capability, diversion, fabrication, fleet, imports, offshore, procurement

LICENSED, DIVERTED, OFFSHORE, DOMESTIC = range(len(CHANNELS))
SMALLEST = 8
"""Draws in the smallest block: sums over classes in a block of one are rounded in another order."""

OPENING = "2026Q1"
"""First quarter whose inventories of dies and memory are followed: their stock is known at its opening."""

BOUND = {name: code for code, name in enumerate(PROCUREMENT_BOUNDS)}


def run(inputs: xr.Dataset, block: int = 512, workers: int = 2) -> xr.Dataset:
    """All results of a scenario. Draws run in blocks; neither block size nor workers change a result.

    Raises Breach when chips, dies, stacks or dollars do not balance, a ceiling is exceeded or a value is out of range.
    """
    draws, block = inputs.sizes["draw"], max(block, SMALLEST)
    edges = [first for first in range(0, draws, block) if first == 0 or draws - first >= SMALLEST] + [draws]
    slices = [slice(first, last) for first, last in pairwise(edges)]
    with strict(), ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
        parts = list(pool.map(lambda cut: _run_block(inputs.isel(draw=cut)), slices))
        result = (
            xr.concat(parts, dim="draw", join="exact", combine_attrs="identical", data_vars="minimal")
            if len(parts) > 1
            else parts[0]
        )
    return result.assign_attrs(inputs.attrs)


def _run_block(inputs: xr.Dataset) -> xr.Dataset:
    """One block of draws through all stages, the ledger, and the seal."""
    x = SimpleNamespace(**{str(name): variable.values for name, variable in inputs.variables.items()})
    for name, values in vars(x).items():
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            raise Breach(f"input {name}: missing or infinite values")
    x.observed_quarters = int(inputs.attrs["observed_quarters"])
    x.regimes, x.classes, x.quarters, x.draws = (inputs.sizes[d] for d in ("regime", "gpu_class", "quarter", "draw"))
    books = _before(x)
    _simulate(x, books)
    out = _after(x, books)
    _ledger(x, books, out)
    axes = {str(dim): inputs.indexes[dim] for dim in inputs.dims}
    sealed = {name: seal(name, _stored(array), TERMS[name].dims, axes, METHODS[name]) for name, array in out.items()}
    return xr.Dataset(sealed)


def _stored(array: np.ndarray) -> np.ndarray:
    """Results are kept in single precision; the ledger has run in double."""
    return array if array.dtype.kind == "i" else np.ascontiguousarray(array, dtype=np.float32)


def _lagged(series: np.ndarray, lag: np.ndarray) -> np.ndarray:
    """A series (regime, time, draw or 1) as it stood `lag` [quarter] (draw,) earlier, straight lines between quarters."""
    times = series.shape[1]
    at = np.clip(np.arange(times)[:, None] - lag, 0.0, times - 1.0)
    left = np.floor(at).astype(int)
    share = at - left
    right = np.minimum(left + 1, times - 1)
    wide = np.broadcast_to(series, (series.shape[0], times, len(lag)))
    pick = np.arange(len(lag))
    return (1.0 - share) * wide[:, left, pick] + share * wide[:, right, pick]


def _before(x: SimpleNamespace) -> SimpleNamespace:
    """All that does not depend on what is bought: wafers, memory, permissions, offshore; and empty books."""
    last = x.observed_quarters - 1
    b = SimpleNamespace(last=last)
    sales = _lagged(x.lever_tool_sales[:, :, None], x.tool_lag)
    starts = x.logic_capacity * x.logic_utilisation
    growth = 1.0 - (1.0 - x.tool_ban_growth) * (1.0 - sales)
    starts = fabrication.tool_limited(starts, last, growth)
    without = fabrication.unserviced(x.lever_tool_servicing)[:, :, None]
    starts = starts * fabrication.serviced(without, x.servicing_availability) * x.ai_wafer_share
    out = _lagged(starts, x.wafer_to_package_lag)
    b.wafers = np.stack([out * (1.0 - x.n3_share), out * x.n3_share])
    b.cumulative = np.cumsum(b.wafers, axis=2)
    b.stacks = x.hbm_domestic + x.hbm_inhouse * (1.0 - x.hbm_overlap) + x.hbm_illicit * x.lever_hbm_access[:, :, None]
    b.slots = x.packaging_capacity * x.packages_per_wafer
    b.supply = x.vendor_supply * imports.ramped(x.permitted, x.licence_lag)
    b.potential = offshore.potential(
        x.offshore_stock, _at(x.bound, "2026-12-31"), x.offshore_growth, _at(x.bound, "2029-12-31"), x.offshore_limit
    )
    bought = offshore.owned_additions(b.potential, x.offshore_owned_share, x.lever_hq_rule, x.closure_purchase, last)
    b.bought_abroad = bought[:, None] * x.nvidia_mix[:, :, None] / x.h100e[:, None, :]
    closed = _lagged(np.concatenate([np.zeros((x.regimes, 1)), x.lever_cloud_rule], axis=1)[:, :, None], x.closure_lag)
    b.rented = offshore.rented(b.potential, x.offshore_owned_share, closed, x.closure_remote)
    flow = (x.regimes, x.quarters, x.draws)
    b.additions = np.zeros((x.regimes, x.classes, len(CHANNELS), *flow[1:]))
    for name in (
        "dies_made",
        "dies_used",
        "dies_imputed",
        "stacks_supplied",
        "stacks_used",
        "stacks_imputed",
        "slots_used",
        "slots_real",
        "unmet",
        "budget",
    ):
        setattr(b, name, np.zeros(flow))
    b.dies_foreign = np.zeros(flow)
    b.seen = {"dies": [], "stacks": [], "slots": [], "money": []}
    b.unsold = np.zeros((x.regimes, x.classes, x.quarters + 1, x.draws))
    b.dies_stock, b.stacks_stock = (np.zeros((x.regimes, x.quarters + 1, x.draws)) for _ in range(2))
    b.binding = np.full(flow, fabrication.OBSERVED, dtype=np.int8)
    b.bound = np.full((x.regimes, x.classes, *flow[1:]), BOUND["observed"], dtype=np.int8)
    b.spending = np.zeros((x.regimes, len(CHANNELS), *flow[1:]))
    b.acceptance = np.zeros((x.regimes, x.classes, *flow[1:]))
    b.bought_over = np.zeros(flow)
    b.domestic = x.is_domestic == 1
    return b


def _at(bounds: np.ndarray, day: str) -> int:
    """Index of the last bound not after the day after `day`: the bound that closes that day's quarter."""
    return int(np.searchsorted(bounds, np.datetime64(day) + np.timedelta64(1, "D"), side="right") - 1)


def _simulate(x: SimpleNamespace, b: SimpleNamespace) -> None:
    """Quarter by quarter: the nowcast to as_of, then permissions, fabrication, channels and procurement."""
    b.additions[..., : b.last + 1, :] = x.observed[..., : b.last + 1, :]
    b.additions[:, :, OFFSHORE] += b.bought_abroad
    opening = int(np.searchsorted(x.quarter, parse_quarter(OPENING)))
    b.dies_stock[:, opening], b.stacks_stock[:, opening] = x.die_bank_left, x.hbm_left
    for t in range(x.quarters):
        _prices(x, b, t)
        if t < opening:
            continue
        _inputs_arrive(x, b, t)
        if t > b.last:
            _buy(x, b, t, _fabricate(x, b, t))
            continue
        _explain_observed(x, b, t)
        if t == b.last:
            _reference(x, b, t)


def _prices(x: SimpleNamespace, b: SimpleNamespace, t: int) -> None:
    """Money on offer, price by channel and what a buyer gets for it, in the quarter."""
    b.budget[:, t] = x.capex[t] * 1e9 * x.accelerator_share * (1.0 - x.offshore_money_share)
    if t > b.last:
        b.budget[:, t] += fabrication.faded(b.gap["money"], t - b.last, x.gap_half_life)
    software = capability.usable(x.software_training[t], x.software_serving[t])
    b.price_domestic, b.usable_domestic = x.list_price[:, t], x.h100e * software
    b.price_licensed = x.list_price[:, t] * (1.0 + x.duty_pass_through * x.levy[:, :, t, None])
    b.price_diverted, b.usable_diverted = x.list_price[:, t] * x.diverted_premium, x.h100e * x.unsupported_factor
    if t <= b.last:
        for channel, price in ((LICENSED, b.price_licensed), (DIVERTED, b.price_diverted), (DOMESTIC, b.price_domestic)):
            b.spending[:, channel, t] = (b.additions[:, :, channel, t] * price).sum(axis=1)


def _inputs_arrive(x: SimpleNamespace, b: SimpleNamespace, t: int) -> None:
    """Good dies from Chinese and foreign fabs, memory stacks and packaging slots of the quarter, by counted sources."""
    area, reference = x.reference_die_area, b.cumulative[:, :, _at(x.bound, "2026-12-31") - 1]
    made = np.zeros((x.regimes, x.draws))
    for k, defects in enumerate((x.defects_n2, x.defects_n3)):
        density = fabrication.learned_defects(defects, b.cumulative[k, :, t], reference[k], x.learning_exponent, x.defects_floor)
        share = fabrication.negative_binomial_yield(area, density, x.clustering)
        made += b.wafers[k, :, t] * x.gross_dies * np.minimum(share * x.harvest, 1.0)
    b.dies_made[:, t], b.dies_foreign[:, t], b.stacks_supplied[:, t] = made, x.proxy_dies, b.stacks[:, t]
    b.counted = {"dies": made + x.proxy_dies, "stacks": b.stacks[:, t], "slots": b.slots[t]}


def _explain_observed(x: SimpleNamespace, b: SimpleNamespace, t: int) -> None:
    """Inputs and money that observed packages took; what stocks and counted supply do not cover is imputed and written down."""
    begun = b.additions[:, :, DOMESTIC, t] / x.package_yield[t]
    for item in ("dies", "stacks"):
        used, stock = (begun * getattr(x, item)).sum(axis=1), getattr(b, f"{item}_stock")
        missing = np.maximum(used - stock[:, t] * x.inventory_release - b.counted[item], 0.0)
        getattr(b, f"{item}_used")[:, t], getattr(b, f"{item}_imputed")[:, t] = used, missing
        stock[:, t + 1] = np.maximum(stock[:, t] + b.counted[item] + missing - used, 0.0)
        b.seen[item].append(missing)
    b.seen["slots"].append(np.maximum((begun * x.slots).sum(axis=1) - b.counted["slots"], 0.0))
    b.seen["money"].append(np.maximum(b.spending[:, :, t].sum(axis=1) - b.budget[:, t], 0.0))


def _reference(x: SimpleNamespace, b: SimpleNamespace, t: int) -> None:
    """What later quarters start from: gaps of the last two observed quarters; unmet share, cover and an H200's lead at as_of."""
    b.gap = {item: np.mean(seen[-2:], axis=0) for item, seen in b.seen.items()}
    money = b.budget[:, t] + b.gap["money"]
    b.unmet_reference = diversion.unmet_share(b.spending[:, LICENSED, t] + b.spending[:, DOMESTIC, t], money)
    b.cover_reference = b.spending[:, DOMESTIC, t] / money
    b.lead_reference = -np.log(x.best_domestic[t])


def _fabricate(x: SimpleNamespace, b: SimpleNamespace, t: int) -> np.ndarray:
    """Chinese packages by class (regime, gpu_class, draw): dies, memory and slots meet; what is unused is kept."""
    surprise = fabrication.surprise(x.output_surprise, t - b.last)
    real = {k: (have + fabrication.faded(b.gap[k], t - b.last, x.gap_half_life)) * surprise for k, have in b.counted.items()}
    b.dies_imputed[:, t], b.stacks_imputed[:, t] = real["dies"] - b.counted["dies"], real["stacks"] - b.counted["stacks"]
    mix = x.package_mix[:, t, None]
    stocks = {"dies": b.dies_stock, "stacks": b.stacks_stock}
    offered = (*(real[item] + stocks[item][:, t] * x.inventory_release for item in stocks), real["slots"])
    made = fabrication.assemble(offered, tuple((mix * each).sum(axis=0) for each in (x.dies, x.stacks, x.slots)))
    b.binding[:, t], b.dies_used[:, t], b.stacks_used[:, t] = made.binding, made.dies_used, made.stacks_used
    for item, used in (("dies", made.dies_used), ("stacks", made.stacks_used)):
        stocks[item][:, t + 1] = np.maximum(stocks[item][:, t] + real[item] - used, 0.0)
    b.slots_used[:, t], b.slots_real[:, t] = made.slots_used, real["slots"]
    return made.starts[:, None] * x.package_yield[t] * mix


def _buy(x: SimpleNamespace, b: SimpleNamespace, t: int, packages: np.ndarray) -> None:
    """Ceilings of each channel, then purchases in merit order within the quarter's money; unsold packages are on offer again."""
    packages = packages + b.unsold[:, :, t]
    at_home = (packages * b.price_domestic).sum(axis=1)
    lead = np.log(np.maximum(x.h100e, 1e-6)) - np.log(x.best_domestic[t]) - b.lead_reference
    cover = at_home / b.budget[:, t] - b.cover_reference
    accepted = imports.acceptance(x.acceptance[t], lead, cover[:, None], x.acceptance_advantage, x.acceptance_cover)
    accepted = imports.steered(accepted, x.lever_cn_accept[:, t, None, None])
    b.acceptance[:, :, t] = np.where(b.domestic[:, None], 0.0, accepted)
    offered = b.supply[:, :, t]
    licensed = imports.ceiling(offered, x.permitted[:, :, t, None], b.acceptance[:, :, t])
    lawful = at_home + (licensed * b.price_licensed).sum(axis=1)
    gap = diversion.gap_ratio(lawful, b.budget[:, t], b.unmet_reference)
    per_chip = (x.diverted_mix[:, t, None] * x.h100e).sum(axis=0)
    moved = diversion.flow(x.diverted_base * per_chip, gap, x.gap_elasticity, x.lever_diversion[:, t, None], x.diversion_ceiling)
    diverted = x.diverted_mix[:, t, None] * (moved / per_chip)[:, None]
    at_home_share = np.where(b.domestic[:, None], 1.0, 1.0 - x.offshore_placement)
    ceilings = np.stack([licensed * at_home_share, diverted, packages])
    _settle(x, b, t, ceilings, at_home_share)
    _name_bounds(x, b, t, ceilings, offered)


def _settle(x: SimpleNamespace, b: SimpleNamespace, t: int, ceilings: np.ndarray, at_home_share: np.ndarray) -> None:
    """Buy from ceilings (channel, regime, gpu_class, draw) and write purchases, spending, money left and what is unsold.

    Chinese classes cost the same per usable H100e, so they are one option, bought in equal parts. Licensed chips that are
    kept abroad are bought in proportion, with money that is already abroad.
    """
    prices = np.stack(np.broadcast_arrays(b.price_licensed, b.price_diverted, b.price_domestic[None]))
    made = ceilings[2]
    bundle = [(prices[2] * made).sum(axis=1), (b.usable_domestic * made).sum(axis=1), (made.sum(axis=1) > 0).astype(float)]
    foreign = [np.stack([prices[0], prices[1]]), np.stack(np.broadcast_arrays(x.h100e, b.usable_diverted))[:, None], ceilings[:2]]
    options = [
        np.concatenate([np.moveaxis(np.broadcast_to(f, ceilings[:2].shape), 2, 1).reshape(-1, x.regimes, x.draws), d[None]])
        for f, d in zip(foreign, bundle, strict=True)
    ]
    at_home = np.arange(len(options[0])) == len(options[0]) - 1
    bought, left = procurement.with_mandate(options[0], options[1], options[2], b.budget[:, t], at_home, x.domestic_mandate[t])
    abroad = np.moveaxis(bought[:-1].reshape(2, x.classes, x.regimes, x.draws), 1, 2)
    b.bought = np.concatenate([abroad, (made * bought[-1][:, None])[None]])
    b.additions[:, :, LICENSED, t], b.additions[:, :, DIVERTED, t], b.additions[:, :, DOMESTIC, t] = b.bought
    b.additions[:, :, OFFSHORE, t] += b.bought[0] * (1.0 / at_home_share - 1.0)
    b.spending[:, [LICENSED, DIVERTED, DOMESTIC], t] = np.moveaxis((b.bought * prices).sum(axis=2), 0, 1)
    b.unmet[:, t] = left
    b.unsold[:, :, t + 1] = np.maximum(made - b.bought[2], 0.0)
    b.bought_over[:, t] = (b.bought / np.maximum(ceilings, 1e-9)).max(axis=(0, 2))


def _name_bounds(x: SimpleNamespace, b: SimpleNamespace, t: int, ceilings: np.ndarray, offered: np.ndarray) -> None:
    """The bound that stopped further purchases of each class in the quarter."""
    short = (b.bought < ceilings * (1.0 - 1e-9)).any(axis=0)
    permitted = x.permitted[:, :, t, None] > 0
    sold = np.broadcast_to(x.vendor_supply[:, t] > 0, short.shape)
    smuggled = np.broadcast_to(x.diverted_mix[:, t, None] > 0, short.shape)
    licensed = np.where(b.acceptance[:, :, t] < 0.5, BOUND["Beijing's acceptance"], BOUND["vendor supply"])
    codes = np.select(
        [b.domestic[:, None] & short, np.broadcast_to(b.domestic[:, None], short.shape), short, sold & permitted, sold, smuggled],
        [BOUND["budget"], BOUND["domestic output"], BOUND["budget"], licensed, BOUND["rule"], BOUND["smuggling capacity"]],
        BOUND["not on the market"],
    )
    b.bound[:, :, t] = codes


def _after(x: SimpleNamespace, b: SimpleNamespace) -> dict[str, np.ndarray]:
    """Fleet and capability on whole arrays, once the flows are known. A pair is a class in a channel that has any chips."""
    b.pair_class, b.pair_channel = np.nonzero(b.additions.any(axis=(0, 3, 4)))
    left, working = _survival(x)
    b.flows = b.additions[:, b.pair_class, b.pair_channel]
    b.acquired = fleet.stock(b.flows, left[b.pair_channel])
    running = fleet.stock(b.flows, working[b.pair_channel])
    b.retired = np.maximum(fleet.retired(b.flows, b.acquired), 0.0)
    out = {"additions": b.additions}
    for name, pairs in (("retired", b.retired), ("fleet_acquired", b.acquired), ("fleet_operational", running)):
        out[name] = np.zeros((*b.additions.shape[:3], *pairs.shape[2:]), dtype=np.float32)
        out[name][:, b.pair_class, b.pair_channel] = pairs
    out |= _capability(x, b, running)
    american = capability.weigh(fleet.stock(x.us_additions[None], left[LICENSED]), x.h100e)
    onshore = out["compute_nominal"][:, [LICENSED, DIVERTED, DOMESTIC]].sum(axis=1)
    out["us_compute"] = np.broadcast_to(american, onshore.shape)
    out["ratio_us_china"] = out["us_compute"] / np.maximum(onshore, 1.0)
    b.spending[:, OFFSHORE] = (b.additions[:, :, OFFSHORE] * x.list_price).sum(axis=1)
    out |= {"unmet_demand": b.unmet / 1e9, "budget": b.budget / 1e9, "spending": b.spending / 1e9}
    out |= {
        "binding_fabrication": b.binding,
        "binding_procurement": b.bound,
        "acceptance": b.acceptance,
        "permitted": x.permitted,
    }
    out |= {name: getattr(b, name) for name in ACCOUNTS}
    out |= {"dies_foreign": b.dies_foreign, "h100e": x.h100e, "unsold": (b.unsold * x.h100e[:, None]).sum(axis=1)}
    return out


def _survival(x: SimpleNamespace) -> tuple[np.ndarray, np.ndarray]:
    """Share of a cohort that is left, and that is left and running, by channel and age (channel, age, draw)."""
    ages = np.arange(x.quarters) + 0.5
    attrition = [x.attrition] * len(CHANNELS)
    attrition[DIVERTED] = x.attrition_diverted * (1.0 - x.repair)
    lags = (x.install_lag_licensed, x.install_lag_diverted, x.install_lag_offshore, x.install_lag_domestic)
    left = np.stack([fleet.survival(ages, x.economic_life, x.wear_shape, loss) for loss in attrition])
    return left, left * np.stack([fleet.installed(ages, lag) for lag in lags]) * x.availability


def _capability(x: SimpleNamespace, b: SimpleNamespace, running: np.ndarray) -> dict[str, np.ndarray]:
    """Nominal, training, serving and bandwidth stocks and power, by channel; rented compute joins the offshore channel."""
    factors = {DOMESTIC: (x.software_training, x.software_serving), DIVERTED: (x.unsupported_factor, x.unsupported_factor)}
    serve = capability.serving_weight(x.h100e, x.bandwidth, x.bandwidth_weight)
    stocks: list[list[np.ndarray]] = [[] for _ in range(5)]
    for channel in range(len(CHANNELS)):
        train_factor, serve_factor = factors.get(channel, (1.0, 1.0))
        here = b.pair_channel == channel
        own, live, of = b.acquired[:, here], running[:, here], b.pair_class[here]
        stocks[0].append(capability.weigh(own, x.h100e[of]))
        stocks[1].append(capability.weigh(live, x.h100e[of]) * train_factor)
        stocks[2].append(capability.weigh(live, serve[of]) * serve_factor)
        stocks[3].append(capability.weigh(own, x.bandwidth[of] / capability.H100_BANDWIDTH))
        stocks[4].append(capability.power(capability.weigh(live, x.tdp[of]), x.power_overhead, x.pue))
    names = ("compute_nominal", "compute_training", "compute_serving", "compute_bandwidth", "power")
    out = {name: np.stack(parts, axis=1) for name, parts in zip(names, stocks, strict=True)}
    rate = (x.nvidia_mix[:, :, None] * x.bandwidth[:, None, :] / x.h100e[:, None, :]).sum(axis=0) / capability.H100_BANDWIDTH
    rate = np.concatenate([rate[:1], rate])
    out["compute_nominal"][:, OFFSHORE] += b.rented
    out["compute_bandwidth"][:, OFFSHORE] += b.rented * rate
    out["compute_training"][:, OFFSHORE] += b.rented * x.availability
    out["compute_serving"][:, OFFSHORE] += b.rented * x.availability * rate**x.bandwidth_weight
    share = np.concatenate([x.country_mix[:, :1], x.country_mix], axis=1)
    out["offshore_rented"] = b.rented[:, None] * share[None, :, :, None]
    return out


def _ledger(x: SimpleNamespace, b: SimpleNamespace, out: dict[str, np.ndarray]) -> None:
    """Both sides of every account; raises Breach where they differ."""
    opening = int(np.searchsorted(x.quarter, parse_quarter(OPENING)))
    cut = slice(opening, None)

    def change(name: str) -> np.ndarray:
        return np.diff(getattr(b, name), axis=1)[:, cut]

    sides = {
        "chips": (np.diff(b.acquired, axis=2), b.flows - b.retired),
        "dies": (change("dies_stock"), (b.dies_made + b.dies_foreign + b.dies_imputed - b.dies_used)[:, cut]),
        "stacks": (change("stacks_stock"), (b.stacks_supplied + b.stacks_imputed - b.stacks_used)[:, cut]),
        "dollars": (
            (b.spending[:, [LICENSED, DIVERTED, DOMESTIC]].sum(axis=1) + b.unmet)[:, b.last + 1 :],
            b.budget[:, b.last + 1 :],
        ),
    }
    balance(sides)
    at_most({"ceilings": (b.bought_over, np.ones(1)), "slots": (b.slots_used, b.slots_real)})
    not_negative(
        {"additions": b.flows, "retired": b.retired} | {k: out[k] for k in ("dies_stock", "stacks_stock", "unmet_demand")}
    )
    denied = x.permitted[:, :, b.last + 1 :] == 0
    if bool(b.additions[:, :, LICENSED, b.last + 1 :][denied].any()):
        raise Breach("a denied class was bought under licence")


ACCOUNTS = (
    "dies_made",
    "dies_used",
    "dies_imputed",
    "dies_stock",
    "stacks_supplied",
    "stacks_used",
    "stacks_imputed",
    "stacks_stock",
)

METHODS = {
    "additions": "nowcast to as_of, then merit order within ceilings and money",
    "retired": "additions less the change of the stock",
    "fleet_acquired": "cohorts by class and channel, constant attrition and Weibull wear-out",
    "fleet_operational": "cohorts less those not yet installed or down for repair",
    "compute_nominal": "acquired stock times dense 8-bit rate; offshore adds the rented level",
    "compute_training": "operational stock times rate times training software factor",
    "compute_serving": "operational stock times rate^(1-w) bandwidth^w times serving software factor",
    "compute_bandwidth": "acquired stock times memory bandwidth",
    "offshore_rented": "elicited offshore stock less what is owned, cut by remote-access rules, split by country by judgement",
    "power": "operational stock times chip power, server and network overhead, and PUE",
    "us_compute": "world additions less China's foreign chips, times the American share, by the same fleet",
    "ratio_us_china": "draw by draw; onshore acquired stock below",
    "unmet_demand": "money left when every permitted supply was bought",
    "spending": "chips bought times price by channel; the nowcast is priced, not observed; offshore is money outside the budget",
    "budget": "capital expenditure times accelerator share less offshore share, raised where the nowcast spent more, fading",
    "binding_fabrication": "input with the least packages; observed up to as_of",
    "binding_procurement": "order of tests: budget, market, rule, acceptance below one half, vendor supply",
    "dies_stock": "followed from 2026Q1",
    "stacks_stock": "followed from 2026Q1",
    "dies_made": "wafers out times gross dies times negative-binomial yield",
    "dies_foreign": "dies from foreign foundries, as elicited",
    "stacks_supplied": "standard, in-house and illicit memory that sources count",
    "dies_imputed": "observed use beyond stock and counted supply; later the same gap, fading, and the surprise of output",
    "stacks_imputed": "observed use beyond stock and counted supply; later the same gap, fading, and the surprise of output",
    "dies_used": "packages begun times dies each",
    "stacks_used": "packages begun times stacks each",
    "acceptance": "log odds: elicited path, advantage of the class, domestic cover; times the regime's multiplier",
    "unsold": "packages made and not yet bought, by rate; on offer again in the next quarter",
    "permitted": "thresholds against the chip's sheet, by days in force",
    "h100e": "dense 8-bit rate over 1 979 TOP/s",
}
