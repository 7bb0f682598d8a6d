"""Whatever is done to a table in whatever order, it answers as a plain dictionary would. On every database."""

from __future__ import annotations

import asyncio
import itertools
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from auscult.domain.errors import ConflictError, NotFoundError
from auscult.domain.ids import UNFILED, ClinicId, SubjectId
from auscult.stores.records import Delete, Key, Put, Refile, Table, Write
from auscult.stores.records.sql import SqlRecords
from auscult.stores.secrets.key_file import KeyFileMaster
from auscult.stores.secrets.sql_keys import open_wrapped_keys
from auscult.trust.sealing import Keyring
from tests.support.postgres import PostgresServer
from tests.support.visits import VISITS, Visit
from tests.support.world import Clock, ambient_of

# Few keys, so that they meet; and awkward ones: case, dashes, scripts, a character outside the basic plane.
ROOMS = st.sampled_from(["a", "B", "room|1"])
TIMES = st.sampled_from(["0", "00", "a-b", "ab", "Ab", "É", "राम", "🙂", "\uffff"])
OWNERS = st.sampled_from([UNFILED, SubjectId("PAT_1"), SubjectId("PAT_2")])
VISIT = st.builds(
    Visit,
    room=ROOMS,
    at=TIMES,
    owner=OWNERS,
    complaint=st.text(st.characters(codec="utf-8"), max_size=20),
    status=st.sampled_from(["open", "done", ""]),
)
VERSIONS = st.sampled_from([None, None, 0, 1, 2, 3])
CLINICS = (ClinicId("CLN_1"), ClinicId("CLN_2"))


