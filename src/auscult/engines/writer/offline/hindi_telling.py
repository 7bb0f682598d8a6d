"""What a patient tells in Hindi, as English statements: "Reports…", "Denies…", "Allergic to…"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from auscult.domain.evidence import Polarity
from auscult.domain.ids import TurnId
from auscult.engines.writer.offline.hindi_clauses import Clause, Found
from auscult.engines.writer.offline.hindi_sentences import Said
from auscult.engines.writer.offline.items import Item
from auscult.engines.writer.offline.person import sentence
from auscult.knowledge.hindi import FINDINGS, Token, countable, find, find_all, keys, mentions_any
from auscult.knowledge.medicine_names_hi import names_in

_STATES: Final = {
    "is not settling": "persisting",
    "is getting worse": "worsening",
    "has settled": "having recovered from",
    "has eased": "improvement in",
}


_REACTIONS: Final = frozenset({"rash", "itching", "itching all over", "hives", "swelling", "facial swelling"})


@dataclass
class Told:
    """A statement about findings, which a later answer may complete: "bukhar hai", "kab se?", "do din se"."""

    found: list[Found]
    turn_ids: list[TurnId]
    negated: bool = False
    time: str = ""
    moment: str = ""
    past: bool = False
    state: str = ""
    kin: str = ""

    @property
    def item(self) -> Item:
        """Its statement."""
        terms = [one.term if self.negated or self.state else _with_article(one) for one in self.found]
        names = listed(terms, "or" if self.negated else "and")
        had = "having had " if self.past else ""
        moment = f", {self.moment}" if self.moment.startswith("worse") else self.moment
        tail = " ".join(filter(None, (moment, self.time)))
        if self.kin:
            verb = "had" if self.past else "has"
            text = f"Reports that their {self.kin} {'does not have' if self.negated else verb} {names} {tail}"
        elif self.negated:
            text = f"Denies {had}{names} {tail}"
        elif self.state:
            text = f"Reports {_STATES[self.state]} {names} {tail}"
        else:
            text = f"Reports {had}{names} {tail}"
        polarity = Polarity.NEGATED if self.negated else Polarity.AFFIRMED
        text = text.replace(" , ", ", ")
        return Item("history", sentence(text), tuple(dict.fromkeys(self.turn_ids)), polarity)


@dataclass
class Allergy:
    """What the patient is allergic to, or that there is nothing."""

    allergens: list[str]
    turn_ids: list[TurnId]
    negated: bool = False
    of_medicines: bool = False
    reaction: list[str] = field(default_factory=list)
    called: bool = True
    """False for a reaction that nobody called an allergy."""

    @property
    def item(self) -> Item:
        """Its statement."""
        names = listed(self.allergens, "or" if self.negated else "and")
        if self.negated:
            whose = f" to {names}" if names else " to medicines" if self.of_medicines else ""
            text, polarity = f"Reports no allergies{whose}", Polarity.NEGATED
        elif not self.called:
            text, polarity = f"Reports {listed(self.reaction, 'and')} with {names}", Polarity.AFFIRMED
        else:
            text, polarity = f"Allergic to {names}", Polarity.AFFIRMED
            text += f": {listed(self.reaction, 'and')}" if self.reaction else ""
        return Item("allergy", sentence(text), tuple(dict.fromkeys(self.turn_ids)), polarity)


def listed(names: Sequence[str], word: str) -> str:
    """The names as a list: "a, b and c"."""
    names = list(dict.fromkeys(names))
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {word} {names[-1]}"


def told(clause: Clause, said: Said, *, answers: bool) -> Told | None:
    """The statement of a clause; None when it tells of no finding, or not surely. `answers`: a question came before."""
    if not clause.found or not clause.whole or clause.doubts - {"kin"} or clause.joined_by_or > clause.negated:
        return None
    if (clause.negated and clause.without) or (clause.led_by_no and not clause.negated):
        return None
    short = len(said.words) <= 6
    if not (clause.verb or clause.negated or clause.without or clause.state or clause.time or answers or short):
        return None
    if mentions_any(said.words, "seems") and any(one.entry.kind == "condition" for one in clause.found):
        return None  # what a patient thinks that it is
    kin = _kin(said) if "kin" in clause.doubts else ""
    if "kin" in clause.doubts and not kin:
        return None
    negated = (clause.negated or clause.without) and not clause.state
    if clause.negated and clause.state.startswith("has"):
        return None
    return Told(
        clause.found,
        [said.turn_id],
        negated=negated,
        time=clause.time if not _out_of_place(clause) else "",
        moment=clause.moment,
        past=clause.past,
        state=clause.state,
        kin=kin,
    )


def _out_of_place(clause: Clause) -> bool:
    """A bare "yesterday" belongs to what is over: with a present verb it is not understood."""
    return clause.time in {"yesterday", "last night"} and not (clause.past or clause.verb)


def _kin(said: Said) -> str:
    """Whose illness is told of, when exactly one relative is named."""
    named = list(dict.fromkeys(match.entry.english for match in find_all(said.words, "kin")))
    return named[0] if len(named) == 1 else ""


def allergy(said: Said, asked: Said | None) -> Allergy | None:
    """The allergy of a sentence; `asked` is a question about allergies that it answers."""
    if said.has("if", "third", "kin", "uncertain"):
        return None
    if not (said.has("allergy") or asked):
        return _reaction(said)
    turn_ids = [*([asked.turn_id] if asked else []), said.turn_id]
    negated = said.has("negation", "no")
    names = [name.name for name in names_in(said.text)]
    names += [match.entry.english for match in find_all(said.words, "allergen") if match.entry.english not in names]
    names = [name for name in names if not (name == "painkillers" and len(names) > 1)]
    if negated:
        words = [*said.words, *(asked.words if asked else ())]
        if names and said.has("yes") and not said.has("allergy"):
            return None
        return Allergy(names, turn_ids, negated=True, of_medicines=mentions_any(words, "medicine_word"))
    if not names or (asked and not said.has("allergy", "yes", "from")):
        return None
    reaction = [match.entry.english for match in find_all(said.words, *FINDINGS) if match.entry.kind == "symptom"]
    return Allergy(names, turn_ids, reaction=reaction)


def _with_article(found: Found) -> str:
    return f"a {found.term}" if found.entry.english in countable() else found.term


def not_done(words: Sequence[Token]) -> bool:
    """True when it is the taking that is denied: "nahi li", "mat lijiye", not "li, par aaram nahi mila"."""
    for place, word in enumerate(words):
        if word.key not in keys("negation", "without"):
            continue
        beside = [at for at in (place + 1, place - 1, place - 2) if 0 <= at < len(words)]
        if any((match := find(words, at, "taking", "took", "take")) and match.last != at for at in beside):
            return True
    return False


def _reaction(said: Said) -> Allergy | None:
    """A reaction that nobody called an allergy: "Augmentin se daane nikle the", told as it was said."""
    names = names_in(said.text)
    if len(names) != 1 or said.has("negation") or not said.has("past", "be"):
        return None
    after = [word for word in said.words if word.start >= names[0].end]
    what = [match.entry.english for match in find_all(after, "symptom") if match.entry.english in _REACTIONS]
    if not what or after[0].key not in keys("from"):
        return None
    return Allergy([names[0].name], [said.turn_id], reaction=what, called=False)


def medicine_for(said: Said) -> Item | None:
    """A medicine without its name, taken for something: "sugar ki dawa leta hoon"."""
    if said.has("negation", "kin", "third", "if", "stop") or not mentions_any(said.words, "taking"):
        return None
    for match in find_all(said.words, *FINDINGS):
        following = {word.key for word in said.words[match.last : match.last + 2]}
        if following & keys("medicine_word"):
            return Item("taking", sentence(f"Takes medicine for {match.entry.english}"), (said.turn_id,))
    return None


def medicine_taken(said: Said) -> Item | None:
    """What was taken once, before the visit: "Dolo li thi"."""
    names = [name.name for name in names_in(said.text)]
    if not names or not_done(said.words) or said.has("kin", "if", "allergy") or not mentions_any(said.words, "took"):
        return None
    return Item("taking", sentence(f"Reports having taken {listed(names, 'and')}"), (said.turn_id,))
