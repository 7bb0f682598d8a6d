"""Whatever is written, a medicine line is read without an error and nothing comes out that did not go in."""

from __future__ import annotations

import re
from decimal import Decimal

from hypothesis import example, given, settings
from hypothesis import strategies as st

from auscult.domain.medication import Medication
from auscult.knowledge.medicine_lines import medicines_json, medicines_text, read_line, read_lines
from auscult.knowledge.numerals import numbers_in

_NUMBER = re.compile(r"\d{1,3}(?:,\d{2,3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+")
_WORDS = {
    "1": "one ek एक dedh डेढ़ once",
    "2": "two do दो dhai ढाई twice",
    "3": "three teen tin तीन tds tid thrice tiw",
    "4": "four char chaar चार qid qds",
    "5": "five panch paanch पांच पाँच",
    "6": "six chhe छह",
    "7": "seven saat सात",
    "8": "eight aath आठ",
    "9": "nine nau नौ",
    "10": "ten das dus दस",
    "15": "pandrah",
    "20": "bees",
    "30": "tees",
}
PIECES_OF_LINES = (
    "Tab Cap. Inj Syp Telma Metformin Dolo Pan Zorbix Warfarin Lantus Latanoprost Methotrexate Amoxil + & , ; "
    "and stop start 40 500 0.25 .25 5.0 1/2 ½ 1½ 1-0-1 1-0-0-1 ½-0-½ 500/125 250mg/5ml 30/70 mg mcg ug µg g ml "
    "U IU units % 1OO l0 OD BD TDS QID QDS HS SOS PRN AC PC STAT QOD q6h x 5/7 2/52 3/12 5 days for one two "
    "take half tab tabs drops eye puffs OU din mein do baar ek goli khane ke baad raat ko subah shaam के लिए "
    "दिन में एक दो बार गोली ५ once weekly ( ) daily max / - every hours hundred and point increase from to K # "
    "30 1:1000 kg "
)
PIECES = st.sampled_from(PIECES_OF_LINES.split())


def _in_line(line: str) -> set[Decimal]:
    """The numbers that stand in a line: as figures of either script, as words, and those that abbreviations mean."""
    figures = line.translate(str.maketrans("०१२३४५६७८९", "0123456789"))
    found = {Decimal(number.replace(",", "")) for number in _NUMBER.findall(figures)}
    found |= {Decimal(number) for number in re.findall(r"\d+", figures)}
    found |= set(numbers_in(line))
    low = line.lower()
    return found | {Decimal(number) for number, words in _WORDS.items() if any(word in low for word in words.split())}


def _check(line: str, one: Medication) -> None:
    fields = " ; ".join((one.strength, one.dose, one.frequency, one.duration, one.timing, one.reason, one.route))
    written = {Decimal(number.replace(",", "")) for number in _NUMBER.findall(fields)}
    assert written <= _in_line(line), (written - _in_line(line), fields)
    if "½" in fields:
        assert re.search("½|1/2|aadh|adh|आध|dedh|डेढ|dhai|ढाई", line), fields
    words = re.findall(r"[^\W_]+", one.name.lower())
    assert set(words) <= set(re.findall(r"[^\W_]+", line.lower())), one.name


@given(st.lists(PIECES, max_size=22).map(" ".join))
@example("two hundred and fifty mg Metformin one tds")
@example("Tab Zorbix l0")
@settings(max_examples=300)
def test_every_number_and_every_name_of_a_field_stands_in_the_line(line: str) -> None:
    for one in read_line(line):
        _check(line, one)


@given(st.text(max_size=200))
@settings(max_examples=200)
def test_any_text_is_read_without_an_error(text: str) -> None:
    for one in read_line(text):
        _check(text, one)
    assert set(medicines_json(text)) == {"medications"}
    assert medicines_text(text)


@given(st.lists(PIECES, min_size=1, max_size=12).map(" ".join))
@settings(max_examples=80)
def test_reading_twice_gives_the_same_and_every_flag_says_why(line: str) -> None:
    first = read_lines(line)
    assert first == read_lines(line)
    assert all(flag.code and flag.reason.endswith((".", ":")) for one in first for flag in one.flags)
