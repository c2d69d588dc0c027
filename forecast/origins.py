"""Which groups of inputs each printed variable rests on, and what numbers rest on that come from no row of the summary.

A group is a file of params. The map is declared here and tested against the model: each group is moved a little, and what moves
is compared (tests/laws/test_origins.py). History (observed flows and stocks) feeds every variable up to the origin.
"""

from typing import NamedTuple

GROUPS = {
    "demand/money.yaml": "money for accelerators",
    "demand/use.yaml": "use, wear and software",
    "fabs/logic.yaml": "logic wafers and dies",
    "fabs/memory.yaml": "memory stacks",
    "fabs/nodes.yaml": "lines and nodes",
    "fabs/packaging.yaml": "packaging",
    "fabs/response.yaml": "answers of Chinese supply",
    "supply/diversion.yaml": "diversion",
    "supply/hosts.yaml": "hosts abroad",
    "supply/licensed.yaml": "vendors' supply and Beijing's gate",
    "supply/offshore.yaml": "compute abroad",
    "supply/world.yaml": "world supply and America",
}
"""Files of params that a run reads for the variables below, and what they are about."""

ALL = tuple(GROUPS)
AT_HOME = tuple(name for name in ALL if name not in ("supply/hosts.yaml", "supply/offshore.yaml"))
"""Groups that move purchases and production: all but what stands abroad."""

RESTS_ON: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("compute_nominal", "compute_training", "compute_serving", "compute_bandwidth", "power"), ALL),
    **dict.fromkeys(("additions", "spending", "offshore_owned", "us_compute", "ratio_us_china"), ALL),
    "offshore_rented": ("supply/hosts.yaml", "supply/offshore.yaml"),
    **dict.fromkeys(("unmet_demand", "price_paid", "acceptance", "bought_usable"), AT_HOME),
    **dict.fromkeys(("stacks_supplied", "stacks_imputed", "stacks_stock", "dies_made", "dies_stock", "dies_imputed"), AT_HOME),
    "budget": ("demand/money.yaml", "fabs/memory.yaml", "supply/diversion.yaml", "supply/licensed.yaml"),
    "dies_foreign": ("fabs/logic.yaml",),
    **dict.fromkeys(("binding_fabrication", "binding_procurement"), AT_HOME),
}
"""Variable -> groups that move it. Codes (binding_*) are moved by fewer where a limit is far from the next."""

SAME_AS = {"additions_h100e": "additions", "offshore_both": "offshore_rented", "host_cap": "offshore_rented"}
"""Names of the summary for variables that the model calls otherwise, or makes of others."""


class Origin(NamedTuple):
    """Where a number without a row of the summary comes from, and the variable it is a form of, if any."""

    words: str
    variable: str = ""


ORIGINS: dict[str, Origin] = {
    "table-two-gates": Origin("the run again with each gate held in three places, on its first draws", "compute_nominal"),
    "table-waterfall": Origin("the run again with instruments added one by one, in two orders", "compute_nominal"),
    "table-shadow": Origin("the run again with one percent more of each constraint", "compute_nominal"),
    "table-forks": Origin("the run again under either form of each dispute", "compute_nominal"),
    "table-drivers": Origin("the run's draws sorted by one input", "compute_nominal"),
    "table-odds": Origin("the run again with law that turns by chance (params/branches.csv)", "compute_nominal"),
    "table-runs": Origin("largest training runs from the run's stock, on its first draws", "compute_training"),
    "table-watch": Origin("the run's draws parted by what will be seen in the year after the origin", "compute_nominal"),
    "record": Origin("the largest disclosed training run (params/history/training_runs.csv)"),
    "last": Origin("the headlines of the last published brief (reports/published/headlines.csv)"),
    "turning": Origin("judged chances that the law turns at known dates (params/turning_points.csv)"),
    "watched": Origin("quarters counted from the scenario's origin"),
    "table-goods": Origin("the run's prices and purchases by good", "price_paid"),
    "table-comparison": Origin("the run beside published figures (params/history/comparators.csv)", "compute_nominal"),
    "crosscheck": Origin("the run beside arithmetic by hand (params/history/hand_arithmetic.csv)", "compute_nominal"),
    "purchases": Origin("mean over classes on the market of the share of draws in which each limit ended buying",
                        "binding_procurement"),
    "alike": Origin("the first quarter in which the regimes' intervals part, from the run's draws", "compute_nominal"),
    "settings": Origin("count of moves in params/regimes"),
    "instruments": Origin("count of instruments in params/regimes"),
    "first-setting": Origin("earliest date of a move in params/regimes"),
    "placeholders": Origin("share of moves tagged M in params/regimes"),
    "answer": Origin("the best part that the law lets a vendor cut (forecast design)"),
    "inputs": Origin("count of the scenario's inputs by basis and confidence (forecast show)"),
    **dict.fromkeys(("as-of", "draws", "seed"), Origin("the scenario's own file")),
    **dict.fromkeys(("headline", "headline-year", "horizon", "near-year"), Origin("years counted from the scenario's origin")),
    "first-quarter": Origin("the first quarter that the run holds"),
    "interval": Origin("the interval that all pages give: 5th to 95th percentile of draws"),
    "decision-size": Origin("the share of the stock from which a change counts as material (forecast.tables.DECISION_SHARE)"),
}  # fmt: skip
"""Head of an id -> where such numbers come from."""


def variable_of(id_: str, rows: str) -> str:
    """The model's variable behind a number; nothing where it is a count or a date."""
    head = id_.split("/")[0]
    name = ORIGINS[head].variable if head in ORIGINS else rows.split("/")[0].removeprefix("effect:")
    return SAME_AS.get(name, name)


def groups_of(variable: str) -> tuple[str, ...]:
    """Groups of inputs that move a variable."""
    return RESTS_ON.get(SAME_AS.get(variable, variable), ())
