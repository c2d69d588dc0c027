"""The model's equations as the annex prints them, each with the function that holds it."""

from typing import NamedTuple


class Equation(NamedTuple):
    """One equation in words a reader can say aloud, what it does, and the function in which it stands."""

    formula: str
    about: str
    where: str


EQUATIONS: dict[str, tuple[Equation, ...]] = {
    "Law and licensed chips": (
        Equation(
            "status = worst of the paragraphs that catch the chip, eased by the reliefs that fit it",
            "Every rule is a list of numeric tests; a chip that passes all tests of one branch is caught.",
            "forecast.stages.permissions.judge",
        ),
        Equation(
            "offered = vendor supply × share of the quarter in which law permits × Beijing’s acceptance",
            "Supply rises over a lag after a permission. A denial is a zero.",
            "forecast.stages.imports.ceiling",
        ),
        Equation(
            "log odds of acceptance = belief + a × log(advantage over the best Chinese part) − b × (domestic cover)",
            "Times the regime’s multiplier, never above one.",
            "forecast.stages.imports.acceptance",
        ),
        Equation(
            "answer on offer = time for which law calls for it, less a lag, shared with other answers",
            "The part that a vendor cuts to the new law; a regulator who counters closes it after his patience.",
            "forecast.stages.imports.brought",
        ),
    ),
    "Diverted chips": (
        Equation(
            "diverted = least of (ceiling, base × gap to the power of e × enforcement)",
            "The gap is the money that permitted supply leaves unspent, relative to the origin. The other form takes a share of "
            "what third countries buy.",
            "forecast.stages.diversion.flow",
        ),
    ),
    "Chinese fabrication": (
        Equation(
            "yield = (1 + area × defects ÷ k) to the power of −k",
            "Negative binomial with clustering k; parametric loss comes off, binned parts come back.",
            "forecast.stages.dies.negative_binomial_yield",
        ),
        Equation(
            "defects = floor + (start − floor) × (cumulative wafers ÷ wafers at the origin) to the power of −b",
            "Wright’s law by node; the older node teaches the newer one in part; missing tools raise the floor.",
            "forecast.stages.dies.learned_defects",
        ),
        Equation(
            "growth of capacity = plan × (1 − stopped × (1 − m)), recovering with the half-life of localisation",
            "A rule on tools acts after a lag; tools bought ahead are borrowed from later orders.",
            "forecast.stages.fabrication.growth_left",
        ),
        Equation(
            "tools that come = best country × (mean over countries ÷ best country) to the power of c",
            "Where all allies join alike c does nothing; the more tools need each other, the more a missing country holds up.",
            "forecast.stages.nodes.scarcest",
        ),
        Equation(
            "packages = least of (dies ÷ dies each, stacks ÷ stacks each, slots ÷ slots each) × yield × all dies good",
            "What is left over is kept for the next quarter. The scarcest of the three is recorded.",
            "forecast.stages.fabrication.assemble",
        ),
        Equation(
            "investment moved = rate × surplus of the idle input over the scarce one, after a lag",
            "In the form in which planners move money to what binds; in the other plans stand.",
            "forecast.stages.investment.moved",
        ),
    ),
    "Buying": (
        Equation(
            "share of money on an option is proportional to (1 ÷ price per usable unit) to the power of 1 ÷ dispersion",
            "Two goods, training and serving; within ceilings until the money ends; part of it must buy Chinese chips first.",
            "forecast.stages.procurement.buy",
        ),
    ),
    "Stocks and what they can do": (
        Equation(
            "left after t years = exp(−attrition × t − (t ÷ life) to the power of shape)",
            "By cohort, class and channel; diverted chips live shorter.",
            "forecast.stages.fleet.survival",
        ),
        Equation(
            "serving weight = rate to the power of (1 − w) × bandwidth to the power of w",
            "Both relative to an H100. Training counts the rate alone. Both are multiplied by what software delivers.",
            "forecast.stages.capability.serving_weight",
        ),
        Equation(
            "rented abroad = wanted within what hosts can power × (1 − owned share) × (1 − closed × effect)",
            "A closure retires no chip that China owns.",
            "forecast.stages.offshore.rented",
        ),
        Equation(
            "largest run [FLOP] = system × rate × utilisation × days",
            "The system is bounded by what one owner holds and by what can be linked.",
            "forecast.stages.frontier.run_size",
        ),
    ),
}  # fmt: skip
"""Groups of equations in the order of a quarter's events."""
