"""Finding patients on each database: while typing, in either script, by number or date; and nobody who does not fit."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from auscult.domain.actor import Actor, Role
from auscult.domain.errors import StaleError
from auscult.domain.ids import ClinicId, PatientId, UserId
from auscult.domain.patient import Identifier
from auscult.flows import file, patient_search, patient_terms_upkeep, patients
from auscult.flows.patient_terms import MOST_TERMS, PATIENT_TERMS, TERMS_MADE
from auscult.flows.tables import ALL
from auscult.stores.records import Delete, Key
from tests.flows.conftest import Quiet, erase
from tests.support.clinics import OpenClinic


def nurse(here: OpenClinic) -> Actor:
    return Actor(clinic_id=here.clinic.clinic_id, user_id=UserId("USR_1"), role=Role.NURSE, name="N")


async def registered(here: OpenClinic, *people: str | dict[str, Any]) -> list[PatientId]:
    given = [{"name": one} if isinstance(one, str) else one for one in people]
    return [(await patients.register(here.clinic.services, nurse(here), **one)).id for one in given]


async def found(here: OpenClinic, text: str, limit: int = 20) -> list[str]:
    shown = await patient_search.search(here.clinic.services, nurse(here), text, limit)
    return [stored.value.name for stored in shown]


async def test_each_letter_typed_finds_the_patient_in_either_script(quiet: Quiet) -> None:
    async with quiet() as here:
        await registered(here, "राम कुमार", "Sunita Devi", "Māia O'Brien", "Suresh Patel")
        for typed in ("R", "Ra", "Ram", "ram k", "Kumar", "kum ram", "राम", "कुमार रा", "  RAM   kumar "):
            assert await found(here, typed) == ["राम कुमार"], typed
        for typed in ("Sun", "suneeta", "Suneet", "सुनीता", "सुन", "devi sunita", "दे"):
            assert await found(here, typed) == ["Sunita Devi"], typed
        for typed in ("maia", "MĀIA", "obrien", "o'br", "O\u2019Brien"):
            assert await found(here, typed) == ["Māia O'Brien"], typed
        assert await found(here, "su") == ["Suresh Patel", "Sunita Devi"]
        for typed in ("", "   ", "ram devi", "ram ram", "xyz", "12", "\u202e", "'; DROP TABLE", "%", "rz" * 99):
            assert await found(here, typed) == [], typed


async def test_a_number_is_found_from_its_end_or_its_beginning_however_it_is_written(quiet: Quiet) -> None:
    async with quiet() as here:
        nhi, aadhaar = Identifier(system="NHI", value="zzz0016"), Identifier(system="aadhaar", value="4321")
        await registered(
            here,
            {
                "name": "Kiri Tane",
                "phone": "+64 21 555 0199",
                "identifiers": [nhi],
            },
            {"name": "Asha Rao", "phone": "098765 43210", "identifiers": [aadhaar], "birth_date": date(1980, 5, 4)},
        )
        for typed in (
            "0199",
            "5550199",
            "021 555 0199",
            "+64 21 555 0199",
            "0064215550199",
            "021555",
            "ZZZ0016",
            "zzz0",
        ):
            assert await found(here, typed) == ["Kiri Tane"], typed
        for typed in (
            "43210",
            "9876543210",
            "+91 98765-43210",
            "0987654",
            "4321",
            "1980-05-04",
            "4/5/1980",
            "asha 04.05.1980",
        ):
            assert await found(here, typed) == ["Asha Rao"], typed
        for typed in ("5550", "kiri 43210", "asha 1980-05-05", "ZZZ0024", "199"):
            assert await found(here, typed) == [], typed


async def test_whole_words_come_before_beginnings_and_then_the_newest(quiet: Quiet) -> None:
    async with quiet() as here:
        await registered(here, "Ram Singh", "Ramesh Rao", "Ram Gupta", "Ramesh Lal", "Anita Ram")
        assert await found(here, "ram") == ["Anita Ram", "Ram Gupta", "Ram Singh", "Ramesh Lal", "Ramesh Rao"]
        assert await found(here, "ram", 2) == ["Anita Ram", "Ram Gupta"]


async def test_a_corrected_name_is_found_and_the_old_one_is_not(quiet: Quiet) -> None:
    async with quiet() as here:
        services, actor = here.clinic.services, nurse(here)
        [one] = await registered(here, {"name": "Jon Smyth", "phone": "021 555 0100"})
        changed = await patients.change(services, actor, one, {"name": "Aroha Smith", "phone": ""}, etag=1)
        assert (changed.version, changed.value.name, changed.value.phone) == (2, "Aroha Smith", "")
        assert await found(here, "jon") == await found(here, "0100") == []
        assert await found(here, "aroha") == ["Aroha Smith"]
        with pytest.raises(StaleError):
            await patients.change(services, actor, one, {"name": "Too Late"}, etag=1)
        assert await found(here, "late") == []
        aged = await patients.change(services, actor, one, {"age": 40}, etag=2)
        assert aged.value.birth_date is not None
        assert (aged.value.birth_date.month, aged.value.birth_date.day) == (7, 1)


async def test_of_two_merged_entries_one_is_found_under_what_both_had(quiet: Quiet) -> None:
    async with quiet() as here:
        first, second = await registered(here, {"name": "Hemi Rua", "phone": "0211112222"}, "James Rua")
        await file.merge_patients(here.clinic.services, nurse(here), first, second)
        assert await found(here, "hemi") == []
        assert await found(here, "rua") == await found(here, "2222") == ["James Rua"]


async def test_nobody_finds_another_clinics_or_an_erased_patient(quiet: Quiet) -> None:
    async with quiet() as here:
        services = here.clinic.services
        [gone, _stays] = await registered(here, "Hana Black", "Hana White")
        stranger = nurse(here).model_copy(update={"clinic_id": ClinicId(services.ambient.new_id("CLN"))})
        assert await patient_search.search(services, stranger, "hana") == []
        await erase(here, gone)
    async with quiet() as here:
        assert await found(here, "hana") == ["Hana White"]


async def test_who_was_registered_before_there_were_terms_is_found_after_upkeep(quiet: Quiet) -> None:
    async with quiet() as here:
        services, actor = here.clinic.services, here.clinic.system
        ids = await registered(here, *(f"Wiremu {letter}ark" for letter in "BCDHKLM"))
        records = services.records_of(actor)
        await records.transact([Delete(PATIENT_TERMS, Key(one)) for one in ids])
        assert await found(here, "wiremu") == []
        assert await patient_terms_upkeep.catch_up(services, actor) == len(ids)
        assert len(await found(here, "wiremu")) == len(ids)
        assert await patient_terms_upkeep.catch_up(services, actor) == 0
        state = await records.table(TERMS_MADE).get(Key(ALL))
        assert state is not None
        assert state.value.done


async def test_however_long_a_name_and_however_many_numbers_the_terms_are_few_and_say_nothing(quiet: Quiet) -> None:
    async with quiet() as here:
        numbers = [Identifier(system=f"system {n}", value=f"AB{n:08d}") for n in range(20)]
        [one] = await registered(here, {"name": " ".join(["Aparajita"] * 3 + ["ज़ोया"] * 17), "identifiers": numbers})
        stored = await here.clinic.services.records_of(nurse(here)).table(PATIENT_TERMS).get(Key(one))
        assert stored is not None
        assert len(stored.value.terms) <= MOST_TERMS
        kept = " ".join((*stored.value.terms, stored.value.trail)).casefold()
        assert not any(word in kept for word in ("apar", "zoya", "ab0000"))


async def test_likely_duplicates_are_named_with_their_reasons_and_others_are_not(quiet: Quiet) -> None:
    async with quiet() as here:
        services, actor = here.clinic.services, nurse(here)
        nhi = Identifier(system="nhi", value="ZZZ0016")
        await registered(
            here,
            {"name": "Sunita Devi", "birth_date": date(1980, 5, 4), "phone": "98765 43210"},
            {"name": "Sunita Devi", "birth_date": date(1955, 1, 2)},
            {"name": "Meera Shah", "identifiers": [nhi]},
            {"name": "Anil Devi", "phone": "98765 43210", "birth_date": date(2001, 1, 1)},
        )

        async def likely(**details: Any) -> list[tuple[str, tuple[str, ...]]]:
            described = patients.described(services, details)  # type: ignore[arg-type]  # the fields of Details
            shown = await patient_search.duplicates(services, actor, described)
            return [(one.patient.value.name, one.reasons) for one in shown]

        assert await likely(name="सुनीता देवी", birth_date=date(1980, 5, 4)) == [
            ("Sunita Devi", ("same_name", "same_birth_date"))
        ]
        assert await likely(name="Sunitha Devy", phone="+91 98765 43210", birth_date=date(2000, 2, 2)) == [
            ("Sunita Devi", ("same_name", "same_phone"))
        ]
        assert await likely(name="Sunira Devi", birth_date=date(1980, 5, 4)) == [
            ("Sunita Devi", ("similar_name", "same_birth_date"))
        ]
        assert await likely(name="M Shah", identifiers=[nhi]) == [("Meera Shah", ("same_identifier",))]
        assert len(await likely(name="Sunita Devi")) == 2
        assert await likely(name="Sunita Devi", age=20) == []
        assert await likely(name="Rajesh Kumar", phone="98765 43210") == []
