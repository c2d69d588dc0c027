"""Before the first quarter: wafers, memory, permissions and compute abroad, which do not depend on what is bought."""

from types import SimpleNamespace

import numpy as np

from forecast.model import named
from forecast.names import CHANNELS, GOODS, PROCUREMENT_BOUNDS, parse_quarter
from forecast.stages import capability, demand, dies, fabrication, imports, memory, nodes, offshore

LICENSED, DIVERTED, OFFSHORE, DOMESTIC = range(len(CHANNELS))
OPENING = "2026Q1"
"""First quarter whose inventories of dies and memory are followed: their stock is known at its opening."""

NODES_FROM = np.datetime64("2027-01-01")
"""Day from which the wait for nodes that do not exist yet counts."""

BOUND = {name: code for code, name in enumerate(PROCUREMENT_BOUNDS)}
BY_QUARTER = (
    "dies_made", "dies_foreign", "dies_used", "dies_imputed", "stacks_supplied", "stacks_used", "stacks_imputed",
    "slots_used", "slots_supplied", "unmet", "budget", "bought_over", "wafers_out",
)  # fmt: skip
INPUTS_OF_A_PACKAGE = ("dies", "stacks", "slots")


def opening_quarter(x: SimpleNamespace) -> int:
    """Index of the quarter from which inventories are followed."""
    return int(np.searchsorted(x.quarter, parse_quarter(OPENING)))


def before(x: SimpleNamespace) -> SimpleNamespace:
    """All that does not depend on what is bought, and empty books."""
    b = SimpleNamespace(last=x.observed_quarters - 1)
    b.funding = lagged(x.lever_public_funding, x.tool_lag) ** x.funding_elasticity
    _logic(x, b)
    _memory_and_packaging(x, b)
    b.proxy_dies, b.named = x.proxy_dies * x.lever_proxy_foundry, named.firms(x)
    rush = 1.0 + 4.0 * x.ahead_chips * x.prebuy_chips
    ready, new = np.ones((x.regimes, x.classes, x.quarters, x.draws)), x.is_answer == 1
    ready[:, new] = imports.brought(x.answer_due[:, new], x.answer_lag, x.counter_patience, x.lever_counter_answer)
    b.brought = ready > 0
    b.supply = x.vendor_supply * imports.ramped(x.permitted, x.licence_lag) * rush * ready
    _abroad(x, b)
    b.hostility = imports.campaign(x.lever_hostility, x.hostility_half_life)
    b.barred = demand.barred(x.sovereign_bar, x.sovereign_share, x.lever_sovereign_only)
    b.serve = capability.serving_weight(x.h100e, x.bandwidth, x.bandwidth_weight)
    _empty(x, b)
    return b


def _logic(x: SimpleNamespace, b: SimpleNamespace) -> None:
    """Wafers that leave the fabs by node, after rules on tools and servicing and what was bought ahead of them."""
    plan = x.logic_capacity * x.logic_utilisation
    growing = nodes.shares_of_growth(x.line_capacity, x.line_exposure)
    sales = nodes.scarcest(x.line_tool_sales, x.line_tool_sales_best, x.tool_complements)
    stopped = lagged(nodes.reached(1.0 - sales, growing), x.tool_lag)
    parts = lagged(1.0 - x.lever_subcomponents, x.tool_lag) * x.domestic_tool_share
    growth = fabrication.growth_left(x.tool_ban_growth, stopped, x.localisation_half_life)
    growth = growth * fabrication.growth_left(x.subcomponent_growth, parts, x.localisation_half_life) * b.funding
    pulled = lagged(fabrication.bought_ahead(plan, x.prebuy_tools, nodes.reached(x.ahead_tools, growing)), x.tool_lag)
    starts = fabrication.ahead_of(fabrication.tool_limited(plan, b.last, growth), pulled)
    standing = nodes.shares(x.line_capacity, x.line_exposure)
    service = nodes.scarcest(x.line_tool_servicing, x.line_tool_servicing_best, x.tool_complements)
    without = nodes.reached(fabrication.unserviced(service), standing)
    starts = starts * fabrication.serviced(without, x.servicing_availability) * x.ai_wafer_share
    out = lagged(starts, x.wafer_to_package_lag)
    b.wafers = np.stack([out * (1.0 - x.n3_share), out * x.n3_share])
    b.wear = lagged(fabrication.worn(without, x.servicing_defects), x.wafer_to_package_lag)
    b.floor = dies.raised_floor(x.defects_floor, x.floor_without_tools, fabrication.missing(stopped, x.localisation_half_life))
    since = (x.quarter - NODES_FROM) / np.timedelta64(1, "D") / 365.25 + 0.125
    b.denser = x.next_node_share * nodes.arrived(since, x.wait_3nm_class_no_euv, x.node_ramp)
    b.finer = 1.0 + (x.euv_defects - 1.0) * nodes.arrived(since, x.wait_euv_volume, x.node_ramp)


