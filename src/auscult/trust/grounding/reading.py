"""Reads a text for what it says is so and is not so: clauses, the scope of a negation, questions and their answers.

A negation reaches from its word to the end of its clause ("no fever, chills or cough, but I am tired"), as in NegEx
(Chapman et al. 2001, https://doi.org/10.1006/jbin.2001.1029), with the ends that speech has: "no fever and I ...".
Where the words can be meant both ways ("I can hardly walk"), the reading is `POSSIBLE`, which contradicts nothing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from auscult.domain.evidence import Polarity
from auscult.knowledge import synonyms
from auscult.knowledge.synonyms import Key

_TOKEN = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*|[.?!;:,\n]", re.UNICODE)
_COMMA: Final = ","
_ENDS: Final = frozenset(".?!;:\n")
_TURNING: Final = frozenset(("but", "however", "though", "although", "except", "because", "apart", "otherwise"))
_DENYING: Final = frozenset(
    (
        *("no", "not", "never", "none", "without", "nor", "neither", "nothing", "denies", "denied", "deny", "nil"),
        *("denying", "cannot", "nobody", "free", "absence", "hardly", "unable", "nahi", "nahin", "non"),
    )
)
_PARTLY: Final = frozenset(
    (
        *("can't", "cannot", "couldn't", "unable", "hardly", "difficulty", "trouble", "struggle", "struggling", "hard"),
        *(
            "reduced",
            "decreased",
            "poor",
            "less",
            "loss",
            "lack",
            "limited",
            "unsure",
            "uncertain",
            "avoid",
            "avoiding",
        ),
    )
)
"""Words after which something is so and not so at once: "trouble walking", "I can't reach", "poor appetite"."""
_PARTLY_NOT = re.compile(
    r"\bnot sure\b|n't (?:know|sure)\b|\bnot know\b|(?:n't|\bnot\b)(?: \w+){0,4} much\b|\b(?:be|is|are) avoided\b"
)
"""The same of a whole clause."""
_AFTERWARDS: Final = frozenset(("absent", "negative", "denied", "nil", "none", "unlikely", "excluded"))
_NOT_AFTERWARDS = re.compile(r"\b(?:is|are|was|were) not (?:suspected|present|seen|found|felt|heard|noted)\b")
_NOT_NEGATING = re.compile(
    r"\b(?:not only|no doubt|no wonder|no change|not sure|not just|no problem|no worries|don't worry|not certain"
    r"|why not|do not worry|don't know|do not know|if not|whether or not|or not|not too bad|no matter|no more than"
    r"|not more than|no longer than)\b"
)
_PRONOUNS: Final = frozenset(("i", "it", "my", "he", "she", "they", "we", "you", "there's"))
_SUBJECTS: Final = (_PRONOUNS - {"it", "my", "you"}) | {"it's", "that's", "which", "so"}
"""With one of these a new clause begins that a negation before it does not reach."""
_FARTHEST: Final = 12
"""Words that a negation reaches at most. Further on, in text without stops, it may or may not be meant."""
_THINKING: Final = frozenset(
    ("think", "thought", "believe", "feel", "know", "say", "that", "if", "when", "how", "as", "not")
)
_NO = re.compile(
    r"^(?:(?:oh|well|er|um|uh|hmm|ah|okay|so)\b[\s,.]*)*(?P<word>no|nope|nah|not really|not at all|none|never|nothing"
    r"|neither|not that i|i don't|i do n't|i haven't|i do not|i have not|i didn't|i've not)\b(?P<rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_YES = re.compile(
    r"^(?:(?:oh|well|er|um|uh|hmm|ah|okay|so)\b[\s,.]*)*(?:yes|yeah|yep|yup|ya|i do|i have|i am|i did|i can|correct"
    r"|of course|mm-hmm|uh-huh|definitely|that's right|right|absolutely|sure)\b",
    re.IGNORECASE,
)
_OWN_NOUN = re.compile(
    r"^\s+(?!no\b|not\b|nothing\b|none\b|never\b|i\b|i'm\b|i've\b|it\b|that\b|just\b)[a-z]", re.IGNORECASE
)
"""After a "no" that denies the next word alone: "No bleeding. A few cramps"."""
_PARTICLE = re.compile(r"^\s*(?:no|nope|nah)\s*(?=[,.!;]|$|\s+(?:i|i'm|i've|it|that|no)\b)[\s,.!;]*", re.IGNORECASE)
"""A "no" that answers, and denies nothing of what comes after it."""
_ASKING = re.compile(
    r"\b(?:any|(?:do|does|did|have|has|had|are|is|was|were|can|could|would|will)(?: n't|n't)?"
    r" (?:you|it|that|this|there|he|she|they|your|the|any)|(?:how|what|when|where|which|who)(?:'s| is| are| do"
    r"| did| about| long| much| many| often| brings?| has| have))\b",
    re.IGNORECASE,
)
"""How a question begins, where the recogniser set no mark."""
_LAST_WORDS: Final = 25
"""Words at the end of a turn without a mark in which its question begins."""
_OF_ANOTHER = re.compile(
    r"\b(?:my|his|her|their|the)\s+(?:mum|mom|mother|dad|father|sister|brother|aunt|auntie|uncle|cousin|neighbou?r"
    r"|friend|grandmother|grandfather|gran|grandma|grandpa|nana)(?:'s)?\s+(?:has|had|have|takes|took|got|gets|is on"
    r"|was on|uses|used|suffers|died|is|was)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Clause:
    """Stems in order, each with what the text says of it. `asked` in a question; `another` of somebody else."""

    stems: Key
    polarities: tuple[Polarity, ...]
    asked: bool = False
    another: bool = False


@dataclass(frozen=True, slots=True)
class Mention:
    """One place where something is said."""

    polarity: Polarity
    asked: bool
    another: bool


class Reading:
    """Clauses, and where in them a word or a thing is told of."""

    def __init__(self, clauses: Sequence[Clause]) -> None:
        self.clauses = tuple(clauses)

    @classmethod
    def joined(cls, parts: Iterable[Reading]) -> Reading:
        """Several readings as one."""
        return cls([clause for part in parts for clause in part.clauses])

    @cached_property
    def of_stems(self) -> Mapping[str, list[Mention]]:
        """Every word's mentions."""
        found: dict[str, list[Mention]] = defaultdict(list)
        for clause in self.clauses:
            for stem, polarity in zip(clause.stems, clause.polarities, strict=True):
                found[stem].append(Mention(polarity, clause.asked, clause.another))
        return found

    @cached_property
    def of_concepts(self) -> Mapping[str, list[Mention]]:
        """Every concept's mentions by one of its terms."""
        found: dict[str, list[Mention]] = defaultdict(list)
        terms, longest = synonyms.terms(), synonyms.longest()
        for clause in self.clauses:
            for start in range(len(clause.stems)):
                for end in range(start + 1, min(len(clause.stems), start + longest) + 1):
                    term = terms.get(clause.stems[start:end])
                    if term is not None:
                        polarity = clause.polarities[start]
                        polarity = _opposite(polarity) if term.denies else polarity
                        for concept in term.concepts | term.broader:
                            found[concept].append(Mention(polarity, clause.asked, clause.another))
        return found

    def apart(self, concept: str) -> list[Mention]:
        """The mentions of a concept whose term's words stand apart: "burns" and "pee" of "burns when I pee"."""
        framing = synonyms.framing()
        found: list[Mention] = []
        for wording in synonyms.wordings(concept):
            content = [stem for stem in wording if stem not in framing]
            needed = content if len(content) > 1 else wording
            for clause in self.clauses:
                if set(needed) <= set(clause.stems):
                    place = min(clause.stems.index(stem) for stem in needed)
                    found.append(Mention(clause.polarities[place], clause.asked, clause.another))
        return found


