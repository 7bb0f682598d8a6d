"""What is understood of consultations in Hindi, in Hinglish and in both mixed with English."""

from __future__ import annotations

import pytest
from tests.support.consultations import consultation
from tests.support.hindi import body_of, items_of

from auscult.domain.evidence import Polarity
from auscult.engines.writer.offline.hindi_rendering import in_hindi
from auscult.trust.grounding import check

VISITS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "a sore throat, in Hinglish": (
        (
            "C: Namaste ji, bataiye kya hua?",
            "P: Doctor sahab, teen din se gale mein kharash hai aur nigalne mein dard hota hai.",
            "C: Bukhar aata hai?",
            "P: Haan, raat ko bukhar aata hai.",
            "C: Khansi?",
            "P: Nahi.",
            "C: Muh kholiye. Gala laal hai aur tonsil mein pus hai.",
            "C: Aapko tonsillitis hai. Azithral 500 din mein ek baar, khane ke baad, teen din tak lijiye. "
            "Namak ke pani se garare kijiye. Thanda mat lijiye.",
            "C: Agar aaram na mile to wapas aaiye.",
        ),
        (
            "Reports a sore throat for 3 days.",
            "Reports pain on swallowing.",
            "Reports fever at night.",
            "Denies cough.",
            "On examination: red throat.",
            "On examination: pus on the tonsils.",
            "Impression: tonsillitis.",
            "Advised to gargle with warm salt water.",
            "Advised to avoid cold drinks and cold food.",
            "Advised to come back if not improving.",
            "Start Azithral 500 once a day after food for 3 days.",
        ),
    ),
    "loose motions, in Devanagari": (
        (
            "C: नमस्ते, बताइए क्या परेशानी है?",
            "P: डॉक्टर साहब, मुझे दो दिन से दस्त लग रहे हैं और उल्टी भी हो रही है।",
            "C: बुखार है?",
            "P: नहीं, बुखार नहीं है।",
            "C: लैट्रिन में खून?",
            "P: जी नहीं।",
            "C: पेट में मरोड़ होती है?",
            "P: हाँ, होती है।",
            "C: आपको पेट का संक्रमण है। ओआरएस पीजिए, हल्का खाना खाइए और बाहर का खाना मत खाइए।",
            "C: मेट्रोनिडाज़ोल 400 दिन में तीन बार पाँच दिन तक लीजिए।",
            "C: अगर दस्त कम न हों तो वापस आइए।",
        ),
        (
            "Reports loose motions for 2 days.",
            "Reports vomiting.",
            "Denies fever.",
            "Denies bloody stools.",
            "Reports abdominal cramps.",
            "Impression: stomach infection.",
            "Advised to take ORS.",
            "Advised to eat light food.",
            "Advised to avoid food from outside.",
            "Advised to come back if there is no improvement in the loose motions.",
            "Start metronidazole 400 3 times a day for 5 days.",
        ),
    ),
    "a diabetes check, code-mixed": (
        (
            "C: Good morning, kaise aana hua?",
            "P: Das saal se sugar hai.",
            "C: Kaun si dawai lete hain?",
            "P: Metformin 500 subah shaam leta hoon aur BP ke liye Telma 40 subah.",
            "C: Pairon mein jhunjhuni hoti hai?",
            "P: Haan ji, raat ko zyada.",
            "C: Chakkar ya ghabrahat?",
            "P: Ji nahi.",
            "C: BP 150 by 90 hai. Wazan 82 kg hai.",
            "C: HbA1c aur kidney function test karwa lijiye. Metformin jaari rakhiye. Namak kam khaiye aur roz walk "
            "kijiye. Ek mahine baad report lekar aaiye.",
        ),
        (
            "Reports diabetes for 10 years.",
            "Reports tingling in the leg, worse at night.",
            "Denies dizziness or anxiety.",
            "Blood pressure 150/90.",
            "Weight 82 kg.",
            "Advised to have an HbA1c test and a kidney function test.",
            "Advised to cut down on salt.",
            "Advised to walk every day.",
            "Review in 1 month.",
            "Takes metformin 500 morning and evening.",
            "Takes Telma 40 in the morning.",
            "Continue metformin.",
        ),
    ),
    "chest pain, with English questions and Hindi answers": (
        (
            "P: Doctor, mujhe chest pain ho raha hai since yesterday, saans bhi phool rahi hai.",
            "C: Any cough or fever?",
            "P: Nahi.",
            "C: Smoking?",
            "P: Haan, karta hoon.",
            "C: ECG aur chest x-ray karwa lijiye. Turant hospital jaiye agar dard badhe.",
        ),
        (
            "Reports chest pain since yesterday.",
            "Reports breathlessness.",
            "Denies cough or fever.",
            "Reports smoking.",
            "Advised to have an ECG and a chest X-ray.",
            "Advised to go to hospital at once if there is worsening of the pain.",
        ),
    ),
    "a child, brought by a parent": (
        (
            "C: Bachche ko kya hua?",
            "P: Mere bete ko teen din se bukhar hai aur naak beh rahi hai.",
            "C: Dast?",
            "P: Nahi.",
            "C: Calpol syrup 5 ml din mein teen baar dijiye, bukhar ho to. Thande pani ki patti rakhiye.",
        ),
        (
            "Reports that their son has fever for 3 days.",
            "Reports a runny nose.",
            "Denies loose motions.",
            "Advised to use cold sponging for the fever.",
            "Start Calpol syrup 5 ml 3 times a day as needed for fever.",
        ),
    ),
    "knee pain, in Devanagari": (
        (
            "P: मेरे घुटनों में बहुत दर्द रहता है, छह महीने से। सीढ़ी चढ़ने पर दर्द होता है।",
            "C: सूजन है?",
            "P: थोड़ी सूजन है।",
            "C: चोट लगी थी?",
            "P: नहीं डॉक्टर।",
            "C: आपको गठिया हो सकता है। एक्स-रे करवा लीजिए। वज़न कम कीजिए। आइबुप्रोफेन 400 mg ज़रूरत पड़ने पर खाने के बाद लीजिए।",
            "C: दो हफ्ते बाद आइए।",
        ),
        (
            "Reports severe knee pain for 6 months.",
            "Reports pain on climbing stairs.",
            "Reports mild swelling.",
            "Denies injury.",
            "Possible arthritis.",
            "Advised to have an X-ray.",
            "Advised to lose weight.",
            "Review in 2 weeks.",
            "Start ibuprofen 400 mg after food as needed.",
        ),
    ),
    "a urine infection, without punctuation": (
        (
            "P: Peshab mein jalan ho rahi hai chaar din se aur baar baar peshab aata hai",
            "C: bukhar hai",
            "P: nahi",
            "C: peshab mein khoon",
            "P: nahi ji",
            "C: aapko urine infection hai peshab ki jaanch karwa lijiye",
            "C: pani zyada pijiye",
        ),
        (
            "Reports burning urination for 4 days.",
            "Reports frequent urination.",
            "Denies fever.",
            "Denies blood in the urine.",
            "Impression: urine infection.",
            "Advised to have a urine test.",
            "Advised to drink plenty of water.",
        ),
    ),
    "an allergy, an inhaler and the family": (
        (
            "C: Koi allergy hai?",
            "P: Haan, sulfa se allergy hai, daane ho jaate hain.",
            "C: Koi bimari hai pehle se?",
            "P: Mujhe asthma hai bachpan se. Meri maa ko bhi dama tha.",
            "C: Inhaler lete hain?",
            "P: Asthalin do puff zarurat padne par leta hoon.",
        ),
        (
            "Allergic to sulfa medicines: rash.",
            "Reports asthma since childhood.",
            "Reports that their mother had asthma.",
            "Takes Asthalin 2 puffs as needed.",
        ),
    ),
    "low mood, unpunctuated": (
        (
            "P: neend nahi aati mahine bhar se aur ghabrahat hoti hai",
            "C: bhookh lagti hai",
            "P: bhookh kam lagti hai",
            "C: marne ka man karta hai?",
            "P: nahi nahi aisa kuch nahi",
            "C: ghabraiye mat. roz walk kijiye",
        ),
        (
            "Reports poor sleep for a month.",
            "Reports anxiety.",
            "Reports loss of appetite.",
            "Denies thoughts of suicide.",
            "Advised not to worry.",
            "Advised to walk every day.",
        ),
    ),
    "abdominal pain": (
        (
            "P: kal raat se pet mein dard hai, ulti nahi hui",
            "C: latrine kab hui thi?",
            "P: kal subah",
            "C: pet dabane par dard hai. Appendix ho sakta hai. Ultrasound karwa lijiye.",
        ),
        (
            "Reports abdominal pain since last night.",
            "Denies vomiting.",
            "On examination: abdominal tenderness.",
            "Possible appendicitis.",
            "Advised to have an ultrasound.",
        ),
    ),
    "back pain, in Devanagari with a brand in Devanagari": (
        (
            "P: कमर दर्द है पंद्रह दिन से, पैर में झुनझुनी भी होती है।",
            "C: भारी सामान मत उठाइए, गर्म सिकाई कीजिए। कॉम्बिफ्लेम दिन में दो बार खाने के बाद पाँच दिन लीजिए।",
            "C: आराम न मिले तो वापस आइए।",
        ),
        (
            "Reports low back pain for 15 days.",
            "Reports tingling in the leg.",
            "Advised to avoid lifting heavy weights.",
            "Advised to apply warmth.",
            "Advised to come back if not improving.",
            "Start Combiflam twice a day after food for 5 days.",
        ),
    ),
    "high blood pressure": (
        (
            "P: Headache hai do teen din se, aankhon ke aage andhera aata hai. Ulti jaisa lagta hai.",
            "C: BP 160/100 hai. High BP hai aapko. Amlodipine 5 mg roz subah lijiye. Namak band kijiye.",
        ),
        (
            "Reports a headache for 2 to 3 days.",
            "Reports darkness before the eyes.",
            "Reports nausea.",
            "Blood pressure 160/100.",
            "Impression: high blood pressure.",
            "Advised to avoid salt.",
            "Start amlodipine 5 mg every day in the morning.",
        ),
    ),
    "a discharge, code-mixed": (
        (
            "P: white discharge ho raha hai ek hafte se, niche khujli bhi hai",
            "C: pregnant ho sakti hain?",
            "P: nahi",
            "C: fungal infection hai. pregnancy test karwa lijiye",
        ),
        (
            "Reports vaginal discharge for 1 week.",
            "Reports itching.",
            "Denies pregnancy.",
            "Impression: fungal infection.",
            "Advised to have a pregnancy test.",
        ),
    ),
    "a medicine that did not help": (
        (
            "P: Maine Brufen li thi par aaram nahi mila. Ab main Crocin le raha hoon din mein do baar.",
            "C: Brufen band kar dijiye. Crocin 650 din mein teen baar, teen din tak.",
            "P: Bukhar kam ho gaya hai lekin khansi badh rahi hai.",
        ),
        (
            "Reports having taken Brufen.",
            "Reports improvement in fever.",
            "Reports worsening cough.",
            "Takes Crocin twice a day.",
            "Stop Brufen.",
            "Start Crocin 650 3 times a day for 3 days.",
        ),
    ),
}


