"""The review of systems: what the patient says they have, by its name, beside the story that the history tells.

A clinician looks for a symptom under its body system; the sentence in which it was told may stand anywhere, or be one
that cannot be retold. Only what somebody says plainly is named: nothing denied, doubted, conditional, long ago, of
somebody else, or of what a medicine may do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from auscult.domain.ids import TurnId
from auscult.domain.transcript import Speaker
from auscult.engines.writer.completeness import stem
from auscult.engines.writer.offline.complaints import complaints_in
from auscult.engines.writer.offline.items import Item
from auscult.engines.writer.offline.person import lower_first
from auscult.engines.writer.offline.sentences import Sentence
from auscult.knowledge.body_systems import system_of
from auscult.knowledge.findings import terms_in

_NOT_PLAIN: Final = re.compile(
    r"\b(?:no|not|nor|nothing|never|none|without|wish|hope|study|doing a|any|if|unless|might|may|could|would"
    r"|should|maybe|perhaps|worried|afraid|scared"
    r"|concerned|think|thought|wonder|used to|was a kid|years? ago|as a (?:kid|child|teen\w*)|when i was|last year"
    r"|growing up|history|last time|before|gone|resolved|went away|better|stopped|used|until|side effects?"
    r"|he|she|they|his|her|their|who|mother|father|mom|mum|dad|brother|sister|wife|husband|son|daughter|parents?|kids?"
    r"|grand\w+|uncle|aunt|cousin|friend|people|somebody|someone|everybody|everyone|like a|gave|gives?|makes?"
    r"|made)\b|n't\b|\?",
    re.IGNORECASE,
)
_SYMPTOM: Final = re.compile(
    r"^(?!.*\b(?:injur|evaluat|follow|exam|with|disease|fall|surgery|bite)).*\b(?:pains?|aches?|headaches?|swelling|numbness"
    r"|tingling|weakness|cough|fever|rash|nausea|vomiting|dizziness|shortness of breath|palpitations|fatigue"
    r"|diarrh?o?ea"
    r"|constipation|(?:difficulty|trouble|painful) \w+ing|throat|itching|bleeding|migraines?|stiffness|congestion)\b",
    re.IGNORECASE,
)
"""A chief complaint that is something felt, and no injury, illness or kind of visit."""
_HAS: Final = re.compile(
    r"\bi(?:'m|'ve|'d)?(?: (?:am|was|have|had|also|just|still|even|really|started|keep|kept|did|do|been|get|got|getting"
    r"|having|feel|felt|feeling|noticed|noticing|experiencing|experienced|suffering|from|to|very|so|too|more|quite|pretty"
    r"|kind|sort|of|developed|developing)){1,9} (?P<what>[^,;.]{1,80})",
    re.IGNORECASE,
)
"""What stands behind "I have", "I've been having", "I felt": a symptom elsewhere may be anybody's, or a medicine's."""
_INJURY: Final = re.compile(r"^(?P<part>(?:left |right )?[a-z]+) injury\.$", re.IGNORECASE)
_PAIN: Final = re.compile(r"\b(?:pain|painful|hurts|hurting|sore|aches?|aching)\b(?! sometimes\b)", re.IGNORECASE)
_BESIDE: Final = re.compile(r"\b(?:along with|associated with|with|during|besides|apart from)\b", re.IGNORECASE)
"""What stands behind one of these is there: "denies fever along with the headache"."""
_NAMED: Final = frozenset({"wound", "anxiety", "sprain", "chest infection", "lump"})
_LONGEST: Final = 40
_ARTICLE: Final = re.compile(r"^(?:an?|some|the|this|that) ", re.IGNORECASE)


def endorsed(said: Sequence[Sentence], items: Iterable[Item]) -> list[Item]:
    """One review item for each symptom that a patient plainly has and no review item of `items` tells of."""
    items = list(items)
    told = {
        stem(term)
        for item in items
        if item.kind == "review"
        for term in terms_in(_BESIDE.split(item.text)[0], "symptom")
    }
    found: dict[str, list[TurnId]] = {}
    for item in items:
        if item.kind == "complaint" and _SYMPTOM.search(item.text) and system_of(item.text):
            found[lower_first(item.text.rstrip("."))] = list(item.turn_ids)
        injury = _INJURY.match(item.text) if item.kind == "complaint" else None
        hurts = next((one for one in said if injury and _hurts(one, injury["part"])), None)
        if injury and hurts is not None:
            found[f"{injury['part'].lower()} pain"] = [*item.turn_ids, hurts.turn_id]
    for one in said:
        if one.speaker is not Speaker.PATIENT or one.question or len(one.text.split()) > _LONGEST:
            continue
        if _NOT_PLAIN.search(one.text):
            continue
        for name in complaints_in(" ".join(match["what"] for match in _HAS.finditer(one.text))):
            if terms_in(name, "symptom") and system_of(name) and name.split()[-1] not in _NAMED:
                bare = _ARTICLE.sub("", name)
                known = next((other for other in found if _ARTICLE.sub("", other) == bare), name)
                found.setdefault(known, []).append(one.turn_id)
    kept = {name: turns for name, turns in found.items() if not ({stem(t) for t in terms_in(name, "symptom")} <= told)}
    by_patient = {one.turn_id for one in said if one.speaker is Speaker.PATIENT}
    return [
        Item(
            "review",
            f"{'Reports' if by_patient & set(turns) else 'Positive for'} {name}.",  # nobody reports what another said
            tuple(dict.fromkeys(turns)),
        )
        for name, turns in kept.items()
    ]


def _hurts(one: Sentence, part: str) -> bool:
    """True where a patient plainly says that it hurts, and speaks of no other part of the body than this."""
    if one.speaker is not Speaker.PATIENT or one.question or not _PAIN.search(one.text) or _NOT_PLAIN.search(one.text):
        return False
    return set(terms_in(one.text, "body")) <= set(terms_in(part, "body"))
