"""A note may say in clinical words what was said in plain ones; it may not say something else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.domain.evidence import Polarity, Statement, TurnSource
from auscult.domain.ids import TurnId
from auscult.trust.grounding import faults
from auscult.trust.grounding.reading import answer_to, read
from auscult.trust.grounding.sources import Turns
from tests.support.consultations import consultation


def codes(
    lines: list[str], text: str, polarity: Polarity = Polarity.AFFIRMED, cited: list[str] | None = None
) -> list[str]:
    """The codes that a sentence gets which cites these turns; all when none is named."""
    said = consultation(*lines)
    turn_ids = tuple(TurnId(one) for one in cited or [turn.id for turn in said.turns])
    source = TurnSource(turn_ids=turn_ids, transcript_version=1)
    told = Statement(id="s1", text=text, section="Subjective", sources=(source,), polarity=polarity)
    return [flag.code for flag in faults(told, Turns(said))]


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (["P: I get puffed going up hills."], "Reports exertional dyspnoea."),
        (["P: I get puffed going up hills."], "Reports dyspnea going up hills."),
        (["C: Take Panadol, two tablets."], "Paracetamol 2 tablets."),
        (["C: Start albuterol."], "Start salbutamol."),
        (["P: It lasted two days."], "Lasted 48 hours."),
        (["C: Half a gram of it."], "500 mg."),
        (["C: One of these 1-0-1."], "Take twice a day."),
        (["C: Any rash?", "P: No."], "No rash."),
        (["C: any rash or fever", "P: no not that i noticed"], "Denies rash or fever."),
        (["P: No fever, but I have a cough."], "Reports a cough and denies fever."),
        (["P: I don't think I have a fever."], "Denies fever."),
        (["C: Both ankles are swollen."], "Swelling of the left ankle."),
        (["C: All right, the left knee is swollen."], "Swelling of the left knee."),
        (["C: Chief complaint is left arm pain."], "Left arm pain."),
        (["C: She is here for a right elbow."], "Right elbow problem."),
        (["C: Stop your Advil or Motrin."], "Stop Motrin."),
        (["P: My mum has asthma."], "Mother has asthma."),
        (["U: I have a cough."], "Reports a cough."),
        (["C: Let's stop the metformin and start gliclazide."], "Start gliclazide."),
    ],
)
def test_other_words_for_what_was_said_are_supported(lines: list[str], text: str) -> None:
    assert codes(lines, text) == []


@pytest.mark.parametrize(
    ("lines", "text", "code"),
    [
        (["C: The right knee is swollen, the left knee is fine."], "Swelling of both hips.", "side_not_said"),
        (["C: That's right, the left knee is swollen."], "Right knee swollen.", "side_not_said"),
        (["C: Any rash?", "P: Yes, a red one."], "Denies a rash.", "negation_not_said"),
        (["C: Any rash?", "P: No."], "Reports a rash.", "opposite_said"),
        (["C: The swab came back negative."], "Swab positive.", "opposite_said"),
        (["C: Keep taking the metformin."], "Stop metformin.", "opposite_said"),
        (["C: Take two milligrams for three days."], "Take 2 mg for 2 days.", "unit_not_said"),
        (["C: Take it twice a day."], "Take 3 times a day.", "number_not_said"),
        (["P: I have a cough."], "Reports a cough and haemoptysis.", "content_not_said"),
        (["P: I have a cough."], "Reports a cough and vertigo.", "content_not_said"),
        (["C: Any rash?"], "Reports a rash.", "other_speaker"),
        (["P: I want an X-ray."], "Plan: X-ray.", "other_speaker"),
        (["P: My mum has asthma."], "Has asthma.", "other_speaker"),
        (["P: My aunt takes carbimazole."], "Takes carbimazole.", "other_speaker"),
    ],
)
def test_what_was_not_said_so_is_marked_for_what_is_wrong_with_it(lines: list[str], text: str, code: str) -> None:
    assert code in codes(lines, text)


def test_a_pronoun_may_point_to_what_was_said_before() -> None:
    lines = ["P: I have a rash on my arm.", "C: How long?", "P: It came three days ago."]
    assert codes(lines, "Rash for 3 days.", cited=["t3"]) == []
    assert codes(lines, "Headache for 3 days.", cited=["t3"]) == ["content_not_said"]


def test_an_answer_brings_its_question_along() -> None:
    lines = ["C: Any chest pain?", "P: No."]
    assert codes(lines, "Denies chest pain.", Polarity.NEGATED, cited=["t2"]) == []
    assert codes(lines, "Denies fever.", Polarity.NEGATED, cited=["t2"]) == ["content_not_said"]


@pytest.mark.parametrize("said", ["मुझे तीन दिन से बुखार है", "mujhe teen din se bukhar hai", "3 din se bukhar hai"])
def test_what_was_said_in_hindi_is_not_called_invented_for_want_of_a_lexicon(said: str) -> None:
    assert "content_not_said" not in codes([f"P: {said}"], "Reports fever.")
    assert "medicine_not_said" in codes([f"P: {said}"], "Takes metformin.")


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("No.", Polarity.NEGATED),
        ("uh no not really", Polarity.NEGATED),
        ("Not that I remember.", Polarity.NEGATED),
        ("I do n't", Polarity.NEGATED),
        ("Yeah, a bit.", Polarity.AFFIRMED),
        ("No bleeding. A few cramps.", Polarity.POSSIBLE),
        ("Just at night.", Polarity.POSSIBLE),
    ],
)
def test_an_answer_says_yes_or_no_to_all_or_neither(answer: str, says: Polarity) -> None:
    assert answer_to(answer) is says


@given(st.text(max_size=300), st.sampled_from([None, *Polarity]))
def test_any_text_can_be_read(text: str, answered: Polarity | None) -> None:
    for clause in read(text, answered=answered).clauses:
        assert len(clause.stems) == len(clause.polarities) > 0


@given(st.text(min_size=1, max_size=200).filter(str.strip))
def test_a_sentence_in_the_words_of_an_unknown_speaker_adds_no_number_unit_medicine_or_side(text: str) -> None:
    said = " ".join(text.replace(":", " ").split())
    if said:
        found = codes([f"U: {said}"], said)
        assert not {"number_not_said", "unit_not_said", "medicine_not_said", "side_not_said"} & set(found)