@pytest.mark.parametrize("name", VISITS)
def test_each_visit_becomes_these_statements(name: str) -> None:
    lines, expected = VISITS[name]
    assert [item.text for item in items_of(consultation(*lines))] == list(expected)


@pytest.mark.parametrize("name", VISITS)
def test_every_statement_is_borne_out_in_english_and_in_hindi(name: str) -> None:
    transcript = consultation(*VISITS[name][0])
    body = check(body_of(transcript), transcript)
    hindi = check(in_hindi(body), transcript)
    for one in (body, hindi):
        assert [statement.text for statement in one.statements if not statement.supported] == []
        assert [medication.line for medication in one.medications if medication.flags] == []


SAID = [
    ("bukhar nahi hai lekin sar dard aur chakkar hai", ["Denies fever.", "Reports a headache and dizziness."]),
    ("bukhar utar nahi raha", ["Reports persisting fever."]),
    ("bukhar utar gaya", ["Reports having recovered from fever."]),
    ("kal raat ko bukhar tha", ["Reports having had fever last night."]),
    ("bukhar to nahi hai par sar dard hai", ["Denies fever.", "Reports a headache."]),
    ("na bukhar hai na khansi", ["Denies fever.", "Denies cough."]),
    ("main sugar ki dawai leta hoon", ["Takes medicine for diabetes."]),
    ("Dolo li thi kal", ["Reports having taken Dolo."]),
    ("mere pitaji ko sugar hai", ["Reports that their father has diabetes."]),
    ("मुझे पेनिसिलिन से एलर्जी है", ["Allergic to penicillin."]),
    ("koi allergy nahi hai", ["Reports no allergies."]),
    ("मुझे BP की बीमारी है पाँच साल से", ["Reports high blood pressure for 5 years."]),
    ("२ दिन से खांसी है", ["Reports a cough for 2 days."]),
    ("pehle bukhar tha ab nahi hai", ["Reports having had fever."]),
    ("main cigarette peeta hoon roz", ["Reports smoking every day."]),
    ("मेरे पिता को शुगर है", ["Reports that their father has diabetes."]),
    ("Augmentin se daane nikle the", ["Reports rash with Augmentin."]),
    ("खाँसी है, और सिर में दर्द भी", ["Reports a cough.", "Reports a headache."]),
    ("bukhar 102 tha kal", ["Reports having had fever of 102 yesterday."]),
    ("mere pitaji ko heart attack hua tha", ["Reports that their father had a heart attack."]),
    ("dedh mahine se khansi hai", ["Reports a cough for 1.5 months."]),
]


