"""One dated move of law: a scalar lever, or a control, relief, country group or levy with its tests, places and caps.

A control says which items need a licence where and how an application fares; a relief loosens paragraphs of controls; a
group is a list of countries that rules name by its sign (`D:5`, `EU`); a levy says on which items a duty or share falls, at
the rate of a scalar lever. What law says in numbers stands in tests, what it says in words in `conditions`.
"""

import datetime as dt
import difflib
from functools import lru_cache
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from forecast.quantity import Frozen, Text
from forecast.stages.permissions import STATUSES, Policy, Provision, parse_test

Place = Annotated[str, Field(pattern=r"^([A-Z]{2}|any|[AD]:[1-6])$")]
"""A country by its two letters, `any`, or a group of countries that a move with the lever `group.<id>` lists."""

NO_EFFECT = "declared: no modelled effect"
KINDS = ("control", "relief", "group", "levy")


class Lever(NamedTuple):
    """A scalar that law can set: unit, range, value before any move, what it means, and the input that it acts on."""

    unit: str
    low: float
    high: float
    default: float
    about: str
    acts_on: str


LEVERS: dict[str, Lever] = {
    "duty": Lever(
        "1", 0.0, 1.0, 0.0,
        "American import duty, as a share of value, on chips that pass through the United States for testing on their way "
        "to China; its bands hold H200 SXM and MI325X only.",
        "duty_pass_through",
    ),
    "revenue_share": Lever(
        "1", 0.0, 1.0, 0.0,
        "Share of the sale that the vendor hands to the American government on chips under the H20 letters (H20, MI308X).",
        "duty_pass_through",
    ),
    "quota_ratio": Lever(
        "1", 0.0, 1.0, 1.0,
        "Compute shipped to China and Macau over compute shipped to American users, per product; 1 means no cap that bites. "
        "The ceiling on licensed H200 already contains it.",
        NO_EFFECT,
    ),
    "cn_accept": Lever(
        "1", 0.0, 3.0, 1.0,
        "Share of licensed supply that Beijing lets in, relative to what it would let in under current law; a share above one "
        "is held at one.",
        "acceptance",
    ),
    "hostility": Lever(
        "1", 0.0, 6.0, 0.0,
        "Campaign of Beijing against foreign accelerators beyond the one that the elicited path holds, in log odds of refusal; "
        "when it ends it fades with its half-life.",
        "acceptance",
    ),
    "sovereign_only": Lever(
        "1", 0.0, 4.0, 1.0,
        "Money that may buy Chinese accelerators only, relative to that of state-funded centres, which were barred from foreign "
        "ones on 2025-11-05; zero lifts the bar. Beijing's choice.",
        "sovereign_share",
    ),
    "counter_answer": Lever(
        "1", 0.0, 1.0, 0.0,
        "How surely the regulator closes a part that a vendor brings in answer to a change of law, once it has sold for a while.",
        "counter_patience",
    ),
    "hq_rule": Lever(
        "1", 0.0, 1.0, 0.0,
        "How far the licence rule on parties headquartered in China is enforced outside China.",
        "closure_purchase",
    ),
    "cloud_rule": Lever(
        "1", 0.0, 1.0, 0.0,
        "How far remote access by tenants headquartered in China is closed.",
        "closure_remote",
    ),
    "diversion": Lever(
        "1", 0.0, 5.0, 1.0,
        "Diverted flow relative to what enforcement under current law lets through.",
        "diverted_2026_ratio",
    ),
    "tool_sales": Lever(
        "1", 0.0, 5.0, 1.0,
        "New chip-making tools that reach advanced Chinese lines, relative to current law.",
        "tool_ban_growth",
    ),
    "tool_servicing": Lever(
        "1", 0.0, 5.0, 1.0,
        "Servicing and spares for installed tools, relative to current law.",
        "servicing_availability",
    ),
    "subcomponents": Lever(
        "1", 0.0, 5.0, 1.0,
        "Foreign components that reach Chinese makers of chip tools, relative to current law.",
        "subcomponent_growth",
    ),
    "memory_tools": Lever(
        "1", 0.0, 5.0, 1.0,
        "Tools for stacking and testing memory that reach Chinese memory makers, relative to current law.",
        "memory_tools_growth",
    ),
    "proxy_foundry": Lever(
        "1", 0.0, 5.0, 1.0,
        "Dies that Chinese designers get at foreign foundries through proxies, relative to due diligence under current law.",
        "proxy_dies",
    ),
    "public_funding": Lever(
        "1", 0.1, 3.0, 1.0,
        "Chinese public funding of fabs, memory and packaging, relative to today: Beijing's choice, never American law.",
        "funding_elasticity",
    ),
    "training_programmes": Lever(
        "1", 0.0, 4.0, 1.0,
        "Chinese programmes that train engineers on domestic stacks, relative to those under way: Beijing's choice.",
        "third_party_half_life",
    ),
    "network_parts": Lever(
        "1", 0.0, 2.0, 1.0,
        "Foreign optical parts, switches and network chips that reach Chinese makers of network gear, relative to current law: "
        "how fast the largest fabric grows, by supernodes or as known clusters do. What stands stays.",
        "largest_system_growth",
    ),
    "hbm_access": Lever(
        "1", 0.0, 5.0, 1.0,
        "Foreign memory stacks that leak to Chinese packagers, relative to current law.",
        "hbm_illicit",
    ),
}  # fmt: skip
"""Every scalar lever, once: nothing else may be moved except named controls and reliefs."""

