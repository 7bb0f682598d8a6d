"""Watching the work on one recording to its end, step by step, as a terminal shows it."""

from __future__ import annotations

from collections.abc import Callable

from auscult.domain.actor import Actor
from auscult.domain.recording import Recording, StepState
from auscult.flows.recording_state import FINISHED, load
from auscult.flows.services import Services
from auscult.stores.events import Feed


async def watch(
    services: Services,
    actor: Actor,
    feed: Feed,
    recording: Recording,
    *,
    after: int,
    tell: Callable[[str, float], None],
) -> Recording:
    """Tell each step's name and seconds as it finishes; return the recording at rest.

    `after` is the number of an event that was published before `recording` was read: nothing is missed from there.
    """
    told: set[str] = set()

    def at_rest(current: Recording) -> bool:
        for step in current.steps:
            if step.finished_at is not None and step.name not in told:
                told.add(step.name)
                tell(step.name, seconds(step))
        return current.status in FINISHED

    if at_rest(recording):
        return recording
    async for event in feed.follow(actor.clinic_id, after):
        if event.ids.get("recording_id") != recording.id:
            continue
        recording = (await load(services, actor, recording.id)).value
        if at_rest(recording):
            break
    return recording


def seconds(step: StepState) -> float:
    """How long a finished step took; 0 for any other."""
    return (step.finished_at - step.started_at).total_seconds() if step.started_at and step.finished_at else 0.0