@pytest.mark.parametrize(("said", "expected"), SAID)
def test_what_a_patient_says(said: str, expected: list[str]) -> None:
    assert [item.text for item in items_of(consultation(f"P: {said}"))] == expected


@pytest.mark.parametrize(
    "said",
    [
        "bukhar ke baare mein poochna tha, dengue ka dar hai",
        "agar chakkar aaye to kya karun",
        "mujhe koi bimari nahi hai",
        "khansi ki dawai khatam ho gayi",
        "use bukhar hai",
        "shayad bukhar hai",
        "bukhar ki dawa nahi li",
        "nahi bukhar hai",
        "bukhar hai ya khansi",
        "likh do doctor",
        "bukhar nahi utra",
        "mere ghar mein sabko khansi hai",
        "allergy ka pata nahi",
        "bukhar tha nahi",
        "doctor ne bola tha typhoid hai",
        "mujhe lagta hai mujhe dengue hai",
    ],
)
def test_what_is_not_surely_the_patients_or_not_surely_so_is_left_out(said: str) -> None:
    assert items_of(consultation(f"P: {said}")) == []


def test_since_when_completes_what_was_told_before() -> None:
    items = items_of(consultation("P: mujhe bukhar hai", "C: kab se hai?", "P: teen din se"))
    assert [item.text for item in items] == ["Reports fever for 3 days."]
    assert items[0].turn_ids == ("t1", "t2", "t3")