BY_FIRM = ("tool_sales", "tool_servicing")
"""Levers that may be moved for the lines of some operators, or for tools of some countries, only."""

BY_VENDOR = ("proxy_foundry",)
"""Levers that may be moved for some designers of chips only."""

BY_HOST = ("cloud_rule",)
"""Levers that may be moved for some host countries only."""


MEASURES: dict[str, tuple[str, str]] = {
    "share_of_us": ("1", "compute of one product shipped there over compute of it shipped to American users"),
    "units_per_buyer": ("chip", "chips that one buyer may be licensed"),
    "buyers": ("buyer", "number of buyers that hold licences"),
    "tpp_per_country": ("TPP", "TPP that may go to one country in the years named"),
    "tpp_per_company": ("TPP", "TPP that one company may take in a year without a licence"),
}
"""What a cap counts, with its unit."""


class Quota(Frozen):
    """A cap that belongs to a relief or control: what it counts, how much, since when if not from its start, text or practice."""

    measure: Annotated[str, Field(min_length=4)]
    limit: Annotated[float, Field(ge=0)]
    since: dt.date | None = None
    basis: Literal["text", "practice"]
    source: Annotated[str, Field(min_length=2)]
    note: Text

    @field_validator("measure")
    @classmethod
    def known(cls, measure: str) -> str:
        """Refuse a measure that has no unit here."""
        if measure not in MEASURES:
            raise ValueError(f"unknown measure {measure!r} (one of {', '.join(MEASURES)})")
        return measure

    @property
    def unit(self) -> str:
        """Unit of the limit."""
        return MEASURES[self.measure][0]


class Practice(Frozen):
    """What happened beside the text: from when to when, in words, by which source."""

    since: dt.date
    until: dt.date | None = None
    happened: Text
    source: Annotated[str, Field(min_length=2)]

    @model_validator(mode="after")
    def ordered(self) -> Self:
        """The last day is not before the first."""
        if self.until is not None and self.until < self.since:
            raise ValueError(f"ends on {self.until}, before it begins on {self.since}")
        return self


PLACES = ("destinations", "except_destinations", "only_headquartered", "not_headquartered", "origins")
"""Fields of a rule that name countries or groups."""


