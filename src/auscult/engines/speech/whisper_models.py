"""Whisper's sizes: what each weighs and needs, which one fits this machine, and how to get one.

Nothing is ever downloaded unasked: `pull` is what `auscult models pull SIZE` and the button on the sample page call.
The hub's HTTP interface: https://huggingface.co/docs/hub/api and `…/resolve/{revision}/{file}`; `HF_ENDPOINT` names
another hub or a mirror.
"""

from __future__ import annotations

import errno
import fnmatch
import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from auscult.domain.errors import (
    CancelledError,
    EngineMissingError,
    InvalidError,
    StorageFullError,
    UnavailableError,
)

MANIFEST: Final = "manifest.json"
_FILES: Final = ("config.json", "preprocessor_config.json", "model.bin", "tokenizer.json", "vocabulary.*")
"""What faster-whisper loads; the same patterns as its own `download_model`."""
_NEEDED: Final = frozenset({"config.json", "model.bin", "tokenizer.json"})
"""Without a tokenizer file, faster-whisper would fetch one by itself when loading."""
_CHUNK: Final = 1 << 16
"""What a dropped connection may lose, and how soon a cancel is noticed."""
_ATTEMPTS: Final = 5
_TIMEOUT: Final = httpx.Timeout(30.0, connect=10.0)
_SPARE_BYTES: Final = 200_000_000
"""Left free on the disk, because recordings matter more than a model."""


@dataclass(frozen=True, slots=True)
class WhisperSize:
    """One model: its repository, what is downloaded, and the memory it takes while transcribing."""

    name: str
    repository: str
    download_mb: int
    memory_mb: int
    """On a CPU in int8 with small batches. `small` after the figures in faster-whisper's README, the others scaled."""
    hindi: bool = True


SIZES: Final = {
    one.name: one
    for one in (
        WhisperSize("tiny", "Systran/faster-whisper-tiny", 78, 500),
        WhisperSize("base", "Systran/faster-whisper-base", 148, 700),
        WhisperSize("small", "Systran/faster-whisper-small", 486, 1500),
        WhisperSize("medium", "Systran/faster-whisper-medium", 1531, 3000),
        WhisperSize("large-v3-turbo", "mobiuslabsgmbh/faster-whisper-large-v3-turbo", 1622, 3200),
        WhisperSize("large-v3", "Systran/faster-whisper-large-v3", 3091, 5000),
    )
}


@dataclass(frozen=True, slots=True)
class Hardware:
    """What a machine has to run a model on."""

    cores: int
    memory_mb: int
    cuda: bool


def hardware() -> Hardware:
    """Look at this machine: usable cores, memory (megabytes), and whether CTranslate2 sees a CUDA device."""
    import ctranslate2

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1_000_000
    except (AttributeError, ValueError, OSError):
        memory = 4000  # Windows has no sysconf; a modest guess suggests a modest model
    return Hardware(cores, memory, ctranslate2.get_cuda_device_count() > 0)


def suggest(machine: Hardware) -> WhisperSize:
    """The largest size that keeps up with speech and leaves half of the memory free.

    faster-whisper's README transcribes 13 minutes with `small` int8 in 1.7 minutes on 8 cores; `medium` takes three
    times as long, and a GPU runs the large ones faster than either.
    """
    if machine.cuda:
        return SIZES["large-v3-turbo"]
    needs = (("medium", 8), ("small", 2), ("base", 1))
    for name, cores in needs:
        if machine.cores >= cores and machine.memory_mb >= 2 * SIZES[name].memory_mb:
            return SIZES[name]
    return SIZES["tiny"]


def size_named(name: str) -> WhisperSize:
    """The size of that name. Raises `InvalidError`."""
    if name not in SIZES:
        raise InvalidError("There is no such Whisper size.", remedy=f"Choose one of: {', '.join(SIZES)}.")
    return SIZES[name]


def provisioned(folder: Path) -> list[str]:
    """The sizes that were completely pulled into a models folder."""
    return [name for name in SIZES if (folder / name / MANIFEST).is_file()]


def verify(model: Path) -> str:
    """Check a pulled model against its manifest; return its revision.

    Raises `EngineMissingError` when it is incomplete or was changed since it was pulled.
    """
    try:
        manifest = json.loads((model / MANIFEST).read_text("utf-8"))
        intact = manifest["sha256"].keys() >= _NEEDED and all(
            _sha256(model / name) == digest for name, digest in manifest["sha256"].items()
        )
    except (OSError, ValueError, KeyError):
        intact = False
    if not intact:
        raise EngineMissingError(
            f"The Whisper model {model.name} is damaged.", remedy=f"Run `auscult models pull {model.name}` again."
        )
    return str(manifest["revision"])


