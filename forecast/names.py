"""The vocabulary: dimensions, labels of quarters and bounds, and one row per variable that crosses a seam."""

import re
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

INF = float("inf")
Kind = Literal["flow", "stock", "level", "ratio", "code"]

CHANNELS = ("licensed", "diverted", "offshore", "domestic")
GOODS = ("training", "serving")
FORKS: dict[str, tuple[str, str]] = {
    "bottlenecks": ("independent", "rebalancing"),
    "diversion": ("gap", "third_country"),
    "world": ("limited", "trend"),
}
"""Where experts dispute the form and not just the number: both forms, sampled by weight (params/forks.csv)."""

COUNTRIES = ("CN", "SG", "MY", "ID", "JP", "AE", "other")
HOSTS = {country: f"host_mw_{country.lower()}" for country in COUNTRIES if country != "CN"}
"""Input that caps each host of compute outside China."""

STACK_ORIGINS = ("standard", "in-house", "co-packaged", "transit", "stockpile")
"""Where memory comes from: Chinese makers, Huawei's own design, two ways round the control, and the stock of before it."""

AMERICAN_LABS = {
    "OpenAI": "us_lab_openai",
    "Google DeepMind": "us_lab_google",
    "Anthropic": "us_lab_anthropic",
    "Meta": "us_lab_meta",
}
"""Input that says what share of the American stock a laboratory uses."""

FABRICATION_BOUNDS = ("logic dies", "memory", "packaging", "observed")
PROCUREMENT_BOUNDS = (
    "not on the market",
    "rule",
    "vendor supply",
    "Beijing's acceptance",
    "smuggling capacity",
    "domestic output",
    "budget",
    "observed",
)

H100_DENSE_8BIT = 1979.0
"""Dense 8-bit rate of one H100 SXM [TOP/s]; H100e = 1 by definition (Epoch AI's convention)."""


class Term(NamedTuple):
    """What one variable is: dimensions, unit, kind, range, one sentence."""

    dims: tuple[str, ...]
    unit: str
    kind: Kind
    about: str
    low: float = 0.0
    high: float = INF


COHORT = ("regime", "gpu_class", "channel", "quarter", "draw")
STOCK = ("regime", "gpu_class", "channel", "bound", "draw")
BY_CHANNEL = ("regime", "channel", "bound", "draw")
FLOW = ("regime", "quarter", "draw")
LEVEL = ("regime", "bound", "draw")

