"""Where checkpoints of the audit trail are kept: added once and never changed, in a folder and in a bucket."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from auscult.domain.ambient import Ambient
from auscult.domain.errors import ConflictError
from auscult.domain.ids import ClinicId
from auscult.stores.audit.blob_checkpoints import BlobCheckpoints, folder_checkpoints
from auscult.stores.objects.s3 import S3Blobs


@pytest.fixture(params=["folder", "s3"])
async def checkpoints(
    request: pytest.FixtureRequest, tmp_path: Path, ambient: Ambient
) -> AsyncIterator[BlobCheckpoints]:
    if request.param == "folder":
        made = folder_checkpoints(tmp_path / "audit-checkpoints", ambient)
    else:
        made = BlobCheckpoints(S3Blobs(request.getfixturevalue("bucket")))
    yield made
    await made.close()


async def test_a_checkpoint_is_kept_once_under_its_number_and_clinic(
    checkpoints: BlobCheckpoints, clinic_id: ClinicId, other_clinic_id: ClinicId
) -> None:
    assert await checkpoints.numbers(clinic_id) == []
    for number in (1, 2, 10):
        await checkpoints.add(clinic_id, number, f"checkpoint {number}".encode())
    with pytest.raises(ConflictError):
        await checkpoints.add(clinic_id, 2, b"another")
    assert await checkpoints.numbers(clinic_id) == [1, 2, 10]
    assert await checkpoints.read(clinic_id, 2) == b"checkpoint 2"
    assert await checkpoints.read(clinic_id, 3) is None
    assert await checkpoints.numbers(other_clinic_id) == []
