"""The web app builds itself from a bare checkout, only when it has to, and says what is missing."""

from __future__ import annotations

import shutil
import socket
import time
from pathlib import Path

import pytest

from auscult import web_build
from auscult.domain.errors import EngineFailedError, EngineMissingError
from auscult.web_build import CHECKOUT, ensure_built, fingerprint


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A copy of the app's sources in a checkout of its own, never built."""
    copy = tmp_path / "checkout" / "web"
    shutil.copytree(CHECKOUT, copy, ignore=shutil.ignore_patterns("node_modules", "dist"))
    return copy


def mark_built(web: Path) -> Path:
    built = web / "dist"
    built.mkdir()
    (built / "index.html").write_text("<!doctype html>")
    (built / ".built-from").write_text(fingerprint(web))
    return built


def test_a_warm_call_takes_less_than_50_ms_and_does_nothing(sources: Path) -> None:
    built = mark_built(sources)
    said: list[str] = []
    best = min(_timed(lambda: ensure_built(said.append, web=sources)) for _ in range(5))
    assert ensure_built(said.append, web=sources) == built
    assert said == []
    assert best < 0.050


@pytest.mark.parametrize("changed", ["src/main.tsx", "package-lock.json", "public/manifest.webmanifest"])
def test_any_changed_source_makes_the_build_stale(sources: Path, changed: str) -> None:
    before = fingerprint(sources)
    path = sources / changed
    path.write_text(path.read_text() + "\n")
    assert fingerprint(sources) != before


def test_what_was_built_or_installed_does_not_count_as_a_source(sources: Path) -> None:
    before = fingerprint(sources)
    mark_built(sources)
    (sources / "node_modules" / "left-over").mkdir(parents=True)
    (sources / "node_modules" / "left-over" / "index.js").write_text("1")
    assert fingerprint(sources) == before


def test_without_node_it_says_which_command_gets_it(sources: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_build, "find_spec", lambda _name: None)
    with pytest.raises(EngineMissingError) as caught:
        ensure_built(lambda _line: None, web=sources)
    assert "Node" in caught.value.reason
    assert "uv sync --group web" in caught.value.remedy


def test_without_sources_and_without_a_packaged_app_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(EngineMissingError) as caught:
        ensure_built(lambda _line: None, web=tmp_path)
    assert "wheel" in caught.value.remedy


def test_an_unreachable_registry_is_told_apart_from_a_broken_build(
    sources: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A real npm is pointed at a port where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("npm_config_registry", f"http://127.0.0.1:{port}/")
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    monkeypatch.setenv("HOME", str(tmp_path / "empty-home"))
    with pytest.raises(EngineMissingError) as caught:
        ensure_built(lambda _line: None, web=sources)
    assert "registry" in caught.value.reason
    assert not (sources / "dist").exists()


@pytest.mark.slow
def test_a_bare_checkout_with_an_empty_home_builds_the_app_once(
    sources: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Fetches with the wheel's Node, builds, and is current afterwards; a broken source keeps the build before."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    said: list[str] = []
    built = ensure_built(said.append, web=sources)
    page = (built / "index.html").read_text()
    assert len(said) == 2
    assert '<script type="module"' in page
    assert "<style" not in page, "inline styles would break the content security policy"
    worker = (built / "sw.js").read_text()
    assert "/app/assets/" in worker
    assert "__FILES__" not in worker
    assert list(home.iterdir()) == []

    ensure_built(said.append, web=sources)
    assert len(said) == 2

    (sources / "src" / "main.tsx").write_text("import './nowhere';\n")
    with pytest.raises(EngineFailedError) as caught:
        ensure_built(said.append, web=sources)
    assert "web-build.log" in caught.value.remedy
    assert (built / "index.html").read_text() == page


def _timed(act: object) -> float:
    before = time.perf_counter()
    act()  # type: ignore[operator]  # parametrised with functions
    return time.perf_counter() - before