TERMS: dict[str, Term] = {
    "additions": Term(COHORT, "chip/quarter", "flow", "Chips acquired in the quarter."),
    "retired": Term(COHORT, "chip/quarter", "flow", "Chips that left the stock in the quarter."),
    "fleet_acquired": Term(STOCK, "chip", "stock", "Chips acquired since 2022-01-01 and not retired."),
    "fleet_operational": Term(STOCK, "chip", "stock", "Chips installed, powered and not down for repair."),
    "compute_nominal": Term(
        BY_CHANNEL, "H100e", "stock", "Acquired stock on the 8-bit basis; offshore includes rented compute."
    ),
    "compute_training": Term(
        BY_CHANNEL, "H100e", "stock", "Operational stock weighted by what its software delivers in training."
    ),
    "compute_serving": Term(
        BY_CHANNEL, "H100e", "stock", "Operational stock weighted by rate, memory bandwidth and serving software."
    ),
    "compute_bandwidth": Term(
        BY_CHANNEL, "H100e (bandwidth)", "stock", "Acquired stock by memory bandwidth, one H100 being 3.35 TB/s."
    ),
    "offshore_rented": Term(
        ("regime", "country", "bound", "draw"),
        "H100e",
        "level",
        "Compute that Chinese firms rent abroad; outside the fleet and the ledger.",
    ),
    "offshore_owned": Term(
        ("regime", "country", "bound", "draw"), "H100e", "stock", "Compute that Chinese firms own abroad, by host country."
    ),
    "bought_usable": Term(
        ("regime", "good", "quarter", "draw"), "H100e/quarter", "flow", "Usable compute bought onshore for each good."
    ),
    "price_paid": Term(
        ("regime", "good", "quarter", "draw"), "USD/H100e", "ratio", "Mean price of a usable H100e of each good."
    ),
    "share_designed": Term(FLOW, "1", "ratio", "Share of onshore additions that Chinese firms designed.", high=1.0),
    "share_logic": Term(FLOW, "1", "ratio", "Share of onshore additions whose logic dies were made in China.", high=1.0),
    "share_memory": Term(FLOW, "1", "ratio", "Share of onshore additions with logic and memory made in China.", high=1.0),
    "power": Term(BY_CHANNEL, "GW", "stock", "Electric power at the meter of the operational stock that China owns."),
    "us_compute": Term(LEVEL, "H100e", "stock", "Acquired stock of American companies, wherever it stands."),
    "ratio_us_china": Term(LEVEL, "1", "ratio", "American stock by owner over Chinese onshore acquired stock."),
    "unmet_demand": Term(FLOW, "bn USD/quarter", "flow", "Budget for which no permitted supply was left."),
    "spending": Term(
        ("regime", "channel", "quarter", "draw"), "bn USD/quarter", "flow", "Money spent on accelerators, by channel."
    ),
    "budget": Term(FLOW, "bn USD/quarter", "flow", "Money for accelerators onshore."),
    "binding_fabrication": Term(FLOW, "1", "code", "Input that limited Chinese packages.", high=3.0),
    "binding_procurement": Term(
        ("regime", "gpu_class", "quarter", "draw"), "1", "code", "Bound that stopped further purchases of a class.", high=7.0
    ),
    "dies_stock": Term(LEVEL, "die", "stock", "Good logic dies not yet packaged, 665 mm2 equivalents."),
    "stacks_stock": Term(LEVEL, "stack", "stock", "Memory stacks not yet packaged, 16 GB equivalents."),
    "wafers_out": Term(FLOW, "wafer/quarter", "flow", "Wafers for accelerators that leave Chinese fabs, by plan and rules."),
    "yield_7nm": Term(FLOW, "1", "ratio", "Share of reference dies that are sold, 7 nm class.", high=1.0),
    "yield_5nm": Term(FLOW, "1", "ratio", "Share of reference dies that are sold, 5 nm class without a denser node.", high=1.0),
    "dies_made": Term(FLOW, "die/quarter", "flow", "Good logic dies made in China for accelerators."),
    "dies_foreign": Term(FLOW, "die/quarter", "flow", "Good logic dies obtained from foreign foundries."),
    "stacks_supplied": Term(FLOW, "stack/quarter", "flow", "Memory stacks made, stockpiled or smuggled in the quarter."),
    "dies_imputed": Term(
        FLOW, "die/quarter", "flow", "Dies beyond those that sources count; negative where output falls short.", low=-INF
    ),
    "stacks_imputed": Term(
        FLOW, "stack/quarter", "flow", "Stacks beyond those that sources count; negative where output falls short.", low=-INF
    ),
    "stacks_by_wafers": Term(
        ("quarter", "draw"), "stack/quarter", "flow", "Chinese stacks by wafers, dies and yield, beside what is counted."
    ),
    "memory_speed": Term(FLOW, "1", "ratio", "Memory bandwidth of new Chinese packages over what their sheets say.", high=1.0),
    "dies_used": Term(FLOW, "die/quarter", "flow", "Dies that went into packages, good or lost."),
    "stacks_used": Term(FLOW, "stack/quarter", "flow", "Stacks that went into packages, good or lost."),
    "slots_supplied": Term(FLOW, "slot/quarter", "flow", "Places on interposers on offer, each of the size of an Ascend 910C."),
    "slots_used": Term(FLOW, "slot/quarter", "flow", "Places on interposers that packages took; unused ones are not kept."),
    "unsold": Term(LEVEL, "H100e", "stock", "Chinese packages that found no buyer yet."),
    **{
        f"fork_{fork}": Term(("draw",), "1", "code", f"Form of the fork {fork}: {forms[0]} or {forms[1]}.", high=1.0)
        for fork, forms in FORKS.items()
    },
    "h100e": Term(("gpu_class", "draw"), "H100e/chip", "level", "Dense 8-bit rate of one chip in H100 units."),
    "software_reached": Term(LEVEL, "1", "ratio", "Training throughput of Chinese stacks per nominal rate.", high=1.0),
    "acceptance": Term(
        ("regime", "gpu_class", "quarter", "draw"), "1", "ratio", "Share of licensed supply that Beijing lets in.", high=1.0
    ),
    "permitted": Term(
        ("regime", "gpu_class", "quarter"), "1", "ratio", "Share of the quarter in which the law lets the class go to China.",
        high=1.0,
    ),
}  # fmt: skip

