"""A reader of a PDF's tag tree that shares nothing with the software that wrote it."""

from collections.abc import Iterator
from typing import NamedTuple

from pypdf import PdfReader
from pypdf.generic import ArrayObject, ContentStream, DictionaryObject

PAINTS = {b"Tj", b"TJ", b"'", b'"', b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*", b"S", b"s", b"Do", b"sh", b"INLINE IMAGE"}
"""Operators that leave a mark on the page."""


class Element(NamedTuple):
    """One element of the tag tree: its kind, the kinds above it, and its dictionary."""

    kind: str
    above: tuple[str, ...]
    held: DictionaryObject


def elements(reader: PdfReader) -> list[Element]:
    """All elements of the tag tree, in reading order."""
    return list(_walk(reader.trailer["/Root"]["/StructTreeRoot"]["/K"], ()))


def _walk(node, above: tuple[str, ...]) -> Iterator[Element]:
    node = node.get_object()
    if isinstance(node, ArrayObject):
        for child in node:
            yield from _walk(child, above)
    elif isinstance(node, DictionaryObject):
        if "/S" in node:
            kind = str(node["/S"])[1:]
            yield Element(kind, above, node)
            above = (*above, kind)
        if "/K" in node:
            yield from _walk(node["/K"], above)


def attribute(element: Element, name: str):
    """An attribute of an element, wherever its owner wrote it; None where there is none."""
    held = element.held.get("/A")
    if held is None:
        return None
    held = held.get_object()
    parts = held if isinstance(held, ArrayObject) else [held]
    for part in (part.get_object() for part in parts):
        if isinstance(part, DictionaryObject) and name in part:
            return part[name]
    return None


def unmarked(reader: PdfReader) -> list[tuple[int, str]]:
    """Marks on a page that stand in no tag and are not called decoration: page and operator."""
    found = []
    for number, page in enumerate(reader.pages, start=1):
        depth = 0
        for _, operator in ContentStream(page.get_contents(), reader).operations:
            if operator in (b"BDC", b"BMC"):
                depth += 1
            elif operator == b"EMC":
                depth -= 1
            elif operator in PAINTS and depth == 0:
                found.append((number, operator.decode()))
        assert depth == 0
    return found


def marks(reader: PdfReader) -> list[tuple[int, int]]:
    """Every piece of marked content that a page holds: page and number."""
    found = []
    for number, page in enumerate(reader.pages):
        for operands, operator in ContentStream(page.get_contents(), reader).operations:
            if operator == b"BDC" and isinstance(operands[1], DictionaryObject) and "/MCID" in operands[1]:
                found.append((number, int(operands[1]["/MCID"])))
    return found


def tagged(reader: PdfReader) -> set[tuple[int, int]]:
    """Every piece of marked content that the tag tree reaches: page and number."""
    pages = {page.indirect_reference.idnum: number for number, page in enumerate(reader.pages)}
    return set(_reached(reader.trailer["/Root"]["/StructTreeRoot"]["/K"], None, pages))


def _reached(node, page, pages) -> Iterator[tuple[int, int]]:
    node = node.get_object()
    if isinstance(node, int):
        yield page, int(node)
    elif isinstance(node, ArrayObject):
        for child in node:
            yield from _reached(child, page, pages)
    elif isinstance(node, DictionaryObject):
        if "/Pg" in node:
            page = pages[node.raw_get("/Pg").idnum]
        if "/MCID" in node:
            yield page, int(node["/MCID"])
        if "/K" in node:
            yield from _reached(node["/K"], page, pages)
