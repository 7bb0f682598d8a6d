"""Checkpoints of the audit trail are written, and the trail is checked against itself and against them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog

from auscult.domain.actor import Actor, system_actor
from auscult.domain.audit import AuditEntity, AuditKind, event_in
from auscult.domain.errors import AuscultError, ConflictError
from auscult.domain.ids import ClinicId
from auscult.flows import audit
from auscult.flows.services import Services
from auscult.stores.audit import BEFORE_ALL, AuditTrail, Checkpoints, IndexedLink
from auscult.trust.audit_chain import CHAINS, ChainCheck, Finding, Head, Link, Problem
from auscult.trust.audit_checkpoint import Checkpoint, digest, opened, public_key, signed

_log = structlog.get_logger(__name__)

_ATTEMPTS: Final = 5
"""How often the number of a new checkpoint may be taken by another process."""
MOST_FINDINGS: Final = 1000
"""More are counted, not kept: a chain that was tampered with everywhere is as wrong after a thousand."""
_CHECKPOINT: Final = "checkpoint"


@dataclass
class Report:
    """What was found, and what was looked at. `findings` empty: the trail is as it was written."""

    findings: list[Finding] = field(default_factory=list)
    more: int = 0
    """How many findings there were beyond `MOST_FINDINGS`."""
    entries: int = 0
    checkpoints: int = 0
    after_checkpoint: int = 0
    """How many of the newest entries no checkpoint vouches for yet."""
    key: str = ""
    """The public half of the key that signs checkpoints, in hex."""

    @property
    def good(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings

    def add(self, found: Finding) -> None:
        """Keep a finding."""
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(found)
        else:
            self.more += 1


async def write_checkpoint(services: Services, clinic_id: ClinicId, who: Actor | None = None) -> Checkpoint | None:
    """Sign where the chains end now and keep it outside the database; None when nothing was added since the last.

    That it was written is itself noted, so that the newest checkpoint cannot be taken away unseen either.
    """
    trail = services.records.of(clinic_id).audit
    keys = await trail.keys()
    for _ in range(_ATTEMPTS):
        numbers = await services.checkpoints.numbers(clinic_id)
        number = numbers[-1] if numbers else 0
        data = await services.checkpoints.read(clinic_id, number) if number else None
        last = opened(data, keys.checkpoints) if data else None
        heads = await trail.heads()
        # One more is the entry that told of the last checkpoint.
        if last is not None and sum(head.seq for head in heads.values()) <= last.entries + 1:
            return None
        if last is not None and not await _fits(trail, last):
            _log.error("audit_checkpoint_does_not_fit", checkpoint=number, remedy="Run `auscult audit verify`.")
        fresh = Checkpoint(
            clinic_id=clinic_id,
            series=last.series if last else services.ambient.new_id("AUD"),
            number=number + 1,
            at=services.ambient.now(),
            heads=heads,
            previous=digest(data) if data else "",
        )
        try:
            await services.checkpoints.add(clinic_id, fresh.number, signed(fresh, keys.checkpoints))
        except ConflictError:
            continue  # another process was faster: the next one is after it
        told = AuditEntity(type=_CHECKPOINT, id=f"{fresh.series}/{fresh.number}")
        actor = who or system_actor(clinic_id)
        await audit.note(services, audit.event(services, clinic_id, actor, AuditKind.CHECKPOINT, entities=[told]))
        return fresh
    return None


async def write_checkpoint_if_possible(services: Services, clinic_id: ClinicId) -> None:
    """`write_checkpoint` for the sweep and the end of a process: what fails is logged, and the next one covers it."""
    try:
        await write_checkpoint(services, clinic_id)
    except AuscultError as error:
        _log.warning("audit_checkpoint_not_written", code=error.code, remedy=error.remedy)


async def verify(services: Services, clinic_id: ClinicId, checkpoints: Checkpoints | None = None) -> Report:
    """Read the whole trail and all checkpoints and say what is wrong, and where.

    `checkpoints` is a copy of them that was kept elsewhere; it may be older than the trail. Memory is taken for one
    page of entries and for the checkpoints; nobody who writes meanwhile is held up.
    """
    trail = services.records.of(clinic_id).audit
    keys = await trail.keys()
    report = Report(key=public_key(keys.checkpoints))
    kept = await _read_checkpoints(checkpoints or services.checkpoints, clinic_id, keys.checkpoints, report)
    told: dict[str, int] = {}
    for chain in range(CHAINS):
        seen = {
            one.heads[chain].seq: (one.heads[chain].mark, one.number)
            for one in kept
            if chain in one.heads and one.heads[chain].seq
        }
        await _verify_chain(trail, ChainCheck(keys.marks, clinic_id, chain, seen), chain, report, told)
    if await trail.strangers():
        report.add(Finding(Problem.STRANGE))
    if checkpoints is None:
        await _find_removed(services.checkpoints, clinic_id, kept, report, told)
    report.after_checkpoint = report.entries - (kept[-1].entries if kept else 0)
    return report


async def verify_chains(trail: AuditTrail, clinic_id: ClinicId) -> Report:
    """Read the whole trail and say what is wrong with its chains alone: for a copy, whose checkpoints are elsewhere."""
    keys = await trail.keys()
    report = Report(key=public_key(keys.checkpoints))
    for chain in range(CHAINS):
        await _verify_chain(trail, ChainCheck(keys.marks, clinic_id, chain, {}), chain, report, {})
    return report


async def _read_checkpoints(
    checkpoints: Checkpoints, clinic_id: ClinicId, seed: bytes, report: Report
) -> list[Checkpoint]:
    kept: list[Checkpoint] = []
    previous = ""
    for number in await checkpoints.numbers(clinic_id):
        data = await checkpoints.read(clinic_id, number) or b""
        report.checkpoints += 1
        found = opened(data, seed)
        if found is None or found.number != number or found.clinic_id != clinic_id:
            report.add(Finding(Problem.CHECKPOINT_FORGED, checkpoint=number))
        else:
            if found.previous != previous and kept and kept[-1].number == number - 1:
                report.add(Finding(Problem.CHECKPOINT_FORGED, checkpoint=kept[-1].number))
            kept.append(found)
        previous = digest(data)
    for gap in _gaps(_numbers(kept, report), max((one.number for one in kept), default=0)):
        report.add(gap)
    return kept


def _numbers(kept: Sequence[Checkpoint], report: Report) -> set[int]:
    """Which numbers need not be missed: they are there, or something was said of them already."""
    said = {number for one in report.findings if one.checkpoint for number in (one.checkpoint, one.until) if number}
    return said | {one.number for one in kept}


def _gaps(known: set[int], last: int) -> Iterator[Finding]:
    """What is missing of the checkpoints 1 to `last`, each gap as one finding."""
    expected = 1
    for number in sorted({*(one for one in known if one <= last), last + 1}):
        if number > expected:
            yield Finding(Problem.CHECKPOINT_MISSING, until=number - 1, checkpoint=expected)
        expected = number + 1


async def _find_removed(
    checkpoints: Checkpoints, clinic_id: ClinicId, kept: list[Checkpoint], report: Report, told: dict[str, int]
) -> None:
    """Find the newest checkpoints gone: of each series the trail tells how far it went."""
    # Some may have been written while the trail was read.
    known = _numbers(kept, report) | set(await checkpoints.numbers(clinic_id))
    series = {one.series for one in kept}
    forged = any(one.problem is Problem.CHECKPOINT_FORGED for one in report.findings)
    for name, last in sorted(told.items()):
        # Of a series of which nothing is left, the numbers may be those of another.
        for found in _gaps(known if name in series or forged else set(), last):
            report.add(found)


async def _verify_chain(trail: AuditTrail, check: ChainCheck, chain: int, report: Report, told: dict[str, int]) -> None:
    before = (await trail.heads()).get(chain)
    after = BEFORE_ALL
    while links := await trail.links(chain, after):
        # On a thread: a page is some milliseconds of computing, and the clinic may be at work in this process.
        await asyncio.to_thread(_verify_links, check, links, before, report, told)
        if check.last.seq <= after:
            break  # nothing but rows that are no entries: that was said
        after = check.last.seq
    for found in check.finish(before, (await trail.heads()).get(chain)):
        report.add(found)


def _verify_links(
    check: ChainCheck, links: Sequence[IndexedLink], before: Head | None, report: Report, told: dict[str, int]
) -> None:
    for indexed in links:
        report.entries += 1
        for found in check.feed(indexed.link, watched=before.seq if before else None):
            report.add(found)
        for found in _verify_index(indexed, told):
            report.add(found)


def _verify_index(indexed: IndexedLink, told: dict[str, int]) -> Iterator[Finding]:
    """Whether an entry is found under what it says. Also collects the checkpoints that entries tell of."""
    link: Link = indexed.link
    try:
        event = event_in(link.body)
    except ValueError:
        return  # the chain has said already that this is not what was written
    by = (event.moment, event.agent.user_id, event.action, frozenset(event.patients))
    if by != (indexed.moment, indexed.user_id, indexed.action, indexed.patients):
        yield Finding(Problem.INDEX, link.chain, link.seq)
    if event.kind is AuditKind.CHECKPOINT:
        for entity in event.entities:
            series, _, number = entity.id.rpartition("/")
            if entity.type == _CHECKPOINT and number.isdigit():
                told[series] = max(told.get(series, 0), int(number))


async def _fits(trail: AuditTrail, last: Checkpoint) -> bool:
    """Whether the chains still have the entries that the last checkpoint saw at their ends."""
    for chain, head in last.heads.items():
        if head.seq:
            found = await trail.links(chain, head.seq - 1, 1)
            if not found or found[0].link.seq != head.seq or found[0].link.mark != head.mark:
                return False
    return True
