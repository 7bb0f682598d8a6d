"""Several lines at once, and what was read of them as JSON and as text for a person."""

from __future__ import annotations

from typing import Any

from auscult.domain.medication import Medication
from auscult.knowledge.medicine_lines.reading import read_line

FIELDS = ("name", "strength", "dose", "form", "route", "frequency", "timing", "duration", "reason", "status")
"""The fields of the text, in its order."""


def read_lines(text: str) -> list[Medication]:
    """The medicines of a text of several lines, in order. Never raises.

    A line of directions without a name goes on from the line before it: it is read together with that one.
    """
    found: list[Medication] = []
    previous = ""
    held: list[Medication] = []
    for line in text.splitlines():
        read = read_line(line)
        if read and held and not any(one.name for one in read):
            previous = f"{previous} {line.strip()}"
            held = read_line(previous)
            continue
        found += held
        held, previous = read, line.strip()
    return found + held


def medicines_json(text: str) -> dict[str, Any]:
    """What was read of a text, for `--json`: `{"medications": [...]}` with the fields of a note's medications.

    Each has `name`, `strength`, `dose`, `form`, `route`, `frequency`, `duration`, `reason`, `timing`, `prn`, `status`,
    `as_written` and `flags` (each with `code` and `reason`).
    """
    kept = {"sources", "statement_ids"}
    return {"medications": [one.model_dump(mode="json", exclude=kept) for one in read_lines(text)]}


def medicines_text(text: str) -> str:
    """What was read of a text, for a person: each medicine with its fields and its flags with their reasons."""
    return "\n\n".join(_told(one) for one in read_lines(text)) or "No medicine was read."


def _told(one: Medication) -> str:
    told = [one.name or "(no medicine named)"]
    for name in FIELDS[1:]:
        value = str(getattr(one, name))
        if value:
            told.append(f"  {name:<10} {value}")
    if one.prn:
        told.append("  as needed  yes")
    told += [f"  check      {flag.reason} [{flag.code}]" for flag in one.flags]
    return "\n".join(told)
