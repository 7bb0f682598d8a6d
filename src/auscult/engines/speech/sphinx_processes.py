"""A small pool of pocketsphinx processes: started when needed, one utterance at a time each, killed on cancel."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from auscult.domain.errors import CancelledError, EngineFailedError

_POLL_SECONDS: Final = 0.05
"""How often a wait looks at `cancelled`."""
_START_SECONDS: Final = 60.0
_SECONDS_PER_SECOND: Final = 20.0
"""An utterance that takes longer than this many times its length (plus the start time) is given up."""


class SphinxProcess:
    """One decoder process. Not shared between threads."""

    def __init__(self, settings: dict[str, Any], cancelled: Callable[[], bool]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "auscult.engines.speech.sphinx_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._answers: queue.Queue[bytes] = queue.Queue()
        threading.Thread(target=self._listen, name="sphinx-answers", daemon=True).start()
        self._finalizer = weakref.finalize(self, _end, self._process)
        try:
            self._send(json.dumps(settings).encode() + b"\n")
            self._receive(_START_SECONDS, cancelled)
        except BaseException:
            self.end()
            raise

    def decode(self, pcm: bytes, seconds: float, cancelled: Callable[[], bool], *, fresh: bool) -> list[list[Any]]:
        """Decode one utterance, as the first of a recording when `fresh`.

        Raises `EngineFailedError`, `CancelledError`; after either the process has ended.
        """
        try:
            self._send(json.dumps({"bytes": len(pcm), "fresh": fresh}).encode() + b"\n" + pcm)
            words: list[list[Any]] = self._receive(_START_SECONDS + _SECONDS_PER_SECOND * seconds, cancelled)["words"]
        except BaseException:
            self.end()
            raise
        return words

    @property
    def alive(self) -> bool:
        """Whether it can take another utterance."""
        return self._process.poll() is None

    def end(self) -> None:
        """Kill the process and reap it."""
        self._finalizer()

    def _listen(self) -> None:
        stream = self._process.stdout
        if stream is not None:
            for line in stream:
                self._answers.put(line)
        self._answers.put(b"")

    def _send(self, data: bytes) -> None:
        stream = self._process.stdin
        try:
            if stream is not None:
                stream.write(data)
                stream.flush()
        except OSError as error:
            raise EngineFailedError("The sphinx decoder stopped unexpectedly.") from error

    def _receive(self, seconds: float, cancelled: Callable[[], bool]) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        while True:
            if cancelled():
                raise CancelledError("The transcription was cancelled.")
            try:
                line = self._answers.get(timeout=_POLL_SECONDS)
            except queue.Empty:
                if time.monotonic() > deadline:
                    raise EngineFailedError("The sphinx decoder did not answer in time.") from None
                continue
            if not line:
                raise EngineFailedError("The sphinx decoder stopped unexpectedly.")
            answer: dict[str, Any] = json.loads(line)
            return answer


class SphinxProcesses:
    """At most `limit` decoder processes, kept warm between utterances."""

    def __init__(self, settings: dict[str, Any], limit: int) -> None:
        self._settings = settings
        self._free = threading.Semaphore(limit)
        self._lock = threading.Lock()
        self._idle: list[SphinxProcess] = []

    @contextmanager
    def borrow(self, cancelled: Callable[[], bool]) -> Iterator[SphinxProcess]:
        """Lend a process, waiting for one if all are busy. Raises `CancelledError`, `EngineFailedError`."""
        while not self._free.acquire(timeout=_POLL_SECONDS):
            if cancelled():
                raise CancelledError("The transcription was cancelled.")
        try:
            with self._lock:
                process = self._idle.pop() if self._idle else None
            if process is None or not process.alive:
                process = SphinxProcess(self._settings, cancelled)
            try:
                yield process
            finally:
                if process.alive:
                    with self._lock:
                        self._idle.append(process)
        finally:
            self._free.release()

    def end(self) -> None:
        """Stop the idle processes; the busy ones end when they are given back to nobody."""
        with self._lock:
            idle, self._idle = self._idle, []
        for process in idle:
            process.end()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    if process.stdin is not None:
        try:
            process.stdin.close()
        except OSError:
            return
