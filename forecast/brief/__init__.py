"""The brief: numbers with an id, sentences computed from them, and the PDF."""

from forecast.brief.pdf import build_brief

__all__ = ["build_brief"]
