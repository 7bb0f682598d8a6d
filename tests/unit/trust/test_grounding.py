"""A sentence of a note that its sources do not bear out is marked, whoever wrote it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from auscult.domain.errors import EngineFailedError
from auscult.domain.evidence import ClinicianSource, Polarity, Source, Statement, TurnSource
from auscult.domain.ids import TurnId, UserId
from auscult.domain.medication import Medication
from auscult.domain.note import NoteBody, Section, WriterInfo
from auscult.domain.transcript import Transcript, Word
from auscult.trust.grounding import check
from tests.support.consultations import consultation

WRITER = WriterInfo(name="test", version="1")
VISIT = consultation(
    "C: Any fever?",
    "P: No. I take metformin five hundred milligrams twice a day.",
    "P: My chest hurts.",
)


def source(*turn_ids: str, version: int = 1) -> TurnSource:
    return TurnSource(turn_ids=tuple(TurnId(turn_id) for turn_id in turn_ids), transcript_version=version)


def statement(text: str, *sources: Source, polarity: Polarity = Polarity.AFFIRMED, name: str = "x") -> Statement:
    return Statement(id=name, text=text, section="Subjective", sources=sources, polarity=polarity)


def note(*statements: Statement, medications: tuple[Medication, ...] = ()) -> NoteBody:
    return NoteBody(
        sections=(Section(title="Subjective", statements=statements),), medications=medications, writer=WRITER
    )


def codes(body: NoteBody) -> list[str]:
    return [flag.code for one in body.statements for flag in one.flags]


@pytest.mark.parametrize(
    ("text", "turns"),
    [
        ("Takes metformin 500 mg twice a day.", ["t2"]),
        ("Denies fever.", ["t1", "t2"]),
        ("Reports chest pain.", ["t3"]),
    ],
)
def test_what_was_said_is_supported(text: str, turns: list[str]) -> None:
    checked = check(note(statement(text, source(*turns))), VISIT)
    assert checked.statements[0].supported
    assert not checked.statements[0].undecided


@pytest.mark.parametrize(
    ("text", "turns", "code"),
    [
        ("Takes metformin 850 mg twice a day.", ["t2"], "number_not_said"),
        ("Takes metformin 500 micrograms.", ["t2"], "unit_not_said"),
        ("Takes metformin and aspirin.", ["t2"], "medicine_not_said"),
        ("Denies chest pain.", ["t3"], "negation_not_said"),
        ("Takes metformin 500 mg.", ["t3"], "number_not_said"),
        ("Reports chest pain.", ["t99"], "unknown_source"),
    ],
)
def test_what_was_not_said_is_marked_and_kept(text: str, turns: list[str], code: str) -> None:
    checked = check(note(statement(text, source(*turns))), VISIT)
    assert checked.statements[0].text == text
    assert not checked.statements[0].supported
    assert code in codes(checked)
    assert checked.statements[0].undecided


def test_a_sentence_without_a_source_or_from_another_version_is_not_supported() -> None:
    checked = check(note(statement("Reports a cough."), statement("Chest hurts.", source("t3", version=2))), VISIT)
    assert codes(checked) == ["no_source", "unknown_source"]


def test_an_abbreviation_says_what_it_means() -> None:
    said = consultation("C: Dolo 650 mg TDS")
    assert check(note(statement("Start Dolo 650 mg 3 times a day.", source("t1"))), said).statements[0].supported


def test_what_a_clinician_wrote_themselves_stands() -> None:
    own = ClinicianSource(user_id=UserId("USR_1"), name="Dr A", at=datetime(2026, 1, 1, tzinfo=UTC))
    assert check(note(statement("Weight 80 kg, denies everything.", own)), VISIT).statements[0].supported


def heard(*words: tuple[str, float]) -> Transcript:
    spoken = tuple(Word(text=text, start=n, end=n + 1, confidence=sure) for n, (text, sure) in enumerate(words))
    turn = VISIT.turns[1].model_copy(update={"text": " ".join(text for text, _ in words), "words": spoken})
    return VISIT.model_copy(update={"turns": (turn,)})


@pytest.mark.parametrize(
    ("words", "text", "flagged"),
    [
        ([("metformin", 0.3), ("500", 0.9), ("mg", 0.9)], "Takes metformin 500 mg.", True),
        ([("metformin", 0.9), ("five", 0.2), ("hundred", 0.3), ("mg", 0.9)], "Takes metformin 500 mg.", True),
        ([("no", 0.2), ("fever", 0.9)], "Denies fever.", True),
        ([("um", 0.1), ("metformin", 0.9), ("500", 0.9), ("mg", 0.9)], "Takes metformin 500 mg.", False),
        ([("my", 0.9), ("chest", 0.2), ("hurts", 0.9)], "Reports chest pain.", False),
    ],
)
def test_a_medicine_number_or_negation_heard_badly_is_flagged(
    words: list[tuple[str, float]], text: str, flagged: bool
) -> None:
    checked = check(note(statement(text, source("t2"))), heard(*words))
    assert checked.statements[0].supported
    assert (codes(checked) == ["heard_with_low_confidence"]) is flagged


def test_a_parsed_medicine_is_checked_like_a_sentence() -> None:
    honest = Medication(name="metformin", strength="500 mg", frequency="twice a day", sources=(source("t2"),))
    invented = honest.model_copy(update={"strength": "850 mg"})
    checked = check(note(medications=(honest, invented)), VISIT)
    assert [[flag.code for flag in one.flags] for one in checked.medications] == [[], ["number_not_said"]]


def test_what_was_left_out_is_offered_only_where_the_transcript_bears_it_out() -> None:
    turns = consultation("P: I have a cough.", "P: I take metformin 500 mg.")
    offers = (
        statement("Reports a cough.", source("t1"), name="o1"),
        statement("Reports a fever.", source("t1"), name="o2"),
        statement("Takes metformin 850 mg.", source("t2"), name="o3"),
    )
    medicines = (
        Medication(name="metformin", strength="850 mg", sources=(source("t2"),), statement_ids=("o3",)),
        Medication(name="metformin", strength="500 mg", sources=(source("t2"),), statement_ids=("o1",)),
    )
    body = check(note().model_copy(update={"omitted": offers, "omitted_medications": medicines}), turns)
    assert [(one.id, one.supported) for one in body.omitted] == [("o1", True)]
    assert [one.strength for one in body.omitted_medications] == ["500 mg"]


def test_a_medicine_is_not_taken_for_reworded_when_its_sentence_gets_another_id() -> None:
    first = statement("Reports a cough.", source("t1"), name="s2")
    second = statement("Takes metformin 500 mg.", source("t2"), name="s1")
    medicine = Medication(name="metformin", strength="500 mg", sources=(source("t2"),), statement_ids=("s1",))
    turns = consultation("P: I have a cough.", "P: I take metformin 500 mg.")
    (kept,) = check(note(first, second, medications=(medicine,)), turns).medications
    assert (kept.line, kept.statement_ids) == ("metformin 500 mg", ("s2",))


def test_ids_are_made_stable_whatever_the_writer_called_them() -> None:
    body = note(*(statement("Chest hurts.", source("t3"), name="same") for _ in range(3)))
    assert [one.id for one in check(body, VISIT).statements] == ["s1", "s2", "s3"]


def test_checking_twice_changes_nothing() -> None:
    once = check(note(statement("Takes aspirin.", source("t2")), statement("Denies fever.", source("t2"))), VISIT)
    assert check(once, VISIT) == once


GARBAGE = [
    None,
    "a note",
    {"sections": []},
    note(statement("   ", source("t1"))),
    note(statement("x" * 10_000_000, source("t1"))),
    note(*(statement("Chest hurts.", source("t3")) for _ in range(5_000))),
    NoteBody(writer=WRITER, notes="x" * 10_000_000),
    NoteBody.model_construct(sections="nonsense", writer=WRITER),
    NoteBody.model_construct(sections=(7,), medications=None, writer=None),
]


@pytest.mark.parametrize("returned", GARBAGE, ids=lambda value: type(value).__name__)
def test_what_is_not_a_note_is_refused_and_nothing_of_it_is_repeated(returned: NoteBody) -> None:
    with pytest.raises(EngineFailedError) as refused:
        check(returned, VISIT)
    assert refused.value.remedy
    assert len(refused.value.reason) < 100
