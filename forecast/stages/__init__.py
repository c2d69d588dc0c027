"""Mechanisms: plain functions of named arrays, vectorised over draws."""
