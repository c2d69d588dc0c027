"""Catalogues, one file per language, and what gathers the texts that they translate."""
