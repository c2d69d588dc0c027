"""One quarter: prices, what arrives at the packagers, what is made, what is on offer, what is bought."""

from types import SimpleNamespace

import numpy as np

from forecast.model import named
from forecast.model.opening import BOUND, DIVERTED, DOMESTIC, INPUTS_OF_A_PACKAGE, LICENSED, OFFSHORE, opening_quarter
from forecast.names import FORKS, STACK_ORIGINS
from forecast.stages import demand, dies, diversion, fabrication, imports, investment, memory, nodes, procurement

REBALANCING = FORKS["bottlenecks"].index("rebalancing")
THIRD_COUNTRY = FORKS["diversion"].index("third_country")
STOCKPILE = STACK_ORIGINS.index("stockpile")
ONSHORE = [LICENSED, DIVERTED, DOMESTIC]
NOTHING = 1e-6
"""Dies, stacks or slots a quarter below which an input is not made at all, whatever is invested: a node that yields nothing."""


def prices(x: SimpleNamespace, b: SimpleNamespace, t: int) -> None:
    """Money on offer, price by channel and what a buyer gets for it, in the quarter."""
    b.budget[:, t] = x.capex[t] * 1e9 * x.accelerator_share * (1.0 - x.offshore_money_share)
    if t > b.last:
        b.budget[:, t] += fabrication.faded(b.gap["money"], t - b.last, x.gap_half_life)
        b.budget[:, t] *= demand.response(b.markup[:, t - 1] / b.markup[:, b.last], x.price_elasticity)
    b.price_domestic = x.list_price[:, t]
    b.usable = _worth(x, b, t)
    b.price_licensed = x.list_price[:, t] * (1.0 + x.duty_pass_through * x.levy[:, :, t])
    b.price_diverted = x.list_price[:, t] * x.diverted_premium[t]
    if t <= b.last:
        _price_observed(x, b, t)


def _worth(x: SimpleNamespace, b: SimpleNamespace, t: int) -> np.ndarray:
    """What one chip does in each good by way of buying (good, channel, gpu_class, draw): licensed, diverted, domestic."""
    rate = np.stack([x.h100e, b.serve])
    software = np.stack([x.software_training[t], x.software_serving[t]])[:, None]
    return np.stack([rate, rate * x.unsupported_factor, rate * software], axis=1)


def _price_observed(x: SimpleNamespace, b: SimpleNamespace, t: int) -> None:
    """Money for what was observed, and the good to which each class leans."""
    prices = np.stack(np.broadcast_arrays(b.price_licensed, b.price_diverted, b.price_domestic[None]))
    chips = np.moveaxis(b.additions[:, :, ONSHORE, t], 2, 0)
    b.spending[:, ONSHORE, t] = np.moveaxis((chips * prices).sum(axis=2), 0, 1)
    _mark_up(x, b, t, chips)
    channel, gpu_class = np.nonzero(chips.any(axis=(1, 3)))
    price, taken = (np.moveaxis(array, 2, 1)[channel, gpu_class] for array in (prices, chips))
    usable = np.stack([b.usable[:, k, c] for k, c in zip(channel, gpu_class, strict=True)], axis=1)[:, :, None]
    part = procurement.offered_by_good(price * taken, usable, x.serving_money_share[t], x.choice_dispersion)
    _by_good(b, t, part * taken, price, usable)


def _mark_up(x: SimpleNamespace, b: SimpleNamespace, t: int, chips: np.ndarray) -> None:
    """What buyers paid in the quarter over list prices of the same chips (channel, regime, gpu_class, draw)."""
    listed = (chips.sum(axis=0) * x.list_price[:, t]).sum(axis=1)
    b.markup[:, t] = demand.markup(b.spending[:, ONSHORE, t].sum(axis=1), listed)


