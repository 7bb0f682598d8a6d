"""A note in Hindi, on request: each statement by a template and the tables, or left in English where that is not exact.

Nothing is translated by likeness. Every word of the English statement has to be accounted for by a template or by
`knowledge.hindi_wording`; numbers and names of medicines are copied. Headings stay as the template has them, because
the note's fields are told apart by them: `knowledge.templates.shown` has the Hindi to show.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from auscult.domain.evidence import Statement
from auscult.domain.note import NoteBody
from auscult.domain.note_fields import with_sections
from auscult.knowledge.hindi import concepts
from auscult.knowledge.hindi_wording import PERIOD, after, directions, finding, in_oblique, named_first, phrases
from auscult.knowledge.medicines import lookup

_VERBS: Final = {
    "Takes": "{} लेते हैं।",
    "Has tried": "{} लेकर देख चुके हैं।",
    "Has taken": "{} ले चुके हैं।",
    "Has stopped": "{} लेना बंद कर दिया है।",
    "Start": "{} शुरू करें।",
    "Continue": "{} जारी रखें।",
    "Stop": "{} बंद करें।",
}
_CHANGES: Final = {
    "Increase": "{} की मात्रा बढ़ाकर {} करें।",
    "Reduce": "{} की मात्रा घटाकर {} करें।",
    "Change": "{} की मात्रा बदलकर {} करें।",
}


def in_hindi(body: NoteBody) -> NoteBody:
    """The note with every statement that can be said exactly in Hindi in Hindi: same ids, sources, flags and polarity.

    `language` becomes `hi`; the fields of the result follow the statements; medicines keep their fields.
    """
    sections = tuple(
        section.model_copy(update={"statements": tuple(_statement(one) for one in section.statements)})
        for section in body.sections
    )
    heads = {
        old.problem: new.term
        for old, new in zip(body.statements, (one for section in sections for one in section.statements), strict=True)
        if old.problem and old.term == old.problem
    }
    sections = tuple(
        section.model_copy(
            update={
                "statements": tuple(
                    one.model_copy(update={"problem": heads.get(one.problem, one.problem)})
                    for one in section.statements
                )
            }
        )
        for section in sections
    )
    omitted = tuple(_statement(one) for one in body.omitted)
    in_two = body.model_copy(update={"sections": sections, "omitted": omitted, "language": "hi"})
    return with_sections(in_two, sections)


def _statement(statement: Statement) -> Statement:
    statement = statement.model_copy(update={"label": label_in_hindi(statement.label)})
    if statement.reworded:
        return statement
    text = sentence_in_hindi(statement.text)
    term = finding(statement.term.removeprefix("Possible ")) if statement.term else None
    if text is None or (statement.term and term is None):
        return statement
    if statement.term.startswith("Possible "):
        term = f"संभावित {term}"
    return statement.model_copy(update={"text": text, "term": term or ""})


def label_in_hindi(label: str) -> str:
    """The Hindi of one of the `labels`; the label itself where the table does not have it."""
    return phrases("heading").get(label, label)


def sentence_in_hindi(text: str) -> str | None:
    """The Hindi of one statement; None when it cannot be said without adding or losing something. Never raises."""
    whole = phrases("whole").get(text)
    if whole is not None:
        return whole
    bare = text.strip().removesuffix(".")
    for pattern, render in _TEMPLATES:
        match = pattern.fullmatch(bare)
        if match:
            said = render(match)
            if said is not None:
                return " ".join(said.split())
    return None


def _terms(english: str, joined: str) -> str | None:
    """The Hindi of a list of findings."""
    one = finding(english)
    if one:
        return one
    named = [finding(part) for part in re.split(r", | and | or ", english)]
    if any(name is None for name in named):
        return None
    known = [name for name in named if name]
    return f"{', '.join(known[:-1])} {joined} {known[-1]}" if len(known) > 1 else known[0]


def _time(english: str) -> str | None:
    """The Hindi of "for 2 days", "2 days ago" or "since yesterday"; empty for none."""
    if not english:
        return ""
    known = phrases("time").get(english)
    match = PERIOD.fullmatch(english)
    if known or not match:
        return known
    number = match[1].replace(" to ", "-")
    return f"{number} {phrases('unit')[match[2]]} {'पहले' if match[3] else 'से'}"


_WHEN: Final = r"(?P<time>(?:for|since) .+?|yesterday(?: \w+)?|last (?:night|week|month|year)|\d+(?: to \d+)? \w+ ago)"


def _circumstances(text: str) -> tuple[str, str, str]:
    """What is reported, and the English of when: "cough at night for 2 days"."""
    match = re.fullmatch(rf"(?P<what>.+?)(?: {_WHEN})?", text)
    what, time = (match["what"], match["time"] or "") if match else (text, "")
    for moment in phrases("moment"):
        if what.endswith(f", worse {moment}"):
            return what.removesuffix(f", worse {moment}"), time, f"worse {moment}"
        if what.endswith(f" {moment}") and what not in concepts():
            return what.removesuffix(f" {moment}"), time, moment
    return what, time, ""


def _told(text: str, ending: str, joined: str = "और", *, oblique: bool = False) -> str | None:
    what, time, moment = _circumstances(text)
    terms, when = _terms(what, joined), _time(time)
    terms = in_oblique(terms) if oblique else terms
    if terms is None or when is None:
        return None
    at = phrases("moment").get(moment.removeprefix("worse "), "")
    said = f"{when} {at} {'ज़्यादा ' if moment.startswith('worse ') else ''}{terms}"
    return f"{said}{ending}" if ending == "।" else f"{said} {ending}"


def _reports(match: re.Match[str]) -> str | None:
    return _told(match["what"], "बताते हैं।")


def _having_had(match: re.Match[str]) -> str | None:
    said = _told(match["what"], "होने की बात बताते हैं।")
    timed = _circumstances(match["what"])[1]
    return said if said is None or timed else f"पहले {said}"


def _denies(match: re.Match[str]) -> str | None:
    if match["past"]:
        return _told(match["what"], "नहीं रहने की बात बताते हैं।", "या")
    said = _told(match["what"], "नहीं है।", "या")
    return None if said is None else f"मरीज़ के अनुसार {said}"


def _state(match: re.Match[str]) -> str | None:
    if match["state"] == "persisting":
        return _told(match["what"], "लगातार बने रहने की बात बताते हैं।")
    return _told(match["what"], "बढ़ने की बात बताते हैं।")


def _better(match: re.Match[str]) -> str | None:
    better = "में कुछ आराम बताते हैं।" if match["state"] == "improvement in" else "में अब पूरा आराम बताते हैं।"
    return _told(match["what"], better, oblique=True)


def _kin(match: re.Match[str]) -> str | None:
    whose = phrases("kin").get(match["kin"])
    negated = match["verb"] == "does not have"
    if match["verb"] == "had":
        said = _told(match["what"], "होने की बात बताते हैं।")
        return f"{whose} को पहले {said}" if whose and said else None
    said = _told(match["what"], "नहीं है, ऐसा बताते हैं।" if negated else "है, ऐसा बताते हैं।", "या" if negated else "और")
    return f"{whose} को {said}" if whose and said else None


def _allergic(match: re.Match[str]) -> str | None:
    names = [_allergen(name) for name in re.split(r", | and ", match["what"])]
    reaction = _terms(match["reaction"], "और") if match["reaction"] else ""
    if any(name is None for name in names) or reaction is None:
        return None
    return f"{', '.join(name for name in names if name)} से एलर्जी है{': ' if reaction else ''}{reaction}।"


def _allergen(name: str) -> str | None:
    if lookup(name):
        return name
    entry = concepts().get(name.lower())
    return phrases("allergen").get(name.lower()) or (entry.devanagari if entry else None)


def _medicine_for(match: re.Match[str]) -> str | None:
    term = in_oblique(_terms(match["what"], "और"))
    return f"{term} के लिए दवा लेते हैं।" if term else None


def _names(ending: str) -> Callable[[re.Match[str]], str | None]:
    def render(match: re.Match[str]) -> str | None:
        named = re.split(r", | and | or ", match["what"])
        return f"{', '.join(named)} {ending}" if all(lookup(name) for name in named) else None

    return render


def _medicine(match: re.Match[str]) -> str | None:
    name, rest = named_first(match["line"])
    said = directions(rest) if name else None
    return None if said is None else _VERBS[match["verb"]].format(f"{name} {said}")


def _changed(match: re.Match[str]) -> str | None:
    name, rest = named_first(match["line"])
    said = directions(rest.removeprefix("to ")) if name and rest.startswith("to ") else None
    return _CHANGES[match["verb"]].format(name, said) if said else None


def _vital(match: re.Match[str]) -> str | None:
    label = phrases("label").get(match["label"])
    return f"{label} {match['value']}।" if label else None


def _terms_in(
    lead: str, ending: str, joined: str = "और", *, oblique: bool = False
) -> Callable[[re.Match[str]], str | None]:
    def render(match: re.Match[str]) -> str | None:
        terms = _terms(match["what"], joined)
        terms = in_oblique(terms) if oblique else terms
        return f"{lead} {terms}{ending}" if terms else None

    return render


def _advised(match: re.Match[str]) -> str | None:
    said = phrases("advice").get(match["what"])
    return f"{said} की सलाह दी गई।" if said else None


def _tested(match: re.Match[str]) -> str | None:
    fasting = "खाली पेट " if match["fasting"] else ""
    entries = [concepts().get(name) for name in re.split(r", | and ", match["what"].lower())]
    if any(entry is None or entry.kind != "test" for entry in entries):
        return None
    return f"{fasting}{' और '.join(entry.devanagari for entry in entries if entry)} कराने की सलाह दी गई।"


def _result(match: re.Match[str]) -> str | None:
    entry = concepts().get(f"a {match['what']}".lower()) or concepts().get(f"an {match['what']}".lower())
    return f"{entry.devanagari} सामान्य {'नहीं ' if match['not'] else ''}है।" if entry else None


def _review(match: re.Match[str]) -> str | None:
    when = after(match["when"])
    return f"{when} दोबारा दिखाने की सलाह दी गई।" if when else None


def _come_back(match: re.Match[str]) -> str | None:
    to = "वापस आने" if match["to"] == "come back" else "अस्पताल जाने"
    at_once = "तुरंत " if match["now"] else ""
    if match["when"]:
        when = after(match["when"])
        if when is None:
            return None
        at_once = f"{when} {at_once}"
    if match["bare"]:
        why: str | None = "आराम न होने पर" if match["bare"] == "not improving" else "तकलीफ़ बढ़ने पर"
    elif match["change"] == "no improvement in the ":
        term = in_oblique(_terms(match["what"], "या"))
        why = f"{term} में आराम न होने पर" if term else None
    else:
        term = _terms(match["what"], "या")
        occurring = f"{term[:-1]}े पर" if term and term.endswith("ना") else f"{term} होने पर"
        why = (f"{term} बढ़ने पर" if match["change"] else occurring) if term else None
    return f"{why} {at_once}{to} की सलाह दी गई।" if why else None


def _duration(match: re.Match[str]) -> str | None:
    period = PERIOD.fullmatch(match["what"])
    return f"अवधि: {period[1].replace(' to ', '-')} {phrases('unit')[period[2]]}।" if period and not period[3] else None


def _presents(match: re.Match[str]) -> str | None:
    """Why somebody comes: with a complaint, or for what has a name of its own."""
    terms = in_oblique(_terms(match["what"].lower(), "और"))
    if terms is None:
        return None
    entry = concepts().get(match["what"].lower())
    illness = entry is not None and entry.kind == "condition"
    return f"मरीज़ आज {terms} {'की जाँच के लिए' if illness else 'की शिकायत लेकर'} आए हैं।"


_SPOKE: Final = {
    "Clinician": "चिकित्सक",
    "Patient": "मरीज़",
    "Heard": "सुना गया",
}
"""Who is quoted; the words stay as they were spoken."""


def _compiled(
    *templates: tuple[str, Callable[[re.Match[str]], str | None]],
) -> tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str | None]], ...]:
    return tuple((re.compile(pattern), render) for pattern, render in templates)


_TEMPLATES: Final = _compiled(
    (r"Reports (?P<state>improvement in|having recovered from) (?P<what>.+)", _better),
    (r"Reports that their (?P<kin>\w+) (?P<verb>has|had|does not have) (?P<what>.+)", _kin),
    (r"Reports (?P<state>persisting|worsening) (?P<what>.+)", _state),
    (r"Reports having taken (?P<what>.+)", _names("लेने की बात बताते हैं।")),
    (r"Reports not taking (?P<what>.+)", _names("नहीं लेते हैं।")),
    (r"Reports having had (?P<what>.+)", _having_had),
    (r"Reports (?!that |no |feeling |being )(?P<what>.+)", _reports),
    (r"Denies (?P<past>having had )?(?P<what>.+)", _denies),
    (r"Positive for (?P<what>.+)", lambda match: _told(match["what"], "है।")),
    (r"The patient has a history of (?P<what>.+)", lambda match: _told(match["what"], "पहले से है।")),
    (r"Allergic to (?P<what>[^:]+)(?:: (?P<reaction>.+))?", _allergic),
    (r"Takes medicine for (?P<what>.+)", _medicine_for),
    (rf"(?P<verb>{'|'.join(_VERBS)}) (?P<line>.+)", _medicine),
    (rf"(?P<verb>{'|'.join(_CHANGES)}) (?P<line>.+)", _changed),
    (r"(?P<label>[A-Z][a-z ]+) (?P<value>\d+(?:\.\d+)?(?:/\d+)?(?:%| °C| °F| kg)?)", _vital),
    (r"On examination: no (?P<what>.+)", _terms_in("जाँच में", " नहीं।", "या")),
    (r"On examination: (?P<what>.+)", _terms_in("जाँच में", "।")),
    (r"Impression: (?P<what>.+)", _terms_in("निदान:", "।")),
    (r"Possible (?P<what>.+)", _terms_in("संभावित:", "।", "या")),
    (r"Not thought to be (?P<what>.+)", _terms_in("", " होने की संभावना नहीं लगती।", "या")),
    (r"Advised not to take (?P<what>.+)", _names("न लेने की सलाह दी गई।")),
    (r"Advised to have (?P<what>.+?)(?P<fasting> on an empty stomach)?", _tested),
    (
        r"Advised to (?P<to>come back|go to hospital)(?P<now> at once)?(?: (?P<when>in \d+ \w+|tomorrow))?"
        r" if (?:(?P<bare>not improving|it gets worse)"
        r"|there is (?P<change>no improvement in the |worsening of the )?(?P<what>.+))",
        _come_back,
    ),
    (r"The patient presents today for evaluation of (?P<what>.+)", _presents),
    (r"Advised (?P<what>.+)", _advised),
    (r"The (?P<what>.+) is (?P<not>not )?normal", _result),
    (r"Review (?P<when>.+)", _review),
    (r"Duration: (?P<what>.+)", _duration),
    (rf"(?P<who>{'|'.join(_SPOKE)}): (?P<words>\".+\")", lambda match: f"{_SPOKE[match['who']]}: {match['words']}"),
    (r"(?P<what>[A-Z].+)", lambda match: _told(match["what"], "।")),  # a bare finding: the chief complaint
)
