"""What a note costs without a language model: `python -m bench.writer`.

- Twenty minutes of talk (`bench.talk`, some 3,200 words) written up by the offline writer and checked against the
  transcript: as written, and as a recogniser without punctuation gives it. The limit holds for both steps together.
  Baseline: the words of the same transcript found by one plain regular expression.
- The same through the command line, from `auscult note` to its JSON; its memory; how long importing takes.

Times are processor time of the one thread that works, the least of several runs: other programs cannot add to it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from bench.figures import TINY, Figure, Size, run
from bench.talk import as_recognised, consultation

MEGABYTE: Final = 1_000_000
_KILOBYTE: Final = 1 if sys.platform == "darwin" else 1024
"""Bytes in the unit of `ru_maxrss`."""
_WORD = re.compile(r"\w+(?:'\w+)?")


def least(runs: int, work: Callable[[], object]) -> float:
    """Seconds of processor time of this thread that the work takes at least."""
    found = []
    for _ in range(runs):
        start = time.thread_time()
        work()
        found.append(time.thread_time() - start)
    return min(found)


def _ran(folder: str, *words: str) -> tuple[float, float]:
    """Seconds of processor time, and the most resident bytes, of a command of Python's.

    Its bytecode is kept in the folder, as that of an installed package is: only the first run compiles anything.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = folder
    started = subprocess.Popen([sys.executable, *words], stdout=subprocess.DEVNULL, env=environment)
    _, status, used = os.wait4(started.pid, 0)
    started.returncode = os.waitstatus_to_exitcode(status)
    if started.returncode:
        raise RuntimeError(f"{words} ended with {started.returncode}")
    return used.ru_utime + used.ru_stime, used.ru_maxrss * _KILOBYTE


def _commands(lines: str, runs: int) -> list[Figure]:
    """The figures of whole processes. To be measured while this one is small: a child's memory begins with it."""
    with tempfile.TemporaryDirectory(prefix="bench-writer-") as folder:
        file = Path(folder) / "visit.txt"
        file.write_text(lines, "utf-8")
        noted = [_ran(folder, "-m", "auscult.cli", "note", str(file), "--json") for _ in range(runs)]
        helped = [_ran(folder, "-m", "auscult.cli", "--help") for _ in range(runs)]
        bare = [_ran(folder, "-c", "pass") for _ in range(runs)]
        libraries = [_ran(folder, "-c", "import numpy, pydantic") for _ in range(runs)]
        imported = [_ran(folder, "-c", "import auscult.engines.writer.offline.compose") for _ in range(runs)]
    start = min(seconds for seconds, _ in bare)

    def seconds(of: list[tuple[float, float]]) -> float:
        return min(took for took, _ in of) - start

    return [
        Figure("import of the writer", seconds(imported), "s", "numpy and pydantic alone", seconds(libraries), limit=1),
        Figure("auscult --help", seconds(helped) + start, "s", "bare Python", start),
        Figure("auscult note --json", seconds(noted) + start, "s", "bare Python", start),
        Figure(
            "auscult note --json: most memory",
            max(size for _, size in noted) / MEGABYTE,
            "MB",
            "bare Python",
            max(size for _, size in bare) / MEGABYTE,
            limit=300,
        ),
    ]


def _written(name: str, lines: str, runs: int) -> list[Figure]:
    from datetime import UTC, datetime

    from auscult.engines.writer import Request
    from auscult.engines.writer.offline import OfflineWriter
    from auscult.engines.writer.offline.compose import compose
    from auscult.note_once import read_transcript
    from auscult.trust.grounding import check

    transcript = read_transcript(lines.encode(), now=datetime.now(UTC))
    request, writer = Request(transcript=transcript), OfflineWriter().info
    body = compose(request, writer)
    check(body, transcript)  # what is read once in the life of a process is read
    writing = least(runs, lambda: compose(request, writer))
    grounding = least(runs, lambda: check(body, transcript))
    words = least(runs, lambda: [_WORD.findall(turn.text) for turn in transcript.turns])
    return [
        Figure(f"{name}: writing", writing, "s", "finding its words", words, limit=0.5),
        Figure(f"{name}: checking it against the transcript", grounding, "s", "finding its words", words),
        Figure(f"{name}: both", writing + grounding, "s", "finding its words", words),
    ]


def measure(size: Size) -> list[Figure]:
    """Measure processes, then the two steps."""
    tiny = size == TINY
    lines, runs = (consultation(200), 1) if tiny else (consultation(), 5)
    figures = _commands(lines, runs)
    length = "a minute" if tiny else "20 min"
    figures += _written(f"{length}, as written", lines, runs)
    return figures + _written(f"{length}, as recognised", as_recognised(lines), runs)


if __name__ == "__main__":
    run(measure, __doc__)
