"""Names and passwords, second factors, sessions and devices, on each database."""

from __future__ import annotations

import asyncio
import json
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator
from typing import Any

import argon2
import pyotp
import pytest
import pytest_asyncio
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from auscult.domain.access import Session
from auscult.domain.actor import Actor, Role, system_actor
from auscult.domain.errors import (
    AuscultError,
    ConflictError,
    ForbiddenError,
    InvalidError,
    SecondFactorError,
    TooManyRequestsError,
    UnauthenticatedError,
)
from auscult.domain.ids import UserId
from auscult.flows import access, accounts, devices, people, sign_in_attempts, upkeep
from auscult.flows.services import Services
from auscult.trust import passwords
from tests.support.clinics import OpenClinic, open_clinic
from tests.support.world import Clock, ambient_of

PASSWORD = "kererū over the harbour"


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(autouse=True)
def light_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords are hashed hundreds of times here; how hard the real ones are, `tests/unit/trust` says."""
    light = argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(passwords, "_HASHER", light)


class Here:
    """A clinic whose clock the test holds, with a nurse who has a password."""

    def __init__(self, opened: OpenClinic, clock: Clock) -> None:
        self.services: Services = opened.clinic.services
        self.clinic_id = opened.clinic.clinic_id
        self.clock = clock
        self.admin = system_actor(self.clinic_id)
        self.number = self.services.ambient.new_id("SES")

    def own(self, name: str) -> str:
        """A name of this test's own."""
        return f"{name}.{self.number}" if name else ""

    async def member(self, name: str = "nurse", role: Role = Role.NURSE) -> UserId:
        added = await people.add(self.services, self.admin, name="Mere Kaiwai", role=role, sign_in_name=self.own(name))
        _token, session = await self.by_link(added.user.id)
        await accounts.set_account(self.services, self.admin, session, new=PASSWORD)
        return added.user.id

    async def by_link(self, user_id: UserId) -> tuple[str, Session]:
        person = await people.person(self.services, self.clinic_id, user_id)
        return await access.sign_in(self.services, await access.make_link(self.services, self.clinic_id, person.user))

    async def sign_in(self, name: str = "nurse", password: str = PASSWORD, code: str = "") -> tuple[str, Session]:
        return await accounts.sign_in(
            self.services, self.clinic_id, sign_in_name=self.own(name), password=password, code=code
        )

    async def actor(self, token: str) -> Actor:
        return (await access.admit_session(self.services, token)).actor


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgres"])
async def clinic(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[OpenClinic, Clock]]:
    """One clinic for all tests on a database: opening one takes a second, and its people do not disturb each other."""
    clock, url, server, name = Clock(), "", None, ""
    if request.param == "postgres":
        server = request.getfixturevalue("postgres")
        name = await server.create_database()
        url = server.url(name)
    async with open_clinic(
        tmp_path_factory.mktemp("clinic"), ambient=ambient_of(clock), work=False, records_url=url
    ) as opened:
        yield opened, clock
    if server is not None:
        await server.drop_database(name)


@pytest.fixture
def here(clinic: tuple[OpenClinic, Clock]) -> Here:
    return Here(*clinic)


async def test_a_name_and_a_password_sign_in_whatever_the_capitals(here: Here) -> None:
    user_id = await here.member("Mere.Kaiwai")
    token, session = await here.sign_in("  mere.KAIWAI")
    actor = await here.actor(token)
    assert (actor.user_id, actor.role, session.name) == (user_id, Role.NURSE, "Mere Kaiwai")


async def test_nobody_learns_whether_the_name_or_the_password_was_wrong(here: Here) -> None:
    await here.member()
    told = []
    for name, password in (("nurse", "not the password"), ("nobody", PASSWORD), ("", ""), ("x" * 5000, "\x00")):
        with pytest.raises(UnauthenticatedError) as refused:
            await here.sign_in(name, password)
        told.append((refused.value.reason, refused.value.remedy))
    assert len(set(told)) == 1


async def test_a_guesser_waits_longer_and_longer_and_so_does_one_who_guesses_a_name_of_nobodys(here: Here) -> None:
    await here.member()
    for name in ("nurse", "nobody"):
        waits = []
        for _ in range(12):
            try:
                await here.sign_in(name, "a wrong password")
            except TooManyRequestsError as error:
                waits.append(error.extras["retry_after"])
                here.clock.advance(float(str(error.extras["retry_after"])))
            except UnauthenticatedError:
                continue
        assert waits[:3] == [30, 60, 120]


