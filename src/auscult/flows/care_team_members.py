"""Who is in a patient's care team, as administrators see and say it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from auscult.domain.actor import Actor
from auscult.domain.care_team import CareTeam
from auscult.domain.errors import ForbiddenError, InvalidError
from auscult.domain.ids import PatientId, UserId
from auscult.flows import patients
from auscult.flows.access import USERS
from auscult.flows.care_team import CARE_TEAMS, CARING
from auscult.flows.recording_state import event
from auscult.flows.services import Services
from auscult.stores.records import Key, Put

MOST_MEMBERS: Final = 500


async def read_team(services: Services, actor: Actor, patient_id: PatientId) -> CareTeam:
    """A patient's care team, perhaps of nobody. Raises `NotFoundError`."""
    patient = (await patients.found(services, actor, patient_id)).value
    stored = await services.records_of(actor).table(CARE_TEAMS).get(Key(patient.id))
    return stored.value if stored else CareTeam(patient_id=patient.id)


async def set_team(services: Services, actor: Actor, patient_id: PatientId, member_ids: Sequence[UserId]) -> CareTeam:
    """Say who is in a patient's care team: the whole list. It can be prepared before the clinic asks for teams.

    Raises `NotFoundError` for the patient, `InvalidError` for who is added and is no doctor or nurse of the clinic,
    `ForbiddenError` for who adds themselves, `ConflictError` when the team changed meanwhile.
    """
    patient = (await patients.found(services, actor, patient_id)).value
    records = services.records_of(actor)
    stored = await records.table(CARE_TEAMS).get(Key(patient.id))
    before = stored.value if stored else CareTeam(patient_id=patient.id)
    team = CareTeam(patient_id=patient.id).joined_by(member_ids)
    if team == before:
        return team
    added = [one for one in team.member_ids if one not in before.member_ids]
    if len(team.member_ids) > MOST_MEMBERS:
        raise InvalidError("The team is too large.", remedy=f"A team has at most {MOST_MEMBERS} members.")
    if actor.user_id in added:
        raise ForbiddenError(
            "Nobody adds themselves to a care team.", remedy="Ask another administrator, or give a reason."
        )
    users = await services.records.of(actor.clinic_id).table(USERS).get_many([Key("user", one) for one in added])
    if not all(user and user.value.role in CARING and user.value.disabled_at is None for user in users):
        raise InvalidError("A member is no doctor or nurse of this clinic.", remedy="Use the ids of `GET /people`.")
    await records.transact(
        [Put(CARE_TEAMS, team, if_version=stored.version if stored else 0)],
        events=[event(services, actor, "care_team_changed", patient_id=patient.id)],
    )
    return team
