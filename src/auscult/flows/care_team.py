"""Who may open what belongs to a patient: the whole clinic, or the patient's care team where a clinic says so.

`require` is asked wherever a patient's record is opened; with `AUSCULT_CARE_TEAM=clinic` it reads nothing. An act of
care (registering, queueing in, taking from the queue, recording) makes who does it a member, in its own transaction:
care waits for nobody's permission, and each such act stands in the trail and in the view of the whole clinic.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from auscult.domain.actor import Actor, Role
from auscult.domain.audit import moment_of
from auscult.domain.care_team import BreakGlass, CareTeam
from auscult.domain.errors import OutsideCareTeamError
from auscult.domain.ids import PatientId, SubjectId
from auscult.domain.patient import Patient
from auscult.domain.recording import Recording
from auscult.flows.services import Services
from auscult.stores.records import ClinicRecords, Delete, Key, Put, Refile, Stored, TableSpec, Write

CARING: Final = frozenset({Role.DOCTOR, Role.NURSE})
"""Who can be of a care team."""
_OWN_ONLY: Final = frozenset({Role.SYSTEM, Role.DEVICE, Role.INTEGRATION})
"""Who needs no team: the clinic's own work, and those for whom only what they sent themselves is there."""

TO_REVIEW: Final = "to_review"
REVIEWED: Final = "reviewed"

CARE_TEAMS: Final[TableSpec[CareTeam]] = TableSpec(
    name="care_team",
    model=CareTeam,
    key=lambda team: Key(team.patient_id),
    subject=lambda team: SubjectId(team.patient_id),
)

BREAK_GLASS: Final[TableSpec[BreakGlass]] = TableSpec(
    name="break_glass",
    model=BreakGlass,
    key=lambda grant: Key(grant.id),
    subject=lambda grant: SubjectId(grant.patient_id),
    indexes={
        "holder": lambda grant: Key(f"{grant.patient_id}/{grant.user_id}", f"{moment_of(grant.expires_at)}/{grant.id}"),
        "patient": lambda grant: Key(grant.patient_id, grant.id),
        "review": lambda grant: Key(
            TO_REVIEW if grant.review is None else REVIEWED, f"{moment_of(grant.at)}/{grant.id}"
        ),
    },
)


async def require(services: Services, actor: Actor, patient_id: PatientId | None) -> None:
    """Let only those go on who may open what belongs to this patient (None: to nobody yet, so anybody may).

    Raises `OutsideCareTeamError`. Where a reason that was given lets them in, the audit entry of the request says so.
    """
    if patient_id is None or _open_to_all(services, actor):
        return
    # Read on nobody's behalf: to be asked whether one may is not to have opened anything.
    records = services.records.of(actor.clinic_id)
    team = await records.table(CARE_TEAMS).get(Key(patient_id))
    if team is not None and actor.user_id in team.value.member_ids:
        return
    page = await records.table(BREAK_GLASS).query(
        f"{patient_id}/{actor.user_id}", index="holder", newest_first=True, limit=1
    )
    if not page.items or not page.items[0].value.is_open(services.ambient.now()):
        raise OutsideCareTeamError("You are not in this patient's care team.", extras={"patient_id": patient_id})
    if actor.via is not None and not actor.via.trace.grant:
        actor.via.trace.grant = page.items[0].value.id


async def require_recording(services: Services, actor: Actor, recording: Recording) -> None:
    """As `require`, for a recording. Who is making it goes on until all its sound is here: nothing heard is lost."""
    if not (recording.awaits_sound and recording.created_by == actor.user_id):
        await require(services, actor, recording.patient_id)


async def outside(services: Services, actor: Actor, patient_ids: Iterable[PatientId | None]) -> frozenset[PatientId]:
    """Of whose teams among these (1000 at most) the actor is none. For lists: a reason opens one record, no list."""
    if _open_to_all(services, actor):
        return frozenset()
    wanted = list(dict.fromkeys(one for one in patient_ids if one is not None))
    teams = await services.records.of(actor.clinic_id).table(CARE_TEAMS).get_many([Key(one) for one in wanted])
    return frozenset(
        one
        for one, team in zip(wanted, teams, strict=True)
        if team is None or actor.user_id not in team.value.member_ids
    )


async def outlined(services: Services, actor: Actor, found: Sequence[Stored[Patient]]) -> list[Stored[Patient]]:
    """Patients for a list: of those whom the actor does not care for, what it takes to know who they are."""
    beyond = await outside(services, actor, (stored.value.id for stored in found))
    return [
        Stored(stored.value.outlined(), stored.version) if stored.value.id in beyond else stored for stored in found
    ]


async def without_others(services: Services, actor: Actor, recordings: Sequence[Recording]) -> list[Recording]:
    """Those of these recordings that the actor may see in a list: of no patient, of whom they care for, being made."""
    beyond = await outside(services, actor, (one.patient_id for one in recordings))
    return [
        one
        for one in recordings
        if one.patient_id not in beyond or (one.awaits_sound and one.created_by == actor.user_id)
    ]


async def joining(services: Services, actor: Actor, patient_id: PatientId | None) -> list[Write]:
    """The write that makes the actor a member, for the transaction of an act of care; none when there is no need."""
    if patient_id is None or not services.limits.care_team_assigned or actor.role not in CARING:
        return []
    stored = await services.records.of(actor.clinic_id).table(CARE_TEAMS).get(Key(patient_id))
    team = stored.value if stored else CareTeam(patient_id=patient_id)
    if actor.user_id in team.member_ids:
        return []
    return [Put(CARE_TEAMS, team.joined_by([actor.user_id]), if_version=stored.version if stored else 0)]


async def moving(records: ClinicRecords, source: PatientId, into: PatientId) -> list[Write]:
    """The writes that bring the team and the given reasons of `source` to `into`, for the merge of the two."""
    writes: list[Write] = []
    gone = await records.table(CARE_TEAMS).get(Key(source))
    if gone is not None:
        kept = await records.table(CARE_TEAMS).get(Key(into))
        team = (kept.value if kept else CareTeam(patient_id=into)).joined_by(gone.value.member_ids)
        writes.append(Delete(CARE_TEAMS, Key(source), if_version=gone.version))
        writes.append(Put(CARE_TEAMS, team, if_version=kept.version if kept else 0))
    cursor: str | None = None
    while True:
        page = await records.table(BREAK_GLASS).query(source, index="patient", limit=1000, cursor=cursor)
        for grant in page.items:
            moved = grant.value.model_copy(update={"patient_id": into})
            writes.append(Refile(BREAK_GLASS, moved, if_version=grant.version))
        if page.next is None:
            return writes
        cursor = page.next


def _open_to_all(services: Services, actor: Actor) -> bool:
    return not services.limits.care_team_assigned or actor.role in _OWN_ONLY
