"""Fills a clinic's database with invented patients and notes, sealed as the product seals them, in minutes.

Every row is what the product would have written: an item key wrapped under the patient's own key, a sealed body, and
all lines of the indexes. Only the way into the database is another: many rows at once instead of a transaction each.
"""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final

import asyncpg
from pydantic import BaseModel

from auscult.clinic import makers
from auscult.domain.evidence import ResultField, Statement
from auscult.domain.ids import ClinicId, NoteId, PatientId, RecordingId
from auscult.domain.medication import Medication
from auscult.domain.note import Note, NoteBody, NoteStatus, Section, WriterInfo
from auscult.domain.patient import Patient, Sex
from auscult.flows.patient_terms import PATIENT_TERMS, TERMS_MADE, TermsMade, terms_of
from auscult.flows.patient_terms import RULES as TERM_RULES
from auscult.flows.tables import NOTES, PATIENTS
from auscult.settings import Settings
from auscult.stores.records import Put, TableSpec
from auscult.stores.records.sql_writes import Place, _index_rows
from auscult.trust.sealing import KEY_BYTES, Keyring, seal
from auscult.world import real_ambient


def _listed(names: str) -> tuple[str, ...]:
    return tuple(names.split())


GIVEN: Final = _listed(
    "Ram Sita Sunita Anil Meera Rajesh Priya Vijay Lakshmi Deepak Asha Suresh Kiran Mohan Geeta Arjun Kavita Sanjay"
    " Pooja Ravi राम सुनीता अनिल मीरा राजेश प्रिया विजय लक्ष्मी दीपक आशा Aroha Wiremu Mere Hemi Kiri"
    " Jack Olivia Noah Isla James"
)
FAMILY: Final = _listed(
    "Kumar Sharma Singh Patel Gupta Devi Rao Reddy Yadav Mishra Shah Verma Joshi Nair Das कुमार शर्मा सिंह पटेल देवी"
    " Smith Williams Taylor Brown Wilson Tane Rua Ngata Parata Walker Young King Scott Green Baker Adams Hill Clark Lee"
)
SYLLABLES: Final = _listed("ka ki ra ri sa su ma mi na no ta te pa vi la lo ba da ja ha")
_BORN: Final = date(1930, 1, 1).toordinal()
_AT_ONCE: Final = 500
"""Patients whose rows are made and written together."""


@dataclass
class Rows:
    """Rows of the three tables, as they are written."""

    keys: list[tuple[Any, ...]] = field(default_factory=list)
    documents: list[tuple[Any, ...]] = field(default_factory=list)
    lines: list[tuple[Any, ...]] = field(default_factory=list)


