"""How often somebody may try to sign in with a name.

A name is counted against before its password is looked at, and whether or not it is anybody's: so neither a fast
guesser nor many at once get more tries, and nobody learns who works here.
"""

from __future__ import annotations

import hashlib
import unicodedata
from datetime import timedelta
from typing import Final

from auscult.domain.access import Attempts
from auscult.domain.errors import TooManyRequestsError
from auscult.domain.ids import ClinicId
from auscult.flows.access import ATTEMPTS
from auscult.flows.newest import RefusedError, until_it_holds
from auscult.flows.services import Services
from auscult.flows.tables import ALL
from auscult.stores.records import Delete, Key

FREE_TRIES: Final = 5
"""Failed sign-ins in a row before one has to wait."""
FIRST_WAIT: Final = timedelta(seconds=30)
LONGEST_WAIT: Final = timedelta(minutes=15)
"""The wait doubles from the first to the longest: it stops a guesser, and a stranger cannot lock anybody out for good.

NIST SP 800-63B-4, section 3.2.2 allows up to 100 failures; so many take a day here.
"""
FORGOTTEN: Final = timedelta(days=1)
"""Failures older than this count no more."""


async def count(services: Services, clinic_id: ClinicId, hash_: str) -> Attempts:
    """Count an attempt before it is looked at. Raises `TooManyRequestsError` while the name has to wait."""
    table = services.records.of(clinic_id).table(ATTEMPTS)

    async def once() -> Attempts:
        stored, now = await table.get(Key("attempts", hash_)), services.ambient.now()
        failures = 0 if stored is None or now - stored.value.last_at >= FORGOTTEN else stored.value.failures
        if stored is not None and failures and (until := stored.value.wait_until) is not None and until > now:
            raise RefusedError(
                TooManyRequestsError(
                    "Too many sign-ins with this name failed.",
                    retry_after=(until - now).total_seconds(),
                    remedy="Wait, then try again; or ask your admin for a sign-in link.",
                )
            )
        counted = Attempts(
            name_hash=hash_,
            failures=failures + 1,
            last_at=now,
            wait_until=now + wait_after(failures + 1) if wait_after(failures + 1) else None,
        )
        return (await table.put(counted, if_version=stored.version if stored else 0)).value

    return await until_it_holds(once)


async def forgive(services: Services, clinic_id: ClinicId, hash_: str) -> None:
    """Forget the failures of a name, whose owner has proved to be there."""
    await services.records.of(clinic_id).table(ATTEMPTS).delete(Key("attempts", hash_))


async def forget(services: Services, clinic_id: ClinicId) -> int:
    """Remove the failures that count no more; return how many."""
    records, gone = services.records.of(clinic_id), 0
    before = (services.ambient.now() - FORGOTTEN).isoformat()
    while True:
        page = await records.table(ATTEMPTS).query(ALL, index="last", before=before, limit=500)
        await records.transact([Delete(ATTEMPTS, ATTEMPTS.key(stored.value)) for stored in page.items])
        gone += len(page.items)
        if page.next is None or not page.items:
            return gone


def name_hash(sign_in_name: str) -> str:
    """Under what a name to sign in with is kept: folded, so that nobody is locked out by a capital letter."""
    folded = unicodedata.normalize("NFKC", " ".join(sign_in_name.split())).casefold()
    return hashlib.sha256(folded.encode("utf-8", "surrogatepass")).hexdigest()


def wait_after(failures: int) -> timedelta:
    """How long a name has to wait after so many failures in a row."""
    if failures < FREE_TRIES:
        return timedelta()
    doublings = min(failures - FREE_TRIES, 20)
    return min(LONGEST_WAIT, FIRST_WAIT * (1 << doublings))
