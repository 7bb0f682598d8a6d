"""Twenty minutes of talk that nobody had, in text: for measuring what is done with a transcript.

One visit with many complaints. Each is gone through as in a real one: questions and answers, an examination, a result,
what it may be, a medicine and when to come back; no two sentences are alike, so that nothing is saved by having met it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Final

MINUTES: Final = 20
WORDS: Final = 3_200
"""What people say in twenty minutes, at 160 words a minute."""


@dataclass(frozen=True, slots=True)
class _Complaint:
    what: str
    since: str
    worse: str
    denied: tuple[str, str]
    part: str
    found: str
    test: str
    thought: str
    medicine: str
    dose: str


_COMPLAINTS: Final = (
    _Complaint(
        "a cough",
        "about three weeks",
        "at night",
        ("fever", "chest pain"),
        "chest",
        "a few crackles on the left",
        "chest x-ray",
        "a chest infection",
        "doxycycline",
        "100 mg twice a day for seven days",
    ),
    _Complaint(
        "pain in my right knee",
        "six months",
        "going down stairs",
        ("locking", "giving way"),
        "right knee",
        "some swelling and no redness",
        "x-ray of the knee",
        "osteoarthritis",
        "naproxen",
        "250 mg twice a day with food",
    ),
    _Complaint(
        "headaches",
        "two months",
        "in the evening",
        ("vomiting", "blurred vision"),
        "neck",
        "tight muscles",
        "blood pressure",
        "tension headache",
        "paracetamol",
        "1 g up to four times a day when you need it",
    ),
    _Complaint(
        "heartburn",
        "nearly a year",
        "after a large meal",
        ("black stools", "trouble swallowing"),
        "abdomen",
        "mild tenderness in the upper part",
        "breath test",
        "acid reflux",
        "omeprazole",
        "20 mg once a day before breakfast",
    ),
    _Complaint(
        "an itchy rash on my arms",
        "ten days",
        "in the heat",
        ("blisters", "swelling of the face"),
        "skin",
        "dry red patches inside both elbows",
        "skin swab",
        "eczema",
        "hydrocortisone cream",
        "on the skin twice a day for two weeks",
    ),
    _Complaint(
        "dizzy spells",
        "last Thursday",
        "when I stand up",
        ("blackouts", "palpitations"),
        "heart",
        "a soft murmur",
        "ecg",
        "low blood pressure",
        "amlodipine",
        "five milligrams once daily",
    ),
    _Complaint(
        "burning when I pass urine",
        "four days",
        "in the morning",
        ("blood in the urine", "back pain"),
        "abdomen",
        "no tenderness over the kidneys",
        "urine test",
        "a urinary tract infection",
        "nitrofurantoin",
        "100 mg twice a day for five days",
    ),
    _Complaint(
        "trouble sleeping",
        "since my sister moved out",
        "on Sundays",
        ("low mood", "weight loss"),
        "thyroid",
        "no lump",
        "thyroid test",
        "stress",
        "melatonin",
        "2 mg at night for three weeks",
    ),
)
_EXCHANGES: Final = (
    ("C", "Let's talk about the next thing. You wrote down that you have {what}, how long has that been going on?"),
    (
        "P",
        "I have had {what} for {since}. It is number {number} on my list, and my partner says I should "
        "have come {number} weeks ago.",
    ),
    ("C", "What makes it worse?"),
    ("P", "It gets worse {worse}, and on a bad day I would say it is {number} out of ten."),
    ("C", "Any {denied[0]}?"),
    ("P", "No, no {denied[0]}."),
    ("C", "Have you had any {denied[1]}?"),
    ("P", "Not really, I haven't had {denied[1]} since I was {age}, well, maybe once, but that was the flu."),
    ("C", "And what have you tried so far?"),
    (
        "P",
        "I tried some tablets from the chemist for {number} days, um, I don't remember the name, and "
        "they didn't help much.",
    ),
    ("C", "Okay. I will have a look at you now. Take a deep breath for me, and let me know if anything is sore."),
    ("C", "In the {part} there is {found}. Your blood pressure is 1{number:02} over 80 and your pulse is {age}."),
    ("C", "Your {test} came back normal in {month}, but we should repeat the {test} this week."),
    ("C", "I think this is {thought}. It could also be something else, but that is less likely."),
    ("P", "My mother had {thought} when she was {age}, so I was a bit worried about it, to be honest with you."),
    ("C", "I understand. Start {medicine} {dose}. You should drink plenty of water and rest for {number} days."),
    (
        "P",
        "Can I take {medicine} together with my other tablets? I take metformin 500 mg twice a day and "
        "the little white one.",
    ),
    (
        "C",
        "Yes, that is fine. Don't take ibuprofen with it. Come back in {number} weeks, or sooner if the "
        "{part} gets worse.",
    ),
)
_MONTHS: Final = ("January", "March", "April", "June", "August", "October", "November")

_MARK = re.compile(r"[.,?!](?=\s|$)")


def consultation(words: int = WORDS) -> str:
    """Speaker lines (`Doctor: …`), the first of them to have this many words in all."""
    said: list[str] = []
    count = 0
    for number, complaint in enumerate(islice(cycle(_COMPLAINTS), 1000), start=2):
        for speaker, line in _EXCHANGES:
            values = {name: getattr(complaint, name) for name in complaint.__slots__}
            text = line.format(**values, number=number, age=40 + number, month=_MONTHS[number % len(_MONTHS)])
            said.append(f"{'Doctor' if speaker == 'C' else 'Patient'}: {text}")
            count += len(text.split())
            if count >= words:
                return "\n".join(said) + "\n"
    return "\n".join(said) + "\n"


def as_recognised(lines: str) -> str:
    """The same as a recogniser without punctuation gives it: lower case, and no mark but those inside words."""
    heard = []
    for line in lines.splitlines():
        speaker, _, text = line.partition(": ")
        heard.append(f"{speaker}: {_MARK.sub('', text).lower()}")
    return "\n".join(heard) + "\n"
