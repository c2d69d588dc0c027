"""The model's equations as the annex prints them, each with the function that holds it."""

from typing import NamedTuple

from forecast.language import N_


class Equation(NamedTuple):
    """One equation in words a reader can say aloud, what it does, and the function in which it stands."""

    formula: str
    about: str
    where: str


EQUATIONS: dict[str, tuple[Equation, ...]] = {
    N_("Law and licensed chips"): (
        Equation(
            N_("status = worst of the paragraphs that catch the chip, eased by the reliefs that fit it"),
            N_("Every rule is a list of numeric tests; a chip that passes all tests of one branch is caught."),
            "forecast.stages.permissions.judge",
        ),
        Equation(
            N_("offered = vendor supply × share of the quarter in which law permits × Beijing’s acceptance"),
            N_("Supply rises over a lag after a permission. A denial is a zero."),
            "forecast.stages.imports.ceiling",
        ),
        Equation(
            N_("log odds of acceptance = belief + a × log(advantage over the best Chinese part) − b × (domestic cover)"),
            N_("Times the regime’s multiplier, never above one."),
            "forecast.stages.imports.acceptance",
        ),
        Equation(
            N_("answer on offer = time for which law calls for it, less a lag, shared with other answers"),
            N_("The part that a vendor cuts to the new law; a regulator who counters closes it after his patience."),
            "forecast.stages.imports.brought",
        ),
    ),
    N_("Diverted chips"): (
        Equation(
            N_("diverted = least of (ceiling, base × gap to the power of e × enforcement)"),
            N_("The gap is the money that permitted supply leaves unspent, relative to the origin. The other form takes a share "
            "of what third countries buy."),
            "forecast.stages.diversion.flow",
        ),
    ),
    N_("Chinese fabrication"): (
        Equation(
            N_("yield = (1 + area × defects ÷ k) to the power of −k"),
            N_("Negative binomial with clustering k; parametric loss comes off, binned parts come back."),
            "forecast.stages.dies.negative_binomial_yield",
        ),
        Equation(
            N_("defects = greater of (floor, reference × (cumulative wafers ÷ those at the reference) to the power of −b)"),
            N_("Wright’s law by node; the older node teaches the newer one in part; missing tools raise the floor."),
            "forecast.stages.dies.learned_defects",
        ),
        Equation(
            N_("growth of capacity = plan × (1 − stopped × (1 − m)), recovering with the half-life of localisation"),
            N_("A rule on tools acts after a lag; tools bought ahead are borrowed from later orders."),
            "forecast.stages.fabrication.growth_left",
        ),
        Equation(
            N_("tools that come = best country × (mean over countries ÷ best country) to the power of c"),
            N_(
                "Where all allies join alike c does nothing; the more tools need each other, the more a missing country holds up."
            ),
            "forecast.stages.nodes.scarcest",
        ),
        Equation(
            N_("packages = least of (dies ÷ dies each, stacks ÷ stacks each, slots ÷ slots each) × yield × all dies good"),
            N_("What is left over is kept for the next quarter. The scarcest of the three is recorded."),
            "forecast.stages.fabrication.assemble",
        ),
        Equation(
            N_("investment moved = rate × what an idle input allows above a multiple of what the scarce one allows, after a lag"),
            N_("In the form in which planners move money to what binds, at a rate of exchange; in the other plans stand."),
            "forecast.stages.investment.moved",
        ),
    ),
    N_("Buying"): (
        Equation(
            N_("share of money on an option is proportional to (1 ÷ price per usable unit) to the power of 1 ÷ dispersion"),
            N_("Two goods, training and serving; within ceilings until the money ends; part of it must buy Chinese chips first."),
            "forecast.stages.procurement.buy",
        ),
    ),
    N_("Stocks and what they can do"): (
        Equation(
            N_("left after t years = exp(−attrition × t − (t ÷ life) to the power of shape)"),
            N_("By cohort, class and channel; diverted chips live shorter."),
            "forecast.stages.fleet.survival",
        ),
        Equation(
            N_("serving weight = rate to the power of (1 − w) × bandwidth to the power of w"),
            N_("Both relative to an H100. Training counts the rate alone. Both are multiplied by what software delivers."),
            "forecast.stages.capability.serving_weight",
        ),
        Equation(
            N_("rented abroad = wanted within what hosts can power × (1 − owned share) × (1 − closed × effect)"),
            N_("A closure retires no chip that China owns."),
            "forecast.stages.offshore.rented",
        ),
        Equation(
            N_("largest run [FLOP] = system × rate × utilisation × days"),
            N_("The system is bounded by what one owner holds and by what can be linked."),
            "forecast.stages.frontier.run_size",
        ),
    ),
}  # fmt: skip
"""Groups of equations in the order of a quarter's events."""