async def test_while_a_name_has_to_wait_the_right_password_waits_too_and_then_works(here: Here) -> None:
    await here.member()
    for _ in range(sign_in_attempts.FREE_TRIES):
        with pytest.raises(UnauthenticatedError):
            await here.sign_in(password="a wrong password")
    with pytest.raises(TooManyRequestsError):
        await here.sign_in()
    here.clock.advance(sign_in_attempts.FIRST_WAIT.total_seconds())
    await here.sign_in()
    with pytest.raises(UnauthenticatedError):  # it is counted from the start again
        await here.sign_in(password="a wrong password")
    await here.sign_in()


async def test_fifty_guesses_at_once_are_no_more_than_five(here: Here) -> None:
    await here.member()
    answers = await asyncio.gather(
        *(here.sign_in(password=f"guess number {number}") for number in range(50)), return_exceptions=True
    )
    looked_at = [one for one in answers if type(one) is UnauthenticatedError]
    assert len(looked_at) == sign_in_attempts.FREE_TRIES
    assert all(isinstance(one, TooManyRequestsError) for one in answers if one not in looked_at)


async def test_old_failures_are_forgotten(here: Here) -> None:
    with pytest.raises(UnauthenticatedError):
        await here.sign_in("nobody", "x")
    assert await sign_in_attempts.forget(here.services, here.clinic_id) == 0
    here.clock.advance(sign_in_attempts.FORGOTTEN.total_seconds() + 1)
    await upkeep.sweep_hourly(here.services, here.admin)
    assert await sign_in_attempts.forget(here.services, here.clinic_id) == 0


async def test_a_second_factor_is_asked_for_and_a_code_is_taken_once(here: Here) -> None:
    await here.member()
    token, _session = await here.sign_in()
    actor = await here.actor(token)
    secret, _uri = await accounts.begin_second_factor(here.services, actor, "Clinic")
    await here.sign_in()  # not confirmed: it does not count yet
    totp = pyotp.TOTP(secret)
    with pytest.raises(InvalidError):
        await accounts.confirm_second_factor(
            here.services, actor, "000000" if totp.at(here.clock()) != "000000" else "1"
        )
    codes = await accounts.confirm_second_factor(here.services, actor, totp.at(here.clock()))
    with pytest.raises(SecondFactorError):
        await here.sign_in()
    with pytest.raises(UnauthenticatedError):  # the code that confirmed it
        await here.sign_in(code=totp.at(here.clock()))
    here.clock.advance(30)
    fresh = totp.at(here.clock())
    answers = await asyncio.gather(here.sign_in(code=fresh), here.sign_in(code=fresh), return_exceptions=True)
    assert sum(not isinstance(one, AuscultError) for one in answers) == 1, answers
    await here.sign_in(code=codes[0].lower())
    with pytest.raises(UnauthenticatedError):
        await here.sign_in(code=codes[0])
    left = await people.person(here.services, here.clinic_id, actor.user_id)
    assert left.recovery_codes_left == len(codes) - 1


async def test_a_second_factor_is_taken_off_with_the_password_or_by_an_admin(here: Here) -> None:
    user_id = await here.member()
    token, _session = await here.sign_in()
    actor = await here.actor(token)
    for take_off in ("own", "admin"):
        secret, _uri = await accounts.begin_second_factor(here.services, actor, "Clinic")
        here.clock.advance(30)
        await accounts.confirm_second_factor(here.services, actor, pyotp.TOTP(secret).at(here.clock()))
        if take_off == "own":
            with pytest.raises(ForbiddenError):
                await accounts.drop_second_factor(here.services, actor, "not the password")
            await accounts.drop_second_factor(here.services, actor, PASSWORD)
        else:
            await accounts.remove_second_factor(here.services, here.admin, user_id)
        await here.sign_in()


async def test_a_new_password_needs_the_old_one_and_ends_the_other_sessions(here: Here) -> None:
    await here.member()
    token, session = await here.sign_in()
    other, _session = await here.sign_in()
    with pytest.raises(ForbiddenError):
        await accounts.set_account(
            here.services, here.admin, session, new="tūī in the flax bush", current="not the password"
        )
    with pytest.raises(InvalidError):
        await accounts.set_account(here.services, here.admin, session, new="short", current=PASSWORD)
    assert await here.actor(other)
    await accounts.set_account(
        here.services,
        here.admin,
        session,
        new="tūī in the flax bush",
        current=PASSWORD,
        sign_in_name=here.own("mere"),
    )
    assert await here.actor(token)
    with pytest.raises(UnauthenticatedError):
        await here.actor(other)
    with pytest.raises(UnauthenticatedError):
        await here.sign_in("nurse", "tūī in the flax bush")
    await here.sign_in("mere", "tūī in the flax bush")


