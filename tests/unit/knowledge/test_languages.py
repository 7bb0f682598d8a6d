"""English, Hindi and Hindi in Latin letters are told apart, line by line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.knowledge.languages import FEWEST, is_ours, language_of

ENGLISH = """Good morning, how are you feeling today?
I have had a cough for three days.
Any fever?
No.
Yes, doctor.
Take one tablet twice a day after food.
Do you smoke?
It hurts when I breathe.
My main problem is the knee.
The pain is on the right side.
I do not have a fever.
Please sit on the mat.
He has a pet dog at home.
Blood pressure one thirty over eighty.
Come back in two weeks if it is not better.
Is it worse at night?
I am allergic to penicillin.
Metformin 500 mg BD
No chest pain, no shortness of breath.
Let us do a blood test.
She is a teen and does a lot of sport.
Use the inhaler, sir.
We have to see how it goes.
Thanks.""".splitlines()
HINGLISH = """mujhe do din se bukhar hai
doctor mujhe chest pain ho raha hai since yesterday
nahi ji
haan
haan doctor, thoda thoda
kab se hai?
kya taklif hai aapko
pet mein bahut dard hai
ulti ya dast?
khansi hai kya
din mein teen baar khane ke baad lijiye
teen din baad wapas aaiye
BP check karte hain
sugar hai das saal se
saans phool rahi hai
koi allergy nahi hai
aapko viral fever hai
paani zyada pijiye aur rest kijiye
blood test karwa lijiye
agar fever na utre to turant aana
raat ko neend nahi aati
amlodipine 5 mg jaari rakhiye
ji
kal se
aur kuch?
sir dard aur chakkar
mere ghutne mein dard rehta hai
Dolo 650 likh raha hoon
chalne par
thik hai""".splitlines()
HINDI = """मुझे दो दिन से बुखार है
नहीं
जी हाँ, doctor
पेट में दर्द है
आपको viral infection है
BP 130/80 है आपका
दिन में दो बार खाने के बाद लीजिए
कोई allergy नहीं है
Blood test करवा लीजिए
खाँसी है?
तीन दिन बाद आइए
शुगर की दवा metformin लेता हूँ""".splitlines()


@pytest.mark.parametrize("line", ENGLISH)
def test_english(line: str) -> None:
    assert language_of(line) == "en"


@pytest.mark.parametrize("line", HINGLISH)
def test_hindi_in_latin_letters(line: str) -> None:
    assert language_of(line) == "hi-Latn"


@pytest.mark.parametrize("line", HINDI)
def test_hindi(line: str) -> None:
    assert language_of(line) == "hi"


@given(st.text())
def test_every_text_has_a_language(text: str) -> None:
    assert language_of(text) in {"en", "hi", "hi-Latn"}


FOREIGN = {
    "French": "Bonjour, qu'est-ce qui vous amène ? J'ai mal à la gorge depuis trois jours et de la fièvre. Avez-vous"
    " des allergies ? Non, pas d'allergie. Prenez paracétamol 1 g trois fois par jour.",
    "Spanish": "Buenos días, qué le trae por aquí? Tengo dolor de garganta desde hace tres días y fiebre. Es alérgico a"
    " algo? No, a nada. Tome paracetamol un gramo tres veces al día y venga si no me mejora.",
    "German": "Guten Tag, was führt Sie zu mir? Ich habe seit drei Tagen Halsschmerzen und Fieber. Haben Sie"
    " Allergien? Nein, keine. Nehmen Sie Paracetamol dreimal am Tag, am Mittag und am Abend.",
    "Māori": "Kia ora, he aha te raruraru? Kei te mamae taku korokoro mō ngā rā e toru, ā, he kirikā. He mate pāwera"
    " ōu? Kāo. Kai i te paracetamol kia toru ngā wā i ia rā.",
    "Tamil": "எனக்கு மூன்று நாட்களாக காய்ச்சல்.",
    "Arabic": "عندي ألم في الحلق منذ ثلاثة أيام",
    "Chinese": "我喉咙痛了三天",
}


@pytest.mark.parametrize("language", FOREIGN)
def test_a_consultation_in_another_language_is_none_of_ours(language: str) -> None:
    assert not is_ours(FOREIGN[language])


@pytest.mark.parametrize("lines", [ENGLISH, HINGLISH, ["मुझे तीन दिन से बुखार है और गले में दर्द है।"] * 4])
def test_english_and_hindi_are_ours_a_line_or_all_of_it(lines: list[str]) -> None:
    assert is_ours(" ".join(lines))
    assert all(is_ours(line) for line in lines)


def test_a_few_words_are_never_taken_for_another_language() -> None:
    assert is_ours("gorge " * (FEWEST - 1))
    assert not is_ours("gorge " * FEWEST)


@given(st.text())
def test_any_text_can_be_asked_about(text: str) -> None:
    assert is_ours(text) in {True, False}
