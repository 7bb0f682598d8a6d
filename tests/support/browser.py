"""A real Chromium with a microphone that plays a file, and what the tests ask of its pages.

Everything is asked for by the words that a person reads, taken from the app's own language files, so that a test does
not break when a sentence is put better, and finds what a screen reader finds.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av
import numpy as np
import psutil
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, sync_playwright

from auscult.web_build import node_and_npm
from tests.support.audio import RATE, Sound
from tests.support.running import ROOT, wait_for

SCREENSHOTS = ROOT / "artefacts" / "screenshots"
LANGUAGES = ROOT / "web" / "src" / "i18n"
MICROPHONE_RATE = 48_000
DESK: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
WIDTHS: dict[str, dict[str, Any]] = {"desk": DESK, "phone": PHONE}

_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--use-fake-device-for-media-stream",
)
_ALLOW = "--use-fake-ui-for-media-stream"


class Words:
    """The words of the app in one language, by their keys."""

    def __init__(self, language: str) -> None:
        self._words = _flat(json.loads((LANGUAGES / f"{language}.json").read_text()))

    def __call__(self, key: str, **values: str) -> str:
        """The words of a key, with `{{name}}` filled in and the tags of keyboard hints left out."""
        text = self._words[key]
        for name, value in values.items():
            text = text.replace("{{" + name + "}}", value)
        return re.sub(r"</?kbd>", "", text)

    def like(self, key: str) -> re.Pattern[str]:
        """The words of a key, with anything where a value will stand."""
        return re.compile(".+?".join(re.escape(part) for part in re.split(r"\{\{\w+\}\}", self._words[key])))

    def items(self) -> dict[str, str]:
        """All of them."""
        return dict(self._words)


def _flat(words: dict[str, Any], before: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in words.items():
        if isinstance(value, dict):
            found |= _flat(value, f"{before}{name}.")
        else:
            found[before + name] = value
    return found


def chromium() -> str:
    """The browser of this machine; `make test-tools` installs it."""
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        if found := shutil.which(name):
            return found
    raise AssertionError("no Chromium on this machine: run `make test-tools`")


def flags(microphone: Path | None, *, allowed: bool = True) -> list[str]:
    """How Chromium is started: what the microphone plays, and whether a page may have it without a question."""
    chosen = [*_FLAGS, _ALLOW] if allowed else [*_FLAGS]
    return [*chosen, f"--use-file-for-fake-audio-capture={microphone}"] if microphone else chosen


@contextmanager
def driver() -> Iterator[Playwright]:
    """Playwright on the Node.js that builds the web app: its own one needs a library that a bare Debian lacks."""
    os.environ["PLAYWRIGHT_NODEJS_PATH"] = str(node_and_npm()[0])
    with sync_playwright() as started:
        yield started


def launch(playwright: Playwright, microphone: Path | None, *, allowed: bool = True) -> Browser:
    """A browser whose windows forget everything."""
    return playwright.chromium.launch(executable_path=chromium(), args=flags(microphone, allowed=allowed))


def at_home(playwright: Playwright, profile: Path, microphone: Path, origin: str) -> BrowserContext:
    """A browser with a profile on the disk, which a next start finds again."""
    return playwright.chromium.launch_persistent_context(
        str(profile), executable_path=chromium(), args=flags(microphone), base_url=origin, **DESK
    )


def kill(profile: Path) -> None:
    """End the browser of that profile as a power cut would: all its processes at once, by SIGKILL."""
    mark = f"--user-data-dir={profile}"
    found = [one for one in psutil.process_iter(["cmdline"]) if mark in (one.info["cmdline"] or [])]
    assert found, "no browser runs with this profile"
    family = [*found, *(child for one in found for child in one.children(recursive=True))]
    for one in family:
        if one.is_running():
            one.kill()
    psutil.wait_procs(family, timeout=20)
    for lock in ("SingletonLock", "SingletonSocket", "SingletonCookie"):
        (profile / lock).unlink(missing_ok=True)  # as a restarted machine would find: nobody holds them


def heard(path: Path) -> Sound:
    """A recording as sound: one channel at 16 kHz."""
    shaper = av.AudioResampler("s16", "mono", RATE)
    with av.open(str(path)) as file:
        frames = [one for frame in file.decode(audio=0) for one in shaper.resample(frame)] + shaper.resample(None)
    return np.concatenate([frame.to_ndarray() for frame in frames], axis=1)


def microphone_plays(sound: Sound, path: Path) -> Path:
    """Write what the microphone hears, over and over, as Chromium wants it: 48 kHz WAV."""
    shaper = av.AudioResampler("s16", "mono", MICROPHONE_RATE)
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound[:1]), format="s16", layout="mono")
    frame.sample_rate = RATE
    parts = [part.to_ndarray() for part in [*shaper.resample(frame), *shaper.resample(None)]]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(MICROPHONE_RATE)
        file.writeframes(np.concatenate(parts, axis=1).tobytes())
    return path


@contextmanager
def watched(context: BrowserContext) -> Iterator[list[str]]:
    """Collect what went wrong inside the pages: uncaught errors, and what the content security policy refused."""
    wrong: list[str] = []

    def console(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text or "Minified React error" in message.text:
            wrong.append(message.text)

    context.on("console", console)
    context.on("weberror", lambda found: wrong.append(str(found.error)))
    yield wrong


def violations(page: Page) -> list[str]:
    """What axe finds on the page as it is now: rule, why, and where; nothing is expected."""
    settle(page)
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {one['help']} at {[node['target'] for node in one['nodes'][:3]]}"
        f" {[(node.get('failureSummary') or '')[:200] for node in one['nodes'][:1]]}"
        for one in found
    ]


def settle(page: Page) -> None:
    """Let what moves come to its end: a colour half-way through a transition has no contrast to speak of."""
    page.evaluate(
        """async () => {
            const frame = () => new Promise((done) => requestAnimationFrame(done));
            for (let still = 0; still < 3; still += 1) { // one movement may begin where another ends
                await frame();
                const moving = document.getAnimations()
                    .filter((one) => one.effect?.getComputedTiming().iterations !== Infinity);
                if (moving.length > 0) still = -1;
                await Promise.all(moving.map((one) => one.finished.catch(() => undefined)));
            }
        }"""
    )


def picture(page: Page, name: str) -> Path:
    """Keep a screenshot, as far as a screen shows, for people to look at."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    settle(page)
    path = SCREENSHOTS / f"{name}.png"
    page.screenshot(path=path)
    return path


