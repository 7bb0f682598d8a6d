"""What `auscult up` says: where it is, the one-time links, how a phone comes in, and the sample's way to a note."""

from __future__ import annotations

from rich.console import Console

from auscult.api import qr
from auscult.api.routes.phone import Phones
from auscult.clinic import Clinic, safekeeping
from auscult.clinic.makers import mqtt_password_file
from auscult.domain.recording import RecordingStatus
from auscult.flows import access, people, sample
from auscult.flows.recording_state import FINISHED
from auscult.flows.watch import seconds, watch
from auscult.server.listening import Server


async def greet(clinic: Clinic, server: Server, console: Console, address: str, *, with_sample: bool) -> None:
    """Once requests are taken: print a sign-in link, what is missing, and what becomes of the sample."""
    await server.listening.wait()
    console.print(f"\n[bold]Auscult is ready[/bold] at {address}/app/")
    token = await _link(clinic)
    console.print(f"Sign in (once, within 15 minutes): {address}/sign-in?token={token}", soft_wrap=True)
    if clinic.settings.mqtt_embedded:
        console.print(
            f"Devices on this machine hear of the clinic at {clinic.settings.mqtt_url}: user device, password in "
            f"{mqtt_password_file(clinic.settings)}",
            soft_wrap=True,
        )
    for role in clinic.roles():
        if role.missing:
            console.print(f"[yellow]{role.role}[/yellow]: {role.missing}", soft_wrap=True)
    for warning in await safekeeping.warnings(clinic.settings):
        console.print(f"[yellow]safety[/yellow]: {warning}", soft_wrap=True)
    if not with_sample or not clinic.settings.work:
        return
    await show_sample(clinic, console, address)


async def invite_phones(clinic: Clinic, console: Console, phones: Phones | None) -> None:
    """Print how a phone comes in (None: it cannot yet); the codes only where a person can scan them."""
    if phones is None:
        console.print(
            "\nNo private network address here: phones can come in as soon as this machine is connected.",
            soft_wrap=True,
        )
        return
    opened = f"{phones.app}/sign-in?token={await _link(clinic)}"
    console.print("\n[bold]On a phone[/bold] in the same network:")
    console.print(f"Once, trust this clinic: {phones.trust}", soft_wrap=True)
    _code(console, phones.trust)
    console.print(f"The phone must show this fingerprint: {phones.fingerprint}", soft_wrap=True)
    console.print(f"Then open, signed in (once, within 15 minutes): {opened}", soft_wrap=True)
    _code(console, opened)
    if clinic.single_sign_on is None and not await _somebody_has_a_password(clinic):
        console.print(
            "[yellow]Nobody of this clinic has a password yet[/yellow]: people come in by one-time links only. Choose "
            "yours in the app, Settings, My account; add others with: auscult people add NAME --role nurse",
            soft_wrap=True,
        )


def _code(console: Console, address: str) -> None:
    if console.is_terminal:
        for row in qr.rows(address):
            console.print(row, style="black on white", markup=False, highlight=False, no_wrap=True)


async def _somebody_has_a_password(clinic: Clinic) -> bool:
    known = await people.people(clinic.services, clinic.clinic_id)
    return any(one.has_password and one.user.disabled_at is None for one in known)


async def _link(clinic: Clinic) -> str:
    user = await access.owner(clinic.services, clinic.clinic_id, clinic.settings.owner_name)
    return await access.make_link(clinic.services, clinic.clinic_id, user)


async def show_sample(clinic: Clinic, console: Console, address: str) -> None:
    """Say where the sample consultation is; at first start, turn it into a note and print how long each step took.

    One that somebody discarded is not made again.
    """
    found = await sample.find(clinic.services, clinic.system)
    if found is not None and found.status in FINISHED and not found.awaits_sound:
        console.print(f"The sample consultation: {address}/app/recordings/{found.id}", soft_wrap=True)
        return
    if found is None and await sample.was_thrown_away(clinic.services, clinic.system):
        return
    console.print("\nTurning the bundled sample consultation into a note:")
    newest = await clinic.services.records.outbox.last_seq(clinic.clinic_id)  # before it moves: nothing is missed
    started = await sample.start(clinic.services, clinic.system)

    def tell(step: str, took: float) -> None:
        if step != "received":
            console.print(f"  {step:<12} {took:6.2f} s")

    ended = await watch(clinic.services, clinic.system, clinic.feed, started, after=newest, tell=tell)
    if ended.status is RecordingStatus.READY:
        total = sum(seconds(step) for step in ended.steps if step.name != "received")
        console.print(f"  done in {total:.1f} s. Look at it: {address}/app/recordings/{ended.id}", soft_wrap=True)
    elif ended.failure is not None:
        console.print(f"  {ended.failure.reason} {ended.failure.remedy}", soft_wrap=True)