def _memory_and_packaging(x: SimpleNamespace, b: SimpleNamespace) -> None:
    """Stacks and slots by plan under rules on memory tools and public funding, and what leaks in beside."""
    stopped = lagged(1.0 - x.lever_memory_tools, x.tool_lag)
    growth = fabrication.growth_left(x.memory_tools_growth, stopped, x.localisation_half_life) * b.funding
    parts = [x.hbm_domestic, x.hbm_inhouse * (1.0 - x.hbm_overlap)]
    b.stacks = fabrication.tool_limited(sum(parts), b.last, growth)
    standard, inhouse, copackaged, transit, _ = x.stack_bandwidth
    b.own_rate = memory.blended(parts, [standard, inhouse])
    b.leak_rate = memory.blended([x.leak_copackaged, 1.0 - x.leak_copackaged], [copackaged, transit])
    by_wafers = memory.stacks_from_wafers(x.hbm_wafers, x.hbm_wafer_dies, x.hbm_yield)
    b.stacks_by_wafers = lagged(by_wafers[None], x.hbm_wafer_lag)[0]
    b.leak = x.hbm_illicit * (x.lever_hbm_access + x.ahead_stacks * x.prebuy_stacks * 4.0)
    b.each = {"dies": x.dies, "stacks": x.stacks * x.with_stacks[:, None], "slots": x.slots * x.with_stacks[:, None]}
    b.passed = fabrication.all_good(x.die_escape, x.die_screening, x.compute_dies)
    plan = x.packaging_capacity * x.packages_per_wafer
    b.slots = fabrication.tool_limited(plan, b.last, np.broadcast_to(b.funding, growth.shape))


def _abroad(x: SimpleNamespace, b: SimpleNamespace) -> None:
    """Compute outside China: what is wanted, what hosts can hold, what is bought and what is rented."""
    end_2026 = at(x.bound, "2026-12-31")
    wanted = offshore.potential(x.offshore_stock, end_2026, x.offshore_growth, at(x.bound, "2029-12-31"))
    since = (x.bound - x.bound[end_2026]) / np.timedelta64(1, "D") / 365.25
    rooms = offshore.room(x.host_mw, x.host_density, x.host_density_growth, since)
    shares = np.concatenate([x.country_mix[:, :1], x.country_mix], axis=1)
    b.housed = offshore.housed(wanted, shares, rooms, end_2026)
    total = b.housed.sum(axis=0)
    b.host_share = b.housed / np.maximum(total, 1e-9)
    bought = offshore.owned_additions(total, x.offshore_owned_share, x.lever_hq_rule, x.closure_purchase, b.last)
    b.bought_abroad = bought[:, None] * x.nvidia_mix[:, :, None] / x.h100e[:, None, :]
    rule = np.concatenate([np.zeros_like(x.lever_cloud_rule_hosts[:, :, :1]), x.lever_cloud_rule_hosts], axis=2)
    closed, later = (by_host(rule, lag) for lag in (x.closure_lag, x.closure_lag + x.migration_lag))
    left = offshore.rented(b.housed, x.offshore_owned_share, closed, x.closure_remote)
    gone = b.housed * (1.0 - x.offshore_owned_share) - offshore.rented(b.housed, x.offshore_owned_share, later, x.closure_remote)
    b.rented_by_host = left + offshore.migrated(gone, rooms - b.housed, closed, x.migration_share)
    b.rented = b.rented_by_host.sum(axis=1)


