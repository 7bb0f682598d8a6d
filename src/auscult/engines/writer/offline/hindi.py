"""Reads the Hindi of a consultation, in either script and mixed with English, into English statements.

`read_hindi` takes a transcript, reads the sentences that are Hindi (`hindi_sentences`), and gives back what it
understood together with the transcript of the rest, for the reader of English. The patient's clauses are read in
`hindi_clauses` and retold in `hindi_telling`; the clinician is read in `hindi_clinician`; medicines in `hindi_dose`.
What is not surely understood is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from auscult.domain.evidence import Polarity
from auscult.domain.transcript import Speaker, Transcript
from auscult.engines.writer.offline import hindi_clinician, hindi_dose, hindi_telling
from auscult.engines.writer.offline.grouping import Cue
from auscult.engines.writer.offline.heard_medicine import Heard
from auscult.engines.writer.offline.hindi_clauses import Clause, Found, clauses, span
from auscult.engines.writer.offline.hindi_sentences import Divided, Said, divide
from auscult.engines.writer.offline.hindi_telling import Allergy, Told
from auscult.engines.writer.offline.items import Item
from auscult.engines.writer.offline.person import sentence
from auscult.knowledge.hindi import FINDINGS, Token, find_all, keys, mentions_any
from auscult.knowledge.medicine_names_hi import names_in

_SINCE: Final = Token("since", 0, 0)


@dataclass(frozen=True, slots=True)
class HindiReading:
    """What was understood of the Hindi of a consultation, and what is left for the reader of English."""

    items: tuple[Item, ...]
    """Statements in the order they were said, without those of `medicines`."""
    medicines: tuple[Heard, ...]
    allergens: tuple[str, ...]
    cues: tuple[Cue, ...]
    """Where the clinician begins to talk of a problem, and where no more."""
    divided: Divided
    """The sentences that were read here, the transcript without them, and where in the talk each stands."""

    @property
    def rest(self) -> Transcript:
        """The transcript without the sentences that were read here."""
        return self.divided.rest


def read_hindi(transcript: Transcript) -> HindiReading:
    """Read the Hindi of a transcript. Never raises; with no Hindi in it, `rest` is the transcript itself.

    A recogniser of demo quality knows no Hindi: what looks like it there is noise, and is left alone.
    """
    divided = Divided((), transcript, {}) if transcript.engine.demo_quality else divide(transcript)
    said = divided.hindi
    reader = _Reader()
    for place, one in enumerate(said):
        reader.read(one, said[place + 1] if place + 1 < len(said) else None)
    allergens = [name for one in reader.allergies if not one.negated for name in one.allergens]
    items = [one if isinstance(one, Item) else one.item for one in reader.told]
    allergic = tuple(dict.fromkeys(allergens))
    return HindiReading(tuple(_once(items)), tuple(reader.heard), allergic, tuple(reader.cues), divided)


def _once(items: Sequence[Item]) -> list[Item]:
    """The items, those said more than once as one with all its turns."""
    merged: dict[tuple[str, str], Item] = {}
    for item in items:
        before = merged.get((item.kind, item.text))
        turn_ids = tuple(dict.fromkeys([*(before.turn_ids if before else ()), *item.turn_ids]))
        merged[item.kind, item.text] = replace(before or item, turn_ids=turn_ids)
    return list(merged.values())


@dataclass
class _Asked:
    """Questions that wait for their answer."""

    questions: list[Said] = field(default_factory=list)

    @property
    def found(self) -> list[tuple[Found, Said]]:
        """The findings that were asked about, each with its question."""
        return [
            (one, question)
            for question in self.questions
            for clause in clauses(question)
            if clause.whole or clause.found
            for one in clause.found
        ]

    def about(self, *kinds: str) -> Said | None:
        """The last question with an entry of these kinds."""
        return next((one for one in reversed(self.questions) if mentions_any(one.words, *kinds)), None)


class _Reader:
    """Keeps the little that a sentence needs to know of those before it."""

    def __init__(self) -> None:
        self.told: list[Item | Told | Allergy] = []
        self.heard: list[Heard] = []
        self.allergies: list[Allergy] = []
        self.cues: list[Cue] = []
        self._asked = _Asked()
        self._asking_turn = ""
        self._last: Told | None = None
        self._open: list[Heard] = []
        self._turn = ""

    def read(self, said: Said, following: Said | None) -> None:
        """Take in one sentence."""
        if said.turn_id != self._turn:
            self._open, self._turn = [], said.turn_id
        told, heard = len(self.told), len(self.heard)
        if _by_clinician(said):
            self._clinician(said, following)
        else:
            self._patient(said)
        self.told[told:] = [
            replace(one, place=said.place) if isinstance(one, Item) else one for one in self.told[told:]
        ]
        for one in self.heard[heard:]:
            one.place = said.place

    def _clinician(self, said: Said, following: Said | None) -> None:
        if said.asked or _awaits_answer(said, following):
            if said.turn_id != self._asking_turn:
                self._asked = _Asked()
            self._asking_turn = said.turn_id
            self._asked.questions.append(said)
            return
        self._asked = _Asked()
        name = hindi_clinician.announced(said)
        if name:
            self.cues.append(Cue(said.place, said.turn_id, name))
        if self._medicines(said):
            self.told += hindi_clinician.impression(said)
            for plan in (hindi_clinician.tests, hindi_clinician.advice, hindi_clinician.follow_up):
                self.told += plan(said)
            return
        measured = hindi_clinician.vitals(said)
        found = [*hindi_clinician.results(said), *hindi_clinician.findings(said)]
        thought = [] if measured else hindi_clinician.impression(said)
        if (measured or found or said.has("check")) and not thought:
            self.cues.append(Cue(said.place, said.turn_id))  # the talk turns to the examination
        advised = [*hindi_clinician.advice(said), *hindi_clinician.follow_up(said)]
        self.told += [*measured, *found, *thought, *hindi_clinician.tests(said), *advised]
        if not (measured or found or thought or advised or self._directed(said)):
            unnamed = hindi_dose.unrecognised(said)
            self.told += [unnamed] if unnamed else []

    def _medicines(self, said: Said, *, asked: bool = False) -> bool:
        """Take the medicines that a sentence names; False when it names none to any purpose."""
        refused = hindi_dose.against(said)
        if refused:
            self.told.append(refused)
            return True
        found = hindi_dose.heard_in(said, asked_for_medicines=asked)
        self.heard += found
        self._open = found or self._open
        return bool(found)

    def _directed(self, said: Said) -> bool:
        """Directions in a sentence of their own belong to the one medicine named just before, in the same turn."""
        return len(self._open) == 1 and hindi_dose.extend(self._open[0], said)

    def _patient(self, said: Said) -> None:
        asked, self._asked = self._asked, _Asked()
        if said.text.endswith("?"):
            return
        if self._allergic(said, asked) or self._told_of_medicines(said, asked):
            return
        read = clauses(said)
        if asked.questions and self._answer(said, read, asked):
            return
        for clause in read:
            self._tell(clause, said, answers=bool(asked.questions))

    def _allergic(self, said: Said, asked: _Asked) -> bool:
        found = hindi_telling.allergy(said, asked.about("allergy"))
        if found is None:
            return said.has("allergy") or asked.about("allergy") is not None
        self.allergies.append(found)
        self.told.append(found)
        return True

    def _told_of_medicines(self, said: Said, asked: _Asked) -> bool:
        question = asked.about("medicine_word")
        if question is not None and not asked.found:
            if _reply(said) == "no" and not names_in(said.text):
                turns = (question.turn_id, said.turn_id)
                self.told.append(Item("taking", "Reports taking no medicines.", turns, Polarity.NEGATED))
                return True
            if self._medicines(said, asked=True):
                return True
            named = find_all(said.words, *FINDINGS)
            if _reply(said) == "yes" and len(named) == 1 and said.words[-1].key in {"ki", "ke", "."}:
                turns = (question.turn_id, said.turn_id)
                self.told.append(Item("taking", f"Takes medicine for {named[0].entry.english}.", turns))
                return True
        if names_in(said.text) and not said.has("kin", "third") and self._medicines(said):
            return True
        item = hindi_telling.medicine_for(said) or hindi_telling.medicine_taken(said)
        if item is not None:
            self.told.append(item)
        return item is not None or bool(names_in(said.text))

    def _answer(self, said: Said, read: list[Clause], asked: _Asked) -> bool:
        """Pair an answer with its question; False when it speaks for itself."""
        reply = _reply(said)
        own = [one for clause in read for one in clause.found]
        time = next((clause.time for clause in read if clause.time), "") or _bare_span(said)
        long = asked.about("howlong")
        if long is not None and time.startswith(("for ", "since ")) and not own and (asked.found or _bare(long)):
            self._since(asked.found, long, said, time)
            return True
        named = {one.entry.english for one in own}
        pairs = [(one, question) for one, question in asked.found if one.entry.english not in named]
        if not pairs or reply == "":
            return False
        if reply == "no" and own and "," not in said.keys and said.words[0].key != "no":
            return False
        if reply == "yes" and (own or len(asked.found) > 1):
            return False
        moment = next((clause.moment for clause in read if clause.moment), "")
        turn_ids = [*(question.turn_id for _one, question in pairs), said.turn_id]
        found = [one for one, _question in pairs]
        if reply == "no":
            if own and not _set_apart(said):
                return False
            self._keep(Told([Found(one.entry) for one in found], turn_ids, negated=True))
        else:
            degree = next((match.entry.english for match in find_all(said.words, "much")), "")
            if moment and degree == "severe":
                moment, degree = f"worse {moment}", ""  # "raat ko zyada"
            self._keep(Told([Found(found[0].entry, degree)], turn_ids, time=time, moment=moment))
        if own:
            for clause in read:
                self._tell(clause, said, answers=True)
        return True

    def _since(self, asked: Sequence[tuple[Found, Said]], question: Said, said: Said, time: str) -> None:
        """The answer to "kab se?": of what was asked about, or of what was told last."""
        found = [one for one, _question in asked]
        turn_ids = [question.turn_id, said.turn_id]
        last = self._last
        same = last is not None and (not found or {one.entry for one in found} == {one.entry for one in last.found})
        if last is not None and same and not last.negated and not last.kin:
            if not last.time:
                last.time = time
                last.turn_ids += turn_ids
        elif found:
            self._keep(Told(found, turn_ids, time=time))
        else:
            self.told.append(Item("history", sentence(f"Duration: {time.removeprefix('for ')}"), tuple(turn_ids)))

    def _tell(self, clause: Clause, said: Said, *, answers: bool) -> None:
        found = hindi_telling.told(clause, said, answers=answers)
        if found is not None:
            self._keep(found)

    def _keep(self, told: Told) -> None:
        self.told.append(told)
        self._last = told


def _by_clinician(said: Said) -> bool:
    """Who speaks; where nobody knows, whoever says "aapko" or orders is the clinician."""
    if said.speaker is not Speaker.UNKNOWN:
        return said.speaker is Speaker.CLINICIAN
    if said.has("myself"):
        return False
    ordered = bool(names_in(said.text)) and mentions_any(said.words, "take")
    return said.has("you") or said.asked or ordered or mentions_any(said.words, "advice", "come", "do_test")


def _awaits_answer(said: Said, following: Said | None) -> bool:
    """A question that was written down without its mark: another voice answers it with yes or no."""
    if following is None or following.turn_id == said.turn_id or not following.words:
        return False
    return following.words[0].key in keys("yes", "no") and any(clause.found for clause in clauses(said))


def _reply(said: Said) -> str:
    """`yes`, `no`, or nothing when the sentence does not begin with either."""
    words = [word.key for word in said.words if word.key.isalpha()]
    rest = [key for key in words if key not in keys("polite", "skip")]
    if any(key in keys("no") for key in words[:3]) and (words[0] in keys("no", "polite", "yes", "filler")):
        return "no"
    if rest and rest[0] in keys("be") and any(key in keys("no") for key in rest[:3]):
        return "no"
    if words and (words[0] in keys("yes") or (rest and rest[0] in keys("be", "much", "yes"))):
        return "yes"
    return "yes" if mentions_any(said.words[:2], "symptom_moment") else ""


def _set_apart(said: Said) -> bool:
    """True when the no is followed by a comma or a but: "nahi, khansi hai"."""
    marks = [word.key for word in said.words[1:4]]
    return "," in marks or any(key in keys("but") and key not in keys("skip") for key in marks)


def _bare(question: Said) -> bool:
    """True when a question asks of what was told last: "kab se hai?", but not "periods kab se hain?"."""
    known = keys("question", "be", "past", "skip", "polite", "you", "filler", "period", "from", "yes")
    return all(word.key in known | {"shuru", "time", "samay"} or not word.key.isalpha() for word in question.words)


def _bare_span(said: Said) -> str:
    """The span of an answer to "since when", which may be said without "se": "do din"."""
    for place in range(len(said.words) - 1):
        timed = span(said.words, place)
        if timed:
            return timed[0]
        if said.words[place].number:
            bare = span((_SINCE, *said.words[place : place + 2]), 0)
            if bare:
                return bare[0]
    return ""
