"""Who a worker is, and when a schedule is due."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auscult.domain.errors import InvalidError
from auscult.stores.jobs import cron
from auscult.stores.jobs.slots import WorkerSlot

ROOT = Path(__file__).parents[2]


def test_each_living_worker_of_a_machine_has_a_name_of_its_own(tmp_path: Path):
    with WorkerSlot(tmp_path, host="clinic") as first, WorkerSlot(tmp_path, host="clinic") as second:
        assert (first.executor_id, second.executor_id) == ("clinic-0", "clinic-1")


def test_a_worker_that_was_killed_is_who_it_was_when_it_is_back(tmp_path: Path):
    code = (
        "import pathlib, sys, time; from auscult.stores.jobs.slots import WorkerSlot;"
        "slot = WorkerSlot(pathlib.Path(sys.argv[1]), host='clinic'); print(slot.executor_id, flush=True);"
        "time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, cwd=ROOT) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"clinic-0\n"
        with WorkerSlot(tmp_path, host="clinic") as other:
            assert other.executor_id == "clinic-1"
        worker.send_signal(signal.SIGKILL)
        worker.wait(10)
    with WorkerSlot(tmp_path, host="clinic") as back:
        assert back.executor_id == "clinic-0"


def test_a_strange_host_name_makes_a_plain_worker_name(tmp_path: Path):
    with WorkerSlot(tmp_path, host="Dr. Rao's laptop:1") as slot:
        assert slot.executor_id == "Dr.-Rao-s-laptop-1-0"


@pytest.mark.parametrize(
    ("now", "latest", "following"),
    [
        ("2026-03-02T08:59:59", "2026-03-01T09:30:00", "2026-03-02T09:30:00"),
        ("2026-03-02T09:30:00", "2026-03-02T09:30:00", "2026-03-03T09:30:00"),
        ("2026-03-02T09:30:00.5", "2026-03-02T09:30:00", "2026-03-03T09:30:00"),
        ("2026-03-02T09:31:00", "2026-03-02T09:30:00", "2026-03-03T09:30:00"),
    ],
)
def test_a_daily_schedule_is_due_at_its_time(now: str, latest: str, following: str):
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert cron.latest_due("30 9 * * *", at) == datetime.fromisoformat(latest).replace(tzinfo=UTC)
    assert cron.next_due("30 9 * * *", at) == datetime.fromisoformat(following).replace(tzinfo=UTC)


def test_a_date_that_never_comes_is_refused():
    with pytest.raises(InvalidError):
        cron.check("0 0 31 2 *", datetime(2026, 3, 2, tzinfo=UTC))
