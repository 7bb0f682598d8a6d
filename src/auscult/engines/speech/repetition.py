"""The loop guard: what a recogniser says over and over, and what it says when nobody spoke, is taken out.

A recogniser that loses its footing repeats a word or phrase until its window ends; one that is given near-silence
recites its training data ("thanks for watching"). People repeat themselves too ("no no no", "very very"), so a short
repetition stays, and confident speech is never taken out for what it says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from auscult.domain.transcript import Word
from auscult.engines.speech import Heard

MAX_WORD_REPEATS: Final = 4
"""A single word may be said this often in a row: "no no no no" is heard in real visits."""
MAX_PHRASE_REPEATS: Final = 2
"""A phrase of two words or more may be said this often in a row."""
LONGEST_PHRASE: Final = 12
MAX_SEGMENT_REPEATS: Final = 3
"""The same segment may come this often in a row ("yes", "yes", "yes" to three questions)."""
LOW_CONFIDENCE: Final = 0.5
"""Below this a well-known invention is dropped; at or above it, it is taken for speech."""
INVENTED: Final = frozenset(
    {
        "thank you for watching",
        "thanks for watching",
        "thank you so much for watching",
        "please subscribe",
        "please like and subscribe",
        "like and subscribe",
        "subscribe to my channel",
        "see you in the next video",
        "i'll see you in the next video",
        "subtitles by the amara.org community",
        "transcription by castingwords",
        "you",
        "thank you",
        "bye",
        "धन्यवाद",
    }
)
"""What whisper says to silence and noise (Koenecke et al. 2024, FAccT, "Careless Whisper"; faster-whisper issues)."""


@dataclass(frozen=True, slots=True)
class Collapsed:
    """Words with loops cut: the indices that are kept, and how many words were taken out."""

    kept: tuple[int, ...]
    removed: int


def collapse(words: Sequence[str]) -> Collapsed:
    """Cut runs of a repeated word or phrase down to what people say; compares without case and punctuation."""
    plain = [_plain(word) for word in words]
    kept = list(range(len(words)))
    for length in range(1, LONGEST_PHRASE + 1):
        allowed = MAX_WORD_REPEATS if length == 1 else MAX_PHRASE_REPEATS
        kept = _without_runs(plain, kept, length, allowed)
    return Collapsed(tuple(kept), len(words) - len(kept))


def without_loops(heard: Sequence[Heard]) -> tuple[list[Heard], int]:
    """Return the segments without loops and inventions, and the number of words taken out.

    Text, words, confidence and end follow from the words that stay; a segment that is left empty is dropped.
    """
    result: list[Heard] = []
    removed = 0
    repeats = 0
    previous = ""
    for one in heard:
        plain = " ".join(_plain(word) for word in one.text.split())
        repeats = repeats + 1 if plain == previous else 1
        previous = plain
        invented = plain in INVENTED and one.confidence < LOW_CONFIDENCE
        if invented or not plain or repeats > MAX_SEGMENT_REPEATS:
            removed += len(one.text.split())
            continue
        shorter, cut = _shortened(one)
        removed += cut
        result.append(shorter)
    return result, removed


def _shortened(one: Heard) -> tuple[Heard, int]:
    texts = [word.text for word in one.words] if one.words else one.text.split()
    collapsed = collapse(texts)
    if not collapsed.removed:
        return one, 0
    text = " ".join(texts[index].strip() for index in collapsed.kept)
    if not one.words:
        return replace(one, text=text), collapsed.removed
    words: tuple[Word, ...] = tuple(one.words[index] for index in collapsed.kept)
    confidence = sum(word.confidence for word in words) / len(words)
    return (
        replace(one, text=text, words=words, end=max(one.start, words[-1].end), confidence=confidence),
        collapsed.removed,
    )


def _without_runs(plain: Sequence[str], kept: Sequence[int], length: int, allowed: int) -> list[int]:
    result: list[int] = []
    position = 0
    while position < len(kept):
        phrase = [plain[index] for index in kept[position : position + length]]
        times = 1
        while [plain[index] for index in kept[position + times * length : position + (times + 1) * length]] == phrase:
            times += 1
        if times > allowed and len(phrase) == length:
            result += kept[position : position + allowed * length]
            position += times * length
        else:
            result.append(kept[position])
            position += 1
    return result


def _plain(word: str) -> str:
    return word.strip().strip(".,;:!?…\"'।-").casefold()