def invented(number: int, chance: random.Random) -> Patient:
    """A patient: of 40 given and 40 family names, every third with a rarer one."""
    given = chance.choice(GIVEN)
    rare = "".join(chance.choices(SYLLABLES, k=3)).capitalize()
    family = rare if number % 3 == 0 else chance.choice(FAMILY)
    return Patient(
        id=PatientId(f"PAT_{number:026d}"),
        name=f"{given} {family}",
        birth_date=date.fromordinal(_BORN + chance.randrange(30_000)),
        sex=chance.choice(list(Sex)),
        phone=f"+91 {chance.randrange(6_000_000_000, 9_999_999_999)}",
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def _note_json() -> str:
    """A signed note of twelve sentences, 5 KB of JSON, with marks where its ids go."""
    texts = [f"The patient reports finding {place} since {place} days, worse at night." for place in range(8)]
    statements = [Statement(id=f"s{place}", text=text, section="Subjective") for place, text in enumerate(texts)]
    statements += [
        Statement(id="v1", text="Blood pressure 138/84.", section="Objective"),
        Statement(id="v2", text="Temperature 36.8 °C.", section="Objective"),
        Statement(id="d1", text="Impression: cough.", section="Assessment", field=ResultField.DIAGNOSIS, term="Cough"),
        Statement(id="p1", text="Paracetamol 500 mg.", section="Plan"),
    ]
    names = dict.fromkeys(one.section for one in statements)
    sections = tuple(
        Section(title=name, statements=tuple(one for one in statements if one.section == name)) for name in names
    )
    now = datetime(2026, 1, 1, tzinfo=UTC)
    medicine = Medication(name="paracetamol", strength="500 mg", statement_ids=("p1",))
    return Note(
        id=NoteId("@NOTE@"),
        version=1,
        recording_id=RecordingId("@REC@"),
        patient_id=PatientId("@PAT@"),
        status=NoteStatus.SIGNED,
        body=NoteBody(sections=sections, medications=(medicine,), writer=WriterInfo(name="bench", version="1")),
        transcript_version=1,
        created_at=now,
        updated_at=now,
    ).model_dump_json()


class Loader:
    """Makes the rows of one clinic."""

    def __init__(self, clinic_id: ClinicId, clinic_key: bytes, search_key: bytes, *, text_times: bool) -> None:
        self._clinic_id = clinic_id
        self._clinic_key = clinic_key
        self._search_key = search_key
        now = datetime(2026, 1, 1, tzinfo=UTC)
        # SQLite keeps times as text without a zone, PostgreSQL as times.
        self._now: Any = now.strftime("%Y-%m-%d %H:%M:%S.%f") if text_times else now
        self._note = _note_json()

    def rows(self, patients: int, notes: int) -> Iterator[Rows]:
        """So many patients and notes, in batches."""
        chance = random.Random(7)
        each, seq = notes // patients, 0
        for first in range(1, patients + 1, _AT_ONCE):
            batch = Rows()
            for number in range(first, min(first + _AT_ONCE, patients + 1)):
                patient = invented(number, chance)
                subject_key = os.urandom(KEY_BYTES)
                bound = f"auscult/subject/{self._clinic_id}/{patient.id}".encode()
                wrapped = seal(self._clinic_key, subject_key, bound, os.urandom)
                batch.keys.append((self._clinic_id, patient.id, wrapped, self._now))
                self._add(batch, PATIENTS, patient, patient.model_dump_json(), subject_key)
                terms = terms_of(self._search_key, patient)
                self._add(batch, PATIENT_TERMS, terms, terms.model_dump_json(), subject_key)
                for _ in range(each):
                    seq += 1
                    self._add_note(batch, seq, patient.id, subject_key)
            yield batch

    def _add_note(self, batch: Rows, seq: int, patient_id: PatientId, subject_key: bytes) -> None:
        note_id, recording_id = NoteId(f"NOTE_{seq:026d}"), RecordingId(f"REC_{seq:026d}")
        body = self._note.replace("@NOTE@", note_id).replace("@REC@", recording_id).replace("@PAT@", patient_id)
        note = Note.model_construct(id=note_id, version=1, recording_id=recording_id, patient_id=patient_id)
        self._add(batch, NOTES, note, body, subject_key)

    def _add(self, batch: Rows, spec: TableSpec[Any], value: BaseModel, body: str, subject_key: bytes) -> None:
        key, subject = spec.key(value), spec.subject(value)
        place = f'["auscult/document", "{spec.name}", "{key.partition}", "{key.sort}"]'.encode()
        content = f'["auscult/body", "{spec.name}", {spec.schema_version}]'.encode()
        item = os.urandom(KEY_BYTES)
        bound = b"|".join((b"auscult/item", self._clinic_id.encode(), subject.encode(), place))
        wrapped = seal(subject_key, item, bound, os.urandom)
        sealed = seal(item, body.encode(), content, os.urandom)
        where = (self._clinic_id, spec.name, key.partition, key.sort)
        batch.documents.append((*where, 1, spec.schema_version, subject, wrapped, sealed, self._now, self._now))
        for line in _index_rows(spec, value, Place(self._clinic_id, spec.name, key)):
            batch.lines.append((*where, line["index_name"], line["ipartition"], line["isort"]))


_KEYS: Final = ("clinic_id", "name", "wrapped", "created_at")
_DOCUMENTS: Final = (
    *("clinic_id", "kind", "partition", "sort", "version", "schema_version", "subject", "wrapped_key", "body"),
    *("created_at", "updated_at"),
)
_LINES: Final = ("clinic_id", "kind", "partition", "sort", "index_name", "ipartition", "isort")


async def fill(settings: Settings, clinic_id: ClinicId, patients: int, notes: int) -> None:
    """Fill the clinic of these settings, which nobody has open."""
    ambient = real_ambient()
    keys = await makers.open_keys(settings, ambient)
    keyring = Keyring(await makers.open_master_key(settings, ambient), keys, secret=os.urandom, monotonic=lambda: 0.0)
    clinic_key = await keyring._clinic_key(clinic_id)
    search_key = await keyring.derive(clinic_id, "patient-terms")
    loader = Loader(clinic_id, clinic_key, search_key, text_times=not settings.records_url)
    records = await makers.open_records(settings, keyring, ambient)
    await records.of(clinic_id).transact([Put(TERMS_MADE, TermsMade(rules=TERM_RULES, done=True))])
    await records.close()
    await keys.close()
    batches = loader.rows(patients, notes)
    if settings.records_url:
        await _into_postgres(settings.records_url, batches)
    else:
        await asyncio.to_thread(_into_sqlite, settings, batches)


def _into_sqlite(settings: Settings, batches: Iterator[Rows]) -> None:
    with sqlite3.connect(settings.data / "records.db") as records, sqlite3.connect(settings.data / "keys.db") as keys:
        for connection in (records, keys):
            connection.execute("PRAGMA synchronous=OFF")
            connection.execute("PRAGMA cache_size=-400000")
        for batch in batches:
            for connection, table, columns, rows in (
                (keys, "wrapped_keys", _KEYS, batch.keys),
                (records, "documents", _DOCUMENTS, batch.documents),
                (records, "document_index", _LINES, batch.lines),
            ):
                marks = ", ".join("?" * len(columns))
                names = ", ".join(f'"{name}"' for name in columns)
                connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)
                connection.commit()


async def _into_postgres(url: str, batches: Iterator[Rows]) -> None:
    connection = await asyncpg.connect(url)
    try:
        for batch in batches:
            await _copy(connection, "wrapped_keys", _KEYS, batch.keys, schema="auscult_keys")
            await _copy(connection, "documents", _DOCUMENTS, batch.documents)
            await _copy(connection, "document_index", _LINES, batch.lines)
        await connection.execute("ANALYZE")
    finally:
        await connection.close()


async def _copy(
    connection: asyncpg.Connection,
    table: str,
    columns: Sequence[str],
    rows: list[tuple[Any, ...]],
    *,
    schema: str = "public",
) -> None:
    await connection.copy_records_to_table(table, schema_name=schema, columns=list(columns), records=rows)
