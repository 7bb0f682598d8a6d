"""Makes the terms of patients who were registered before there were any, or under older rules: once for all."""

from __future__ import annotations

from typing import Final

import structlog

from auscult.domain.actor import Actor
from auscult.domain.errors import AuscultError, ConflictError
from auscult.domain.patient import Patient
from auscult.flows.patient_terms import PATIENT_TERMS, RULES, TERMS_MADE, TermsMade, terms_of
from auscult.flows.services import Services
from auscult.flows.tables import ALL, PATIENTS
from auscult.stores.records import Expect, Key, Put, Stored

MOST: Final = 5_000
"""Patients in one turn of upkeep: about ten seconds' work."""
_AT_ONCE: Final = 100

_log = structlog.get_logger(__name__)


async def catch_up(services: Services, actor: Actor, most: int = MOST) -> int:
    """Make the terms of the next patients, oldest first; return of how many. Harmless to repeat, and to run twice.

    Those who register meanwhile have theirs already. When all are done, a turn is one look.
    """
    table = services.records_of(actor).table(TERMS_MADE)
    stored = await table.get(Key(ALL))
    state = stored.value if stored is not None and stored.value.rules == RULES else TermsMade(rules=RULES)
    made, start = 0, state.after
    cursor: str | None = None
    patients = services.records_of(actor).table(PATIENTS)
    while not state.done and made < most:
        page = await patients.query(ALL, index="recent", after=start, limit=_AT_ONCE, cursor=cursor)
        await _make(services, actor, page.items)
        made, cursor = made + len(page.items), page.next
        last = page.items[-1].value.id if page.items else state.after
        state = TermsMade(rules=RULES, after=last, done=page.next is None)
        await table.put(state)
    return made


async def _make(services: Services, actor: Actor, found: tuple[Stored[Patient], ...]) -> None:
    try:
        await _write(services, actor, found)
    except AuscultError:  # one of them cannot be written now: the others, one by one
        for one in found:
            try:
                await _write(services, actor, (one,))
            except ConflictError:
                continue  # somebody changed it meanwhile, and so wrote its terms
            except AuscultError as error:
                _log.warning("patient_terms_not_made", patient_id=one.value.id, code=error.code)


async def _write(services: Services, actor: Actor, found: tuple[Stored[Patient], ...]) -> None:
    key = await services.search_key(actor)
    await services.records_of(actor).transact(
        [
            write
            for one in found
            for write in (
                Put(PATIENT_TERMS, terms_of(key, one.value)),
                Expect(PATIENTS, Key(one.value.id), one.version),
            )
        ]
    )