def inputs_arrive(x: SimpleNamespace, b: SimpleNamespace, t: int) -> None:
    """Good dies from Chinese and foreign fabs, memory stacks and packaging slots of the quarter, by counted sources."""
    planned = (b.wafers[:, :, t] * good_dies(x, b, t)).sum(axis=0)
    answer, shift = _invested(x, b, t)
    plans = np.stack([planned, b.stacks[:, t], b.slots[:, t]])
    arrive = np.maximum(answer * plans + shift * _each(x, b, t)[:, None], 0.0)
    made, stacks, slots = np.where(plans > NOTHING, arrive, 0.0)
    b.wafers_out[:, t] *= made / np.maximum(planned, 1e-9)
    stacks = stacks + b.leak[:, t]
    b.dies_made[:, t], b.dies_foreign[:, t], b.stacks_supplied[:, t] = made, b.proxy_dies[:, t], stacks
    b.counted = {"dies": made + b.proxy_dies[:, t], "stacks": stacks, "slots": slots}


def good_dies(x: SimpleNamespace, b: SimpleNamespace, t: int) -> np.ndarray:
    """Usable dies of the reference design from a wafer of each node (node, regime, draw). [die/wafer]

    A part of the 5 nm class may be a denser node by then: the same function on a smaller die, at more defects.
    """
    newer = dies.taught(b.cumulative[1, :, t], b.cumulative[0, :, t], x.learning_transfer)
    density = [
        dies.learned_defects(reference, wafers, b.reference[k], x.learning_exponent, b.floor[:, t]) * b.wear[:, t]
        for k, (reference, wafers) in enumerate(((x.defects_n2, b.cumulative[0, :, t]), (x.defects_n3, newer)))
    ]
    density[1] = density[1] * b.finer[t]
    b.yields[:, :, t] = old, new = np.stack([_usable(x, each, 1.0) for each in density])
    denser = _usable(x, density[1] * x.next_node_defects, x.next_node_density) * x.next_node_density
    return np.asarray(x.gross_dies * np.stack([old, nodes.with_denser_node(new, denser, b.denser[t])]))


def _usable(x: SimpleNamespace, density: np.ndarray, denser: np.ndarray | float) -> np.ndarray:
    """Share of dies of the reference design that are sold at a defect density; `denser` makes the die smaller. [1]"""
    clean = dies.negative_binomial_yield(x.reference_die_area / denser, density, x.clustering)
    return dies.usable(clean, x.parametric_loss, x.binned_share)


def _mix_origins(x: SimpleNamespace, b: SimpleNamespace, t: int, fresh: dict[str, np.ndarray]) -> None:
    """Foreign share of dies and stacks used in the quarter and bandwidth of a stack: stock, all foreign at first, and arrivals.

    Parts beyond counted supply are taken to come from where counted ones do.
    """
    first = t == opening_quarter(x)
    origin = {"dies": (b.dies_foreign, b.dies_made + b.dies_foreign), "stacks": (b.leak, b.stacks_supplied)}
    for item, (abroad, counted) in origin.items():
        share = abroad[:, t] / np.maximum(counted[:, t], 1e-9)
        before = 1.0 if first else b.foreign[item][:, t - 1]
        b.foreign[item][:, t] = fabrication.mixed(np.asarray(before), getattr(b, f"{item}_stock")[:, t], share, fresh[item])
    rate = memory.blended([b.stacks_supplied[:, t] - b.leak[:, t], b.leak[:, t]], [b.own_rate[t], b.leak_rate[t]])
    held = x.stack_bandwidth[STOCKPILE, t] if first else b.stack_rate[:, t - 1]
    b.stack_rate[:, t] = fabrication.mixed(np.asarray(held), b.stacks_stock[:, t], rate, fresh["stacks"])


def _over_need(x: SimpleNamespace, b: SimpleNamespace, t: int) -> np.ndarray:
    """Bandwidth of a stack on hand over what the sheets of the quarter's mix ask of one (regime, draw). [1]"""
    stacked = x.package_mix[:, t] * x.with_stacks[:, None]
    return np.asarray(b.stack_rate[:, t] * (stacked * x.stacks).sum(axis=0) / (stacked * x.bandwidth).sum(axis=0))