def _opposite(polarity: Polarity) -> Polarity:
    if polarity is Polarity.AFFIRMED:
        return Polarity.NEGATED
    return Polarity.AFFIRMED if polarity is Polarity.NEGATED else polarity


def asks(text: str) -> bool:
    """True when a turn ends in a question, or in what may be one that the recogniser gave no mark."""
    return text.rstrip().endswith("?") or _question(text) is not None


def _question(text: str) -> int | None:
    """Where the last question of a turn begins that has no mark; None when it ends in a sentence with a stop."""
    if text.rstrip().endswith("."):
        return None
    starts = [match.start() for match in _ASKING.finditer(text)]
    starts = [start for start in starts if len(text[start:].split()) <= _LAST_WORDS]
    return min(starts, default=None)


def answer_to(text: str) -> Polarity:
    """Whether an answer says yes or no to all that was asked; `POSSIBLE` when it says neither."""
    text = synonyms.unsplit(text.strip())
    match = _NO.match(text)
    if match:
        own = match["word"].lower() == "no" and _OWN_NOUN.match(match["rest"])
        return Polarity.POSSIBLE if own else Polarity.NEGATED
    return Polarity.AFFIRMED if _YES.match(text) else Polarity.POSSIBLE


def read(text: str, *, answered: Polarity | None = None) -> Reading:
    """Read a text. `answered` is what the answer says, where the text is somebody's turn that ends in a question."""
    text = synonyms.unsplit(text).replace("\u2019", "'")
    text = _PARTICLE.sub("", text) or text
    unmarked = _question(text) if answered is not None else None
    parts = [(text, False)] if unmarked is None else [(text[:unmarked], False), (text[unmarked:], True)]
    clauses: list[Clause] = []
    for part, asked in parts:
        for sentence in re.split(r"(?<=[.?!\n])\s+", part):
            clauses += _read_sentence(sentence, answered, asked=asked or sentence.rstrip().endswith("?"))
    return Reading(clauses)