FLAGS = {
    "binding_fabrication": FABRICATION_BOUNDS,
    "binding_procurement": PROCUREMENT_BOUNDS,
    **{f"fork_{fork}": forms for fork, forms in FORKS.items()},
}
"""What the codes of each coded variable mean, in order."""

INPUTS: dict[str, str] = {
    "logic_capacity": "wafer/quarter",
    "logic_utilisation": "1",
    "ai_wafer_share": "1",
    "n3_share": "1",
    "wait_3nm_class_no_euv": "year",
    "wait_euv_volume": "year",
    "node_ramp": "year",
    "next_node_share": "1",
    "next_node_density": "1",
    "next_node_defects": "1",
    "euv_defects": "1",
    "wafer_to_package_lag": "quarter",
    "die_width": "mm",
    "die_height": "mm",
    "edge_exclusion": "mm",
    "scribe_lane": "mm",
    "defects_n2": "1/cm**2",
    "defects_n3": "1/cm**2",
    "learning_exponent": "1",
    "learning_transfer": "1",
    "defects_floor": "1/cm**2",
    "floor_without_tools": "1",
    "clustering": "1",
    "parametric_loss": "1",
    "binned_share": "1",
    "die_bank_left": "die",
    "proxy_dies": "die/quarter",
    "foreign_die_share": "1",
    "tool_ban_growth": "1",
    "domestic_tool_share": "1",
    "subcomponent_growth": "1",
    "memory_tools_growth": "1",
    "localisation_half_life": "quarter",
    "servicing_defects": "1",
    "funding_elasticity": "1",
    "scarcity_response": "1",
    "learning_lost": "1",
    "prebuy_tools": "1",
    "prebuy_stacks": "1",
    "prebuy_chips": "1",
    "rebalancing_rate": "1/quarter",
    "rebalancing_lag": "quarter",
    "rebalancing_exchange": "1",
    "servicing_availability": "1",
    "tool_lag": "quarter",
    "hbm_left": "stack",
    "hbm_domestic": "stack/quarter",
    "hbm_inhouse": "stack/quarter",
    "hbm_overlap": "1",
    "hbm_illicit": "stack/quarter",
    "leak_copackaged": "1",
    "memory_slip": "quarter",
    "hbm_wafers": "wafer/quarter",
    "hbm_yield": "1",
    "hbm_wafer_dies": "die/wafer",
    "hbm_wafer_lag": "quarter",
    "gap_half_life": "quarter",
    "output_surprise": "1",
    "inventory_release": "1",
    "packaging_capacity": "wafer/quarter",
    "packages_per_wafer": "slot/wafer",
    "package_yield": "1",
    "tool_complements": "1",
    "die_screening": "1",
    "die_escape": "1",
    "diverted_2026_ratio": "1",
    "gap_elasticity": "1",
    "diversion_ceiling": "H100e/quarter",
    "diverted_premium": "1",
    "supply_h200": "chip/quarter",
    "supply_h200_decay": "1/quarter",
    "supply_b30a": "H100e/quarter",
    "supply_b200_b300": "H100e/quarter",
    "supply_h20": "chip/quarter",
    "supply_mi308x": "chip/quarter",
    "acceptance": "1",
    "acceptance_advantage": "1",
    "acceptance_cover": "1",
    "hostility_half_life": "quarter",
    "offshore_placement": "1",
    "duty_pass_through": "1",
    "licence_lag": "quarter",
    "supply_answer": "chip/quarter",
    "answer_lag": "quarter",
    "answer_power": "1",
    "answer_price": "1",
    "counter_patience": "quarter",
    "offshore_stock": "H100e",
    "offshore_growth": "1/year",
    "offshore_owned_share": "1",
    "closure_purchase": "1",
    "closure_remote": "1",
    "closure_lag": "quarter",
    "closure_hazard": "1/year",
    "closure_reach": "1",
    "migration_share": "1",
    "migration_lag": "quarter",
    "host_density": "H100e/MW",
    "host_density_growth": "1/year",
    **dict.fromkeys(HOSTS.values(), "MW"),
    "world_growth": "1/year",
    "world_packaging_growth": "1/year",
    "world_power_growth": "1/year",
    "rate_per_wafer_growth": "1/year",
    "rate_per_watt_growth": "1/year",
    "us_share": "1",
    "rented_american": "1",
    "american_at_home": "1",
    "world_level": "1",
    "capex": "bn USD/quarter",
    "accelerator_share": "1",
    "offshore_money_share": "1",
    "domestic_price": "USD/H100e",
    "domestic_price_fall": "1",
    "foreign_price_fall": "1",
    "domestic_mandate": "1",
    "sovereign_share": "1",
    "price_elasticity": "1",
    "serving_money_share": "1",
    "choice_dispersion": "1",
    "software_training": "1",
    "software_serving": "1",
    "vendor_run_share": "1",
    "third_party_gap": "1",
    "third_party_half_life": "year",
    "lock_in": "1",
    "bandwidth_weight": "1",
    "unsupported_factor": "1",
    "availability": "1",
    "install_lag_licensed": "quarter",
    "install_lag_diverted": "quarter",
    "install_lag_domestic": "quarter",
    "install_lag_offshore": "quarter",
    "economic_life": "quarter",
    "wear_shape": "1",
    "attrition": "1/quarter",
    "attrition_diverted": "1/quarter",
    "repair": "1",
    "power_overhead": "1",
    "pue": "1",
    "largest_owner_share": "1",
    "one_run_share": "1",
    "largest_system": "H100e",
    "largest_system_growth": "1/year",
    "fabric_ramp": "year",
    "record_weight": "1",
    "offshore_run_share": "1",
    "run_days": "day",
    "training_utilisation": "1",
    "ascend_utilisation": "1",
    "efficiency_growth": "1/year",
    "efficiency_time_price": "1",
    "efficiency_size_price": "1",
    **dict.fromkeys(AMERICAN_LABS.values(), "1"),
    "us_one_run_share": "1",
}
"""Every input of a run and the unit that the run works in; a file may use any unit of the same kind."""

