"""How each member of the clinic likes to work: kept on the server, so that it is the same on every device."""

from __future__ import annotations

from typing import Final

from auscult.domain.access import Preferences
from auscult.domain.actor import Actor
from auscult.domain.ids import SubjectId
from auscult.domain.note import Template
from auscult.flows.services import Services
from auscult.stores.records import Key, TableSpec

PREFERENCES: Final[TableSpec[Preferences]] = TableSpec(
    name="preferences",
    model=Preferences,
    key=lambda one: Key("preferences", one.user_id),
    subject=lambda _one: SubjectId("staff"),
)


async def of(services: Services, actor: Actor) -> Preferences:
    """What the actor prefers; the defaults, as long as they never said."""
    stored = await services.records_of(actor).table(PREFERENCES).get(Key("preferences", actor.user_id))
    return Preferences(user_id=actor.user_id) if stored is None else stored.value


async def change(services: Services, actor: Actor, *, template: Template | None) -> Preferences:
    """Keep what the actor prefers from now on; None leaves a preference as it is. The last change wins."""
    known = await of(services, actor)
    changed = known if template is None else known.model_copy(update={"template": template})
    return (await services.records_of(actor).table(PREFERENCES).put(changed)).value
