"""A Hindi note of an English visit is checked by what it says: what was said passes, what was altered does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.domain.evidence import Polarity, Statement, TurnSource
from auscult.domain.ids import TurnId
from auscult.knowledge.tables import rows
from auscult.trust.grounding import INVENTED, MEDICINE, NEGATION, NUMBER, OPPOSITE, SIDE, SPEAKER, UNIT, faults
from auscult.trust.grounding.hindi import in_english
from auscult.trust.grounding.sources import Turns
from tests.support.consultations import consultation

VISIT = consultation(
    "P: I've had a cough for about five days. My left knee hurts, and I have a severe headache.",
    "C: Any fever or chest pain?",
    "P: No.",
    "C: Any illnesses in the family?",
    "P: My father had a heart attack. My mother has diabetes.",
    "P: I take metformin 500 mg twice a day. I stopped the ibuprofen. I'm allergic to penicillin, it gives me a rash.",
    "C: Your temperature is 37.8, your blood pressure is 130 over 80 and your oxygen is ninety six percent.",
    "C: Your throat is red. There is no wheezing.",
    "C: I think you have a chest infection. I'll start you on doxycycline 100 mg twice a day for five days.",
    "C: Increase metformin to 1000 mg twice a day. Take paracetamol every 6 hours as needed for the fever.",
    "C: Get a chest x-ray and an ECG. Drink plenty of fluids.",
    "C: Come back in three days, or at once if you get breathless.",
    "P: I don't smoke. I have no more questions.",
)


def codes(text: str, *turns: int) -> set[str]:
    """The codes that a sentence gets which cites these turns of the visit."""
    source = TurnSource(turn_ids=tuple(TurnId(f"t{turn}") for turn in turns), transcript_version=1)
    polarity = Polarity.NEGATED if "नहीं" in text else Polarity.AFFIRMED
    statement = Statement(id="s1", text=text, section="Plan", sources=(source,), polarity=polarity)
    return {flag.code for flag in faults(statement, Turns(VISIT))}


PAIRS = [
    (
        (1,),
        "मरीज़ आज बाएँ घुटने में दर्द की शिकायत लेकर आए हैं।",
        "मरीज़ आज बाएँ टखने में दर्द की शिकायत लेकर आए हैं।",
        SIDE,
    ),
    ((1,), "बाएँ घुटने में दर्द।", "दाईं आँख में दर्द।", SIDE),
    ((2, 3), "मरीज़ के अनुसार बुखार या सीने में दर्द नहीं है।", "बुखार और सीने में दर्द बताते हैं।", OPPOSITE),
    ((2, 3), "मरीज़ के अनुसार बुखार नहीं है।", "मरीज़ के अनुसार उल्टी नहीं है।", INVENTED),
    ((1,), "खाँसी बताते हैं।", "मरीज़ के अनुसार खाँसी नहीं है।", NEGATION),
    ((1,), "5 दिन से खाँसी बताते हैं।", "6 दिन से खाँसी बताते हैं।", NUMBER),
    ((1,), "पाँच दिन से खाँसी बताते हैं।", "पाँच हफ़्ते से खाँसी बताते हैं।", UNIT),
    ((1,), "5 दिन से खाँसी बताते हैं।", "5 दिन से खाँसी और उल्टी बताते हैं।", INVENTED),
    ((1,), "बाएँ घुटने में दर्द बताते हैं।", "दाएँ घुटने में दर्द बताते हैं।", SIDE),
    ((1,), "बायें घुटने में दर्द है।", "दोनों घुटनों में दर्द है।", SIDE),
    ((1,), "तेज़ सिर दर्द बताते हैं।", "तेज़ पेट दर्द बताते हैं।", INVENTED),
    ((1,), "खाँसी बताते हैं।", "खाँसी और कैंसर बताते हैं।", INVENTED),
    ((1,), "खाँसी बताते हैं।", "खाँसी और अज्ञातरोग बताते हैं।", INVENTED),
    ((4, 5), "उनके पिता को पहले दिल का दौरा होने की बात बताते हैं।", "पहले दिल का दौरा होने की बात बताते हैं।", SPEAKER),
    ((4, 5), "उनकी माँ को मधुमेह है, ऐसा बताते हैं।", "उनकी माँ को दमा है, ऐसा बताते हैं।", INVENTED),
    ((4, 5), "उनकी माँ को मधुमेह है, ऐसा बताते हैं।", "उनकी माँ को मधुमेह नहीं है, ऐसा बताते हैं।", NEGATION),
    ((6,), "metformin 500 mg दिन में दो बार लेते हैं।", "metformin 500 mg दिन में तीन बार लेते हैं।", NUMBER),
    ((6,), "metformin 500 mg दिन में दो बार लेते हैं।", "metformin 500 g दिन में दो बार लेते हैं।", UNIT),
    ((6,), "metformin 500 mg दिन में दो बार लेते हैं।", "gliclazide 500 mg दिन में दो बार लेते हैं।", MEDICINE),
    ((6,), "मेटफॉर्मिन लेते हैं।", "एम्लोडिपिन लेते हैं।", MEDICINE),
    ((6,), "ibuprofen लेना बंद कर दिया है।", "ibuprofen जारी रखें।", OPPOSITE),
    ((6,), "penicillin से एलर्जी है: दाने।", "penicillin से एलर्जी है: चक्कर आना।", INVENTED),
    ((7,), "रक्तचाप (बीपी) 130/80।", "रक्तचाप (बीपी) 150/80।", NUMBER),
    ((7,), "ऑक्सीजन 96%।", "ऑक्सीजन 69%।", NUMBER),
    ((7,), "तापमान 37.8 °C।", "तापमान 38.7 °C।", NUMBER),
    ((8,), "जाँच में गला लाल।", "जाँच में गला लाल, घरघराहट।", OPPOSITE),
    ((8,), "जाँच में घरघराहट नहीं।", "जाँच में गला लाल नहीं।", NEGATION),
    ((9,), "निदान: सीने में संक्रमण।", "निदान: दमा।", INVENTED),
    (
        (9,),
        "doxycycline 100 mg दिन में दो बार 5 दिन तक शुरू करें।",
        "doxycycline 100 mg दिन में दो बार 7 दिन तक शुरू करें।",
        NUMBER,
    ),
    ((9,), "doxycycline 100 mg दिन में दो बार शुरू करें।", "amoxicillin 100 mg दिन में दो बार शुरू करें।", MEDICINE),
    ((9,), "doxycycline 100 mg शुरू करें।", "doxycycline 100 mg बंद करें।", OPPOSITE),
    (
        (10,),
        "metformin की मात्रा बढ़ाकर 1000 mg दिन में दो बार करें।",
        "metformin की मात्रा घटाकर 1000 mg दिन में दो बार करें।",
        OPPOSITE,
    ),
    ((10,), "paracetamol हर 6 घंटे में ज़रूरत पड़ने पर (बुखार के लिए) शुरू करें।", "paracetamol हर 8 घंटे में शुरू करें।", NUMBER),
    ((11,), "ईसीजी और छाती का एक्स-रे कराने की सलाह दी गई।", "ईसीजी और खून की जाँच कराने की सलाह दी गई।", INVENTED),
    ((11,), "तरल चीज़ें ज़्यादा लेने की सलाह दी गई।", "धूम्रपान छोड़ने की सलाह दी गई।", INVENTED),
    ((12,), "3 दिन बाद दोबारा दिखाने की सलाह दी गई।", "3 हफ़्ते बाद दोबारा दिखाने की सलाह दी गई।", UNIT),
    ((12,), "साँस फूलने पर तुरंत वापस आने की सलाह दी गई।", "बुखार होने पर तुरंत वापस आने की सलाह दी गई।", INVENTED),
    ((13,), "धूम्रपान नहीं करते हैं।", "धूम्रपान करते हैं।", OPPOSITE),
    ((12,), "3 दिन बाद दोबारा दिखाने की सलाह दी गई।", "3 दिन से खाँसी बताते हैं।", SPEAKER),
]


@pytest.mark.parametrize(("turns", "supported"), list(dict.fromkeys((pair[0], pair[1]) for pair in PAIRS)))
def test_what_was_said_in_english_bears_out_its_hindi(turns: tuple[int, ...], supported: str) -> None:
    assert codes(supported, *turns) == set()


@pytest.mark.parametrize(("turns", "altered", "code"), [(pair[0], pair[2], pair[3]) for pair in PAIRS])
def test_what_was_altered_in_hindi_is_marked(turns: tuple[int, ...], altered: str, code: str) -> None:
    assert code in codes(altered, *turns)


@pytest.mark.parametrize(
    ("hindi", "english"),
    [
        ("मरीज़ के अनुसार बुखार या सीने में दर्द नहीं है।", "Reports no fever or chest pain."),
        ("खाँसी है और बुखार नहीं है।", "a cough. no fever."),
        ("डोलो 650 दिन में 2-3 बार हर रात लेते हैं।", "Takes Dolo 650 day 2 to 3 times every night."),
        ('चिकित्सक: "I feel 2 lumps."', "Clinician I feel 2 lumps."),
    ],
)
def test_a_negation_stands_before_what_it_denies(hindi: str, english: str) -> None:
    assert in_english(hindi).english.replace("cough", "a cough") == english


def test_every_phrase_of_a_hindi_note_is_known() -> None:
    unknown = {
        hindi: read.unknown
        for _english, kind, hindi, _source in rows("rendering_hi.tsv")
        if kind != "heading" and (read := in_english(hindi)).unknown
    }
    assert unknown == {}


def test_every_finding_by_its_name_in_a_note_is_known() -> None:
    unknown = {row[2].split("|")[0] for row in rows("findings_hi.tsv") if in_english(row[2].split("|")[0]).unknown}
    assert unknown == set()


@given(st.text(alphabet="कखगघािीुूे्ंँ़ 3456 नहीं है,।.:()-abcEN", max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    assert isinstance(in_english(text).english, str)
