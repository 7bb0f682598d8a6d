"""What names a person is replaced and put back exactly; a number with a wrong check digit is just a number."""

from __future__ import annotations

import string
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.trust.redaction import Redactor, is_aadhaar, is_nhi

NAMES = ("Kiri Te Awa", "राम शर्मा", "Dr. O'Neil", "Ng")
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
PIECES = st.sampled_from(
    [
        *NAMES,
        "kiri",
        "शर्मा",
        "ZZZ0016",
        "ZBN77VL",
        "021 555 0199",
        "+91 98765 43210",
        "kiri@example.org",
        "2341 2341 2346",
        "91-1234-5678-9012",
        "ABCPE1234F",
        "[NAME_1]",
        "[NAME_",
        "1]",
        "[TEXT_1]",
        "[NHI_2]",
        "takes 500 mg twice",
        " ",
        "\n",
        "।",
    ]
)
TEXTS = st.lists(st.one_of(PIECES, st.text(max_size=12)), max_size=12).map("".join)


@given(st.lists(TEXTS, max_size=4), st.lists(st.text(max_size=8), max_size=3))
def test_every_text_comes_back_as_it_was(texts: list[str], names: list[str]) -> None:
    redactor = Redactor((*NAMES, *names))
    redacted = [redactor.redact(text) for text in texts]
    assert [redactor.restore(text) for text in redacted] == texts


@given(TEXTS)
def test_a_known_name_or_address_never_gets_through(text: str) -> None:
    redacted = Redactor(("Quillwort",)).redact(f"{text} Quillwort mails q@example.org {text}")
    assert "Quillwort" not in redacted
    assert "q@example.org" not in redacted


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("Kiri Te Awa is here, says KIRI.", "[NAME_1] is here, says [NAME_2]."),
        ("Kirikiri is a place, and Awanui too.", "Kirikiri is a place, and Awanui too."),
        ("राम शर्मा। रामायण शर्मा", "[NAME_1]। रामायण [NAME_2]"),
        ("NHI ZZZ0016 or zbn77vl.", "NHI [NHI_1] or [NHI_2]."),
        ("NHI ZZZ0017 or ZBN77VM.", "NHI ZZZ0017 or ZBN77VM."),
        ("Mail kiri.t@example.co.nz.", "Mail [EMAIL_1]."),
        ("Ring 021 555 0199 or +91 98765 43210.", "Ring [PHONE_1] or [PHONE_2]."),
        ("BP 130/80, pulse 72, HbA1c 48, 500 mg twice, 1-0-1.", "BP 130/80, pulse 72, HbA1c 48, 500 mg twice, 1-0-1."),
        ("Aadhaar 2341 2341 2346.", "Aadhaar [AADHAAR_1]."),
        ("ABHA 91-1234-5678-9012, PAN ABCPE1234F.", "ABHA [ABHA_1], PAN [PAN_1]."),
        ("He wrote [NAME_1].", "He wrote [TEXT_1]."),
        ("Te Awa's knee, KIRI\u2019S knee.", "[NAME_1]'s knee, [NAME_2]\u2019S knee."),
        ("Ram Sharmaji came.", "[NAME_1] [NAME_2]ji came."),
        ("Shall we see Doctor Kiri?", "Shall we see Doctor [NAME_1]?"),
        ("NHI Z Z Z 0 0 1 6, zbn 77 vl.", "NHI [NHI_1], [NHI_2]."),
        ("२३४१ २३४१ २३४६ or 2 3 4 1 2 3 4 1 2 3 4 6", "[AADHAAR_1] or [AADHAAR_2]"),
        ("91\u20111234\u20115678\u20119012, 91 12345678 9012", "[ABHA_1], [ABHA_2]"),
        ("a b c p e 1 2 3 4 f, ABCPE 1234 F, since 1998 I", "[PAN_1], [PAN_2], since 1998 I"),
        ("kiri dot awa at example dot co dot nz, I look at this.", "[EMAIL_1], I look at this."),
        ("0 2 1 5 5 5 0 1 9 9", "[PHONE_1]"),
    ],
)
def test_it_knows_what_it_is_told_and_numbers_of_known_form(text: str, redacted: str) -> None:
    assert Redactor(("Kiri Te Awa", "राम शर्मा")).redact(text) == redacted


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Priya Sharma", "प्रिया"),
        ("Priya Sharma", "शर्मा"),
        ("Priya Sharma", "SHARMA"),
        ("राम शर्मा", "Sharma"),
        ("राम शर्मा", "रामजी"),
        ("Priya Sharma", "Priyaji"),
        ("Mere Tāne", "Tane"),
        ("Mere Tane", "tāne"),
        ("José Núñez", "Nunez"),
        ("Mary O'Neil", "O\u2019Neil"),
        ("Mary O\u2019Neil", "oneil"),
        ("Anne-Marie Smith", "Anne Marie"),
        ("Anne-Marie Smith", "marie"),
        ("Kiri Te Awa", "Te Awa"),
        ("Dr. Ng", "Ng"),
    ],
)
def test_a_name_is_known_however_it_is_written(name: str, said: str) -> None:
    redactor = Redactor((name,))
    redacted = redactor.redact(f"So {said}'s knee, {said}.")
    assert said.removesuffix("ji").removesuffix("जी") not in redacted
    assert redactor.restore(redacted) == f"So {said}'s knee, {said}."


