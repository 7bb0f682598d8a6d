"""The measurements measure what they say: their recordings, their clients, their tables."""

from __future__ import annotations

import io

import pytest
from bench import page, talk, writer
from bench.doors import bare_server
from bench.figures import Figure, number, table
from bench.loopback import Ask, Connection, load
from bench.sounds import consultation, mostly_silence

from auscult.engines.speech import SAMPLE_RATE
from auscult.engines.speech.pyav import PyavDecoder
from auscult.engines.speech.silero import SileroGate


def listened(data: bytes) -> tuple[float, float]:
    """Seconds of sound, and of speech in it."""
    gate, regions, samples = SileroGate(), [], 0
    for block in PyavDecoder().open(io.BytesIO(data)).blocks():
        samples += block.shape[1]
        regions += gate.feed(block)
    regions += gate.finish()
    return samples / SAMPLE_RATE, sum(region.end - region.start for region in regions)


def test_in_the_long_consultation_people_talk_all_the_time():
    seconds, spoken = listened(consultation(100.0))
    assert seconds == pytest.approx(100, abs=0.2)
    assert spoken > 85


def test_in_the_long_silence_people_talk_a_little():
    seconds, spoken = listened(mostly_silence(60.0, speech=5.0, silence=25.0))
    assert seconds == pytest.approx(60, abs=0.2)
    assert 6 < spoken < 14


async def test_the_bare_routes_answer_with_as_many_bytes_as_they_are_told():
    with bare_server(3000) as port:
        connection = await Connection.open(port, {})
        answer = await connection.ask(Ask("GET", "/result/uploads/x.webm"))
        assert (answer.status, len(answer.body)) == (200, 3000)
        taken = await connection.ask(Ask("PUT", "/recordings/REC_1/chunks/7", b"abc"))
        assert b'"size": 3' in taken.body
        await connection.close()
        measured = await load(port, {}, 3, 5, lambda _client, _number: Ask("GET", "/result/x"))
    assert len(measured.seconds) == 15
    assert measured.at(0.5) <= measured.at(0.99)
    assert measured.rate > 0


def test_the_talk_of_twenty_minutes_is_as_long_as_that_and_no_sentence_of_a_complaint_is_said_twice():
    lines = talk.consultation().splitlines()
    assert talk.WORDS <= sum(len(line.split()) - 1 for line in lines) < talk.WORDS + 40
    of_patients = [line for line in lines if line.startswith("Patient: I have had")]
    assert len(of_patients) == len(set(of_patients)) > 5


def test_what_a_recogniser_gives_has_no_marks_and_the_same_words():
    lines = talk.as_recognised(talk.consultation(400)).splitlines()
    assert lines[1].startswith("Patient: i have had a cough for about three weeks it is number 2 on my list")
    assert not any(line.endswith(("?", ".", "!")) for line in lines)


def test_processor_time_is_the_least_of_several_runs():
    assert 0 <= writer.least(3, lambda: sum(range(1000))) < 0.5


def test_a_table_says_which_figure_missed_what_it_is_meant_to_be():
    shown = table([Figure("memory", 300.0, "MB", limit=250), Figure("wait", 0.1, "s", "bare", 0.05, limit=0.15)])
    assert "MISSED" in shown.splitlines()[1]
    assert "0.05 s (bare)" in shown.splitlines()[2]
    assert "MISSED" not in shown.splitlines()[2]
    assert [number(value) for value in (1234.5, 12.345, 0.012345)] == ["1234", "12.3", "0.0123"]


def test_the_page_says_when_the_machine_was_busy():
    machine = {"processors": 2, "architecture": "x86_64", "system": "Linux", "python": "3.11", "load_average": 7.0}
    figure = {"name": "wait", "value": 0.2, "unit": "s", "limit": 0.15}
    shown = page.section("jobs", {"at": "2026-01-02T03:04", "size": "default", "machine": machine, "figures": [figure]})
    assert "busy" in shown
    assert "| wait | 0.2 s | | ≤ 0.15 s (missed) |" in shown
