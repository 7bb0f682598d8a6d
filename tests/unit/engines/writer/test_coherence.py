"""A retold sentence holds together, or it is not told; what hangs at its ends goes, and no limit of a claim with it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.engines.writer.offline.coherence import coherent


@pytest.mark.parametrize(
    "broken",
    [
        "They very tired when they walked.",
        "Reports that they just still having trouble with the hip.",
        "Reports that it when they are bending the elbow.",
        "Reports that both the ankles.",
        "It is thought that the numbers.",
        "Reports that the blood sugar's.",
        "The patient has when they were a child.",
        "The patient would looks worse.",
        "Reports that she they have a monitor.",
        "They their exam sounds like a sprain.",
        "Reports that when the pressure is high.",
        "Not if the patient is sitting down.",
        "The patient has a grip strength is less on the left.",
        "The patient has been eating anything.",
        "On the belly exam, is soft.",
        "No a headache since Monday.",
        "The patient reports cannot recall a rash.",
        "The patient reports injured or broken a bone.",
        "On a scale of 1 to 10, how severe is the pain.",
        "The patient does not appreciate any murmurs.",
        "End of note.",
        "Will avoid.",
        "Reports that hurts a lot.",
        "The patient was telling.",
        "Advised to heal in the next weeks.",
        "Advised to develop arthritis.",
        "Over the head because then it hurts.",
        "There is no cream or nothing.",
        "It's on a got the right word for it.",
        "The patient is coming in and for evaluation of gout.",
        "The patient has not yet.",
        "The patient saw blood, but any pain.",
        "Denies slips with that they said the ankles were swelling.",
        "There is in the patient's chart.",
        "The patient is doing they are good.",
        "Denies smoking is enough.",
        "Advised to know with certainty.",
        "Reports that surgery is effective, but let's try to run.",
        "The patient was unable to walk at on it.",
        "Matthew how're they doing.",
        "Reports that they it was a little sore.",
        "A lot of responsibility.",
        "Advised to continue to use.",
        "The patient has 5.",
        "There is no at all.",
        "Recommended not skiing or doing.",
        "The patient had a chance to make it over there yet.",
    ],
)
def test_what_does_not_hold_together_is_not_told(broken: str) -> None:
    assert coherent(broken) == ""


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "The patient has not had any chest pain, they are still walking.",
            "The patient has not had any chest pain; they are still walking.",
        ),
        (
            "Will get them pain medication they are in a ton of pain.",
            "Will get them pain medication; they are in a ton of pain.",
        ),
        ("Denies chest pain or tightness in the chest or not really.", "Denies chest pain or tightness in the chest."),
        (
            "The neurologic exam is normal the rest of the exam is normal.",
            "The neurologic exam is normal; the rest of the exam is normal.",
        ),
        ("Advised to see a nutritionist about what foods.", "Advised to see a nutritionist."),
        ("The patient usually catches themselves, so a lot of times.", "The patient usually catches themselves."),
        ("Denies fever or chills they get headaches often.", "Denies fever or chills; they get headaches often."),
        ("There is no pronator drift, sensation is intact.", "There is no pronator drift; sensation is intact."),
        ("If it hurts, they are to call.", "If it hurts, they are to call."),
        ("Takes the dose they were on.", "Takes the dose they were on."),
        ("The patient thinks they are not better.", "The patient thinks they are not better."),
        ("Reports some mild headaches, but otherwise.", "Reports some mild headaches."),
        ("The patient put ice on it and then they even.", "The patient put ice on it."),
        ("The patient has that stone, so right now.", "The patient has that stone."),
        ("The lungs are clear bilaterally on the abdominal exam.", "The lungs are clear bilaterally."),
        ("Refer to physiotherapy for 6 weeks and during that time.", "Refer to physiotherapy for 6 weeks."),
        ("Job, and the patient slipped and fell.", "The patient slipped and fell."),
        ("Surgeries the patient has had back pain for years.", "The patient has had back pain for years."),
        (
            "Reports that a slight cough, and again, he is not sure why.",
            "Reports a slight cough, and he is not sure why.",
        ),
        ("The reflexes are normal, which is good.", "The reflexes are normal."),
        ("Reports that it's been a little stiff ever.", "Reports that it's been a little stiff."),
    ],
)
def test_what_hangs_at_an_end_goes(said: str, told: str) -> None:
    assert coherent(said) == told


@pytest.mark.parametrize(
    "whole",
    [
        "Reports that they feel tired every now and then.",
        "The patient thinks the headaches are the worst ever.",
        "Reports that when they were a child, they had asthma.",
        "Reports that since then they continued to have pain.",
        "Reports chest pain, but only sometimes.",
        "Reports pain, but not at night.",
        "The patient has no pain when they walk.",
        "The problem is they are either constipated or have loose stools.",
        "If the symptoms do not improve, will consider an injection.",
        "After the fall, the patient could not stand.",
        "Will order a lipid panel, just to make sure that everything is okay with their cholesterol.",
        "On the neurovascular exam of the left arm the capillary refill is less than 3 seconds.",
        "Reports that they consume alcohol; but only a beer on Saturdays.",
        "Will get an MRI at that time.",
        "There is no tenderness or guarding.",
        "The patient feels lightheaded every once in a while.",
        "The patient has trouble when they are trying to reach for something.",
    ],
)
def test_a_whole_sentence_stays_as_it_is(whole: str) -> None:
    assert coherent(whole) == whole


VOCABULARY = (
    "the patient they has is had not no never only sometimes when if but and so then pain cough denies reports a some"
    " of in on at today otherwise right now there it was without unless until after hardly rarely once"
)
WORDS = st.sampled_from(VOCABULARY.split())


@given(st.lists(WORDS, min_size=1, max_size=14).map(lambda words: f"{' '.join(words).capitalize()}."))
def test_it_only_takes_away_and_never_a_word_that_denies_or_limits(text: str) -> None:
    told = coherent(text)
    if not told:
        return
    before, after = text.lower().strip(".").split(), re.sub("[,;]", "", told.lower().strip(".")).split()
    assert len(after) <= len(before)
    for word in ("not", "no", "never", "denies", "without", "unless", "only", "hardly", "rarely"):
        assert after.count(word) == before.count(word), (text, told)
