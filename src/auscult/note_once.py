"""`auscult note FILE`: the note of a transcript that somebody else made; nothing is kept."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from auscult.domain.errors import InvalidError, NoSpeechError
from auscult.domain.ids import RecordingId, TurnId
from auscult.domain.medication import Medication
from auscult.domain.note import NoteBody
from auscult.domain.note_groups import groups
from auscult.domain.transcript import Speaker, SpeechEngine, Transcript, Turn
from auscult.engines.writer import Request, Writer
from auscult.knowledge.icd10 import problems
from auscult.knowledge.languages import language_of
from auscult.knowledge.templates import shown
from auscult.trust.grounding import check

LARGEST: Final = 5_000_000
"""Bytes of input: some fifty hours of talk."""
_REMEDY: Final = (
    'Give lines such as "Doctor: …" and "Patient: …", JSON {"turns": [{"speaker", "text"}]}, or a transcript of ours.'
)
_LINE: Final = re.compile(r"^\s*(?:\[(?P<in>[^\]\n]{1,30})\]\s*:?|(?P<before>[^\s:][^:\n]{0,29}):)\s*(?P<text>.*)$")
_SPEAKERS: Final = {
    **dict.fromkeys(("doctor", "dr", "clinician", "physician", "gp", "nurse", "provider", "d", "c"), Speaker.CLINICIAN),
    **dict.fromkeys(("patient", "pt", "p", "client"), Speaker.PATIENT),
    **dict.fromkeys(
        ("guest", "family", "mother", "father", "parent", "carer", "wife", "husband", "other"), Speaker.OTHER
    ),
    "unknown": Speaker.UNKNOWN,
}
_TYPED: Final = SpeechEngine(name="typed", model="", version="1")


@dataclass(frozen=True, slots=True)
class Noted:
    """A note with the transcript that it rests on."""

    body: NoteBody
    transcript: Transcript

    def as_text(self) -> str:
        """The note for reading: headings, and every sentence with its turns and doubts."""
        lines: list[str] = []
        for section in self.body.sections:
            if not section.statements:
                continue
            lines += ["", shown(section.title, self.body.language).upper()]
            for group in groups(section, self.body.language):
                if group.heading:
                    lines.append(f"{group.heading}:")
                for depth, label, one in group.outline:
                    doubts = "; ".join(flag.reason for flag in one.flags) or "not supported by what was said"
                    doubt = f"  [CHECK: {doubts}]" if one.undecided else ""
                    said = f"{label}: {one.text}" if label else one.text
                    lines.append(f"{'  ' * depth}{said}  ({', '.join(one.turn_ids)}){doubt}")
        return "\n".join(lines).lstrip("\n") + "\n"

    def as_json(self) -> dict[str, Any]:
        """The stable shape of `docs/using.md`, with the Clinical Recorder's four fields."""
        return {
            "text": self.as_text(),
            "sections": [
                {
                    "title": section.title,
                    "statements": [
                        {
                            "text": one.text,
                            "sources": list(one.turn_ids),
                            "supported": one.supported,
                            "polarity": one.polarity.value,
                            "reasons": [flag.reason for flag in one.flags],
                            "problem": one.problem,
                            "label": one.label,
                        }
                        for one in section.statements
                    ],
                }
                for section in self.body.sections
            ],
            "problems": [asdict(one) for one in problems(self.body)],
            "medications": [_medication(one) for one in self.body.medications],
            "diagnosis": self.body.diagnosis,
            "follow_up": self.body.follow_up,
            "notes": self.body.notes,
            "writer": self.body.writer.model_dump(include={"name", "version", "prompt"}),
            "language": self.body.language,
        }


def _medication(one: Medication) -> dict[str, Any]:
    fields = one.model_dump(mode="json", exclude={"sources", "statement_ids", "flags"})
    turns = [turn_id for source in one.sources for turn_id in getattr(source, "turn_ids", ())]
    return {**fields, "flags": [flag.reason for flag in one.flags], "sources": turns}


async def note_once(data: bytes, writer: Writer, *, template: str, language: str, now: datetime) -> Noted:
    """Write the note of a transcript: speaker lines, `{"turns": […]}`, or our own transcript's JSON, in UTF-8.

    `language` is the note's: `en`, `hi`, or `auto` for English. Raises `InvalidError` for input that is none of these,
    `NoSpeechError` when nothing is said in it, and what the writer raises.
    """
    transcript = read_transcript(data, now=now)
    wanted = "hi" if language == "hi" else "en"
    body = await writer.write(Request(transcript=transcript, template=template, language=wanted))
    return Noted(check(body, transcript), transcript)


def read_transcript(data: bytes, *, now: datetime) -> Transcript:
    """Read any of the accepted forms. Raises `InvalidError`, `NoSpeechError`."""
    if len(data) > LARGEST:
        raise InvalidError("The transcript is larger than a consultation can be.", remedy="Give one consultation.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidError("The transcript is not UTF-8 text.", remedy=_REMEDY) from None
    turns = _of_json(text) if text.lstrip().startswith("{") else _of_lines(text)
    turns = tuple(turn for turn in turns if turn.text.strip())
    if not turns:
        raise NoSpeechError("Nothing is said in this transcript.")
    language = turns[0].language.partition("-")[0]
    return Transcript(
        recording_id=RecordingId("REC_note"), version=1, turns=turns, engine=_TYPED, language=language, created_at=now
    )


def _of_lines(text: str) -> tuple[Turn, ...]:
    turns: list[tuple[Speaker, str]] = []
    for line in text.splitlines():
        match = _LINE.match(line)
        speaker = _SPEAKERS.get((match["in"] or match["before"]).strip(" .").lower()) if match else None
        if match and speaker is not None:
            turns.append((speaker, match["text"]))
        elif line.strip() and turns:
            turns[-1] = (turns[-1][0], f"{turns[-1][1]} {line.strip()}")
        elif line.strip():
            turns.append((Speaker.UNKNOWN, line.strip()))
    return tuple(_turn(number, *one) for number, one in enumerate(turns, start=1))


def _of_json(text: str) -> tuple[Turn, ...]:
    try:
        given = json.loads(text)
        rows = given["turns"]
        return tuple(_row(number, row) for number, row in enumerate(rows, start=1))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise InvalidError("The JSON is not a transcript.", remedy=_REMEDY) from None


def _row(number: int, row: dict[str, Any]) -> Turn:
    speaker = _SPEAKERS.get(str(row["speaker"]).strip().lower(), Speaker.UNKNOWN)
    start = float(row.get("start") or number)
    known = {"id": TurnId(str(row["id"]))} if row.get("id") else {}
    turn = _turn(number, speaker, str(row["text"]))
    return turn.model_copy(update={**known, "start": start, "end": max(start, float(row.get("end") or start))})


def _turn(number: int, speaker: Speaker, text: str) -> Turn:
    said = " ".join(text.split())
    return Turn(
        id=TurnId(f"t{number}"), speaker=speaker, text=said, start=number, end=number, language=language_of(said)
    )
