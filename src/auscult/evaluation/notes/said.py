"""What was said of a finding in given turns: read from statements, and from questions with their answers.

For a question of the clinician ("any chest pain?") the next turn of somebody else answers: with the finding itself, or
by how it begins (yes, no). For everything else `readings` reads the sentence. Unclear answers say nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from auscult.domain.evidence import Polarity
from auscult.domain.ids import TurnId
from auscult.domain.transcript import Speaker, Transcript, Turn
from auscult.evaluation.notes.readings import concepts_in, read, sentences, settled

_ASKS = re.compile(
    r"(?:^|\b(?:okay|alright|right|good|great|sure|well|um|uh|and|or|so|about|now),? )any\b"
    r"|\b(?:do|did|have|are|were|has|is|was|does|can|could|would) (?:you|he|she|it|they|there|the|your|that)\b"
    r"|\b(?:how about|what about|how is|how's|how are)\b"
)
LONGEST_QUESTION: Final = 25
"""Words. Speech without punctuation asks at its end: a question that begins further back was not waited on."""
_UNANSWERED = re.compile(r"(?:\S+\s*){1,12}")
_LEAD_IN = re.compile(r"^(?:(?:well|um+|uh|oh|so|okay|i mean|you know|like|hmm+|doctor|actually|and|then)\b[\s,.]*)+")
_NO = re.compile(
    r"(?:no|nope|nah|none|nothing|never|negative|not (?:really|at all|that|any|so far|recently|right now|yet)|uh-uh"
    r"|mm-mm|i (?:don't|haven't|didn't|do not|have not|did not|wouldn't))\b"
)
_YES = re.compile(
    r"(?:yes|yeah|yep|yup|yea|sure|correct|right|exactly|definitely|absolutely|mm-hmm|uh-huh|i do|i have|i did|i am"
    r"|i was|a little|a bit|some|sometimes|occasionally|it does|it is|it did)\b"
)


def polarities(transcript: Transcript, turn_ids: Iterable[TurnId], concept: str) -> set[Polarity]:
    """Everything that these turns say of a finding; empty when they do not speak of it or leave it open."""
    wanted = set(turn_ids)
    said: set[Polarity] = set()
    for place, turn in enumerate(transcript.turns):
        if turn.id in wanted:
            answer = next((one for one in transcript.turns[place + 1 :] if one.speaker is not turn.speaker), None)
            said |= _of_turn(turn, answer, concept)
    return said


def _of_turn(turn: Turn, answer: Turn | None, concept: str) -> set[Polarity]:
    said: set[Polarity] = set()
    for sentence in sentences(turn.text):
        told, asked = _parted(sentence) if turn.speaker is not Speaker.PATIENT else (sentence, "")
        reading = settled(read(told)).get(concept)
        if reading is not None:
            said.add(reading)
        if concept in concepts_in(asked) and answer is not None:
            replied = _replied(asked, answer.text, concept)
            if replied is not None:
                said.add(replied)
    return said


def _parted(sentence: str) -> tuple[str, str]:
    """What a sentence tells and what it asks: from where a question begins, or all of one that has but the mark."""
    begins = [match.start() for match in _ASKS.finditer(sentence)]
    if sentence.endswith("?"):
        place = begins[0] if begins else 0
    else:
        place = next((one for one in begins if len(sentence[one:].split()) <= LONGEST_QUESTION), len(sentence))
    told, start = "", 0
    for begin in begins:
        unanswered = _UNANSWERED.match(sentence, begin, place)
        if begin >= start and unanswered:
            told += sentence[start:begin] + ". "
            start = unanswered.end()
    return told + sentence[start:place], sentence[place:]


def _replied(asked: str, answer: str, concept: str) -> Polarity | None:
    own = settled(read(answer)).get(concept)
    if own is not None:
        return own
    begun = _LEAD_IN.sub("", next(iter(sentences(answer)), ""))
    if _NO.match(begun):
        return Polarity.NEGATED
    if _YES.match(begun):  # "no chest pain?" "yes": which of the two?
        return None if re.match(r"(?:and |so |okay )?no\b", asked) else Polarity.AFFIRMED
    return None