class Rule(Frozen):
    """A control, relief, group or levy as a file states it; `law_of` is the country that made it.

    `any_of`: any branch will do, within a branch all tests must hold; an empty branch catches every item. `origins`: only
    items made there. `headquarters`: also buyers headquartered in a destination, wherever they stand;
    `only_headquartered` and `not_headquartered` restrict by headquarters.
    """

    paragraph: Annotated[str, Field(min_length=3)]
    law_of: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] = "US"
    any_of: tuple[tuple[str, ...], ...] = ()
    named: tuple[str, ...] = ()
    vendors: tuple[str, ...] = ()
    origins: tuple[Place, ...] = ()
    destinations: Annotated[tuple[Place, ...], Field(min_length=1)]
    except_destinations: tuple[Place, ...] = ()
    headquarters: bool = False
    only_headquartered: tuple[Place, ...] = ()
    not_headquartered: tuple[Place, ...] = ()
    applies_to: tuple[str, ...] = ()
    policy: Policy = "free"
    rate_of: str | None = None
    quotas: tuple[Quota, ...] = ()
    conditions: tuple[Text, ...] = ()

    @field_validator("any_of")
    @classmethod
    def readable(cls, branches: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
        """Refuse a test that cannot be read."""
        for branch in branches:
            for text in branch:
                parse_test(text)
        return branches

    def places(self) -> set[str]:
        """Every country or group that the rule names."""
        return {place for field in PLACES for place in getattr(self, field)}

    def spelt_out(self, groups: dict[str, tuple[str, ...]]) -> "Rule":
        """The rule with its groups of countries replaced by their members."""
        named = groups.keys() & self.places()
        return _spelt_out(self, tuple((name, groups[name]) for name in sorted(named))) if named else self

    def provision(self, lever: str) -> Provision:
        """The rule with its tests read, as the evaluator wants it; goods that stay in the country that rules are not exported."""
        return _provision(self, lever)


@lru_cache(maxsize=4096)
def _spelt_out(rule: Rule, named: tuple[tuple[str, tuple[str, ...]], ...]) -> Rule:
    """A rule with the groups that it names replaced by their members, each place once."""
    groups = dict(named)
    told = {
        field: tuple(dict.fromkeys(one for name in getattr(rule, field) for one in groups.get(name, (name,)))) for field in PLACES
    }
    return rule.model_copy(update=told)


@lru_cache(maxsize=4096)
def _provision(rule: Rule, lever: str) -> Provision:
    """A rule as the evaluator wants it."""
    texts = rule.any_of or (((),) if rule.applies_to and not rule.named else ())
    branches = tuple(tuple(parse_test(text) for text in branch) for branch in texts)
    exempt = rule.except_destinations if "any" in rule.destinations else (*rule.except_destinations, rule.law_of)
    return Provision(
        lever, rule.paragraph, branches, rule.named, rule.vendors, rule.destinations, rule.headquarters,
        rule.applies_to, STATUSES.index(rule.policy), rule.origins, exempt, rule.only_headquartered, rule.not_headquartered,
    )  # fmt: skip


def _shape(value: object) -> str:
    """Which form of value was given, so that a message speaks of that form alone."""
    return "rule" if isinstance(value, dict | Rule) else "number"


Value = Annotated[Annotated[float, Tag("number")] | Annotated[Rule, Tag("rule")], Discriminator(_shape)]


class Move(Frozen):
    """One lever set from one day on; S is stated by a source, B is text of a rule or bill, M is our placeholder."""

    lever: str
    since: dt.date
    value: Value | None
    tag: Literal["S", "B", "M"]
    reason: Text
    firms: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()

    @property
    def reach(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Whom a move touches: some operators or designers, tools of or halls in some countries; nothing named is all."""
        return self.firms, self.countries

    @field_validator("lever")
    @classmethod
    def known(cls, lever: str) -> str:
        """Refuse a lever that is neither a scalar nor of a known kind."""
        kind, _, rest = lever.partition(".")
        if lever not in LEVERS and not (kind in KINDS and rest.replace("_", "").isalnum()):
            near = difflib.get_close_matches(lever, [*LEVERS, *(f"{kind}." for kind in KINDS)], n=1, cutoff=0.5)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            kinds = ", ".join(f"{kind}.<id>" for kind in KINDS)
            raise ValueError(f"unknown lever {lever!r}{hint} (one of {', '.join(LEVERS)}, {kinds})")
        return lever

    @property
    def kind(self) -> str:
        """Scalar, control, relief, group or levy."""
        return "scalar" if self.lever in LEVERS else self.lever.partition(".")[0]

    @model_validator(mode="after")
    def fits(self) -> Self:
        """The value has the shape and the range of its lever."""
        if self.firms and self.lever not in BY_FIRM + BY_VENDOR:
            named = " and ".join(BY_FIRM + BY_VENDOR)
            raise ValueError(f"{self.lever} is not moved firm by firm; firms goes with {named}")
        if self.countries and self.lever not in BY_FIRM + BY_HOST:
            named = " and ".join(BY_FIRM + BY_HOST)
            raise ValueError(f"{self.lever} is not moved country by country; countries goes with {named}")
        if self.lever in LEVERS:
            lever = LEVERS[self.lever]
            if isinstance(self.value, Rule):
                raise ValueError(f"{self.lever} takes a number, not a rule")
            if self.value is not None and not lever.low <= self.value <= lever.high:
                raise ValueError(f"{self.lever} is {self.value:g}, allowed {lever.low:g} to {lever.high:g} [{lever.unit}]")
            return self
        if isinstance(self.value, float):
            raise ValueError(f"{self.lever} takes a rule or null, not a number")
        if self.value is not None:
            _belongs(self.value, self.kind)
        return self


def _belongs(rule: Rule, kind: str) -> None:
    """Refuse a rule that is not of its lever's kind."""
    if kind == "group":
        if rule.any_of or rule.named or rule.applies_to or any(place == "any" or ":" in place for place in rule.destinations):
            raise ValueError("a group lists countries in destinations and nothing else")
        return
    if not (rule.any_of or rule.named or rule.applies_to):
        raise ValueError("give any_of (tests) or named (chips): this rule speaks of no chip")
    if (kind == "relief") != bool(rule.applies_to):
        raise ValueError("a relief names the paragraphs it loosens in applies_to; a control has none")
    if (kind == "levy") != (rule.rate_of is not None):
        raise ValueError("a levy names in rate_of the scalar lever that is its rate; a control or relief has none")
    if rule.rate_of is not None and rule.rate_of not in LEVERS:
        raise ValueError(f"rate_of {rule.rate_of!r} is no scalar lever (one of {', '.join(LEVERS)})")


def group_name(lever: str) -> str:
    """How rules write a group: `group.d5` is D:5, `group.eu` is EU."""
    name = lever.removeprefix("group.").upper()
    return f"{name[0]}:{name[1:]}" if name[1:].isdigit() else name