def shown_texts(page: Page) -> list[str]:
    """Every text that a person sees or a screen reader says, each trimmed."""
    texts: list[str] = page.evaluate(
        """() => {
          const found = [];
          const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (walk.nextNode()) {
            const parent = walk.currentNode.parentElement;
            if (parent && !parent.closest("script, style, noscript")) found.push(walk.currentNode.data.trim());
          }
          for (const element of document.querySelectorAll("[aria-label], [title], [placeholder], [alt]"))
            for (const name of ["aria-label", "title", "placeholder", "alt"])
              found.push((element.getAttribute(name) ?? "").trim());
          return found.filter(Boolean);
        }"""
    )
    return texts


def kept_on_device(page: Page) -> list[dict[str, Any]]:
    """The recordings in the browser's own store, each with the number of its slices."""
    kept: list[dict[str, Any]] = page.evaluate(
        """async () => {
          const open = await new Promise((resolve, reject) => {
            const request = indexedDB.open("auscult-recorder", 1);
            request.onsuccess = () => resolve(request.result);
            request.onerror = () => reject(request.error);
          });
          const all = (name) => new Promise((resolve, reject) => {
            const request = open.transaction(name).objectStore(name).getAll();
            request.onsuccess = () => resolve(request.result);
            request.onerror = () => reject(request.error);
          });
          const [recordings, slices] = [await all("recordings"), await all("slices")];
          open.close();
          return recordings.map((one) => ({
            ...one,
            slices: slices.filter((slice) => slice.localId === one.localId).length,
          }));
        }"""
    )
    return kept


def recording_id_of(page: Page) -> str:
    """The recording whose page this is."""
    found = re.search(r"/app/recordings/(REC_\w+)", page.url)
    assert found, page.url
    return found.group(1)


def asked(page: Page, path: str) -> dict[str, Any]:
    """What the server says to the person who is signed in to this page."""
    answer = page.request.get(path, headers={"X-Auscult": "1"})
    assert answer.ok, f"{path}: {answer.status} {answer.text()[:500]}"
    body: dict[str, Any] = answer.json()
    return body


def settled(page: Page, recording_id: str, *, seconds: float = 150.0) -> dict[str, Any]:
    """The recording when its work has ended."""

    def ended() -> dict[str, Any] | None:
        body = asked(page, f"/recordings/{recording_id}")
        return None if body["status"] in {"open", "received", "processing"} else body

    body = wait_for(ended, seconds=seconds, what=f"the end of the work on {recording_id}")
    assert body is not None
    return body


EN, HI = Words("en"), Words("hi")
_SEEN = {
    ("english", "desk", "light"),
    ("english", "phone", "dark"),
    ("hindi", "phone", "light"),
    ("hindi", "desk", "dark"),
}
LOOKS = [
    pytest.param(
        words,
        width,
        scheme,
        id=f"{name}-{width}-{scheme}",
        marks=() if (name, width, scheme) in _SEEN else pytest.mark.full,
    )
    for name, words in (("english", EN), ("hindi", HI))
    for width in ("desk", "phone")
    for scheme in ("light", "dark")
]
"""The eight ways to look at a page: language, width, colours. The four that are looked in by default have each pair of
choices once; `make test-full` looks in all."""