class TableMachine(RuleBasedStateMachine):
    """A table of two clinics beside a dictionary `(clinic, room, at) → (visit, version)`."""

    make_url: Callable[[Path, asyncio.Runner], str]
    visits = Bundle("visits")

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.model: dict[tuple[ClinicId, str, str], tuple[Visit, int]] = {}
        self.records, self.close = self.runner.run(self._open(type(self).make_url(Path(self.folder.name), self.runner)))

    async def _open(self, url: str) -> tuple[SqlRecords, Callable[[], object]]:
        clock = Clock()
        ambient = ambient_of(clock)
        folder = Path(self.folder.name)
        keys = await open_wrapped_keys(f"sqlite:///{folder}/keys.db", ambient.now)
        master = KeyFileMaster.open(folder / "master.key", os.urandom)
        ring = Keyring(master, keys, secret=os.urandom, monotonic=clock.monotonic)
        records = await SqlRecords.open(url, ring, ambient)

        async def close() -> None:
            await records.close()
            await keys.close()

        return records, close

    def teardown(self) -> None:
        self.runner.run(self.close())  # type: ignore[arg-type]  # an async rule run by hand
        self.runner.close()
        self.folder.cleanup()

    def _table(self, clinic: ClinicId) -> Table[Visit]:
        return self.records.of(clinic).table(VISITS)

    def _version(self, clinic: ClinicId, key: Key) -> int:
        return self.model.get((clinic, key.partition, key.sort), (None, 0))[1]

    @rule(target=visits, visit=VISIT)
    def imagine(self, visit: Visit) -> Visit:
        return visit

    @rule(clinic=st.sampled_from(CLINICS), visit=visits, if_version=VERSIONS)
    def put(self, clinic: ClinicId, visit: Visit, if_version: int | None) -> None:
        self._transact(clinic, [Put(VISITS, visit, if_version)])

    @rule(clinic=st.sampled_from(CLINICS), room=ROOMS, at=TIMES, if_version=VERSIONS)
    def delete(self, clinic: ClinicId, room: str, at: str, if_version: int | None) -> None:
        self._transact(clinic, [Delete(VISITS, Key(room, at), if_version)])

    @rule(clinic=st.sampled_from(CLINICS), visit=visits, if_version=VERSIONS)
    def refile(self, clinic: ClinicId, visit: Visit, if_version: int | None) -> None:
        self._transact(clinic, [Refile(VISITS, visit, if_version)])

    @rule(
        clinic=st.sampled_from(CLINICS),
        chosen=st.lists(
            st.tuples(VISIT, VERSIONS, st.booleans()), max_size=4, unique_by=lambda w: (w[0].room, w[0].at)
        ),
    )
    def several(self, clinic: ClinicId, chosen: list[tuple[Visit, int | None, bool]]) -> None:
        self._transact(
            clinic,
            [
                Put(VISITS, visit, if_version) if is_put else Delete(VISITS, Key(visit.room, visit.at), if_version)
                for visit, if_version, is_put in chosen
            ],
        )

    def _transact(self, clinic: ClinicId, writes: list[Write]) -> None:
        """Do it to both; when the model says that a version does not hold, nothing may change."""
        changed = dict(self.model)
        versions: list[int] = []
        expected: type[Exception] | None = None
        for write in writes:
            key = write.key if isinstance(write, Delete) else VISITS.key(write.value)
            now = self._version(clinic, key)
            if write.if_version is not None and write.if_version != now:
                expected = ConflictError
            elif isinstance(write, Refile) and now == 0:
                expected = ConflictError if write.if_version is not None else NotFoundError
            elif isinstance(write, Delete):
                changed.pop((clinic, key.partition, key.sort), None)
                versions.append(0)
            else:
                changed[clinic, key.partition, key.sort] = (write.value, now + 1)
                versions.append(now + 1)
        transaction = self.records.of(clinic).transact(writes)
        if expected is None:
            assert list(self.runner.run(transaction)) == versions
            self.model = changed
        else:
            with pytest.raises(expected):
                self.runner.run(transaction)

    @rule(
        clinic=st.sampled_from(CLINICS),
        place=st.sampled_from(
            [("a", None), ("B", None), ("room|1", None), ("status/open", "status"), ("PAT_1", "owner")]
        ),
        after=st.none() | TIMES,
        before=st.none() | TIMES,
        newest_first=st.booleans(),
        limit=st.integers(1, 5),
    )
    def query(
        self,
        clinic: ClinicId,
        place: tuple[str, str | None],
        after: str | None,
        before: str | None,
        newest_first: bool,
        limit: int,
    ) -> None:
        partition, index = place
        key_of = VISITS.key if index is None else VISITS.indexes[index]
        expected = []
        for (owner, room, at), (visit, version) in self.model.items():
            key = key_of(visit)
            if owner != clinic or key is None or key.partition != partition:
                continue
            sort = key.sort.encode()
            if (after is None or sort > after.encode()) and (before is None or sort < before.encode()):
                expected.append(((sort, room.encode(), at.encode()), visit, version))
        expected.sort(key=lambda row: row[0], reverse=newest_first)
        found = []
        cursor = None
        for _ in itertools.count():
            page = self.runner.run(
                self._table(clinic).query(
                    partition, index=index, after=after, before=before,
                    newest_first=newest_first, limit=limit, cursor=cursor,
                )
            )  # fmt: skip
            assert len(page.items) <= limit
            found += [(item.value, item.version) for item in page.items]
            cursor = page.next
            if cursor is None:
                break
        assert found == [(visit, version) for _, visit, version in expected]

    @invariant()
    def holds_what_the_dictionary_holds(self) -> None:
        for (clinic, room, at), (visit, version) in self.model.items():
            stored = self.runner.run(self._table(clinic).get(Key(room, at)))
            assert stored is not None
            assert (stored.value, stored.version) == (visit, version)


def _try(make_url: Callable[[Path, asyncio.Runner], str], *, examples: int, steps: int) -> None:
    machine = type("Machine", (TableMachine,), {"make_url": staticmethod(make_url)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def _sqlite(folder: Path, _runner: asyncio.Runner) -> str:
    return f"sqlite:///{folder}/auscult.db"


def test_a_table_on_sqlite_answers_as_a_dictionary() -> None:
    _try(_sqlite, examples=25, steps=25)


def test_a_table_on_postgres_answers_as_a_dictionary(postgres: PostgresServer) -> None:
    _try(_on(postgres), examples=8, steps=20)


@pytest.mark.full
def test_a_table_on_sqlite_answers_as_a_dictionary_at_length() -> None:
    _try(_sqlite, examples=400, steps=50)


@pytest.mark.full
def test_a_table_on_postgres_answers_as_a_dictionary_at_length(postgres: PostgresServer) -> None:
    _try(_on(postgres), examples=150, steps=50)


def _on(postgres: PostgresServer) -> Callable[[Path, asyncio.Runner], str]:
    return lambda _folder, runner: postgres.url(runner.run(postgres.create_database()))
