"""Options of the command line that describe a part, once for all commands that take one."""

import functools
import inspect
from collections.abc import Callable
from typing import Annotated, Any

import typer

Number = float | None
Word = str | None
Flag = bool | None

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


def describes_a_part(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of PART; it receives those that were used as one mapping, `given`."""
    signature = inspect.signature(command)
    own = [parameter for name, parameter in signature.parameters.items() if name != "given"]
    more = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=option) for name, option in PART.items()
    ]

    @functools.wraps(command)
    def called(**values: Any) -> None:
        facts = {name: values.pop(name) for name in PART if name != "fact"}
        others = _facts(values.pop("fact") or [])
        command(**values, given={name: value for name, value in (facts | others).items() if value is not None})

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
