"""One clinic, one browser and one signed-in person for each file of tests; a fresh window for each test."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from auscult.web_build import ensure_built
from tests.support import browser as chrome
from tests.support.audio import RATE, joined, silence
from tests.support.running import RunningClinic, running_clinic

OpenPage = Callable[..., Page]
SAMPLE = Path(str(files("auscult.knowledge.sample"))) / "consultation.webm"


@pytest.fixture(scope="session")
def web_app() -> Path:
    """The built web app, so that a server's start does not build it within its own time."""
    return ensure_built(print)


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    expect.set_options(timeout=30_000)  # two busy cores: slow is not wrong
    with chrome.driver() as started:
        yield started


@pytest.fixture(scope="module")
def environment() -> dict[str, str]:
    """Settings of the clinic; a file of tests replaces this when it wants others."""
    return {}


@pytest.fixture(scope="module")
def clinic(
    web_app: Path, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningClinic]:
    with running_clinic(tmp_path_factory.mktemp("clinic"), **environment) as started:
        yield started


@pytest.fixture(scope="module")
def microphone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stretch of the bundled visit, questions and answers in two voices, that begins again after a breath."""
    visit = chrome.heard(SAMPLE)[:, round(17.5 * RATE) : round(42.2 * RATE)]
    return chrome.microphone_plays(joined(visit, silence(0.8)), tmp_path_factory.mktemp("microphone") / "visit.wav")


@pytest.fixture(scope="module")
def browser(playwright: Playwright, microphone: Path) -> Iterator[Browser]:
    launched = chrome.launch(playwright, microphone)
    yield launched
    launched.close()


@pytest.fixture(scope="module")
def session(clinic: RunningClinic, browser: Browser) -> dict[str, Any]:
    """What a browser keeps after the printed link was opened in it."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(clinic.link)
    page.wait_for_url(f"{clinic.origin}/app/")
    kept: Any = context.storage_state()
    context.close()
    return dict(kept)


@pytest.fixture
def open_page(clinic: RunningClinic, browser: Browser, request: pytest.FixtureRequest) -> Iterator[OpenPage]:
    """Open a signed-in window; afterwards nothing may have gone wrong inside its pages."""
    opened: list[tuple[Any, list[str]]] = []

    def open_one(path: str = "/app/", *, signed_in: bool = True, **options: Any) -> Page:
        state = {"storage_state": request.getfixturevalue("session")} if signed_in else {}
        context = browser.new_context(
            **{"locale": "en-NZ", "base_url": clinic.origin, **chrome.DESK, **state, **options}
        )
        context.set_default_timeout(30_000)
        with chrome.watched(context) as wrong:
            opened.append((context, wrong))
        page = context.new_page()
        page.goto(clinic.origin + path)
        return page

    yield open_one
    for context, _ in opened:
        for page in context.pages:  # pytest shows this where the test failed
            logging.getLogger(__name__).warning("%s\n%s", page.url, page.evaluate("document.body?.innerText"))
        context.close()
    assert [one for _, wrong in opened for one in wrong] == []