SEPARATOR = st.sampled_from(["", " ", "-", "\u00a0", "\u2011"])


def _with_check_digit(stem: str, known: Callable[[str], bool]) -> str:
    return next(f"{stem}{digit}" for digit in string.digits if known(f"{stem}{digit}"))


@given(st.integers(2 * 10**10, 10**11 - 1), st.lists(SEPARATOR, min_size=11, max_size=11), st.booleans())
def test_an_aadhaar_is_found_however_its_digits_stand_and_in_either_script(
    stem: int, between: list[str], devanagari: bool
) -> None:
    digits = _with_check_digit(str(stem), is_aadhaar)
    said = digits[0] + "".join(f"{mark}{digit}" for mark, digit in zip(between, digits[1:], strict=True))
    if devanagari:
        said = said.translate({ord(digit): chr(0x966 + int(digit)) for digit in string.digits})
    redactor = Redactor()
    redacted = redactor.redact(f"it is {said}.")
    assert redacted == "it is [AADHAAR_1]."
    assert redactor.restore(redacted) == f"it is {said}."


@given(st.text(LETTERS, min_size=3, max_size=3), st.integers(0, 99), st.sampled_from(LETTERS), SEPARATOR, st.booleans())
def test_a_new_nhi_is_found_in_either_case_and_read_out_letter_by_letter(
    letters: str, number: int, last: str, mark: str, lower: bool
) -> None:
    stem = f"{letters}{number:02}{last}"
    nhi = mark.join(next(f"{stem}{check}" for check in LETTERS if is_nhi(f"{stem}{check}")))
    said = nhi.lower() if lower else nhi
    assert Redactor().redact(f"number {said} please") == "number [NHI_1] please"


def test_the_same_words_always_get_the_same_placeholder() -> None:
    redactor = Redactor(("Kiri",))
    assert redactor.redact("Kiri and Kiri") == "[NAME_1] and [NAME_1]"
    assert redactor.redact("Kiri") == "[NAME_1]"


def test_a_placeholder_that_was_never_given_out_stays() -> None:
    redactor = Redactor(("Kiri",))
    redactor.redact("Kiri")
    assert redactor.restore("[NAME_1] met [NAME_7]") == "Kiri met [NAME_7]"


@given(st.text(LETTERS, min_size=3, max_size=3), st.integers(0, 999))
def test_an_old_nhi_has_exactly_one_check_digit_or_none(letters: str, number: int) -> None:
    """HISO 10046: weights 7 to 2, modulus 11; where the remainder is 0 the number is never issued."""
    stem = f"{letters}{number:03}"
    total = sum(
        (LETTERS.index(sign) + 1 if sign in LETTERS else int(sign)) * (7 - place) for place, sign in enumerate(stem)
    )
    right = [digit for digit in string.digits if is_nhi(stem + digit)]
    assert right == ([] if total % 11 == 0 else [str((11 - total % 11) % 10)])


@given(st.text(LETTERS, min_size=3, max_size=3), st.integers(0, 99), st.sampled_from(LETTERS))
def test_a_new_nhi_has_exactly_one_check_letter(letters: str, number: int, last: str) -> None:
    assert sum(is_nhi(f"{letters}{number:02}{last}{check}") for check in LETTERS) == 1


@pytest.mark.parametrize("nhi", ["ZZZ0016", "zzz0016", "ZZZ 0016", "ZBN77VL", "ZBN-77VL"])
def test_known_numbers_are_health_numbers(nhi: str) -> None:
    assert is_nhi(nhi)


@pytest.mark.parametrize("other", ["ZZZ0017", "ZBN77VM", "IZZ0016", "ZZO0016", "ZZZ001", "ZZZ00166", "", "COVID19"])
def test_others_are_not(other: str) -> None:
    assert not is_nhi(other)


@given(st.integers(2 * 10**10, 10**11 - 1))
def test_an_aadhaar_has_exactly_one_check_digit_and_finds_every_wrong_digit(stem: int) -> None:
    right = [digit for digit in string.digits if is_aadhaar(f"{stem}{digit}")]
    assert len(right) == 1
    number = f"{stem}{right[0]}"
    for place in range(12):
        wrong = str((int(number[place]) + 1) % 10)
        assert not is_aadhaar(number[:place] + wrong + number[place + 1 :])
    assert not is_aadhaar("1" + number[1:])


def test_a_neighbour_swap_in_an_aadhaar_is_found() -> None:
    assert is_aadhaar("2341 2341 2346")
    assert not is_aadhaar("2314 2341 2346")