def pull(
    name: str,
    folder: Path,
    *,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    cancelled: Callable[[], bool] = lambda: False,
    endpoint: str | None = None,
    wait: Callable[[float], None] = time.sleep,
) -> Path:
    """Download a size into `folder`/`name` and return that path; returns at once when it is there already.

    `progress` gets bytes done and in total. Every file is checked against the hub's checksum before the model appears,
    whole, under its name. A dropped connection is taken up where it stopped, now or by the next call; so is a cancelled
    download. Raises `CancelledError`, `InvalidError`, `StorageFullError`, and `UnavailableError` when the hub cannot be
    reached or sends something else than it announced.
    """
    size = size_named(name)
    target = folder / name
    if (target / MANIFEST).is_file():
        return target
    partial = folder / f".{name}.partial"
    base = (endpoint or os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")
    with _disk_errors(), httpx.Client(timeout=_TIMEOUT, follow_redirects=True) as client:
        partial.mkdir(parents=True, exist_ok=True)
        revision, files = _listing(client, base, size, wait, cancelled)
        total = sum(one.size for one in files)
        done = sum(min(one.size, _length(partial / one.name)) for one in files)
        if shutil.disk_usage(folder).free < total - done + _SPARE_BYTES:
            raise StorageFullError(f"The Whisper model {name} needs {size.download_mb} MB of free disk.")
        fetch = _Fetch(
            client,
            f"{base}/{size.repository}/resolve/{revision}",
            partial,
            progress=progress,
            cancelled=cancelled,
            wait=wait,
        )
        digests = fetch.all(files)
        manifest = {"repository": size.repository, "revision": revision, "sha256": digests}
        (partial / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")
        shutil.rmtree(target, ignore_errors=True)
        partial.rename(target)
    return target


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    size: int
    sha256: str | None
    """Of large files; small ones have git's blob id instead."""
    blob: str


class _Fetch:
    """The download of one revision's files into a folder."""

    def __init__(
        self,
        client: httpx.Client,
        base: str,
        folder: Path,
        *,
        progress: Callable[[int, int], None],
        cancelled: Callable[[], bool],
        wait: Callable[[float], None],
    ) -> None:
        self._client = client
        self._base = base
        self._folder = folder
        self._progress = progress
        self._cancelled = cancelled
        self._wait = wait

    def all(self, files: list[_File]) -> dict[str, str]:
        """Fetch and check every file; return their SHA-256 by name."""
        total, before = sum(one.size for one in files), 0
        digests: dict[str, str] = {}
        for one in files:
            digests[one.name] = self._one(one, before, total)
            before += one.size
            self._progress(before, total)
        return digests

    def _one(self, one: _File, before: int, total: int) -> str:
        path = self._folder / one.name
        for attempt in _attempts(self._wait):
            try:
                self._rest_of(one, path, before, total)
            except httpx.TransportError as error:
                if attempt == _ATTEMPTS:
                    raise _unreachable() from error
                continue
            if _length(path) < one.size and attempt < _ATTEMPTS:
                continue
            break
        digest = _sha256(path)
        if (digest != one.sha256) if one.sha256 else (_git_blob(path) != one.blob):
            path.unlink(missing_ok=True)
            raise UnavailableError(
                f"{one.name} arrived damaged: its checksum is not the one the hub announced.",
                remedy="Run the command again; if it happens again, check the proxy or mirror in between.",
            )
        return digest

    def _rest_of(self, one: _File, path: Path, before: int, total: int) -> None:
        have = _length(path)
        if have > one.size:
            path.unlink()
            have = 0
        if have == one.size and path.exists():
            return
        headers = (
            {"Range": f"bytes={have}-", "Accept-Encoding": "identity"} if have else {"Accept-Encoding": "identity"}
        )
        with self._client.stream("GET", f"{self._base}/{one.name}", headers=headers) as answer:
            _check(answer, one.name)
            resumed = have > 0 and answer.status_code == httpx.codes.PARTIAL_CONTENT
            have = have if resumed else 0
            with path.open("ab" if resumed else "wb") as file:
                for piece in answer.iter_bytes(_CHUNK):
                    if self._cancelled():
                        raise CancelledError("The download was cancelled.")
                    have += len(piece)
                    if have > one.size:
                        return  # more than announced: the checksum will tell
                    file.write(piece)
                    self._progress(before + have, total)


def _listing(
    client: httpx.Client, base: str, size: WhisperSize, wait: Callable[[float], None], cancelled: Callable[[], bool]
) -> tuple[str, list[_File]]:
    for attempt in _attempts(wait):
        if cancelled():
            raise CancelledError("The download was cancelled.")
        try:
            answer = client.get(f"{base}/api/models/{size.repository}/revision/main", params={"blobs": "true"})
        except httpx.TransportError as error:
            if attempt == _ATTEMPTS:
                raise _unreachable() from error
            continue
        if answer.status_code < 500:
            break
    _check(answer, size.repository)
    try:
        listing: dict[str, Any] = answer.json()
        files = [
            _File(one["rfilename"], one["size"], (one.get("lfs") or {}).get("sha256"), one["blobId"])
            for one in listing["siblings"]
            if any(fnmatch.fnmatchcase(one["rfilename"], pattern) for pattern in _FILES) and "/" not in one["rfilename"]
        ]
        revision = str(listing["sha"])
    except (ValueError, KeyError, TypeError) as error:
        raise UnavailableError("The model hub answered with something that is no listing.") from error
    if not {one.name for one in files} >= _NEEDED:
        raise UnavailableError(f"The model hub has no complete model in {size.repository}.")
    return revision, files


def _attempts(wait: Callable[[float], None]) -> Iterator[int]:
    for attempt in range(1, _ATTEMPTS + 1):
        if attempt > 1:
            wait(0.5 * 2 ** (attempt - 2))
        yield attempt


def _check(answer: httpx.Response, what: str) -> None:
    if answer.status_code >= 400:
        raise UnavailableError(f"The model hub answered {answer.status_code} for {what}.", remedy=_by_hand())


def _unreachable() -> UnavailableError:
    return UnavailableError("The model hub cannot be reached.", remedy=_by_hand())


def _by_hand() -> str:
    return (
        "Check the network or set HF_ENDPOINT to a mirror and run the command again; or copy the model's folder from a "
        "machine that has it into this one's models folder."
    )


@contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFullError("The disk filled up while the model was being downloaded.") from error
        raise


def _length(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _git_blob(path: Path) -> str:
    """Git's object id of a file: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects."""
    content = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
