"""A consultation that nobody had, with a note of it, for the tests of the evaluation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from auscult.domain.evidence import Polarity, Statement, TurnSource
from auscult.domain.ids import TurnId
from auscult.domain.note import NoteBody, Section, WriterInfo
from auscult.engines.writer import Request
from auscult.evaluation.notes.evaluate import plain
from auscult.evaluation.notes.formats import acibench
from auscult.evaluation.notes.visits import Visit, Written
from auscult.knowledge.conversations import Row
from auscult.trust.grounding import check

TURNS = [
    ("doctor", "what brings you in today ?"),
    ("patient", "i have had a cough for two weeks ."),
    ("doctor", "any fever ?"),
    ("patient", "no , nothing like that ."),
    ("patient_guest", "he does n't sleep with it ."),
    ("doctor", "your chest x-ray is clear . take panadol 500 milligrams twice a day ."),
]
REFERENCE = (
    "CHIEF COMPLAINT\n\nCough.\n\nHISTORY OF PRESENT ILLNESS\n\n"
    "The patient has had a cough for 2 weeks. He denies fever.\n\n"
    "RESULTS\n\nChest x-ray is clear.\n\nASSESSMENT AND PLAN\n\nCough.\nTake acetaminophen 500 mg twice daily."
)
GOOD = {
    "Subjective": [("Reports a cough for 2 weeks.", (2,)), ("Denies fever.", (3, 4))],
    "Results": [("Chest x-ray is clear.", (6,))],
    "Plan": [("Take Panadol 500 mg twice a day.", (6,))],
}


def row(visit_id: str = "V1", subset: str = "clean", **changed: Any) -> dict[str, Any]:
    """One row of a data file."""
    turns = [{"speaker": speaker, "text": text} for speaker, text in TURNS]
    return {"id": visit_id, "subset": subset, "turns": turns, "note": REFERENCE, **changed}


def visit(**changed: Any) -> Visit:
    found = acibench.visit(Row("invented.jsonl", 1, row(**changed)))
    assert found is not None
    return found


def data(folder: Path, *rows: dict[str, Any], name: str = "invented.jsonl") -> Path:
    """A data file with these rows."""
    path = folder / name
    path.write_text("".join(json.dumps(one) + "\n" for one in rows), "utf-8")
    return path


def note(sections: dict[str, list[tuple[str, tuple[int, ...]]]]) -> NoteBody:
    """A note of these sentences, each with the numbers of its turns."""
    made = []
    for title, told in sections.items():
        statements = tuple(
            Statement(
                id=f"{title}{place}",
                text=text,
                section=title,
                sources=(TurnSource(turn_ids=tuple(TurnId(f"T{turn}") for turn in turns), transcript_version=1),),
                polarity=Polarity.NEGATED if "enies" in text else Polarity.AFFIRMED,
            )
            for place, (text, turns) in enumerate(told)
        )
        made.append(Section(title=title, statements=statements))
    return NoteBody(sections=tuple(made), writer=WriterInfo(name="told", version="1"))


def written(sections: dict[str, list[tuple[str, tuple[int, ...]]]], of: Visit | None = None) -> Written:
    """This note of the visit as the evaluation gets it: grounded and rendered."""
    about = of or visit()
    body = check(note(sections), about.transcript)
    return Written(about, body, plain(body, about.transcript), 0.0)


class ToldWriter:
    """Writes the same sentences of every visit."""

    def __init__(self, sections: dict[str, list[tuple[str, tuple[int, ...]]]]) -> None:
        self._sections = sections

    @property
    def info(self) -> WriterInfo:
        return WriterInfo(name="told", version="1")

    async def write(self, request: Request) -> NoteBody:
        return note(self._sections)


DIALOGUES = (
    (
        "ALLERGY",
        "Doctor: Are you allergic to any medicine?\nPatient: Yes, penicillin gives me hives.\n"
        "Doctor: Any other allergies?\nPatient: None that I know of.",
    ),
    (
        "FAM/SOCHX",
        "Doctor: Do you smoke or drink alcohol?\nPatient: I quit smoking ten years ago and have a beer on weekends.\n"
        "Doctor: Are you married?\nPatient: Yes, with two children. I work as a plumber.",
    ),
    (
        "PASTSURGICAL",
        "Doctor: Have you had any surgeries?\nPatient: I had my appendix removed as a child.\n"
        "Doctor: Any other operations?\nPatient: A hernia repair in two thousand nine.",
    ),
    (
        "MEDICATIONS",
        "Doctor: What medications are you taking?\nPatient: I take lisinopril and metformin.\n"
        "Doctor: Any other medicine?\nPatient: Only a baby aspirin every day.",
    ),
    (
        "ROS",
        "Doctor: Any fever or chills?\nPatient: No.\nDoctor: Any chest pain or shortness of breath?\nPatient: No.\n"
        "Doctor: Any nausea, vomiting or diarrhea?\nPatient: No.\nDoctor: Any rash or headaches?\nPatient: No.",
    ),
)
"""Pieces of conversations that nobody had, with the header each belongs to."""
