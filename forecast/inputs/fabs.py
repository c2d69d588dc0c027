"""Dies, lines and memory: what a wafer holds, what each line can start and which rules touch it, what a stack carries."""

import numpy as np
import pandas as pd

from forecast import draws as streams
from forecast.anticipation import expected_falls
from forecast.catalogue.load import Catalogue
from forecast.contract import BadInput
from forecast.inputs.axes import Axes, Known, Values, attrs_of, on_market, share_path
from forecast.names import year_fraction
from forecast.quantity import Spread
from forecast.regime import BY_FIRM, LEVERS, resolve, scalar_path
from forecast.scenario import Scenario
from forecast.stages import dies, memory, roadmap


def dies_inputs(catalogue: Catalogue, _scenario: Scenario, _axes: Axes, known: Known) -> Values:
    """Area of the reference die [cm2] and gross dies a wafer (draw,), from width, height, edge exclusion and scribe lanes.

    Raises BadInput where the die is larger than what a scanner exposes at once.
    """
    width, height = known["die_width"], known["die_height"]
    if not dies.fits_reticle(width, height).all():
        path, line = catalogue.places["die_width"]
        raise BadInput(
            "a die larger than the reticle", file=path, line=line, key="die_width, die_height",
            found=f"{width.max():g} by {height.max():g} mm", expected=f"at most {dies.RETICLE[0]:g} by {dies.RETICLE[1]:g} mm",
        )  # fmt: skip
    gross = dies.gross_dies(width, height, known["edge_exclusion"], known["scribe_lane"])
    return {
        "reference_die_area": (
            ("draw",),
            width * height / 100.0,
            attrs_of("cm**2", "Area of the reference die", "width times height"),
        ),
        "gross_dies": (
            ("draw",),
            gross,
            attrs_of("die/wafer", "Gross reference dies on a wafer", "mean over placements of the grid"),
        ),
    }


def lines_inputs(catalogue: Catalogue, scenario: Scenario, axes: Axes, _known: Known) -> Values:
    """Capacity of lines (fab, quarter, draw) and their weight beside wafers (fab,).

    A line keeps one rank through time; after the last year of the table its capacity stays as it was.
    """
    lines = catalogue.table("fabs/lines.csv")
    capacity = np.stack([_capacity(catalogue, scenario, axes, fab) for fab in lines["fab"]])
    exposed = (lines["foreign_tools"] * lines["for_ai"]).to_numpy()
    return {
        "line_capacity": (
            ("fab", "quarter", "draw"),
            capacity,
            attrs_of(
                "wafer/month", "Advanced capacity of a line", "params/fabs/line_capacity.csv: a judged split, used for shares"
            ),
        ),
        "line_exposure": (
            ("fab",),
            exposed,
            attrs_of("1", "Accelerator share times foreign share of tools of a line", "params/fabs/lines.csv, judged"),
        ),
    }


def line_levers_inputs(catalogue: Catalogue, scenario: Scenario, axes: Axes, _known: Known) -> Values:
    """Levers on tools line by line, and what is expected of them ahead (regime, fab, quarter)."""
    lines = catalogue.table("fabs/lines.csv")
    sellers = catalogue.table("fabs/tool_countries.csv")
    by_line, book = ("regime", "fab", "quarter"), catalogue.regimes
    out: Values = {}
    firms = list(dict.fromkeys(lines["operator"]))
    of_line = [firms.index(firm) for firm in lines["operator"]]
    resolved = [resolve(regime, book) for regime in scenario.regimes]
    for lever in BY_FIRM:
        paths = np.array([
            [[scalar_path(moves, lever, axes.quarter, firm, seller) for seller in sellers["country"]] for firm in firms]
            for moves in resolved
        ])[:, of_line]  # fmt: skip
        about = f"{LEVERS[lever].about} Line by line."
        whole = attrs_of("1", about, "moves that touch the line's operator, mean over countries of tools by their share")
        out[f"line_{lever}"] = (by_line, _over_sellers(paths, sellers["share"]), whole)
        best = attrs_of("1", f"{about} Where it is highest.", "the country whose tools come most freely")
        out[f"line_{lever}_best"] = (by_line, paths.max(axis=2), best)
    after = axes.quarter[scenario.observed].date()
    by_seller = np.array([
        [
            [expected_falls(regime, book, "tool_sales", axes.quarter, after, firm, seller) for seller in sellers["country"]]
            for firm in firms
        ]
        for regime in scenario.regimes
    ])[:, of_line]  # fmt: skip
    falls = _over_sellers(by_seller, sellers["share"])
    method = "fall of the lever, spread over the days between the first word of it and its effect"
    about = "Share of a coming fall of tool sales that is expected in the quarter, line by line"
    out["ahead_tools"] = (by_line, falls, attrs_of("1", about, method))
    return out