def _read_sentence(sentence: str, answered: Polarity | None, *, asked: bool) -> Iterator[Clause]:
    for words in _clauses(sentence):
        polarities = _polarities(words)
        if asked:
            polarities = _resolved(polarities, answered, of_several="or" in words)
        stems = tuple(synonyms.stem(word) for word in words)
        yield Clause(stems, tuple(polarities), asked, _OF_ANOTHER.search(" ".join(words)) is not None)


def _resolved(polarities: Sequence[Polarity], answered: Polarity | None, *, of_several: bool) -> list[Polarity]:
    """What a question and its answer say together. A yes to one of several things does not say which."""
    if answered is Polarity.NEGATED:
        return [Polarity.NEGATED] * len(polarities)
    if answered is Polarity.AFFIRMED and not of_several and Polarity.NEGATED not in polarities:
        return list(polarities)
    return [Polarity.POSSIBLE] * len(polarities)


def _clauses(sentence: str) -> Iterator[list[str]]:
    """The words of each clause, in lower case."""
    tokens = [match.group().lower() for match in _TOKEN.finditer(sentence)]
    clause: list[str] = []
    for place, token in enumerate(tokens):
        if token in _ENDS or token in _TURNING:
            if clause:
                yield clause
            clause = []
        elif token == _COMMA:
            following = tokens[place + 1 : place + 3]
            if following and (
                _is_one(following[0], _PRONOUNS)
                or (following[0] in {"and", "so", "just"} and any(_is_one(one, _PRONOUNS) for one in following[1:]))
            ):
                if clause:
                    yield clause
                clause = []
        elif _is_one(token, _PRONOUNS) and clause and clause[-1] == "and":
            yield clause
            clause = [token]
        else:
            clause.append(token)
    if clause:
        yield clause


def _is_one(word: str, pronouns: frozenset[str]) -> bool:
    """True for a pronoun, also with its verb: "I'll"."""
    return word in pronouns or ("'" in word and word.partition("'")[0] in pronouns)


def _polarities(words: Sequence[str]) -> list[Polarity]:
    """What the clause says of each of its words."""
    text = " ".join(words)
    if _NOT_AFTERWARDS.search(text):
        return [Polarity.NEGATED] * len(words)
    if _PARTLY_NOT.search(text):
        return [Polarity.POSSIBLE] * len(words)
    spared = {
        place
        for match in _NOT_NEGATING.finditer(text)
        for place in range(text[: match.start()].count(" "), text[: match.end()].count(" ") + 1)
    }
    polarities: list[Polarity] = []
    current = Polarity.AFFIRMED
    since = 0
    for place, word in enumerate(words):
        if _is_one(word, _SUBJECTS) and place and words[place - 1] not in _THINKING:
            current = Polarity.AFFIRMED
        polarities.append(current if place - since <= _FARTHEST or current is Polarity.AFFIRMED else Polarity.POSSIBLE)
        if place in spared:
            continue
        if word in _PARTLY:
            current, since = Polarity.POSSIBLE, place
        elif word in _DENYING or word.endswith("n't"):
            current, since = Polarity.NEGATED, place
        elif word in _AFTERWARDS and word == words[-1]:
            polarities = [Polarity.NEGATED] * len(polarities)
    return polarities