async def test_a_forgotten_password_is_chosen_anew_soon_after_a_link_and_not_later(here: Here) -> None:
    user_id = await here.member()
    _token, session = await here.by_link(user_id)
    here.clock.advance(accounts.FRESH_LINK.total_seconds() + 1)
    with pytest.raises(ForbiddenError):
        await accounts.set_account(here.services, here.admin, session, new="tūī in the flax bush")
    _token, session = await here.by_link(user_id)
    await accounts.set_account(here.services, here.admin, session, new="tūī in the flax bush")
    await here.sign_in(password="tūī in the flax bush")


async def test_a_name_to_sign_in_with_is_one_persons(here: Here) -> None:
    await here.member("nurse")
    other = await here.member("other")
    with pytest.raises(ConflictError):
        await people.add(here.services, here.admin, name="X", role=Role.DOCTOR, sign_in_name=here.own("NURSE"))
    _token, session = await here.by_link(other)
    with pytest.raises(ConflictError):
        await accounts.set_account(
            here.services, here.admin, session, new="tūī in the flax bush", sign_in_name=here.own("Nurse")
        )
    await here.sign_in("other")


async def test_whoever_is_disabled_is_out_at_once_and_cannot_come_back(here: Here) -> None:
    user_id = await here.member()
    token, _session = await here.sign_in()
    link = await access.make_link(
        here.services, here.clinic_id, (await people.person(here.services, here.clinic_id, user_id)).user
    )
    await people.change(here.services, here.admin, user_id, disabled=True)
    with pytest.raises(UnauthenticatedError):
        await here.actor(token)
    with pytest.raises(UnauthenticatedError):
        await here.sign_in()
    with pytest.raises(AuscultError):
        await access.sign_in(here.services, link)
    await people.change(here.services, here.admin, user_id, disabled=False)
    await here.sign_in()


async def test_the_last_who_administers_stays(here: Here) -> None:
    first = await access.owner(here.services, here.clinic_id, "Owner")
    for change in ({"administers": False}, {"disabled": True}):
        with pytest.raises(ConflictError):
            await people.change(here.services, here.admin, first.id, **change)  # type: ignore[arg-type]  # one of two flags
    await here.member("second", Role.ADMIN)
    await people.change(here.services, here.admin, first.id, administers=False)
    assert not (await people.person(here.services, here.clinic_id, first.id)).user.administers


async def test_two_admins_cannot_both_let_go_at_once(here: Here) -> None:
    first = await access.owner(here.services, here.clinic_id, "Owner")
    second = await here.member("second", Role.ADMIN)
    await asyncio.gather(
        people.change(here.services, here.admin, first.id, administers=False),
        people.change(here.services, here.admin, second, disabled=True),
        return_exceptions=True,
    )
    left = await people.people(here.services, here.clinic_id)
    assert any((one.user.administers or one.user.role is Role.ADMIN) and one.user.disabled_at is None for one in left)


async def test_a_session_that_nobody_uses_ends_and_one_in_use_lasts_the_day(here: Here) -> None:
    await here.member()
    idle, _session = await here.sign_in()
    used, session = await here.sign_in()
    for _ in range(23):
        here.clock.advance(30 * 60)
        await here.actor(used)
    with pytest.raises(UnauthenticatedError):
        await here.actor(idle)
    here.clock.advance(31 * 60)
    with pytest.raises(UnauthenticatedError):
        await here.actor(used)
    assert here.clock() >= session.expires_at


async def test_an_open_stream_does_not_keep_a_session_awake(here: Here) -> None:
    await here.member()
    token, _session = await here.sign_in()
    for _ in range(3):
        here.clock.advance(19 * 60)
        await access.admit_session(here.services, token, active=False)
    here.clock.advance(4 * 60)
    with pytest.raises(UnauthenticatedError):
        await access.admit_session(here.services, token, active=False)


async def test_sessions_are_listed_and_ended_by_an_id_that_opens_nothing(here: Here) -> None:
    user_id = await here.member()
    token, session = await here.sign_in()
    await here.sign_in()
    listed = await access.sessions(here.services, here.clinic_id, user_id)
    assert {one.id for one in listed} >= {session.id}
    other = await here.member("other")
    with pytest.raises(AuscultError):
        await access.end_session(here.services, here.admin, session.id, other)
    await access.end_session(here.services, here.admin, session.id, user_id)
    with pytest.raises(UnauthenticatedError):
        await here.actor(token)
    with pytest.raises(UnauthenticatedError):
        await here.actor(f"{here.clinic_id}.{session.id}")