def foundry_inputs(catalogue: Catalogue, scenario: Scenario, axes: Axes, _known: Known) -> Values:
    """Due diligence of foreign foundries: for all (regime, quarter), and what a rule that names firms adds (…, gpu_class, …).

    The latter is the firm's judged share of new foreign dies times its lever less that of all. Where every firm is moved alike,
    that is the move of all.
    """
    split = catalogue.table("fabs/foreign_dies.csv").set_index("vendor")["share"].astype(float)
    vendors = catalogue.table("gpus/classes.csv")["vendor"]
    for_all, apart = [], np.zeros((len(scenario.regimes), len(vendors), len(axes.quarter)))
    for k, regime in enumerate(scenario.regimes):
        moves = resolve(regime, catalogue.regimes)
        each = np.stack([scalar_path(moves, "proxy_foundry", axes.quarter, firm) for firm in split.index])
        together = scalar_path(moves, "proxy_foundry", axes.quarter)
        for_all.append(np.where(np.ptp(each, axis=0) == 0, each[0], together))
        moved = pd.DataFrame(split.to_numpy()[:, None] * (each - for_all[-1]), index=split.index)
        apart[k] = moved.reindex(vendors).fillna(0.0).to_numpy()
    lever, method = LEVERS["proxy_foundry"], "dated moves of the regime, by days in force"
    about = "Part of all new foreign dies that the maker of the class gets more or fewer of than the lever gives all"
    by_class, shares = ("regime", "gpu_class", "quarter"), f"{method}, times params/fabs/foreign_dies.csv"
    return {
        "lever_proxy_foundry": (("regime", "quarter"), np.stack(for_all), attrs_of(lever.unit, lever.about, method)),
        "lever_foreign_dies_apart": (by_class, apart, attrs_of("1", about, shares)),
    }


def _over_sellers(values: np.ndarray, shares: pd.Series) -> np.ndarray:
    """Mean over countries of tools (regime, fab, country, quarter) by their shares; where all agree, what they agree on."""
    mean = np.tensordot(values, shares.to_numpy(dtype=float), axes=(2, 0))
    return np.asarray(np.where(np.ptp(values, axis=2) == 0, values[:, :, 0], mean))


def memory_inputs(catalogue: Catalogue, scenario: Scenario, axes: Axes, known: Known) -> Values:
    """Bandwidth of a stack by where it comes from (stack_origin, quarter, draw). [TB/s]

    Newer generations come later than their table by each world's slip; what had come by the origin stays.
    """
    table = catalogue.table("fabs/memory_generations.csv")
    generations = pd.Index(table["generation"])
    rates = np.stack([
        streams.read_off(Spread(p05=row.p05, p50=row.p50, p95=row.p95), "log", _z(scenario, f"memory.{row.generation}"))
        for row in table.itertuples()
    ])  # fmt: skip
    moments = year_fraction(axes.quarter)
    when = memory.slipped(moments, known["memory_slip"], moments[scenario.observed - 1])
    mix = catalogue.table("fabs/memory_mix.csv")
    carried = np.zeros((len(axes.stack_origin), *when.shape))
    for k, origin in enumerate(axes.stack_origin):
        shares = share_path(mix[mix["series"] == origin], generations, "generation", axes)
        for share, rate in zip(shares, rates, strict=True):
            carried[k] += np.interp(when, moments, share) * rate
    return {
        "stack_bandwidth": (
            ("stack_origin", "quarter", "draw"),
            carried,
            attrs_of(
                "TB/s", "Bandwidth of a stack of 16 GB by where it comes from", "shares of generations times their bandwidth"
            ),
        ),
    }