def _empty(x: SimpleNamespace, b: SimpleNamespace) -> None:
    """Books with nothing in them, and what stays the same in every quarter."""
    flow = (x.regimes, x.quarters, x.draws)
    by_class = (x.regimes, x.classes, *flow[1:])
    for name in BY_QUARTER:
        setattr(b, name, np.zeros(flow))
    b.additions = np.zeros((x.regimes, x.classes, len(CHANNELS), *flow[1:]))
    b.seen = {name: [] for name in (*INPUTS_OF_A_PACKAGE, "money")}
    b.unsold = np.zeros((x.regimes, x.classes, x.quarters + 1, x.draws))
    b.dies_stock, b.stacks_stock = (np.zeros((x.regimes, x.quarters + 1, x.draws)) for _ in range(2))
    b.binding = np.full(flow, fabrication.OBSERVED, dtype=np.int8)
    b.bound = np.full(by_class, BOUND["observed"], dtype=np.int8)
    b.spending = np.zeros((x.regimes, len(CHANNELS), *flow[1:]))
    b.by_good = {name: np.zeros((x.regimes, len(GOODS), *flow[1:])) for name in ("usable", "spent")}
    b.acceptance = np.zeros(by_class)
    b.limits = np.zeros((len(INPUTS_OF_A_PACKAGE), *flow))
    b.cumulative = np.zeros_like(b.wafers)
    reference = np.cumsum(b.wafers, axis=2)[:, :, at(x.bound, "2026-12-31") - 1]
    b.reference = np.stack([reference[0], dies.taught(reference[1], reference[0], x.learning_transfer)])
    b.yields = np.zeros_like(b.wafers)
    b.unmet_seen = np.zeros(flow)
    b.markup = np.ones(flow)
    foreign = np.broadcast_to(x.foreign_die_share, flow).copy()
    b.stack_rate, b.memory_speed = np.zeros(flow), np.ones(flow)
    b.foreign = {"dies": foreign, "stacks": np.ones(flow)}
    b.shift = np.zeros((len(INPUTS_OF_A_PACKAGE), *flow))
    b.domestic = x.is_domestic == 1
    b.on_offer = (x.vendor_supply > 0).any(axis=2)


def lagged(series: np.ndarray, lag: np.ndarray) -> np.ndarray:
    """A series (regime, time, draw or 1) as it stood `lag` [quarter] (draw,) earlier, straight lines between quarters."""
    times = series.shape[1]
    moment = np.clip(np.arange(times)[:, None] - lag, 0.0, times - 1.0)
    left = np.floor(moment).astype(int)
    share = moment - left
    right = np.minimum(left + 1, times - 1)
    wide = np.broadcast_to(series, (series.shape[0], times, len(lag)))
    pick = np.arange(len(lag))
    return np.asarray((1.0 - share) * wide[:, left, pick] + share * wide[:, right, pick])


def by_host(series: np.ndarray, lag: np.ndarray) -> np.ndarray:
    """A series (regime, country, time, draw or 1) as it stood `lag` [quarter] (draw,) earlier."""
    flat = series.reshape(-1, *series.shape[2:])
    return lagged(flat, lag).reshape(*series.shape[:2], series.shape[2], len(lag))


def at(bounds: np.ndarray, day: str) -> int:
    """Index of the last bound not after the day after `day`: the bound that closes that day's quarter."""
    return int(np.searchsorted(bounds, np.datetime64(day) + np.timedelta64(1, "D"), side="right") - 1)
