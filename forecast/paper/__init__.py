"""Any notebook as a paper: cells chosen, read by pandoc, set by Typst in the dress of the brief."""

from forecast.paper.publish import Published, publish_notebook

__all__ = ["Published", "publish_notebook"]