def packages_inputs(catalogue: Catalogue, scenario: Scenario, axes: Axes, _known: Known) -> Values:
    """Compute dies in a package (gpu_class, draw), which Chinese classes have stacked memory, and makers' codes (gpu_class,)."""
    table = catalogue.table("fabs/packages.csv").set_index("gpu_class")
    count = np.ones((len(axes.gpu_class), scenario.draws))
    for row in table.itertuples():
        spread = Spread(p05=row.p05, p50=row.p50, p95=row.p95)
        count[axes.gpu_class.get_loc(row.Index)] = streams.read_off(spread, "log", _z(scenario, f"{row.Index}.compute_dies"))
    stacked = (table["type"] == "interposer").reindex(axes.gpu_class, fill_value=False)
    maker = pd.factorize(catalogue.table("gpus/classes.csv")["vendor"])[0].astype(np.int16)
    return {
        "maker": (("gpu_class",), maker, attrs_of("1", "Number of the maker of a class", "params/gpus/classes.csv, in order")),
        "compute_dies": (
            ("gpu_class", "draw"),
            np.maximum(count, 1.0),
            attrs_of("die/chip", "Compute dies in one package", "params/fabs/packages.csv; the mean over the parts of a class"),
        ),
        "with_stacks": (
            ("gpu_class",),
            stacked.to_numpy().astype(np.int8),
            attrs_of("1", "One for Chinese classes with stacked memory on an interposer", "params/fabs/packages.csv"),
        ),
    }


def roadmap_inputs(catalogue: Catalogue, scenario: Scenario, axes: Axes, _known: Known) -> Values:
    """Share of a class in Chinese packages (gpu_class, quarter, draw), and how late its release is (gpu_class, draw). [quarter]

    The table holds what is expected, so a world differs from it by its slip less the median one. A part that was on the market
    at the origin does not slip.
    """
    classes, rows = catalogue.table("gpus/classes.csv"), catalogue.table("fabs/releases.csv")
    late, before = np.zeros((len(classes), scenario.draws)), np.arange(len(classes))
    for row in rows.itertuples():
        place = axes.gpu_class.get_loc(row.gpu_class)
        if classes["first_quarter"].iloc[place] > scenario.as_of:
            spread = Spread(p05=row.p05, p50=row.p50, p95=row.p95)
            slip = streams.read_off(spread, "identity", _z(scenario, f"{row.gpu_class}.release"))
            late[place], before[place] = np.maximum(slip, 0.0) - row.p50, axes.gpu_class.get_loc(row.predecessor)
    table = share_path(catalogue.table("fabs/mix.csv"), axes.gpu_class, "gpu_class", axes)
    table = table * np.stack([on_market(row, axes) for _, row in classes.iterrows()])
    mix = roadmap.released(table, late, before)
    return {
        "package_mix": (
            ("gpu_class", "quarter", "draw"),
            mix / np.maximum(mix.sum(axis=0), 1e-9),
            attrs_of(
                "1", "Share of a class in Chinese packages", "params/fabs/mix.csv by straight lines, moved by each world's slips"
            ),
        ),
        "release_slip": (
            ("gpu_class", "draw"),
            late,
            attrs_of("quarter", "Delay of a release against what the mix expects", "params/fabs/releases.csv, less its median"),
        ),
    }


def _z(scenario: Scenario, name: str) -> np.ndarray:
    """Standard normals (draw,) of one name."""
    return streams.normals(scenario.seed, name, scenario.draws)


def _capacity(catalogue: Catalogue, scenario: Scenario, axes: Axes, fab: str) -> np.ndarray:
    """Wafers a month that a line can start (quarter, draw): straight lines between year-ends, never below zero."""
    table = catalogue.table("fabs/line_capacity.csv")
    rows = table[table["fab"] == fab].sort_values("year")
    z = _z(scenario, f"line.{fab}")
    ends = np.stack([
        streams.read_off(Spread(p05=row.p05, p50=row.p50, p95=row.p95), "identity", z) for row in rows.itertuples()
    ])  # fmt: skip
    years = rows["year"].to_numpy() + 1.0
    place = np.clip(np.interp(axes.middle, years, np.arange(len(years))), 0, len(years) - 1.000001)
    left, share = place.astype(int), (place % 1.0)[:, None]
    return np.asarray(np.maximum((1 - share) * ends[left] + share * ends[left + 1], 0.0))
