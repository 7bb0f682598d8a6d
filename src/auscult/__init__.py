"""Auscult: a consultation, heard, becomes a note that shows where every sentence came from."""

__version__ = "0.1.0"
