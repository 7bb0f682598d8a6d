"""What may be written of a patient: readable text, numbers with their check digits, a birth in the past."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from auscult.domain.errors import InvalidError
from auscult.domain.identifiers import checked_identifier, is_abha, is_nhi
from auscult.domain.patient import Identifier
from auscult.domain.patient_checks import birth_date_of, checked_identifiers, checked_lines, checked_name, checked_phone
from auscult.domain.patient_query import PatientQuery, read_query

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize("nhi", ["ZZZ0016", "ZZZ0024", "JBX3656", "ZBN77VL"])
def test_an_nhi_of_either_format_with_its_check_character_is_taken(nhi: str) -> None:
    assert is_nhi(nhi)
    assert checked_identifier(" NHI ", f"{nhi[:3].lower()} {nhi[3:]}", "identifiers.0.value") == ("nhi", nhi)


@pytest.mark.parametrize("wrong", ["ZZZ0017", "ZBN77VM", "IZZ0016", "ZZZ001", "ZZZ00161", "", "٣٣٣٣٣٣٣"])
def test_an_nhi_with_a_wrong_check_character_is_refused_by_its_field(wrong: str) -> None:
    with pytest.raises(InvalidError) as refused:
        checked_identifier("nhi", wrong, "identifiers.3.value")
    [field] = refused.value.extras["fields"]  # type: ignore[misc]  # a list of one
    assert field["field"] == "identifiers.3.value"
    assert refused.value.remedy
    assert not wrong or wrong not in refused.value.reason


def test_an_abha_number_has_fourteen_digits_of_which_the_last_fits() -> None:
    fitting = [f"9173124455120{digit}" for digit in range(10) if is_abha(f"9173124455120{digit}")]
    assert len(fitting) == 1, "one digit of ten is the check digit"
    digits = fitting[0]
    printed = f"{digits[:2]}-{digits[2:6]}-{digits[6:10]}-{digits[10:]}"
    assert checked_identifier("ABHA", digits, "f") == checked_identifier("abha", printed, "f") == ("abha", printed)
    swapped = digits[0] + digits[2] + digits[1] + digits[3:]
    for wrong in (digits[:-1], digits + "0", swapped, "abcd"):
        with pytest.raises(InvalidError):
            checked_identifier("abha", wrong, "f")


def test_of_an_aadhaar_number_four_digits_are_taken_and_all_twelve_are_refused_with_the_reason() -> None:
    assert checked_identifier("Aadhaar", "4321", "f") == ("aadhaar_last4", "4321")
    with pytest.raises(InvalidError, match="Aadhaar Act") as refused:
        checked_identifier("aadhaar", "2345 6789 0124", "f")
    assert "last four" in refused.value.remedy
    assert "0124" not in f"{refused.value.reason}{refused.value.extras}"
    with pytest.raises(InvalidError):
        checked_identifier("aadhaar_last4", "12345", "f")


def test_one_number_given_twice_is_kept_once() -> None:
    twice = [Identifier(system="NHI", value="zzz0016"), Identifier(system="nhi", value="ZZZ 0016")]
    assert checked_identifiers(twice) == (Identifier(system="nhi", value="ZZZ0016"),)


@pytest.mark.parametrize("name", ["  Ana   Tane ", "राम कुमार", "O'Brien-Smith", "محمد علي", "李小龍", "José", "क्‍षमा"])
def test_names_of_every_script_are_kept_as_they_are_written(name: str) -> None:
    assert checked_name(name).split() == __import__("unicodedata").normalize("NFC", name).split()


@pytest.mark.parametrize(
    "name",
    [
        "",
        " \n\t",
        "x" * 10_000,
        "a" * 201,
        "Ana\u202eenaT",
        "A\u200bna",
        "Ana\x00",
        "Ana\x7f",
        "12 34",
        "🙂",
        "\ue000a",
        "An\u200da",
    ],
)
def test_a_name_that_nobody_can_read_is_refused_with_a_remedy(name: str) -> None:
    with pytest.raises(InvalidError) as refused:
        checked_name(name)
    assert refused.value.remedy
    assert refused.value.extras["fields"][0]["field"] == "name"  # type: ignore[index]  # a list of one


def test_phone_numbers_have_digits_and_lines_lose_what_is_empty_or_twice() -> None:
    assert checked_phone(" +64 21  555 0199 ") == "+64 21 555 0199"
    assert checked_phone("९८७६५ ४३२१०") == "98765 43210"
    assert checked_phone("") == ""
    for wrong in ("call me", "1", "1" * 21, "021\u202e555"):
        with pytest.raises(InvalidError):
            checked_phone(wrong)
    assert checked_lines(["  penicillin  rash ", "", "penicillin rash"], "allergies") == ("penicillin rash",)
    with pytest.raises(InvalidError) as refused:
        checked_lines(["fine", "not\u2066fine"], "allergies")
    assert refused.value.extras["fields"][0]["field"] == "allergies.1"  # type: ignore[index]  # a list of one


def test_nobody_is_born_in_the_future_or_older_than_people_grow() -> None:
    assert birth_date_of(date(2026, 11, 22), None, NOW) == date(2026, 11, 22)
    assert birth_date_of(date(2026, 11, 23), None, NOW) == date(2026, 11, 23), "today, where the sun rises first"
    assert birth_date_of(None, 40, NOW) == date(1986, 7, 1)
    assert birth_date_of(None, None, NOW) is None
    for born, age in (
        (date(2026, 11, 24), None),
        (date(2999, 1, 1), None),
        (date(1890, 1, 1), None),
        (None, 131),
        (None, -1),
    ):
        with pytest.raises(InvalidError):
            birth_date_of(born, age, NOW)


def test_what_is_typed_is_taken_apart_into_words_numbers_and_a_date() -> None:
    assert read_query("ram kum") == PatientQuery(words=("ram", "kum"))
    assert read_query("asha, 4/5/1980") == PatientQuery(words=("asha",), born=date(1980, 5, 4))
    assert read_query("1980-05-04") == PatientQuery(born=date(1980, 5, 4))
    assert read_query("+64 (21) 555-0199") == PatientQuery(numbers=("64215550199",))
    assert read_query("zzz0016 rao") == PatientQuery(words=("rao",), numbers=("ZZZ0016",))
    assert read_query("91-7312-4455-1204").numbers == ("91731244551204",)
    assert read_query("९८७६५") == PatientQuery(numbers=("98765",))
    assert read_query("31/02/1980").born is None
    assert read_query("  ") == PatientQuery()