def experience(x: SimpleNamespace, b: SimpleNamespace, t: int) -> None:
    """Cumulative wafers that taught something, by node; imports of the last quarter take experience away."""
    imported = 0.0
    if t > b.last + 1:
        bought = b.spending[:, ONSHORE, t - 1]
        imported = bought[:, 0] / np.maximum(bought.sum(axis=1), 1.0)
    b.wafers_out[:, t] = b.wafers[:, :, t].sum(axis=0)
    before = b.cumulative[:, :, t - 1] if t else 0.0
    b.cumulative[:, :, t] = before + investment.learned(b.wafers[:, :, t], np.asarray(imported), x.learning_lost)


def _invested(x: SimpleNamespace, b: SimpleNamespace, t: int) -> tuple[np.ndarray, np.ndarray]:
    """Factor on plans by answer to scarcity (regime, draw); packages' worth moved to each input (input, regime, draw)."""
    if t <= b.last:
        return np.ones(b.shift.shape[1:2] + b.shift.shape[3:]), b.shift[:, :, t]
    first = opening_quarter(x)
    limits, known = investment.seen(b.limits, t, x.rebalancing_lag, first)
    then, _ = investment.seen(b.shift, t, x.rebalancing_lag, first)
    view = np.maximum(limits + b.shift[:, :, t - 1] - then, 0.0)
    moved = investment.moved(b.shift[:, :, t - 1], view, x.rebalancing_rate, x.rebalancing_exchange)
    b.shift[:, :, t] = np.where((x.fork_bottlenecks == REBALANCING) & known, moved, b.shift[:, :, t - 1])
    unmet, told = investment.seen(b.unmet_seen[None], t, x.rebalancing_lag, b.last)
    answer = investment.answered(x.scarcity_response, unmet[0], b.unmet_reference)
    return np.where(told, answer, 1.0), b.shift[:, :, t]


def _each(x: SimpleNamespace, b: SimpleNamespace, t: int) -> np.ndarray:
    """Dies, stacks and slots that one package of the quarter's mix takes (input, draw)."""
    return np.stack([(x.package_mix[:, t] * b.each[item]).sum(axis=0) for item in INPUTS_OF_A_PACKAGE])


def explain_observed(x: SimpleNamespace, b: SimpleNamespace, t: int) -> None:
    """Inputs and money that observed packages took; what stocks and counted supply do not cover is imputed and written down."""
    begun = b.additions[:, :, DOMESTIC, t] / (x.package_yield[t] * b.passed)
    for item in ("dies", "stacks"):
        used, stock = (begun * b.each[item]).sum(axis=1), getattr(b, f"{item}_stock")
        missing = np.maximum(used - stock[:, t] * x.inventory_release - b.counted[item], 0.0)
        getattr(b, f"{item}_used")[:, t], getattr(b, f"{item}_imputed")[:, t] = used, missing
        stock[:, t + 1] = np.maximum(stock[:, t] + b.counted[item] + missing - used, 0.0)
        b.seen[item].append(missing)
    b.slots_used[:, t] = (begun * b.each["slots"]).sum(axis=1)
    b.seen["slots"].append(np.maximum(b.slots_used[:, t] - b.counted["slots"], 0.0))
    real = {item: b.counted[item] + b.seen[item][-1] for item in INPUTS_OF_A_PACKAGE}
    b.slots_supplied[:, t] = real["slots"]
    _record_limits(x, b, t, real)
    _mix_origins(x, b, t, real)
    b.seen["money"].append(np.maximum(b.spending[:, :, t].sum(axis=1) - b.budget[:, t], 0.0))


def reference(x: SimpleNamespace, b: SimpleNamespace, t: int) -> None:
    """What later quarters start from: gaps of the last two observed quarters; unmet share, cover and an H200's lead at as_of."""
    b.gap = {item: np.mean(seen[-2:], axis=0) for item, seen in b.seen.items()}
    money = b.budget[:, t] + b.gap["money"]
    b.unmet_reference = diversion.unmet_share(b.spending[:, LICENSED, t] + b.spending[:, DOMESTIC, t], money)
    b.cover_reference = b.spending[:, DOMESTIC, t] / money
    b.lead_reference = -np.log(x.best_domestic[t])
    b.unmet_seen[:, t] = b.unmet_reference
    b.speed_reference = _over_need(x, b, t)
    b.plain_wanted = _plain_wanted(x, b, t)


