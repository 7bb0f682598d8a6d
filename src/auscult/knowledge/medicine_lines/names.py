"""Which medicines a line names, and which words belong to each."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from auscult.domain.evidence import Flag
from auscult.knowledge import frequencies
from auscult.knowledge.medicine_lines.cautions import flag
from auscult.knowledge.medicine_lines.forms import FORM_WORDS
from auscult.knowledge.medicine_lines.look_alikes import between_two
from auscult.knowledge.medicines import Medicine, Mention, mentions, read_rows


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


_LETTERS: Final = r"A-Za-z\u0900-\u0963"
_FORM: Final = rf"(?:{FORM_WORDS})(?![{_LETTERS}])\.?"
_VERBS: Final = (
    r"(?:please|to|and|then|also|now|tell|ask|her|him|patient|stop|stopped|discontinue|withhold|hold|cease|start|begin"
    r"|add"
    r"|continue|cont|continued|take|taking|takes|give|use|apply|put|inhale|instil|instill|inject|increase|reduce"
    r"|decrease|change|prescribe|prescribed|avoid|no|not|do|does|don't|never|allergic|allergy|of|the|on|is)"
)
_LEAD = re.compile(
    rf"(?:(?:[,;+&/(]|\band\b|\bthen\b|\bplus\b|\bwith\b|\.(?=\s))\s*)?(?:\b{_VERBS}\b[\s.:]*)*"
    rf"(?:(?:half a|[\d½][\d./½]*)\s*(?:{FORM_WORDS}|ml|units?)\s+(?:of\s+)?)?(?:\b{_FORM}\s*)*$",
    re.IGNORECASE,
)
"""What stands before a name and belongs to it: a verb, an amount, a form."""
_COMBINED = re.compile(r"^\s*(?:\d[\d.,]*\s*(?:mg|mcg|micrograms?|g|%|iu)?\s*)?[+/]\s*$", re.IGNORECASE)
_SUFFIX = re.compile(r"(?:\s+|-)([A-Z][A-Z0-9]{0,3}|Forte|Plus|Duo|Junior|Retard|Chrono)(?![\w/])")
_RELEASE: Final = _listed("SR ER XR XL CR MR LA PR EC DT MD ODT DS FORTE DUO JUNIOR RETARD CHRONO HFA CFC DR")
"""Letters after a name that say how it is released or made, not what is in it."""
_ANOTHER = re.compile(rf"(?:[,;+&]|\band\b|\bthen\b)\s*(?=(?:{_FORM})\s+[{_LETTERS}])", re.IGNORECASE)
_UNKNOWN = re.compile(
    rf"^\W*(?:\b{_VERBS}\b[\s.:]*)*((?:{_FORM}\s*)*)"
    rf"([{_LETTERS}][{_LETTERS}0-9'-]*(?:\s+[{_LETTERS}][{_LETTERS}-]*(?![{_LETTERS}0-9])){{0,2}})",
    re.IGNORECASE,
)
_DIRECTIONS: Final = _listed(
    "a an as at after and before by daily days day every for from half if in into hour hours hourly once twice thrice"
    " times time until till when while with without weekly week weeks month months night bedtime morning evening noon"
    " needed prn sos stat x max tablet tablets mg mcg ml g gm iu units unit u ug μg kg or then each other both up per"
    " immediately food meals mouth is on the of to take apply use mane nocte hs ac pc po iv im sc sl om prn nos no qty"
    " left right eye eyes ear nostril skin area affected one two three four five six seven eight nine ten q qod qd"
    " ug immediately alternate local only it them this that not do be start stop continue"
)


@dataclass
class Named:
    """One medicine of a line: its name, the rows of the lexicon that it is, and the words about it."""

    name: str
    medicines: tuple[Medicine, ...]
    before: str
    after: str
    """The words after the name; its further names (of a combination) are cut out and the cut marked."""
    form_before: bool = False
    flags: list[Flag] = field(default_factory=list)


def clauses(text: str) -> list[str]:
    """The line cut where another preparation begins: "Tab A 5 + Cap B 10"."""
    return [part for part in _ANOTHER.split(text) if part.strip()]


def named_in(text: str, cut: str) -> list[Named]:
    """The medicines of one clause, in order. `cut` marks where names of a combination were cut out.

    A clause without a name of the lexicon gives the words that stand where a name would, flagged; nothing when there
    are none.
    """
    found = _found(text)
    if not found:
        return _unknown(text)
    groups = _grouped(text, found)
    leads = [_LEAD.search(text[: group[0].start]) for group in groups]
    starts = [lead.start() if lead else group[0].start for lead, group in zip(leads, groups, strict=True)]
    unknown = [one for one in _unknown(text[: starts[0]]) if one.form_before and one.name]
    starts[0] = starts[0] if unknown else 0
    ends = [*starts[1:], len(text)]
    known = [_named(text, group, start, end, cut) for group, start, end in zip(groups, starts, ends, strict=True)]
    return unknown + known


def _found(text: str) -> list[Mention]:
    """The names of the lexicon, and everyday words that are brands where they stand as one."""
    found = [one for one in mentions(text) if not _of_a_deficiency(text, one)]
    rows = {row.name.lower(): row for row in written_names()}
    for match in _everyday().finditer(text):
        word = match[match.lastindex or 0]
        start = match.start(match.lastindex or 0)
        if not any(one.start < start + len(word) and start < one.end for one in found):
            found.append(Mention(start, start + len(word), (rows[word.lower()],)))
    return sorted(found, key=lambda one: one.start)


@cache
def written_names() -> tuple[Medicine, ...]:
    """Names that are medicines on a written line only (`written_names.tsv`)."""
    return read_rows("written_names.tsv", "auscult.knowledge.medicine_lines")


@cache
def _everyday() -> re.Pattern[str]:
    names = [row.name for row in written_names()]
    words = "|".join(names)
    capitals = "|".join(name for name in names if name.isupper())
    return re.compile(rf"\b(?:{_FORM}\s*)\b({words})\b|\b({words})(?=\s+\d)|\b((?-i:{capitals}))\b", re.IGNORECASE)


def _of_a_deficiency(text: str, mention: Mention) -> bool:
    return re.match(r"\s*(?:deficien|level|def\b)", text[mention.end :], re.IGNORECASE) is not None


def _grouped(text: str, found: list[Mention]) -> list[list[Mention]]:
    """Names of one combination, and names in brackets after another, belong together."""
    groups = [[found[0]]]
    for one in found[1:]:
        between = text[groups[-1][-1].end : one.start]
        since = text[groups[-1][0].end : one.start]
        if since.count("(") > since.count(")") or _COMBINED.match(between):
            groups[-1].append(one)
        else:
            groups.append([one])
    return groups


def _named(text: str, group: list[Mention], start: int, end: int, cut: str) -> Named:
    first = group[0]
    name, name_end, flags = _with_suffix(text, first)
    flags += [flag("abbreviated_name", one.name) for one in group if _abbreviated(one)]
    after = text[name_end:end]
    medicines = list(first.medicines)
    for one in group[1:]:
        since = text[first.end : one.start]
        if since.count("(") > since.count(")"):
            if not _same(tuple(medicines), one.medicines):
                flags.append(flag("name_mismatch", text[one.start : one.end]))
        else:
            name += f" + {_shown(one)}"
            medicines += one.medicines
        place = one.start - name_end
        after = after[:place] + cut * (one.end - one.start) + after[place + one.end - one.start :]
    return Named(name, tuple(medicines), text[start : first.start], after, flags=flags)


def _abbreviated(mention: Mention) -> bool:
    return any(row.source.startswith("ISMP") for row in mention.medicines)


def _with_suffix(text: str, mention: Mention) -> tuple[str, int, list[Flag]]:
    """The name with the letters after it that belong to it: "Metformin SR"."""
    name, end = _shown(mention), mention.end
    match = _SUFFIX.match(text, end)
    if match is None or match[1].lower() in _not_suffixes():
        return name, end, []
    full = f"{name}{text[end : match.start(1)]}{match[1]}"
    known = match[1].upper() in _RELEASE
    return full, match.end(), [] if known else [flag("variant_not_recognised", full)]


@cache
def _not_suffixes() -> frozenset[str]:
    latin = _listed("ac pc po iv im sc sl om on sos prn ug mg mcg ml iu u g gm la pr pv cc qod qds bds x od os ou be")
    return latin | frozenset(frequencies.meanings()) | frozenset(FORM_WORDS.lower().split("|"))


def _shown(mention: Mention) -> str:
    """A generic with a capital, as it begins a line; brands keep their spelling."""
    name = mention.name
    return name[0].upper() + name[1:] if mention.medicines[0].kind == "generic" else name


def _same(some: tuple[Medicine, ...], other: tuple[Medicine, ...]) -> bool:
    parts = [
        {part for row in rows for name in row.ingredients for part in name.lower().split("-")} for rows in (some, other)
    ]
    return bool(parts[0] & parts[1]) or bool({row.drug_class for row in some} & {row.drug_class for row in other})


def _unknown(text: str) -> list[Named]:
    match = _UNKNOWN.match(text)
    if match is None:
        return [Named("", (), text, "", flags=[flag("no_medicine_named")])] if text.strip() else []
    words: list[str] = []
    end = match.start(2)
    for word in re.finditer(rf"[{_LETTERS}0-9'-]+", match[2]):
        if word[0].lower() in _DIRECTIONS or word[0].lower() in _not_suffixes():
            break
        words.append(word[0])
        end = match.start(2) + word.end()
    name = text[match.start(2) : end] if words else ""
    if len(name) < 3:
        return [Named("", (), text, "", bool(match[1].strip()), [flag("no_medicine_named")])]
    flags = [flag("medicine_not_recognised", name)]
    near = between_two(name)
    if near:
        flags.append(flag("look_alike_name", f"{name} ({near[0]}, {near[1]})"))
    return [Named(name, (), text[: match.start(2)], text[end:], bool(match[1].strip()), flags)]
