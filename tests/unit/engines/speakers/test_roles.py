"""The clinician is guessed from who asks, examines and prescribes."""

from __future__ import annotations

from auscult.domain.transcript import Speaker
from auscult.engines.speakers.roles import guess
from auscult.knowledge import sample

C, P = Speaker.CLINICIAN, Speaker.PATIENT


def test_the_clinician_of_the_sample_is_found_whichever_voice_it_has() -> None:
    for clinician, patient in ((0, 1), (1, 0)):
        roles = guess([(clinician if turn.speaker is C else patient, turn.text) for turn in sample.turns()])
        assert roles.speakers == {clinician: C, patient: P}
        assert roles.confidence > 0.95
        assert not roles.unsure


def test_it_works_without_punctuation_as_a_recogniser_writes() -> None:
    roles = guess([(0, "i have a bad cough and my chest hurts"), (1, "any fever do you smoke"), (0, "no i feel tired")])
    assert roles.speakers == {0: P, 1: C}


def test_hindi_and_hinglish_are_understood_too() -> None:
    hindi = [(0, "मुझे दो दिन से बुखार है डॉक्टर साहब"), (1, "गोली लीजिए दिन में दो बार और फिर आइए")]
    hinglish = [(0, "mujhe pet mein dard ho raha hai"), (1, "kab se hai? goli lijiye din mein do baar")]
    for talk in (hindi, hinglish):
        assert guess(talk).speakers == {0: P, 1: C}


def test_on_a_tie_the_first_to_speak_is_the_clinician_and_a_person_is_asked() -> None:
    roles = guess([(1, "hello"), (0, "hello")])
    assert roles.speakers == {1: C, 0: P}
    assert roles.unsure
    assert roles.confidence == 0.5


def test_one_voice_is_not_named_without_good_reason() -> None:
    roles = guess([(0, "hello there")])
    assert roles.speakers == {0: Speaker.UNKNOWN}
    assert roles.unsure


def test_nobody_has_no_role() -> None:
    roles = guess([])
    assert roles.speakers == {}
    assert roles.unsure