def test_a_plain_no_denies_all_that_was_asked_and_a_plain_yes_to_one_of_two_says_nothing() -> None:
    denied = items_of(consultation("C: ulti ya dast?", "P: nahi ji"))
    assert [(item.text, item.polarity) for item in denied] == [("Denies vomiting or loose motions.", Polarity.NEGATED)]
    assert items_of(consultation("C: ulti ya dast?", "P: haan")) == []


def test_a_no_that_goes_on_denies_only_what_it_does_not_affirm() -> None:
    items = items_of(consultation("C: bukhar ya khansi?", "P: nahi, bas khansi hai"))
    assert [item.text for item in items] == ["Denies fever.", "Reports a cough."]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("dengue nahi hai, ghabraiye mat", ["Not thought to be dengue.", "Advised not to worry."]),
        ("chhati bilkul saaf hai", ["On examination: clear chest."]),
        (
            "bukhar na utre to do din baad aaiye",
            ["Advised to come back in 2 days if there is no improvement in the fever."],
        ),
        ("kal khali pet sugar ki jaanch karwaiye", ["Advised to have a blood sugar test on an empty stomach."]),
        (
            "agar saans phoole ya chest mein dard ho to turant hospital jaiye",
            ["Advised to go to hospital at once if there is breathlessness or chest pain."],
        ),
        ("temperature 101 hai, pulse 92", ["Temperature 101.", "Pulse 92."]),
        ("khoon ki jaanch normal hai", ["The blood test is normal."]),
        ("khansi ki dawai likh raha hoon", []),
        ("ek hafte mein aaram mil jayega", []),
        ("pichli baar BP 150/90 tha", []),
        ("aapko viral bukhar hai, Dolo lijiye", ["Impression: viral fever.", "Start Dolo."]),
    ],
)
def test_what_a_clinician_says(said: str, expected: list[str]) -> None:
    assert [item.text for item in items_of(consultation(f"C: {said}"))] == expected
