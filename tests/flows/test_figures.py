"""What an operator is alarmed by: each alarm sounds at its threshold, says what is wrong, and what to do."""

from __future__ import annotations

import json
import os
import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from auscult.flows import figures
from auscult.flows.figures import Figures, alarms, look
from auscult.trust.authority import Authority
from tests.support.clinics import open_clinic

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def good(**changed: Any) -> Figures:
    """A clinic with nothing to worry about, but for what is changed."""
    quiet: dict[str, Any] = {
        "at": NOW,
        "disk_free_bytes": 50,
        "disk_size_bytes": 100,
        "clock_offset_seconds": 0.01,
        "clock_behind_seconds": 0.0,
        "jobs": 3,
        "oldest_job_seconds": 20.0,
        "outbox_jobs": 0,
        "recordings_waiting": 1,
        "backup_age_seconds": 3600.0,
        "certificate_seconds": None,
    }
    return Figures(**{**quiet, **changed})


def test_a_clinic_that_is_well_alarms_nobody() -> None:
    assert alarms(good()) == []
    assert alarms(good(certificate_seconds=100 * 86400.0)) == []


@pytest.mark.parametrize(
    ("changed", "alarm", "words"),
    [
        ({"disk_free_bytes": 9}, "disk", "9%"),
        ({"disk_free_bytes": 4}, "disk", "soon stop"),
        ({"disk_free_bytes": 0, "disk_size_bytes": 0}, "disk", "0%"),
        ({"clock_offset_seconds": 31.0}, "clock", "31 seconds"),
        ({"clock_offset_seconds": -31.0}, "clock", "31 seconds"),
        ({"clock_behind_seconds": 7200.0}, "clock", "7200 seconds"),
        ({"oldest_job_seconds": 901.0}, "queue", "15 minutes"),
        ({"backup_age_seconds": None}, "backup", "no backup"),
        ({"backup_age_seconds": 27 * 3600.0}, "backup", "27 hours"),
        ({"backup_age_seconds": -60.0}, "backup", "future"),
        ({"certificate_seconds": 13 * 86400.0}, "certificate", "13 days"),
        ({"certificate_seconds": -1.0}, "certificate", "has ended"),
    ],
)
def test_each_alarm_says_what_is_wrong_and_what_to_do(changed: dict[str, Any], alarm: str, words: str) -> None:
    [found] = alarms(good(**changed))
    assert found.name == alarm
    assert words in found.sentence
    assert found.remedy


def test_at_the_thresholds_themselves_nothing_sounds() -> None:
    assert alarms(good(disk_free_bytes=10, clock_offset_seconds=30.0, oldest_job_seconds=900.0)) == []
    assert alarms(good(backup_age_seconds=26 * 3600.0, certificate_seconds=14 * 86400.0)) == []


def test_prometheus_alarms_at_the_same_thresholds() -> None:
    rules = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text())["groups"][0]["rules"]
    expressions = {rule["alert"]: rule["expr"] for rule in rules}
    for alert, threshold in {
        "AuscultDisk": figures.DISK_FREE_SHARE,
        "AuscultDiskLast": figures.DISK_FREE_LAST,
        "AuscultClock": figures.CLOCK_SECONDS,
        "AuscultQueue": figures.QUEUE_SECONDS,
        "AuscultBackup": figures.BACKUP_SECONDS,
        "AuscultCertificate": figures.CERTIFICATE_SECONDS,
    }.items():
        assert threshold in {float(one) for one in re.findall(r"[<>] ([\d.]+)", expressions[alert])}, alert
    assert all(rule["annotations"].keys() == {"summary", "remedy"} for rule in rules)


async def test_a_real_clinic_is_looked_at(tmp_path: Path) -> None:
    async with open_clinic(tmp_path, work=False) as opened:
        clinic = opened.clinic
        found = await look(clinic.services, clinic.system, tmp_path)
        assert [one.name for one in alarms(found)] in (["backup"], ["disk", "backup"])  # a test machine may be full
        assert found.disk_size_bytes == shutil.disk_usage(tmp_path).total
        assert abs(found.clock_offset_seconds or 0.0) < 5
        assert found.recordings_waiting == found.jobs == 0
        assert found.certificate_seconds is None

        await opened.client.post("/recordings", json={"content_type": "audio/webm", "live": True})
        yesterday = datetime.now(UTC) - timedelta(hours=20)
        (tmp_path / figures.LAST_BACKUP).write_text(json.dumps({"at": yesterday.isoformat(), "destination": "x"}))
        Authority.open(tmp_path / "tls", lambda: datetime.now(UTC)).keep_server("web", ["127.0.0.2"])
        found = await look(clinic.services, clinic.system, tmp_path)
        assert found.recordings_waiting == 1
        assert found.backup_age_seconds == pytest.approx(20 * 3600, abs=60)
        assert found.certificate_seconds == pytest.approx(396 * 86400, abs=60)
        assert "backup" not in [one.name for one in alarms(found)]

        for broken in (b"", b"{", b'{"at": 5}', b"[]", b'{"at": "2026-11-22"}', b'{"at": "soon"}', b"\xff" * 10):
            (tmp_path / figures.LAST_BACKUP).write_bytes(broken)
            assert (await look(clinic.services, clinic.system, tmp_path)).backup_age_seconds is None


async def test_a_clock_that_was_set_back_is_noticed(tmp_path: Path) -> None:
    async with open_clinic(tmp_path, work=False) as opened:
        later = datetime.now(UTC).timestamp() + 3600
        (tmp_path / "clinic.json").touch()
        os.utime(tmp_path / "clinic.json", (later, later))
        found = await look(opened.clinic.services, opened.clinic.system, tmp_path)
        assert found.clock_behind_seconds == pytest.approx(3600, abs=60)
