"""What was mentioned and left out comes into the note whole: its sentence, its sources, its medicines."""

from __future__ import annotations

import pytest

from auscult.domain.errors import NotFoundError
from auscult.domain.evidence import ResultField, Statement, TurnSource
from auscult.domain.ids import TurnId
from auscult.domain.medication import Medication, MedicationStatus
from auscult.domain.note import NoteBody, Section, WriterInfo
from auscult.domain.note_additions import with_omitted, with_statement, without_omitted


def said(statement_id: str, text: str, section: str, field: ResultField | None = None) -> Statement:
    source = TurnSource(turn_ids=(TurnId("t3"),), transcript_version=1)
    return Statement(id=statement_id, text=text, section=section, sources=(source,), field=field)


DOXYCYCLINE = Medication(name="doxycycline", status=MedicationStatus.STARTED, statement_ids=("o2",))
BODY = NoteBody(
    sections=(Section(title="Subjective", statements=(said("s1", "Reports a cough.", "Subjective"),)),),
    writer=WriterInfo(name="test", version="1"),
    omitted=(
        said("o1", "Denies fever.", "Subjective", ResultField.NOTES),
        said("o2", "Start doxycycline.", "Plan", ResultField.MEDICATIONS),
    ),
    omitted_medications=(DOXYCYCLINE,),
)


def test_it_stands_in_its_section_with_its_sources_and_is_offered_no_more() -> None:
    body = with_omitted(BODY, "o1", "s_new")
    (section,) = body.sections
    assert [one.id for one in section.statements] == ["s1", "s_new"]
    assert section.statements[1].sources == BODY.omitted[0].sources
    assert [one.id for one in body.omitted] == ["o2"]
    assert "Denies fever." in body.notes


def test_a_medicine_comes_with_the_sentence_that_tells_of_it() -> None:
    body = with_omitted(BODY, "o2", "s_new")
    assert [section.title for section in body.sections] == ["Subjective", "Plan"], "the section is made"
    assert [(one.name, one.statement_ids) for one in body.medications] == [("doxycycline", ("s_new",))]
    assert body.omitted_medications == ()


def test_a_medicine_that_the_note_lists_is_not_listed_twice() -> None:
    listed = BODY.model_copy(update={"medications": (Medication(name="Doxycycline"),)})
    assert [one.name for one in with_omitted(listed, "o2", "s_new").medications] == ["Doxycycline"]


def test_what_is_put_aside_takes_its_medicine_along_and_leaves_the_note_as_it_is() -> None:
    found, body = without_omitted(BODY, "o2")
    assert found.text == "Start doxycycline."
    assert body.sections == BODY.sections
    assert (len(body.omitted), body.omitted_medications, body.medications) == (1, (), ())


def test_what_is_not_offered_cannot_be_added() -> None:
    with pytest.raises(NotFoundError):
        with_omitted(BODY, "s1", "s_new")


def order(statement_id: str, text: str, problem: str = "", label: str = "", term: str = "") -> Statement:
    return said(statement_id, text, "Plan").model_copy(update={"problem": problem, "label": label, "term": term})


TREATMENT, TESTS = "Medical treatment", "Additional testing"
PLAN = NoteBody(
    sections=(
        Section(
            title="Plan",
            statements=(
                order("s1", "Impression: gout.", "Gout", term="Gout"),
                order("s2", "Start colchicine.", "Gout", TREATMENT),
                order("s3", "Order a uric acid level.", "Gout", TESTS),
                order("s4", "Impression: asthma.", "Asthma", term="Asthma"),
                order("s5", "Review in a week.", "", "Follow-up"),
            ),
        ),
    ),
    writer=WriterInfo(name="test", version="1"),
)


def taken_in(offered: Statement) -> list[tuple[str, str, str]]:
    body = with_omitted(PLAN.model_copy(update={"omitted": (offered,)}), "o1", "new")
    return [(one.id, one.problem, one.label) for one in body.sections[0].statements]


@pytest.mark.parametrize(
    ("after", "problem", "label"),
    [
        ("s2", "Gout", TREATMENT),
        ("s3", "Gout", TESTS),
        ("s1", "Gout", ""),
        ("s5", "", "Follow-up"),
        (None, "", ""),
        ("gone", "", ""),
    ],
)
def test_a_sentence_of_the_clinicians_own_takes_problem_and_label_of_the_one_that_it_stands_behind(
    after: str | None, problem: str, label: str
) -> None:
    statements = list(with_statement(PLAN, order("new", "Rest."), after).sections[0].statements)
    place = [one.id for one in statements].index("new")
    assert (statements[place].problem, statements[place].label) == (problem, label)
    assert place == (["s1", "s2", "s3", "s4", "s5"].index(after) + 1 if after in {"s1", "s2", "s3", "s5"} else 5)


def test_what_is_taken_in_stands_with_its_problem_under_its_label() -> None:
    ids = [one[0] for one in taken_in(order("o1", "Rest the foot.", "gout", TREATMENT))]
    assert ids == ["s1", "s2", "new", "s3", "s4", "s5"], "behind the last of its label"
    assert ("new", "Gout", TREATMENT) in taken_in(order("o1", "Rest the foot.", "gout", TREATMENT))
    found = taken_in(order("o1", "Refer to a podiatrist.", "Gout", "Specialist referrals"))
    assert found[3] == ("new", "Gout", "Specialist referrals"), "a label that its problem has not yet"


def test_what_is_taken_in_for_a_problem_that_the_note_has_not_is_for_none() -> None:
    assert taken_in(order("o1", "Order a chest x-ray.", "Pneumonia", TESTS))[-1] == ("new", "", TESTS)
    assert taken_in(order("o1", "Impression: flu.", "Flu", term="Flu"))[-1] == ("new", "Flu", "")
    assert taken_in(order("o1", "Call if worse.", "", "Follow-up"))[-1] == ("new", "", "Follow-up")


def test_what_is_taken_in_makes_the_group_of_a_problem_that_another_section_names() -> None:
    assessment = Section(title="Assessment", statements=(order("a1", "Impression: flu.", "Flu", term="Flu"),))
    body = PLAN.model_copy(
        update={"sections": (assessment, *PLAN.sections), "omitted": (order("o1", "Rest.", "Flu", TREATMENT),)}
    )
    added = with_omitted(body, "o1", "new").sections[1].statements[-1]
    assert (added.id, added.problem, added.label) == ("new", "Flu", TREATMENT)