def _plain_wanted(x: SimpleNamespace, b: SimpleNamespace, t: int) -> np.ndarray:
    """Units of the mix in which cards without stacked memory were seen (regime, draw): no more is wanted later. [chip/quarter]"""
    plain = 1 - x.with_stacks
    seen = (b.additions[:, :, DOMESTIC, t] * plain[:, None]).sum(axis=1)
    return np.asarray(seen / np.maximum((x.package_mix[:, t] * plain[:, None]).sum(axis=0), 1e-9))


def fabricate(x: SimpleNamespace, b: SimpleNamespace, t: int) -> np.ndarray:
    """Chinese packages by class (regime, gpu_class, draw): dies, memory and slots meet; what is unused is kept."""
    surprise = fabrication.surprise(x.output_surprise, t - b.last)
    real = {k: (have + fabrication.faded(b.gap[k], t - b.last, x.gap_half_life)) * surprise for k, have in b.counted.items()}
    made = _assembled(x, b, t, real)
    if b.named:
        made = _firms_apart(x, b, t, real, made, surprise)
    b.dies_imputed[:, t], b.stacks_imputed[:, t] = real["dies"] - b.counted["dies"], real["stacks"] - b.counted["stacks"]
    _record_limits(x, b, t, real)
    _mix_origins(x, b, t, real)
    b.memory_speed[:, t] = memory.speed(_over_need(x, b, t), np.ones(1), b.speed_reference)
    b.binding[:, t], b.slots_supplied[:, t] = made.binding, real["slots"]
    b.dies_used[:, t], b.stacks_used[:, t], b.slots_used[:, t] = made.used
    for item, stock in (("dies", b.dies_stock), ("stacks", b.stacks_stock)):
        stock[:, t + 1] = np.maximum(stock[:, t] + real[item] - getattr(b, f"{item}_used")[:, t], 0.0)
    return np.asarray(np.where(x.with_stacks[:, None] == 1, made.starts, made.alone) * x.package_mix[:, t])


def _assembled(x: SimpleNamespace, b: SimpleNamespace, t: int, real: dict[str, np.ndarray]) -> named.Made:
    """Units of the quarter's mix that its dies, memory and slots allow all makers alike, cards without memory served first."""
    stacked, cards = _needs(x, b, t)
    plain = cards.sum(axis=0)
    alone = fabrication.plain_cards(b.plain_wanted, real["dies"], plain)
    dies, stacks, slots = _offered(x, b, t, real)
    made = fabrication.assemble((dies - alone * plain, stacks, slots), tuple(part.sum(axis=0) for part in stacked))
    used = np.stack([made.dies_used + alone * plain, made.stacks_used, made.slots_used])
    return named.Made(made.starts[:, None], alone[:, None], used, made.binding)


def _firms_apart(
    x: SimpleNamespace, b: SimpleNamespace, t: int, real: dict[str, np.ndarray], made: named.Made, surprise: np.ndarray
) -> named.Made:
    """The quarter when rules name firms: dies that they miss or gain come off supply, and all others share what is left."""
    stacked, cards = _needs(x, b, t)
    needs = np.stack(stacked)
    share, more = named.kept(x, b, t, made, needs, cards, surprise)
    real["dies"] = real["dies"] + more
    b.counted["dies"] = b.counted["dies"] + more / surprise
    b.dies_foreign[:, t] = np.maximum(b.dies_foreign[:, t] + more / surprise, 0.0)
    return named.parted(b, t, made, needs, cards, share, np.stack(_offered(x, b, t, real)))


def _offered(x: SimpleNamespace, b: SimpleNamespace, t: int, real: dict[str, np.ndarray]) -> list[np.ndarray]:
    """Dies, stacks and slots that may be used in the quarter (input, regime, draw): what arrives and what stocks give out."""
    dies, stacks = (real[k] + getattr(b, f"{k}_stock")[:, t] * x.inventory_release for k in ("dies", "stacks"))
    return [dies, stacks, real["slots"]]


