"""A note as plain text: sections, sentences with their turns, and every doubt in words."""

from __future__ import annotations

from typing import Final

from auscult.domain.evidence import Statement
from auscult.domain.medication import MedicationStatus
from auscult.domain.note import Note, NoteStatus
from auscult.domain.note_groups import groups
from auscult.domain.transcript import Transcript
from auscult.knowledge.hindi_wording import medicine_line
from auscult.knowledge.templates import shown

DEMO_QUALITY = "demo-quality transcript"
"""What a note carries when its transcript came from an engine that must not be trusted for care."""

_MEDICINES_HI: Final = "दवाएँ"
_STATUS_HI: Final = {
    MedicationStatus.TAKING: "ले रहे हैं",
    MedicationStatus.STARTED: "शुरू की",
    MedicationStatus.CHANGED: "बदली",
    MedicationStatus.STOPPED: "बंद की",
    MedicationStatus.ALLERGY: "एलर्जी",
    MedicationStatus.REWORDED: "शब्द बदले गए",
}


def note_text(note: Note, transcript: Transcript) -> str:
    """Render a note for a terminal or a plain-text field; ends with a line break."""
    lines: list[str] = []
    if note.status is NoteStatus.DRAFT:
        lines.append("DRAFT, not signed")
    if note.demo_quality:
        lines.append(f"{DEMO_QUALITY}: heard by {transcript.engine.name}; check every word against the recording")
    lines += list(transcript.problems)
    for section in note.body.sections:
        if not section.statements:
            continue
        lines += ["", shown(section.title, note.body.language).upper()]
        for group in groups(section, note.body.language):
            if group.heading:
                lines.append(f"{group.heading}:")
            lines += ["  " * depth + _line(one, label) for depth, label, one in group.outline]
    if note.body.medications:
        hindi = note.body.language == "hi"
        lines += ["", _MEDICINES_HI if hindi else "MEDICINES"]
        for medication in note.body.medications:
            doubt = "".join(f"  [CHECK: {flag.reason}]" for flag in medication.flags)
            said = medicine_line(medication.line) if hindi else None
            status = _STATUS_HI[medication.status] if hindi else medication.status.value
            lines.append(f"- {said or medication.line} ({status}){doubt}")
    return "\n".join(lines).lstrip("\n") + "\n"


def _line(statement: Statement, label: str) -> str:
    turns = ", ".join(statement.turn_ids)
    doubt = "" if not statement.undecided else "  [CHECK: " + "; ".join(_doubts(statement)) + "]"
    said = f"{label}: {statement.text}" if label else statement.text
    return f"- {said}" + (f"  ({turns})" if turns else "") + doubt


def _doubts(statement: Statement) -> list[str]:
    return [flag.reason for flag in statement.flags] or ["not supported by what was heard"]
