"""A note in Hindi says what the English one says, or stays English."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.consultations import consultation
from tests.support.hindi import body_of

from auscult.engines.writer.offline.hindi_rendering import in_hindi, sentence_in_hindi
from auscult.knowledge.hindi_wording import directions, medicine_line
from auscult.knowledge.tables import rows
from auscult.trust.grounding import check


@pytest.mark.parametrize(
    ("english", "hindi"),
    [
        ("Reports fever for 2 days.", "2 दिन से बुखार बताते हैं।"),
        ("Reports a cough.", "खाँसी बताते हैं।"),
        ("Reports fever, cough and vomiting since yesterday.", "कल से बुखार, खाँसी और उल्टी बताते हैं।"),
        ("Reports severe knee pain for 6 months.", "6 महीने से घुटने में तेज़ दर्द बताते हैं।"),
        ("Reports pain on climbing stairs.", "सीढ़ी चढ़ने पर दर्द बताते हैं।"),
        ("Reports having had fever last night.", "कल रात बुखार होने की बात बताते हैं।"),
        ("Reports worsening cough.", "खाँसी बढ़ने की बात बताते हैं।"),
        ("Denies vomiting or loose motions.", "मरीज़ के अनुसार उल्टी या दस्त नहीं है।"),
        ("Denies pregnancy.", "गर्भवती नहीं हैं, ऐसा बताती हैं।"),
        ("Reports that their mother has high blood pressure.", "उनकी माँ को उच्च रक्तचाप है, ऐसा बताते हैं।"),
        ("Allergic to penicillin: rash.", "penicillin से एलर्जी है: दाने।"),
        ("Reports no allergies.", "कोई एलर्जी नहीं बताते हैं।"),
        ("Start Dolo 650 3 times a day after food for 3 days.", "Dolo 650 दिन में 3 बार खाने के बाद 3 दिन तक शुरू करें।"),
        ("Takes metformin 500 mg twice a day.", "metformin 500 mg दिन में दो बार लेते हैं।"),
        ("Has tried ibuprofen.", "ibuprofen लेकर देख चुके हैं।"),
        ("Has taken paracetamol 500 mg twice a day.", "paracetamol 500 mg दिन में दो बार ले चुके हैं।"),
        ("Increase metformin to 1000 mg twice a day.", "metformin की मात्रा बढ़ाकर 1000 mg दिन में दो बार करें।"),
        ("Stop ibuprofen.", "ibuprofen बंद करें।"),
        ("Advised not to take Brufen.", "Brufen न लेने की सलाह दी गई।"),
        ("Blood pressure 130/80.", "रक्तचाप (बीपी) 130/80।"),
        ("Temperature 38.5 °C.", "तापमान 38.5 °C।"),
        ("Impression: viral fever.", "निदान: वायरल बुखार।"),
        ("Advised to have an ECG and a chest X-ray.", "ईसीजी और छाती का एक्स-रे कराने की सलाह दी गई।"),
        ("Review in 3 days.", "3 दिन बाद दोबारा दिखाने की सलाह दी गई।"),
        ("Review tomorrow.", "कल दोबारा दिखाने की सलाह दी गई।"),
        (
            "Advised to come back at once if there is breathlessness.",
            "साँस फूलने पर तुरंत वापस आने की सलाह दी गई।",
        ),
        ("Left knee pain.", "बाएँ घुटने में दर्द।"),
        ("Right eye pain.", "दाईं आँख में दर्द।"),
        ("Swelling of the left foot.", "बाएँ पाँव में सूजन।"),
        ("Reports severe right elbow pain for 2 days.", "2 दिन से दाईं कोहनी में तेज़ दर्द बताते हैं।"),
        ("Cough.", "खाँसी।"),
        ("Fever and cough for 3 days.", "3 दिन से बुखार और खाँसी।"),
        (
            "The patient presents today for evaluation of left knee pain.",
            "मरीज़ आज बाएँ घुटने में दर्द की शिकायत लेकर आए हैं।",
        ),
        ("The patient presents today for evaluation of dizziness.", "मरीज़ आज चक्कर की शिकायत लेकर आए हैं।"),
        ("The patient presents today for evaluation of diabetes.", "मरीज़ आज मधुमेह की जाँच के लिए आए हैं।"),
        ("Start furosemide 40 mg once a day in the mornings.", "furosemide 40 mg दिन में एक बार सुबह शुरू करें।"),
        ("Start tramadol 50 mg every 6 hours as needed.", "tramadol 50 mg हर 6 घंटे में ज़रूरत पड़ने पर शुरू करें।"),
        ("Start paracetamol 1 g up to 4 times a day.", "paracetamol 1 g दिन में ज़्यादा से ज़्यादा 4 बार शुरू करें।"),
        ("Start prednisone 20 mg daily for the next 5 days.", "prednisone 20 mg रोज़ अगले 5 दिन तक शुरू करें।"),
        ("Start methotrexate 10 mg weekly.", "methotrexate 10 mg हर हफ़्ते शुरू करें।"),
        (
            "Start paracetamol 500 mg every 6 hours, up to 4 times a day.",
            "paracetamol 500 mg हर 6 घंटे में, दिन में ज़्यादा से ज़्यादा 4 बार शुरू करें।",
        ),
    ],
)
def test_statements_in_hindi(english: str, hindi: str) -> None:
    assert sentence_in_hindi(english) == hindi


@pytest.mark.parametrize(
    "english",
    [
        "Reports a bad cough for 5 days, and the chest feels tight at night.",
        "Reports fever on Tuesdays only.",
        "Denies fever except at night when cold.",
        "Start Nosuchdrug 5 mg.",
        "Start metformin 500 mg three quarters of the time.",
        "Impression: chest infection with some doubt.",
        "Advised to dance.",
        "Left spleen pain.",
        "Numbness of the left leg.",
        "Left and right knee pain.",
        "The patient presents today for evaluation of an odd feeling.",
        "Start metformin 500 mg once a day except on Sundays.",
        "",
    ],
)
def test_what_cannot_be_said_exactly_stays_english(english: str) -> None:
    assert sentence_in_hindi(english) is None


def test_every_advice_of_the_tables_has_its_hindi() -> None:
    for english, kind, *_spellings in rows("words_hi.tsv"):
        if kind == "advice":
            assert sentence_in_hindi(f"Advised {english}."), english


def test_the_hindi_note_keeps_ids_sources_polarity_and_medicines() -> None:
    transcript = consultation(
        "P: mujhe do din se bukhar hai, khansi nahi hai",
        "C: aapko viral bukhar hai. Dolo 650 din mein teen baar teen din tak lijiye. teen din baad aaiye",
    )
    body = check(body_of(transcript), transcript)
    hindi = in_hindi(body)
    assert hindi.language == "hi"
    assert [(one.id, one.sources, one.polarity, one.section) for one in hindi.statements] == [
        (one.id, one.sources, one.polarity, one.section) for one in body.statements
    ]
    assert hindi.medications == body.medications
    assert [one.text for one in hindi.statements] == [
        "2 दिन से बुखार बताते हैं।",
        "मरीज़ के अनुसार खाँसी नहीं है।",
        "निदान: वायरल बुखार।",
        "3 दिन बाद दोबारा दिखाने की सलाह दी गई।",
        "Dolo 650 दिन में 3 बार 3 दिन तक शुरू करें।",
    ]
    assert all(one.supported for one in check(hindi, transcript).statements)


@pytest.mark.parametrize(
    ("line", "hindi"),
    [
        ("amlodipine 5 mg once a day", "amlodipine 5 mg दिन में एक बार"),
        ("stop ibuprofen 400 mg 3 times a day", "ibuprofen 400 mg दिन में 3 बार बंद"),
        ("allergic to penicillin", "penicillin से एलर्जी"),
        ("metformin half a tablet on Sundays", None),
        ("nosuchdrug 5 mg", None),
    ],
)
def test_a_medicine_of_the_list_in_hindi(line: str, hindi: str | None) -> None:
    assert medicine_line(line) == hindi


@given(st.text(alphabet="0123456789 adeilotuwyrs-/,.%", max_size=40))
def test_any_directions_can_be_read(english: str) -> None:
    said = directions(english)
    assert said is None or {one for one in english if one.isdecimal()} <= set(said)