def _needs(x: SimpleNamespace, b: SimpleNamespace, t: int) -> tuple[list[np.ndarray], np.ndarray]:
    """What the classes of one finished unit of the quarter's mix need, losses counted in (gpu_class, draw).

    Dies, stacks and slots of those with stacked memory, and dies of the cards without.
    """
    begun = x.package_mix[:, t] / (x.package_yield[t] * b.passed)
    stacked = begun * x.with_stacks[:, None]
    return [stacked * b.each[item] for item in INPUTS_OF_A_PACKAGE], (begun - stacked) * x.dies


def _record_limits(x: SimpleNamespace, b: SimpleNamespace, t: int, real: dict[str, np.ndarray]) -> None:
    """Packages that each input alone would allow in the quarter, without what is in stock: what planners look at."""
    for k, (item, each) in enumerate(zip(INPUTS_OF_A_PACKAGE, _each(x, b, t), strict=True)):
        b.limits[k, :, t] = real[item] / np.maximum(each, 1e-9)


def buy(x: SimpleNamespace, b: SimpleNamespace, t: int, packages: np.ndarray) -> None:
    """Ceilings of each channel, then purchases in merit order within the quarter's money; unsold packages are on offer again."""
    packages = packages + b.unsold[:, :, t]
    at_home = (packages * b.price_domestic).sum(axis=1)
    lead = np.log(np.maximum(x.h100e, 1e-6)) - np.log(x.best_domestic[t]) - b.lead_reference
    cover = at_home / b.budget[:, t] - b.cover_reference
    accepted = imports.acceptance(
        x.acceptance[t], lead, cover[:, None], x.acceptance_advantage, x.acceptance_cover, b.hostility[:, t, None]
    )
    accepted = imports.steered(accepted, x.lever_cn_accept[:, t, None])
    b.acceptance[:, :, t] = np.where(b.domestic[:, None], 0.0, accepted)
    offered = b.supply[:, :, t]
    licensed = imports.ceiling(offered, x.permitted[:, :, t], b.acceptance[:, :, t])
    at_home_share = np.where(b.domestic[:, None], 1.0, 1.0 - x.offshore_placement)
    lawful = at_home + (licensed * at_home_share * b.price_licensed).sum(axis=1)
    b.unmet_seen[:, t] = diversion.unmet_share(lawful, b.budget[:, t])
    gap = diversion.gap_ratio(lawful, b.budget[:, t], b.unmet_reference)
    per_chip = (x.diverted_mix[:, t, None] * x.h100e).sum(axis=0)
    moved = _diverted(x, b, t, gap, per_chip)
    diverted = x.diverted_mix[:, t, None] * (moved / per_chip)[:, None]
    ceilings = np.stack([licensed * at_home_share, diverted, packages])
    _settle(x, b, t, ceilings, at_home_share)
    _name_bounds(x, b, t, ceilings, offered)


def _diverted(x: SimpleNamespace, b: SimpleNamespace, t: int, gap: np.ndarray, per_chip: np.ndarray) -> np.ndarray:
    """Diverted compute on offer [H100e/quarter] (regime, draw), in the form of each world's fork."""
    enforcement = x.lever_diversion[:, t]
    base = x.diverted_base * (x.diverted_mix[:, b.last, None] * x.h100e).sum(axis=0)
    most = np.maximum(x.diversion_ceiling, base)
    by_gap = diversion.flow(x.diverted_base * per_chip, gap, x.gap_elasticity, enforcement, most)
    world = x.third_country_flow[t] / x.third_country_flow[b.last]
    return np.where(x.fork_diversion == THIRD_COUNTRY, diversion.flow_of_share(base, world, enforcement, most), by_gap)


