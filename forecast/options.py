"""Options of the command line that describe a part, once for all commands that take one."""

import functools
import inspect
from collections.abc import Callable
from typing import Annotated, Any

import typer

Html = Annotated[bool, typer.Option("--html", help="As one web page that needs nothing beside it, in place of the PDF.")]

Number = float | None
Word = str | None
Flag = bool | None


def a_language(code: str) -> str:
    """A language that there is a catalogue for; another is refused in plain words."""
    from forecast.language import languages

    if code not in languages():
        raise typer.BadParameter(f"no catalogue for the language {code!r}; there are {', '.join(languages())}")
    return code


Language = Annotated[
    str,
    typer.Option("--lang", callback=a_language, help="Language of texts, figures and numbers: en, or another with a catalogue."),
]

PART: dict[str, Any] = {
    "tpp": Annotated[Number, typer.Option("--tpp", help="Total processing performance: dense rate [TOP/s] times bit length.")],
    "die_area": Annotated[Number, typer.Option("--die-area", help="Area of the logic dies on non-planar nodes [mm2].")],
    "performance_density": Annotated[
        Number, typer.Option("--performance-density", help="TPP over die area [TPP/mm2]; follows from the two when left out.")
    ],
    "dram_bandwidth": Annotated[Number, typer.Option("--dram-bandwidth", help="Memory bandwidth of the package [GB/s].")],
    "io_bandwidth": Annotated[Number, typer.Option("--io-bandwidth", help="Scale-up link, both directions [GB/s].")],
    "datacenter": Annotated[Flag, typer.Option("--datacenter/--no-datacenter", help="Designed or marketed for data centres.")],
    "vendor": Annotated[Word, typer.Option("--vendor", help="Who sells it, as in the chip table, or any other name.")],
    "released": Annotated[Word, typer.Option("--released", help="First commercial shipment, YYYY-MM-DD.")],
    "first_us_sale": Annotated[
        Word, typer.Option("--first-us-sale", help="First American sale, YYYY-MM-DD or never; the day of release when left out.")
    ],
    "fact": Annotated[
        list[str] | None, typer.Option("--fact", help="Any other fact that rules ask for, NAME=VALUE, as in hbm_stack=yes.")
    ],
}
"""Facts of a part by name, each as an option; none has a default, so that what was not said stays unknown."""


CASE: dict[str, Any] = {
    "shipped_from": Annotated[str | None, typer.Option("--from", help="Where the goods leave from; US when left out.")],
    "buyer": Annotated[str | None, typer.Option(help="A firm, looked up in the party lists.")],
    "switch": Annotated[list[str] | None, typer.Option(help="A reading of an open point of the text, as NAME=OPTION.")],
}
"""What sets one case apart: its way, its buyer, a reading of the text."""


def describes_a_part(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of PART; it receives those that were used as one mapping, `given`."""

    def given(values: dict[str, Any]) -> dict[str, Any]:
        facts = {name: values[name] for name in PART if name != "fact"}
        return {name: value for name, value in (facts | _facts(values["fact"] or [])).items() if value is not None}

    return _with_more(command, PART, "given", given)


def sets_the_case(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of CASE; it receives `shipped_from`, `buyer` and `switches` as one mapping, `case`."""

    def case(values: dict[str, Any]) -> dict[str, Any]:
        from forecast.verdict import readings

        start = values["shipped_from"] or "US"
        return {"shipped_from": start, "buyer": values["buyer"], "switches": readings(values["switch"] or ())}

    return _with_more(command, CASE, "case", case)


def _with_more(
    command: Callable[..., None], options: dict[str, Any], name: str, gather: Callable[[dict[str, Any]], dict[str, Any]]
) -> Callable[..., None]:
    """A command with further options, which it receives gathered under one name."""
    signature = inspect.signature(command)
    own = [parameter for key, parameter in signature.parameters.items() if key != name]
    more = [
        inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=option) for key, option in options.items()
    ]

    @functools.wraps(command)
    def called(**values: Any) -> None:
        command(**{**{key: value for key, value in values.items() if key not in options}, name: gather(values)})

    wrapped: Any = called
    wrapped.__signature__ = signature.replace(
        parameters=[*(each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in own), *more]
    )
    wrapped.__annotations__ = {parameter.name: parameter.annotation for parameter in (*own, *more)}
    return called


def _facts(texts: list[str]) -> dict[str, float | str]:
    """NAME=VALUE as facts: numbers where they are numbers, else words. Raises BadInput with the form that is expected."""
    from forecast.contract import BadInput

    found: dict[str, float | str] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not (name and sign and value):
            raise BadInput("a fact that cannot be read", key="--fact", found=text, expected="NAME=VALUE, as in hbm_stack=yes")
        try:
            found[name.strip()] = float(value)
        except ValueError:
            found[name.strip()] = value.strip()
    return found