_QUARTER = re.compile(r"^(\d{4})Q([1-4])$")


def parse_quarter(text: str) -> np.datetime64:
    """First day of a quarter written as 2027Q2. Raises ValueError with the form that is expected."""
    match = _QUARTER.match(text)
    if match is None:
        raise ValueError(f"{text!r} is not a quarter; write a year and a quarter, as in 2027Q2")
    return np.datetime64(f"{match[1]}-{3 * int(match[2]) - 2:02d}-01", "ns")


def label_quarter(moment: np.datetime64 | pd.Timestamp) -> str:
    """The quarter that contains a moment, as 2027Q2."""
    stamp = pd.Timestamp(moment)
    return f"{stamp.year}Q{(stamp.month + 2) // 3}"


def quarters_between(first: str, last: str) -> pd.DatetimeIndex:
    """Starts of all quarters from first to last, both included."""
    return pd.date_range(parse_quarter(first), parse_quarter(last), freq="QS", name="quarter", unit="ns")


def bounds_of(quarters: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """The instants between quarters: one more than there are quarters; the bound 2026-01-01 is end-2025."""
    return pd.date_range(quarters[0], periods=len(quarters) + 1, freq="QS", name="bound", unit="ns")


def year_fraction(moments: pd.DatetimeIndex) -> np.ndarray:
    """Moments as decimal years, by quarters: 2026-01-01 is 2026.0, 2026-04-01 is 2026.25."""
    return np.asarray(moments.year + (moments.month - 1) / 12.0, dtype=float)


def end_of_year(year: int) -> np.datetime64:
    """The bound that closes a year."""
    return np.datetime64(f"{year + 1}-01-01", "ns")