def _settle(x: SimpleNamespace, b: SimpleNamespace, t: int, ceilings: np.ndarray, at_home_share: np.ndarray) -> None:
    """Buy from ceilings (channel, regime, gpu_class, draw) and write purchases, spending, money left and what is unsold.

    Licensed chips that are kept abroad are bought in proportion, with money that is already abroad.
    """
    b.ceilings = ceilings
    b.bought, left = market(x, b, t, ceilings)
    prices = np.stack(np.broadcast_arrays(b.price_licensed, b.price_diverted, b.price_domestic[None]))
    b.additions[:, :, LICENSED, t], b.additions[:, :, DIVERTED, t], b.additions[:, :, DOMESTIC, t] = b.bought
    b.additions[:, :, OFFSHORE, t] += b.bought[0] * (1.0 / at_home_share - 1.0)
    b.spending[:, ONSHORE, t] = np.moveaxis((b.bought * prices).sum(axis=2), 0, 1)
    _mark_up(x, b, t, b.bought)
    b.unmet[:, t] = left
    waiting = ceilings[2] - b.bought[2]
    b.unsold[:, :, t + 1] = np.where(waiting > 1e-9 * ceilings[2], waiting, 0.0)
    b.bought_over[:, t] = (b.bought / np.maximum(ceilings, 1e-9)).max(axis=(0, 2))


def options(x: SimpleNamespace, b: SimpleNamespace, t: int) -> tuple[np.ndarray, np.ndarray]:
    """Channel (0 to 2) and class of every option that can be on offer in the quarter, the same in every block of draws."""
    sold = np.stack([b.on_offer[:, t], x.diverted_mix[:, t] > 0, b.domestic])
    channel, gpu_class = np.nonzero(sold)
    return channel, gpu_class


def market(x: SimpleNamespace, b: SimpleNamespace, t: int, ceilings: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Chips bought (channel, regime, gpu_class, draw) for both goods together, and the money left (regime, draw)."""
    channel, gpu_class = options(x, b, t)
    prices = np.stack(np.broadcast_arrays(b.price_licensed, b.price_diverted, b.price_domestic[None]))
    price = np.moveaxis(prices, 2, 1)[channel, gpu_class]
    usable = np.stack([b.usable[:, k, c] for k, c in zip(channel, gpu_class, strict=True)], axis=1)[:, :, None]
    offered = np.moveaxis(ceilings, 2, 1)[channel, gpu_class]
    done = procurement.buy(
        price,
        usable,
        offered,
        b.budget[:, t],
        x.serving_money_share[t],
        channel == 2,
        x.domestic_mandate[t],
        x.choice_dispersion,
        b.barred[:, t],
    )
    _by_good(b, t, done.bought, price, usable)
    bought = np.zeros((3, x.classes, x.regimes, x.draws))
    bought[channel, gpu_class] = done.bought.sum(axis=0)
    return np.moveaxis(bought, 1, 2), done.left


def _by_good(b: SimpleNamespace, t: int, bought: np.ndarray, price: np.ndarray, usable: np.ndarray) -> None:
    """Usable compute and money of the quarter by good; bought (good, option, regime, draw)."""
    b.by_good["usable"][:, :, t] = np.moveaxis((bought * usable).sum(axis=1), 0, 1)
    b.by_good["spent"][:, :, t] = np.moveaxis((bought * price).sum(axis=1), 0, 1)


def _name_bounds(x: SimpleNamespace, b: SimpleNamespace, t: int, ceilings: np.ndarray, offered: np.ndarray) -> None:
    """The bound that stopped further purchases of each class in the quarter."""
    short = (b.bought < ceilings * (1.0 - 1e-9)).any(axis=0)
    permitted = x.permitted[:, :, t] > 0
    sold = (x.vendor_supply[:, t] > 0) & b.brought[:, :, t]
    smuggled = np.broadcast_to(x.diverted_mix[:, t, None] > 0, short.shape)
    licensed = np.where(b.acceptance[:, :, t] < 0.5, BOUND["Beijing's acceptance"], BOUND["vendor supply"])
    codes = np.select(
        [b.domestic[:, None] & short, np.broadcast_to(b.domestic[:, None], short.shape), short, sold & permitted, sold, smuggled],
        [BOUND["budget"], BOUND["domestic output"], BOUND["budget"], licensed, BOUND["rule"], BOUND["smuggling capacity"]],
        BOUND["not on the market"],
    )
    b.bound[:, :, t] = codes
