"""How often, when and for how long: the part of directions that is about time."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from auscult.domain.evidence import Flag
from auscult.knowledge import doses
from auscult.knowledge.medicine_lines.cautions import flag
from auscult.knowledge.medicine_lines.stretch import Stretch

_SLOT: Final = r"(?:[1-9]?\d?\d|\d?[½¼¾]|1/2|1/4|3/4|\d\.\d+|x|X)"
_DASH: Final = r"\s*(?:-{1,3}|\+)\s*"
_SLOTS: Final = re.compile(
    rf"(?<![\w.,/½+-])({_SLOT}){_DASH}({_SLOT}){_DASH}({_SLOT})(?:{_DASH}({_SLOT}))?(?![½/.]?\d|[½+/-])"
    r"(\s*(?:tablets?|tabs?|caps(?:ules?)?|units?|ml|puffs?|drops?|iu|u)\b)?",
    re.IGNORECASE,
)
_THREE: Final = ("in the morning", "at noon", "at night")
_FOUR: Final = ("in the morning", "at noon", "in the evening", "at night")
_FRACTION: Final = re.compile(
    r"(?:(?<!\w)(?:x|for)\s*|(?<![\d.,/\w]))(\d{1,3})\s?/\s?(7|52|12)(?![\d./]|\s*(?:mg|mcg|g|ml|mm|%|days))",
    re.IGNORECASE,
)
_PERIODS: Final = {"7": "day", "52": "week", "12": "month"}
_COUNT: Final = r"(?P<number>\d{1,3})(?:\s*(?:to|or|-)\s*(?P<most>\d{1,3}))?"
_DURATION: Final = (
    re.compile(
        rf"\b(?:for|x)\s*(?:the next |another |next |about )?(?:{_COUNT}|(?P<one>a)(?=\s))\s*(?:more )?"
        r"(?P<unit>d|w|m|days?|weeks?|months?|years?)\b",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?<![\d.,/\w-]){_COUNT}[\s-]*(?P<unit>days?|weeks?|months?|years?)\b(?:\s+course)?(?! hours?)", re.IGNORECASE
    ),
)
_OPEN_END: Final = re.compile(
    r"\b(?:until|till) (?:they are |it is |all )?(?:finished|gone|over|complete[d]?|better|review|next visit)\b"
    r"|\blong[ -]term\b|\blife[ -]?long\b|\bto continue\b|\bongoing\b",
    re.IGNORECASE,
)
_LETTER: Final = {"d": "day", "w": "week", "m": "month"}
_LIMIT: Final = re.compile(
    r"\b(?:max(?:imum)?\.?|not more than|no more than|up to)\s*(?:of\s+)?\d+(?:\.\d+)?\s*"
    r"(?:tablets?|tabs?|caps(?:ules?)?|doses?|puffs?|mg|g|times|x)?\s*"
    r"(?:(?:/|per|in|a|each)\s*(?:a\s+)?(?:day|24\s?h(?:ou)?rs?|24\s?h)|daily)",
    re.IGNORECASE,
)
_WEEKDAY: Final = r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?|(?:mon|tue|wed|thu|thur|fri|sat|sun)\b"
_DAY_NAME: Final = re.compile(rf"\b(?:{_WEEKDAY})")
_WEEKLY: Final = re.compile(
    rf"\b(?:(?:once|twice|\d+ times) )?(?:a week|weekly|every week|per week)"
    rf"(?:,?\s*(?:on |every )?(?:{_WEEKDAY})(?:\s*(?:,|and|&)\s*(?:{_WEEKDAY}))*)"
    rf"|\b(?:on|every) (?:{_WEEKDAY})(?:\s*(?:,|and|&)\s*(?:{_WEEKDAY}))*",
    re.IGNORECASE,
)
_MORE_FREQUENCIES: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?:once|twice|thrice|\d+ times)\s+(?:in a|in the|every|each|per|a) (?:day|night|week|month|fortnight)\b",
        r"\bonce in \d+ (?:days|weeks|months)\b|\bonce every \d+ (?:days|weeks|months)\b",
        r"\bevery \d+(?: to \d+| ?- ?\d+| or \d+)? (?:hours?|hourly|days?|weeks?|months?|minutes)\b",
        r"\bevery (?:hour|fortnight|month|alternate day|4 to 6 hours)\b|\bhourly\b",
        r"\bfortnightly\b|\bmonthly\b|\bnightly\b|\byearly\b",
        r"\bimmediately\b",
    )
)
_PART_OF_DAY: Final = (
    r"(?:in the (?:morning|afternoon|evening)s?|at (?:noon|night|nights|bedtime|midday|lunchtime)|before bed(?:time)?"
    r"|at bed ?time|every (?:morning|evening|night)|morning and evening)"
)
_PARTS: Final = re.compile(rf"\b{_PART_OF_DAY}(?:(?:\s*(?:,|and|&|\+)\s*|\s+){_PART_OF_DAY})*\b", re.IGNORECASE)
_ONE_PART: Final = re.compile(_PART_OF_DAY, re.IGNORECASE)
_MORE_TIMING: Final = re.compile(
    r"(?<![\w/])(?:(?:(?:half an|an|1/2|½|\d+)\s?(?:minutes|hours?) )?(?:with|before|after) "
    r"(?:the |your )?(?:food|(?:evening |morning |main )?meals?|breakfast|lunch|dinner|milk|water)"
    r"|on (?:an )?empty stomach|empty stomach|with plenty of water)\b",
    re.IGNORECASE,
)


@dataclass
class Schedule:
    """Fields about time, and the doubts among them."""

    frequency: str = ""
    timing: str = ""
    duration: str = ""
    sure: bool = False
    """True when slots were written: nothing but a medicine has them."""
    flags: list[Flag] = field(default_factory=list)


def take_schedule(words: Stretch) -> Schedule:
    """Take how often, when and how long out of the words."""
    slots = words.take_all(_SLOTS)
    limits = [_plain(match[0]) for match in words.take_all(_LIMIT)]
    often: list[tuple[int, str]] = []
    for pattern in (_WEEKLY, *_MORE_FREQUENCIES):
        often += [(match.start(), _plain(match[0])) for match in words.take_all(pattern)]
    timing = [_plain(match[0]) for match in words.take_all(_MORE_TIMING)]
    parts = _parts(words)
    for pattern in doses.FREQUENCY:
        often += [(match.start(), _plain(match[0])) for match in words.take_all(pattern)]
    lasting = _durations(words)
    duration = " or ".join(lasting)
    timing += [_plain(match[0]) for match in words.take_all(doses.TIMING)]
    stated = list(dict.fromkeys(text for _place, text in sorted(often)))
    shown = list(dict.fromkeys(_slots(match) for match in slots))
    several = len(shown) > 1
    shown += stated
    if not shown and parts:
        shown, parts = [_listed(parts)], []
    frequency = ", ".join(shown + limits)
    schedule = Schedule(frequency, ", ".join(dict.fromkeys(parts + timing)), duration, sure=bool(slots))
    if len(lasting) > 1:
        schedule.flags.append(flag("two_durations", " and ".join(lasting)))
    per_day = {_per_day(text) for text in stated} | {_taken_slots(match) for match in slots}
    if several or len(per_day - {""}) > 1:
        schedule.flags.append(flag("frequencies_differ", "; ".join(shown)))
    return schedule


def _parts(words: Stretch) -> list[str]:
    found = [part[0] for match in words.take_all(_PARTS) for part in _ONE_PART.finditer(match[0])]
    return list(dict.fromkeys(_plain(part) for part in found))


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


_PLAIN: Final = (
    (re.compile(r"\b(once|twice|\d+ times) (?:in a|in the|every|each|per)\b"), r"\1 a"),
    (re.compile(r"\bthrice\b"), "3 times"),
    (re.compile(r"\b(once|twice|\d+(?: to \d+)? times) daily\b"), r"\1 a day"),
    (re.compile(r"\b(once|twice|\d+(?: to \d+)? times) weekly\b"), r"\1 a week"),
    (re.compile(r"\b1 times? a\b"), "once a"),
    (re.compile(r"\b2 times a\b"), "twice a"),
    (re.compile(r"\bevery 1 (hour|day|week|month)s?\b"), r"every \1"),
)


def _plain(text: str) -> str:
    """One wording for what is said in several: "twice daily" and "2 times a day" are "twice a day"."""
    text = " ".join(text.lower().split())
    if text in {"alternate days", "on alternate days", "every second day", "every alternate day"}:
        return "every other day"
    for pattern, wording in _PLAIN:
        text = pattern.sub(wording, text)
    return _DAY_NAME.sub(lambda match: match[0].capitalize(), text)


def _slots(match: re.Match[str]) -> str:
    """Slots in words, too: "1-0-1 (1 in the morning, 1 at night)"."""
    amounts = [group for group in match.groups()[:4] if group]
    times = _FOUR if len(amounts) == 4 else _THREE
    unit = f" {match[5].strip().lower()}" if match[5] else ""
    said = ", ".join(f"{one}{unit} {time}" for one, time in zip(amounts, times, strict=True) if not _nothing(one))
    return f"{'-'.join(amounts)}{unit} ({said or 'none'})"


def _nothing(amount: str) -> bool:
    return amount.strip("0.xX") == ""


def _taken_slots(match: re.Match[str]) -> str:
    return str(sum(not _nothing(group) for group in match.groups()[:4] if group))


def _per_day(text: str) -> str:
    """How many times a day a frequency is, as far as it says so; "" when that is unclear."""
    counted = re.fullmatch(r"(once|twice|(\d+) times|(\d+)) a day", text)
    if counted:
        return counted[2] or counted[3] or {"once": "1", "twice": "2"}[counted[1]]
    hours = re.fullmatch(r"(?:every (\d+) hours?|(\d+) hourly)", text)
    if hours:
        every = int(hours[1] or hours[2])
        return str(24 // every) if every in {4, 6, 8, 12, 24} else ""
    if re.search(r"week|month|fortnight|every other day|every \d+ days", text):
        return "less than daily"
    return ""


def _durations(words: Stretch) -> list[str]:
    """How long, each once, worded as in talk: "5/7" and "x 5 days" are "for 5 days"."""
    found = [_period(match[1], "", _PERIODS[match[2]]) for match in words.take_all(_FRACTION)]
    for pattern in _DURATION:
        for match in words.take_all(pattern):
            read = match.groupdict()
            unit = _LETTER.get(match["unit"].lower(), match["unit"].lower().rstrip("s"))
            found.append(_period(match["number"] or read.get("one") or "", match["most"] or "", unit))
    found += [_plain(match[0]) for match in words.take_all(_OPEN_END)]
    return list(dict.fromkeys(found))


def _period(number: str, up_to: str, unit: str) -> str:
    count = f"{number} to {up_to}" if up_to else number
    return f"for {count.lower()} {unit if count.lower() in {'1', 'a'} else f'{unit}s'}"
