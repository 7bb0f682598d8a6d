"""The label before a sentence says which body system it is of, or what kind of plan, and nothing else."""

from __future__ import annotations

import pytest

from auscult.engines.writer.labels import (
    COUNSELING,
    FOLLOW_UP,
    REASONING,
    REFERRALS,
    TESTING,
    TREATMENT,
    label_of,
    place_of,
)
from auscult.knowledge.body_systems import names, system_of


@pytest.mark.parametrize(
    ("kind", "text", "label"),
    [
        ("review", "Denies fever.", "Constitutional"),
        ("examination", "Lungs are clear.", "Respiratory"),
        ("examination", "No tenderness.", ""),
        ("medicine", "Start amoxicillin 500 mg.", TREATMENT),
        ("follow_up", "Review in 2 weeks.", FOLLOW_UP),
        ("agreement", "The patient has no further questions.", ""),
        ("impression", "Asthma is well controlled.", REASONING),
        ("plan", "Refer to cardiology.", REFERRALS),
        ("plan", "Advised to see a dentist.", REFERRALS),
        ("plan", "Will see the patient in the clinic.", TREATMENT),
        ("plan", "Order a chest x-ray.", TESTING),
        ("plan", "Will apply a splint.", TREATMENT),
        ("plan", "Advised to take ibuprofen with food.", TREATMENT),
        ("plan", "Recommended physical therapy.", TREATMENT),
        ("plan", "Advised to start walking as tolerated.", COUNSELING),
        ("plan", "Advised to rest.", COUNSELING),
        ("plan", "Avoid salt.", COUNSELING),
        ("plan", "It is thought that this is gout.", REASONING),
        ("plan", "Home oxygen.", ""),
        ("history", "Reports a cough.", ""),
        ("vitals", "Pulse 80.", ""),
    ],
)
def test_each_kind_of_sentence_has_its_label_or_none(kind: str, text: str, label: str) -> None:
    assert label_of(kind, text) == label


def test_the_sentence_that_heads_a_problem_has_no_label() -> None:
    assert label_of("impression", "Asthma.", heads=True) == ""


@pytest.mark.parametrize(
    ("text", "system"),
    [
        ("Denies chest pain.", "Cardiovascular"),
        ("The chest is clear.", "Respiratory"),
        ("Denies nausea, or burning when they urinate.", ""),
        ("Denies headaches, nausea, rash or fever.", ""),
        ("The patient works as a roofer.", ""),
        ("Slung over the shoulderblade.", ""),
    ],
)
def test_a_sentence_of_several_systems_or_of_none_stands_under_none(text: str, system: str) -> None:
    assert system_of(text) == system


def test_labels_follow_the_order_of_the_body_and_of_a_plan_and_an_unknown_one_comes_last() -> None:
    assert [place_of(name) for name in ("", *names())] == list(range(len(names()) + 1))
    assert place_of(REASONING) < place_of(TESTING) < place_of(TREATMENT) < place_of(FOLLOW_UP)
    assert place_of("Nobody's") > max(place_of(names()[-1]), place_of(FOLLOW_UP))
