"""How a note reads problem by problem, and that its headings follow what a clinician changes."""

from __future__ import annotations

from datetime import UTC, datetime

from auscult.domain.evidence import ClinicianSource, ResultField, Statement
from auscult.domain.ids import UserId
from auscult.domain.note import NoteBody, Section, WriterInfo
from auscult.domain.note_fields import with_sections
from auscult.domain.note_groups import groups

AT = datetime(2026, 1, 2, tzinfo=UTC)


def item(number: int, text: str, problem: str = "", section: str = "Plan", label: str = "") -> Statement:
    return Statement(id=f"s{number}", text=text, section=section, problem=problem, label=label)


def head(number: int, name: str) -> Statement:
    return Statement(
        id=f"s{number}",
        text=f"Impression: {name.lower()}.",
        section="Assessment",
        field=ResultField.DIAGNOSIS,
        term=name,
        problem=name,
    )


def body(*sections: Section) -> NoteBody:
    return with_sections(NoteBody(writer=WriterInfo(name="offline", version="2")), sections)


NOTE = body(
    Section(title="Assessment", statements=(head(1, "Gout"), head(2, "Asthma"))),
    Section(
        title="Plan",
        statements=(
            item(3, "Start colchicine.", "Gout"),
            item(4, "Stop smoking.", "Asthma"),
            item(5, "Review in a week."),
        ),
    ),
)


def headings(section: Section, language: str = "en") -> list[tuple[str, list[str]]]:
    return [(group.heading, [one.id for one in group.statements]) for group in groups(section, language)]


def test_sentences_stand_under_their_problem_and_the_rest_under_other() -> None:
    assert headings(NOTE.sections[1]) == [("Gout", ["s3"]), ("Asthma", ["s4"]), ("Other", ["s5"])]
    assert headings(NOTE.sections[1], "hi")[-1][0] == "अन्य"


def test_a_sentence_that_names_the_problem_is_its_heading() -> None:
    assert headings(NOTE.sections[0]) == [("", ["s1"]), ("", ["s2"])]
    together = Section(title="Assessment and plan", statements=(head(1, "Gout"), item(3, "Start colchicine.", "Gout")))
    assert headings(together) == [("", ["s1", "s3"])]
    assert [one.id for one in groups(together)[0].below] == ["s3"]


def test_a_note_from_before_has_no_groups() -> None:
    kept = Section.model_validate({"title": "Plan", "statements": [{"id": "s1", "text": "Rest.", "section": "Plan"}]})
    assert headings(kept) == [("", ["s1"])]
    assert groups(Section(title="Plan")) == ()


def test_an_impression_that_is_taken_out_takes_its_heading_with_it() -> None:
    left = NOTE.sections[0].model_copy(update={"statements": NOTE.sections[0].statements[1:]})
    changed = with_sections(NOTE, (left, NOTE.sections[1]))
    assert [one.problem for one in changed.sections[1].statements] == ["", "Asthma", ""]


def test_an_impression_in_a_clinicians_words_gives_its_group_the_new_heading() -> None:
    source = ClinicianSource(user_id=UserId("USR_01JN0000AV0000000000000001"), name="Dr. Hill", at=AT)
    own = (
        NOTE.sections[0]
        .statements[0]
        .model_copy(update={"text": "Pseudogout.", "term": "", "field": None, "sources": (source,)})
    )
    first = NOTE.sections[0].model_copy(update={"statements": (own, NOTE.sections[0].statements[1])})
    changed = with_sections(NOTE, (first, NOTE.sections[1]))
    assert [one.problem for one in changed.sections[1].statements] == ["Pseudogout", "Asthma", ""]
    assert headings(changed.sections[0]) == [("", ["s1"]), ("", ["s2"])]
    assert changed.diagnosis == "Pseudogout; Asthma"


def test_what_is_for_no_problem_stands_at_the_end_under_one_heading() -> None:
    """The first of two problems is taken out: its orders do not make a second heading where they stood."""
    section = Section(
        title="Assessment and plan",
        statements=(head(1, "Gout"), item(2, "Start colchicine.", "Gout"), head(3, "Asthma"), item(4, "Review.")),
    )
    without = section.model_copy(update={"statements": section.statements[1:]})
    changed = with_sections(body(section), (without,)).sections[0]
    assert [one.id for one in changed.statements] == ["s2", "s3", "s4"]
    assert headings(changed) == [("", ["s3"]), ("Other", ["s2", "s4"])]


def test_a_label_stands_before_the_first_sentence_that_it_fits_and_the_next_are_set_in_under_it() -> None:
    treatment, tests = "Medical treatment", "Additional testing"
    section = Section(
        title="Assessment and plan",
        statements=(
            head(1, "Gout"),
            item(2, "Start colchicine.", "Gout", label=treatment),
            item(3, "Rest the foot.", "Gout", label=treatment),
            item(4, "Order a uric acid level.", "Gout", label=tests),
            item(5, "Stop ibuprofen.", "Asthma", label=treatment),
        ),
    )
    gout, asthma = groups(section)
    assert [(depth, label, one.id) for depth, label, one in gout.outline] == [
        (0, "", "s1"),
        (1, treatment, "s2"),
        (2, "", "s3"),
        (1, tests, "s4"),
    ]
    assert [(depth, label, one.id) for depth, label, one in asthma.outline] == [(1, treatment, "s5")]
    rest = section.model_copy(update={"statements": (section.statements[0], *section.statements[2:])})
    assert [label for _depth, label, _one in groups(rest)[0].outline] == ["", treatment, tests]


def test_a_section_without_problems_is_read_by_its_labels() -> None:
    review = Section(
        title="Review of systems",
        statements=(
            item(1, "Denies fever."),
            item(2, "Denies chest pain.", label="Cardiovascular"),
            item(3, "Denies palpitations.", label="Cardiovascular"),
        ),
    )
    (group,) = groups(review)
    assert [(depth, label) for depth, label, _one in group.outline] == [(0, ""), (0, "Cardiovascular"), (1, "")]
