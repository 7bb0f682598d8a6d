"""The bundled consultation: its script, and the sound of it.

Invented people, our own words, spoken by two espeak-ng voices (`make_sample.py`), so that a first start has something
real to work on and an honest yardstick: what was said is known, so what was misheard can be counted.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any, Final

from auscult.domain.ids import TurnId
from auscult.domain.transcript import Speaker, SpeechEngine, Turn

CONTENT_TYPE: Final = "audio/webm"
SCRIPT_ENGINE: Final = SpeechEngine(name="script", model="bundled consultation", version="1")
"""The engine named on a transcript made of the script itself: nothing was recognised."""


@cache
def _script() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(resources.files(__name__).joinpath("script.json").read_text("utf-8"))
    return loaded


def title() -> str:
    """The consultation's title."""
    return str(_script()["title"])


def turns() -> tuple[Turn, ...]:
    """What is said, turn by turn, with the true speakers and times; ids `t1`, `t2` and so on."""
    return tuple(
        Turn(
            id=TurnId(f"t{number}"),
            speaker=Speaker(turn["speaker"]),
            text=turn["text"],
            start=turn["start"],
            end=turn["end"],
            language=_script()["language"],
        )
        for number, turn in enumerate(_script()["turns"], start=1)
    )


def spoken_text() -> str:
    """All that is said, in order, without speakers: the reference for a word error rate."""
    return " ".join(turn.text for turn in turns())


def audio() -> bytes:
    """The recording: WebM with one mono Opus track."""
    return resources.files(__name__).joinpath(_script()["audio"]).read_bytes()
