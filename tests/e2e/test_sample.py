"""The bundled sample says how much this machine hears, and offers a better engine, also where none can be reached."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import OpenPage
from tests.support.browser import Words, asked, picture, recording_id_of, settled, violations
from tests.support.running import wait_for

en = Words("en")


@pytest.fixture(scope="module")
def hub_port() -> int:
    """Where the hub of models would be: nobody listens there until a test does."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


@pytest.fixture(scope="module")
def environment(hub_port: int) -> dict[str, str]:
    return {"HF_ENDPOINT": f"http://127.0.0.1:{hub_port}"}


def test_the_sample_shows_how_much_was_heard_and_what_is_better(open_page: OpenPage, hub_port: int) -> None:
    """Word error rate, the two notes side by side, a size that fits; no hub, a slow hub, and a cancelled download."""
    page = open_page()
    page.get_by_role("button", name=en("sample.start"), exact=True).click()
    page.wait_for_url("**/app/recordings/REC_*")
    recording_id = recording_id_of(page)
    expect(page.get_by_role("heading", name=en("sample.heardTitle"))).to_be_visible(timeout=200_000)
    body = settled(page, recording_id)
    assert (body["status"], body["sample"], body["demo_quality"]) == ("ready", True, True)

    told = asked(page, f"/recordings/{recording_id}/comparison")
    rate = f"{round(told['word_error_rate'] * 100)}%"
    assert 0 < told["word_error_rate"] < 0.6
    panel = page.locator("section, div").filter(has=page.get_by_role("heading", name=en("sample.heardTitle"))).last
    expect(panel).to_contain_text(f"Word error rate {rate}")
    heard = page.get_by_role("region", name=en("sample.fromHeard"))
    script = page.get_by_role("region", name=en("sample.fromScript"))
    note = asked(page, f"/notes/{body['note_id']}")["body"]
    for shown, written in ((heard, note), (script, told["script_note"])):
        for section in written["sections"]:
            for statement in section["statements"]:
                expect(shown.get_by_text(statement["text"], exact=True).first).to_be_visible()
    assert len(told["script_note"]["medications"]) == 2, "the script has two medicines"
    for medicine in told["script_note"]["medications"]:
        expect(script).to_contain_text(medicine["name"])
    assert violations(page) == []
    picture(page, "sample-desk")

    page.goto("/app/engines")
    _no_hub(page)
    _a_slow_hub(page, hub_port)


def _no_hub(page: Page) -> None:
    """Nobody answers: the page says so, and what to do."""
    suggested = asked(page, "/engines")["whisper"]["suggested"]
    choice = page.get_by_role("combobox", name=en("engines.size"))
    expect(choice).to_have_value(suggested)
    _download(page)
    alert = page.get_by_role("alert").filter(has_text=en("engines.failed"))
    expect(alert).to_be_visible(timeout=60_000)
    pull = asked(page, "/engines")["pull"]
    assert (pull["status"], pull["size"]) == ("failed", suggested)
    assert pull["remedy"]
    expect(alert).to_contain_text(pull["remedy"])
    assert violations(page) == []
    picture(page, "no-hub-can-be-reached")


def _a_slow_hub(page: Page, port: int) -> None:
    """A download shows how far it is, and can be cancelled."""
    with _hub(port) as go_on:
        page.get_by_role("combobox", name=en("engines.size")).select_option("tiny")
        _download(page)
        bar = page.get_by_role("progressbar", name=en("engines.downloading", size="tiny"))
        expect(bar).to_be_visible()
        wait_for(lambda: float(bar.get_attribute("aria-valuenow") or 0) >= 10, what="the bar to move")
        assert violations(page) == []
        cancel = page.get_by_role("button", name=en("engines.cancelDownload"))
        cancel.click()
        go_on.set()
        expect(page.get_by_text(en("engines.cancelled"))).to_be_visible(timeout=60_000)
        assert asked(page, "/engines")["pull"]["status"] == "cancelled"
        assert not any(one["provisioned"] for one in asked(page, "/engines")["whisper"]["sizes"])


def _download(page: Page) -> None:
    page.get_by_role("button", name=en.like("engines.downloadSize")).click()


@contextmanager
def _hub(port: int) -> Iterator[threading.Event]:
    """A hub that sends part of a model and then waits for the event, a little at a time, as a poor line does."""
    size = 20_000_000
    go_on = threading.Event()

    class Hub(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if "/resolve/" not in self.path:
                names = ("model.bin", "config.json", "tokenizer.json", "vocabulary.txt")
                siblings = [{"rfilename": name, "size": size, "blobId": "0" * 40, "lfs": None} for name in names]
                self._send(json.dumps({"sha": "1" * 40, "siblings": siblings}).encode())
                return
            self.send_response(200)
            self.send_header("Content-Length", str(size))
            self.end_headers()
            try:
                self.wfile.write(bytes(12_000_000))
                while not go_on.wait(0.2):
                    self.wfile.write(bytes(70_000))
                self.wfile.write(bytes(2_000_000))
            except OSError:
                return  # it was cancelled

        def _send(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *said: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield go_on
    finally:
        go_on.set()
        server.shutdown()
        server.server_close()
