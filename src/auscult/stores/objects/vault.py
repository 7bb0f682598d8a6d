"""All objects of a deployment: one clinic's at a time, signed links, and the sweep after a crash."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from auscult.domain.ambient import Ambient
from auscult.domain.errors import ErasedError
from auscult.domain.ids import ClinicId
from auscult.stores.objects import UploadGrant
from auscult.stores.objects.blobs import Blobs, Found, Uploads
from auscult.stores.objects.clinic_vault import ClinicVault, Workings
from auscult.stores.objects.keys import checked_clinic
from auscult.stores.objects.record import ObjectRecord
from auscult.trust.sealing import Keyring


class Vault:
    """All objects of a deployment, sealed, on one backend."""

    def __init__(self, blobs: Blobs, uploads: Uploads, *, keyring: Keyring, ambient: Ambient) -> None:
        """Take the backend, its way of signing uploads, the keys, and the time and chance of this process."""
        self._blobs = blobs
        self._uploads = uploads
        self._ambient = ambient
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="sealing")
        self._workings = Workings(blobs, uploads, keyring, ambient, self._threads)

    def of(self, clinic_id: ClinicId) -> ClinicVault:
        """The objects of one clinic. Raises `InvalidError` for an id that cannot name a folder."""
        return ClinicVault(checked_clinic(clinic_id), self._workings)

    async def verify_upload(self, path_and_query: str) -> UploadGrant:
        """Check a signed PUT URL of our own route; see `Objects.verify_upload`."""
        return await self._uploads.verify(path_and_query)

    async def sweep(self, older_than: timedelta) -> int:
        """Remove bytes that no record names and that are older; see `Objects.sweep`."""
        before = self._ambient.now() - older_than
        removed = 0
        owner, group = "", list[Found]()
        async for found in self._blobs.found(""):
            stem, mark, _ = found.address.partition("!")
            if not mark:
                continue  # an upload that waits to be adopted, or the probe of `ready`
            if stem != owner:
                removed += await self._remove_unnamed(owner, group, before)
                owner, group = stem, []
            group.append(found)
        return removed + await self._remove_unnamed(owner, group, before)

    async def ready(self) -> None:
        """Raise `UnavailableError` unless the store can be written."""
        await self._blobs.ready()

    async def close(self) -> None:
        """Release connections and threads."""
        await self._blobs.close()
        self._threads.shutdown(wait=True)

    async def _remove_unnamed(self, owner: str, group: list[Found], before: datetime) -> int:
        """Remove the old ones among the blobs of one object that its record does not name."""
        address = f"{owner}!meta"
        if len(group) == 2 and any(found.address == address for found in group):
            return 0  # a record and its bytes
        lost = [found.address for found in group if found.address != address and found.written_at < before]
        if not lost:
            return 0
        # the record is loaded after the listing: a put that was committed meanwhile keeps its bytes
        record = await self._blobs.load(address)
        if record is not None:
            try:
                lost = [each for each in lost if each != f"{owner}!{ObjectRecord.from_json(record.data).name}"]
            except ErasedError:
                return 0  # a damaged record cannot say which bytes are its own: a person has to look first
        for each in lost:
            await self._blobs.delete(each)
        return len(lost)
