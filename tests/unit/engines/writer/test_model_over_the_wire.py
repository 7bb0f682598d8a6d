"""A note by a language model, over the wire: whatever the provider does, there is a note and it says who wrote it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from tests.support.consultations import consultation, texts
from tests.support.model_servers import MODEL, ModelServer, Reply, Vendor, model_server

from auscult.domain.note import NoteBody
from auscult.engines.writer import Request, Writer
from auscult.engines.writer.model import Budget, Manner, chain, parse_writers
from auscult.engines.writer.model.chain import ChainWriter
from auscult.engines.writer.model.prompting import parse_split
from auscult.engines.writer.offline import OfflineWriter
from auscult.trust import grounding

VENDORS: tuple[Vendor, ...] = ("openai", "bedrock", "google")
VISIT = consultation(
    "C: What brings you in today?",
    "P: I have had a dry cough for five days.",
    "C: Any fever?",
    "P: No.",
    "C: I think it is a chest infection. Start doxycycline 100 mg twice a day for 5 days.",
)
GOOD: dict[str, Any] = {
    "statements": [
        {"kind": "history", "text": "Reports a dry cough for 5 days.", "turn_ids": ["t2"]},
        {"kind": "history", "text": "Denies fever.", "turn_ids": ["t3", "t4"], "polarity": "negated"},
        {
            "kind": "impression",
            "text": "Impression: chest infection.",
            "turn_ids": ["t5"],
            "problem": "chest infection",
        },
        {"kind": "medicine", "text": "Start doxycycline 100 mg twice a day for 5 days.", "turn_ids": ["t5"]},
    ],
    "medications": [
        {
            "name": "doxycycline",
            "status": "started",
            "strength": "100 mg",
            "frequency": "twice a day",
            "duration": "for 5 days",
            "as_said": "Start doxycycline 100 mg twice a day for 5 days",
            "turn_ids": ["t5"],
        }
    ],
}


def with_statement(**changes: object) -> dict[str, Any]:
    """The good answer with one more statement."""
    extra = {"kind": "history", "text": "Reports a headache.", "turn_ids": ["t2"], **changes}
    return {**GOOD, "statements": [*GOOD["statements"], extra]}


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("OPENAI_API_KEY", "GOOGLE_API_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(variable, "not-a-real-key")
    monkeypatch.setenv("AWS_REGION", "ap-southeast-2")


async def no_pause(_seconds: float) -> None:
    """Waits for nothing."""


def writer(
    *servers: ModelServer | str,
    offline: Writer | None = None,
    budget: Budget | None = None,
    monotonic: Callable[[], float] = time.monotonic,
    **manner: Any,
) -> ChainWriter:
    """The chain that these servers make."""
    named = ",".join(one if isinstance(one, str) else one.setting for one in servers)
    return chain(
        parse_writers(named),
        offline or OfflineWriter(),
        manner=Manner(**{"prompts": parse_split("note-2"), "request_seconds": 5.0, **manner}),
        budget=budget or Budget(),
        seconds=30.0,
        monotonic=monotonic,
        sleep=no_pause,
    )


async def note(*servers: ModelServer | str, **manner: Any) -> NoteBody:
    """The grounded note of the visit, as the flow makes it."""
    return grounding.check(await writer(*servers, **manner).write(Request(transcript=VISIT)), VISIT)


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_good_answer_becomes_a_note_with_its_sources(vendor: Vendor) -> None:
    with model_server(vendor, Reply(note=GOOD)) as server:
        body = await note(server)
    assert texts(body, "History of present illness") == ["Reports a dry cough for 5 days.", "Denies fever."]
    assert [statement.turn_ids for statement in body.statements] == [("t2",), ("t3", "t4"), ("t5",), ("t5",)]
    assert all(statement.supported and not statement.flags for statement in body.statements)
    assert body.diagnosis == "Chest infection"
    assert [medication.line for medication in body.medications] == ["doxycycline 100 mg twice a day for 5 days"]
    assert (body.writer.name, body.writer.version) == (vendor, MODEL[vendor])
    assert body.writer.prompt.startswith("note-2 ")
    assert body.writer.usage is not None
    assert (body.writer.usage.requests, body.writer.usage.input_tokens) == (1, 1000)


@pytest.mark.parametrize(
    ("vendor", "bad"),
    [
        ("openai", {"turn_ids": ["t99"]}),
        ("bedrock", {"turn_ids": []}),
        ("google", {"text": "Reports a cough for 9 days."}),
    ],
)
async def test_a_statement_that_the_turns_do_not_bear_out_is_corrected_by_the_model(
    vendor: Vendor, bad: dict[str, Any]
) -> None:
    with model_server(vendor, Reply(note=with_statement(**bad)), Reply(note=GOOD)) as server:
        body = await note(server)
    assert len(server.asked) == 2
    assert "Statement 5:" in json.dumps(server.asked[1])
    assert all(statement.supported for statement in body.statements)
    assert len(body.statements) == 4


@pytest.mark.parametrize("vendor", VENDORS)
async def test_what_stays_unsupported_after_the_last_try_is_kept_and_marked(vendor: Vendor) -> None:
    with model_server(vendor, Reply(note=with_statement(turn_ids=["t99"]))) as server:
        body = await note(server)
    assert len(server.asked) == 3
    doubted = [statement for statement in body.statements if not statement.supported]
    assert [statement.text for statement in doubted] == ["Reports a headache."]
    assert [flag.code for flag in doubted[0].flags] == [grounding.UNKNOWN_SOURCE]
    assert body.writer.name == vendor


@pytest.mark.parametrize(
    ("vendor", "frame"),
    [
        ("openai", "```json\n{}\n```"),
        ("bedrock", "Here is the note:\n```\n{}\n```\nAnything else?"),
        ("google", "{}"),
        ("openai", "{}"),
    ],
)
async def test_json_in_text_or_in_a_fence_is_taken_too(vendor: Vendor, frame: str) -> None:
    with model_server(vendor, Reply(text=frame.replace("{}", json.dumps(GOOD)))) as server:
        body = await note(server)
    assert len(server.asked) == 1
    assert body.writer.name == vendor
    assert len(body.statements) == 4


FAULTS = {
    "malformed JSON": (Reply(text='{"statements": ['), "no_usable_answer"),
    "no JSON": (Reply(text="I am sorry, I cannot."), "no_usable_answer"),
    "cut short": (Reply(text='{"statements": [{"kind": "history", "te', cut=True), "cut_short"),
    "too many requests": (Reply(status=429, headers=(("Retry-After", "30"),)), "rate_limited"),
    "server error": (Reply(status=500), "unavailable"),
    "key refused": (Reply(status=403), "rejected"),
    "dropped connection": (Reply(drop=True), "unreachable"),
    "no choices": (Reply(empty=True), "no_usable_answer"),
    "not JSON at all": (Reply(body=b"<html>busy</html>"), "unavailable"),
    "signed by the model": (Reply(note={**GOOD, "signed": True}), "no_usable_answer"),
}


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("fault", FAULTS)
async def test_whatever_goes_wrong_the_offline_writer_writes_the_note_and_says_why(vendor: Vendor, fault: str) -> None:
    reply, why = FAULTS[fault]
    with model_server(vendor, reply) as server:
        body = await note(server)
    assert body.writer.name == "offline"
    assert body.writer.passed_over == (f"{vendor}:{MODEL[vendor]}: {why}",)
    assert "Denies fever." in texts(body)


@pytest.mark.parametrize("vendor", VENDORS)
async def test_an_empty_object_is_no_note(vendor: Vendor) -> None:
    with model_server(vendor, Reply(body=b"{}")) as server:
        body = await note(server)
    assert body.writer.name == "offline"
    assert body.writer.passed_over


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize(
    ("fault", "requests"),
    [
        (Reply(status=500), 2),
        (Reply(drop=True), 2),
        (Reply(status=429, headers=(("Retry-After", "1"),)), 2),
        (Reply(status=429, headers=(("Retry-After", "30"),)), 1),
        (Reply(status=403), 1),
    ],
    ids=["500", "dropped", "429 for a second", "429 for long", "403"],
)
async def test_only_what_may_pass_is_tried_again_and_only_once(vendor: Vendor, fault: Reply, requests: int) -> None:
    """The vendors' own clients would try on their own, several times."""
    with model_server(vendor, *[fault] * requests, Reply(note=GOOD)) as server:
        body = await note(server)
    assert len(server.asked) == requests
    assert body.writer.name == "offline"
    with model_server(vendor, fault, Reply(note=GOOD)) as server:
        body = await note(server)
    assert body.writer.name == (vendor if requests == 2 else "offline")
