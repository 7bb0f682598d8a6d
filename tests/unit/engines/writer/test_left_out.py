"""What the offline writer heard, could not tell, and offers word for word beside its note."""

from __future__ import annotations

from itertools import pairwise

from tests.support.consultations import consultation, note_of, texts

from auscult.engines.writer import Request
from auscult.engines.writer.offline import OfflineWriter
from auscult.engines.writer.offline.left_out import MOST
from auscult.trust.grounding import check

VISIT = consultation(
    "C: How can I help you today?",
    "P: I have had a cough for three days.",
    "C: Any fever?",
    "P: No.",
    "P: You saw the swelling in my ankle.",
    "C: I think you're retaining fluid, and I want to increase your lasix to 80 mg once a day.",
    "P: And lisinopril and the hydrochlorothiazide, so I.",
    "C: How is the garden doing these days?",
    "P: The garden is lovely, thank you.",
)

MEDICINES = (
    *("furosemide", "lisinopril", "metoprolol", "amlodipine", "losartan", "bumetanide"),
    *("spironolactone", "carvedilol", "atenolol", "digoxin"),
)


async def test_a_finding_and_a_medicine_that_the_note_does_not_tell_are_quoted_with_their_source() -> None:
    body = check(await note_of(VISIT), VISIT)
    quotes = [one.text for one in body.omitted]
    assert any("the swelling in my ankle" in text for text in quotes), quotes
    assert any("lasix to 80 mg" in text for text in quotes), quotes
    assert quotes[0] == 'Patient: "Lisinopril and the hydrochlorothiazide, so I."', "medicines come first"
    assert all(one.supported and not one.flags and one.turn_ids for one in body.omitted)
    assert {one.section for one in body.omitted} <= {section.title for section in body.sections}


async def test_small_talk_questions_and_what_the_note_tells_are_not_offered() -> None:
    body = await note_of(VISIT)
    quotes = " ".join(one.text for one in body.omitted)
    for word in ("garden", "cough", "fever"):
        assert word not in quotes
    assert not {one.text for one in body.omitted} & set(texts(body))


async def test_never_more_than_anybody_would_read() -> None:
    told = [f"P: And {one} and the {other}, so I." for one, other in pairwise(MEDICINES)]
    body = await note_of(consultation("P: I have had a cough.", *told))
    assert len(body.omitted) == MOST


async def test_in_a_hindi_note_the_lead_is_hindi_and_the_words_are_as_spoken() -> None:
    body = await OfflineWriter().write(Request(transcript=VISIT, language="hi"))
    assert body.omitted
    assert all(one.text.startswith(('चिकित्सक: "', 'मरीज़: "')) for one in body.omitted)


async def test_a_note_that_tells_everything_offers_nothing() -> None:
    whole = consultation("C: What is it?", "P: I have had a dry cough for five days.", "C: Any fever?", "P: No.")
    assert (await note_of(whole)).omitted == ()
