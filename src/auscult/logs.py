"""Structured logs on standard error. They carry ids, counts and kinds of fault; never what a patient said."""

from __future__ import annotations

import logging
import sys
import traceback
from pathlib import Path

import structlog


class _Guarded(logging.Formatter):
    """What may be written of a library's log record.

    Our own messages carry ids only. A library's message, and the text of any exception, may quote what it was given:
    of those only the logger, the kind of fault and the lines that it passed through are written.
    """

    def format(self, record: logging.LogRecord) -> str:
        """One line for the record, and one for each frame of its exception."""
        message = f": {record.getMessage()}" if record.name.startswith("auscult.") else ""
        lines = [f"{record.levelname} {record.name}{message}"]
        if record.exc_info and record.exc_info[0] is not None:
            lines.append(f"  {record.exc_info[0].__name__}")
            frames = traceback.extract_tb(record.exc_info[2])
            lines += [f"    {Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
        return "\n".join(lines)


def configure(level: str) -> None:
    """Set up logging for this process: readable on a terminal, JSON lines elsewhere."""
    chosen = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    renderer: structlog.types.Processor = (
        structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(chosen),
        # standard error as it is when something is written: where it was exchanged since, a log must not cost a note
        logger_factory=lambda *_names: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Guarded())
    logging.basicConfig(level=max(chosen, logging.WARNING), handlers=[handler], force=True)