async def test_a_rotated_key_works_for_a_day_beside_the_new_one(here: Here) -> None:
    old, key = await access.make_api_key(here.services, here.clinic_id, "lab", Role.INTEGRATION, ["recordings.read"])
    new, fresh = await access.rotate_api_key(here.services, here.clinic_id, key.id)
    for token in (old, new):
        admission = await access.admit_api_key(here.services, token)
        assert admission.scopes == {"recordings.read"}
    with pytest.raises(ConflictError):
        await access.rotate_api_key(here.services, here.clinic_id, key.id)
    here.clock.advance(24 * 3600)
    with pytest.raises(UnauthenticatedError):
        await access.admit_api_key(here.services, old)
    assert (await access.admit_api_key(here.services, new)).actor.user_id == fresh.id


class Signer:
    """A device that signs assertions, right ones and wrong ones."""

    def __init__(self, here: Here, device_id: str, private: str) -> None:
        self.here, self.device_id = here, device_id
        secret = urlsafe_b64decode(private + "=")
        self.key = OKPKey.import_key(
            {"kty": "OKP", "crv": "Ed25519", "d": private, "x": devices._base64(_public(secret))}
        )

    def claims(self, **changed: Any) -> dict[str, Any]:
        now = int(self.here.clock().timestamp())
        claims = {
            "iss": self.device_id,
            "aud": self.here.clinic_id,
            "iat": now,
            "exp": now + 60,
            "jti": f"{time.monotonic_ns()}",
        }
        return {name: value for name, value in {**claims, **changed}.items() if value is not None}

    def token(self, **changed: Any) -> str:
        return jwt.encode({"alg": "Ed25519"}, self.claims(**changed), self.key, algorithms=["Ed25519"])


def _public(secret: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()


@pytest_asyncio.fixture(loop_scope="module")
async def signer(here: Here) -> Signer:
    private, public = devices.fresh_key(here.services)
    device = await devices.add(here.services, here.admin, "front desk camera", public)
    return Signer(here, device.id, private)


async def test_a_device_comes_in_with_what_it_signed_once(here: Here, signer: Signer) -> None:
    token = signer.token()
    assert devices.is_assertion(token)
    admission = await devices.admit(here.services, here.clinic_id, token)
    assert (admission.actor.role, admission.actor.user_id) == (Role.DEVICE, signer.device_id)
    with pytest.raises(UnauthenticatedError):
        await devices.admit(here.services, here.clinic_id, token)
    await devices.admit(here.services, here.clinic_id, signer.token())
    await devices.revoke(here.services, here.admin, signer.device_id)
    with pytest.raises(UnauthenticatedError):
        await devices.admit(here.services, here.clinic_id, signer.token())
    here.clock.advance(600)
    assert await devices.forget_used(here.services, here.clinic_id) == 2


async def test_assertions_that_are_forged_old_early_or_for_others_open_nothing(here: Here, signer: Signer) -> None:
    now = int(here.clock().timestamp())
    claims = signer.claims()
    unsigned = ".".join(
        urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({"alg": "none"}, claims)
    )
    public = signer.key.as_dict(private=False)["x"]
    confused = jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(str(public)), algorithms=["HS256"])
    good = signer.token()
    forged = [
        f"{unsigned}.",
        f"{unsigned}.{good.rpartition('.')[2]}",
        confused,
        good[:-4] + "AAAA",
        signer.token(aud="CLN_01JN0000AV0000000000000009"),
        signer.token(iss="DEV_01JN0000AV0000000000000009"),
        signer.token(iss="../x"),
        signer.token(iss=["DEV"]),
        signer.token(exp=now - 60),
        signer.token(iat=now + 120, exp=now + 180),
        signer.token(exp=now + 3600),
        signer.token(exp=None),
        signer.token(exp="never"),
        signer.token(exp=10**30),
        signer.token(jti=None),
        signer.token(jti=""),
        signer.token(jti="x" * 5000),
        "a.b.c",
        "e30.e30.",
        "W10.W10.W10",
        f"{'[' * 5000}.x.y",
    ]
    for token in forged:
        with pytest.raises(UnauthenticatedError):
            await devices.admit(here.services, here.clinic_id, token)
    await devices.admit(here.services, here.clinic_id, good)


@pytest.mark.parametrize("key", ["", "x", "A" * 42, "A" * 44, "é" * 43, "-----BEGIN PUBLIC KEY-----"])
async def test_what_is_no_key_is_refused(here: Here, key: str) -> None:
    with pytest.raises(InvalidError):
        await devices.add(here.services, here.admin, "camera", key)
