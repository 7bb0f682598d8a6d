"""What was taken for a plan, once more: history, comfort and talk of the visit are none; an order reads as one."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from auscult.engines.writer.offline.items import Item
from auscult.engines.writer.offline.person import sentence

_LONGEST_TALK: Final = 14
"""Words of a sentence about the visit itself; in a longer one the recogniser ran it into something else."""
_DICTATED: Final = re.compile(
    r"\b(?:is|\w+'s) (?:an? )?(?:very |pleasant )*\d+ ?[ -]years?[ -]old\b|\b\d+ ?[ -]year[ -]old (?:\w+ )?(?:male"
    r"|female|man"
    r"|woman|gentleman|lady|boy|girl|patient)\b",
    re.IGNORECASE,
)
"""How a clinician introduces the patient to a recorder."""
_OF_THE_VISIT: Final = re.compile(
    r"^(?:will|to|advised to|advised:) (?:(?:also|just|then|quickly|always|go(?: and)?|have to|take a second to) )*"
    r"(?:check out (?:their|the|your)\b|(?:take|have) (?:a |another )?(?:quick |little )?(?:look|listen|peek)"
    r"|look(?: here)? at|took at"
    r"|listen\b|push on|pull on"
    r"|press\b|do (?:a|an|my|the|their|our) (?:quick )?(?:physical )?exam|examine\b"
    r"|talk (?:a )?(?:little )?(?:bit )?(?:about|with)"
    r"|start (?:with|by)|move on|say\b|review (?:the|their|your|those|some)\b|check (?:they|them|you) out"
    r"|hit (?:pause|stop)"
    r"|go see|be (?:right )?back|see (?:how|what|if)|ask\b|explain|make sure (?:they|the patient)|get (?:them"
    r"|you|they) discharged|just repeat it)"
    r"|^the nurse (?:will|is going to)\b|\bnurse will (?:come|be)\b"
    r"|\b(?:will|should|going to|'ll) (?:do|be) (?:just )?(?:fine|great|okay|ok|alright|all right)\b"
    r"|^(?:next patient|new patient visit|next paragraph|assessment and plan|the next one is)\b",
    re.IGNORECASE,
)
"""What is said of the visit itself, and to reassure: no order, and no advice."""
_STATE: Final = re.compile(
    r"^it (?:appears|seems|is thought) that (?:this|it|that|the patient|they)\b(?!.*\b(?:should|needs?)\b)"
    r"|^(?:it (?:appears|seems|is thought|sounds like) (?:that |like )?)?(?:the patient|they|he|she)(?: is| are"
    r"|'re|'s| seems? to be)"
    r" (?:doing|retaining|managing|stable|tolerating|controlled|improving|well)\b"
    r"|^(?:it (?:appears|is thought) that )?(?:their|the) [\w' ]{3,40} (?:is|are|seems?|looks?|sounds?)(?: to be)?"
    r" (?:\w+ )?(?:controlled|stable|under control|out of control|well managed|improving|doing (?:well|good|great))\b",
    re.IGNORECASE,
)
"""How a problem stands: this belongs to the assessment."""
_ORDERED: Final = re.compile(
    r"^(?:Will|To) (?:also |then |now )?(?P<verb>order|refer|repeat|recheck|prescribe|increase|decrease|start"
    r"|stop|continue|schedule"
    r"|monitor|obtain)(?: (?:they|them|him|her)(?: on| back)?(?=\s))?(?: another order for)? (?P<rest>.+)$",
    re.IGNORECASE,
)


def fitted(item: Item) -> Item | None:
    """The item as what it is, where it was taken for a plan and is none; None for what no note tells."""
    if item.kind in {"plan", "impression", "result", "examination"} and _DICTATED.search(item.text):
        return replace(item, kind="history", short="")
    talk = (item.kind == "plan" or item.text.startswith("Will ")) and _OF_THE_VISIT.search(item.text)
    if talk and len(item.text.split()) <= _LONGEST_TALK:
        return None
    if item.kind in {"plan", "impression"}:
        item = replace(item, text=spelt(item.text), short=spelt(item.short))
    if item.kind != "plan":
        return item
    if _STATE.match(item.text):
        return replace(item, kind="impression")
    return replace(item, text=_as_order(item.text))


_LETTERS: Final = re.compile(
    r"\b(?:mri|ct|ekg|ecg|eeg|emg|egd|cbc|bmp|cmp|psa|tsh|copd|chf|cad|mcl|acl|gerd|uti|dvt|tia|ibs|bph|adhd|pcos|a1c)\b"
)
"""Abbreviations that a recogniser writes in small letters."""


def spelt(text: str) -> str:
    """The text with abbreviations in capitals, as they are written ("MRI")."""
    letters = _LETTERS.sub(lambda match: match[0].upper(), text)
    return re.sub(r"^(?:Mri|Ct|Ekg|Ecg|Copd|Chf|Mcl|Acl|Gerd|Uti|Dvt)\b", lambda match: match[0].upper(), letters)


def _as_order(text: str) -> str:
    """What will be done, as a clinician writes it: "Will order an MRI" is "Order an MRI"."""
    if text.startswith("Will no "):
        return f"Advised: {text.removeprefix('Will ')}"
    match = _ORDERED.match(text)
    if match is None or re.search(r"\b(?:they|and see|if|when|to see)\b", match["rest"], re.IGNORECASE):
        return text
    rest = re.sub(r"\bof their\b", "of the", match["rest"], flags=re.IGNORECASE)
    return sentence(f"{match['verb']} {rest}")
