"""Heard segments and their voices become turns. A pure function: the same segments give the same ids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from auscult.domain.ids import TurnId
from auscult.domain.transcript import Speaker, Turn, Word
from auscult.engines.speech import Heard

LONGEST_PAUSE: Final = 2.0
"""Seconds of silence after which the same speaker's next words are a turn of their own."""
LONGEST_TURN: Final = 45.0
"""Seconds after which a turn is closed at the next segment, so that a source stays short enough to listen to."""


def build_turns(
    heard: Sequence[Heard],
    voices: Sequence[int],
    speakers: Mapping[int, Speaker],
    *,
    longest_pause: float = LONGEST_PAUSE,
) -> tuple[Turn, ...]:
    """Join adjacent segments of one voice and language into turns, in the order of time.

    `voices` is one label a segment: a diarised voice or a channel. `speakers` names the labels; an unnamed one is
    `UNKNOWN`. Segments without text are dropped. Ids are `t1`, `t2` and so on. Raises `ValueError` when the two
    sequences differ in length.
    """
    pairs = sorted(
        ((voice, segment) for segment, voice in zip(heard, voices, strict=True) if segment.text.strip()),
        key=lambda pair: (pair[1].start, pair[1].end, pair[0]),
    )
    return tuple(
        _turn(number, speakers.get(voice, Speaker.UNKNOWN), segments)
        for number, (voice, segments) in enumerate(_runs(pairs, longest_pause), start=1)
    )


def _runs(pairs: Sequence[tuple[int, Heard]], longest_pause: float) -> Iterator[tuple[int, list[Heard]]]:
    run: list[Heard] = []
    owner = 0
    for voice, segment in pairs:
        if run and not (
            voice == owner
            and segment.language == run[-1].language
            and segment.start - run[-1].end <= longest_pause
            and segment.end - run[0].start <= LONGEST_TURN
        ):
            yield owner, run
            run = []
        owner = voice
        run.append(segment)
    if run:
        yield owner, run


def _turn(number: int, speaker: Speaker, segments: Sequence[Heard]) -> Turn:
    words: tuple[Word, ...] = tuple(word for segment in segments for word in segment.words)
    start = segments[0].start
    return Turn(
        id=TurnId(f"t{number}"),
        speaker=speaker,
        text=" ".join(segment.text.strip() for segment in segments),
        start=start,
        end=max(start, *(segment.end for segment in segments)),
        confidence=_confidence(segments, words),
        language=segments[0].language,
        words=words,
    )


def _confidence(segments: Sequence[Heard], words: Sequence[Word]) -> float:
    """The mean over the words; over the segments, weighed by their length in words, where no words were given."""
    if words:
        mean = sum(word.confidence for word in words) / len(words)
    else:
        weights = [len(segment.text.split()) for segment in segments]
        mean = sum(s.confidence * w for s, w in zip(segments, weights, strict=True)) / sum(weights)
    return min(max(mean, 0.0), 1.0)
