"""How tests are named in speech, and how a note calls them: "right knee x-ray", "x-ray of the left elbow"."""

from __future__ import annotations

import re
from typing import Final

NAMES: Final = (
    r"(?:x[- ]?rays?|radiographs?|ct(?: scans?)?|cat scan|mri(?: scan)?|mr arthrogram|ultrasound|echo(?:cardiogram)?"
    r"|ekg"
    r"|ecg|electrocardiogram|lab(?:s| work| results?)?|blood ?work|blood tests?|hemoglobin(?: a1c)?|haemoglobin|a1c"
    r"|urinalysis|urine (?:test|sample|dipstick|culture)|biopsy|pathology(?: report)?|creatinine|kidney function"
    r"|cholesterol|potassium|white blood cell count|white count|red blood cell count|pfts?|breathing studies"
    r"|pulmonary function tests?|spirometry|mammogram|colonoscopy|endoscopy|imaging|lipid panel|autoimmune (?:panel"
    r"|labs)"
    r"|liver (?:panel|enzymes|function)|thyroid (?:panel|test|function)|tsh|psa|bun|ferritin|glucose|lyme titer"
    r"|strep test|covid test|stress test|barium swallow(?: study)?|sleep study|bone density|d-dimer|troponins?"
    r"|platelets?(?: count)?|sodium|vitamin d(?: level)?|(?:hcv |hepatitis c )?antibody test)"
)
_NOT_OF_NAME: Final = (
    r"(?!(?:and|or|the|your|my|his|her|a|an|that|this|those|these|of|for|from|with|at|in|on|to|is|are|was|were|we|i|you"
    r"|it|did|do|does|have|had|has|get|results?|see|show|me|some|so|now|here|before|today)\b)"
)
TEST: Final = re.compile(
    rf"\b(?P<name>(?:{_NOT_OF_NAME}[a-z][a-z'-]*\s+){{0,3}}?{NAMES})\b(?:\s+results?\b)?"
    r"(?P<of>\s+(?:of|on) (?:both )?(?:your|the|that|his|her|my|both|both your) (?:(?:left|right|lower|upper|lumbar|"
    r"cervical|big|great|middle|index|ring|little|whole|skin)\s+)*[a-z]+(?: (?:spine|cancer|back|finger|toe"
    r"|scan))?\b)?",
    re.IGNORECASE,
)
"""A test with the words that say which: "right knee x-ray", "x-ray of your left elbow"."""
_HEAD: Final = re.compile(rf"\b(?:{NAMES})\b", re.IGNORECASE)
_SITE: Final = re.compile(
    r"^(?:left|right|bilateral|lower|upper|lumbar|cervical|thoracic|abdominal|chest|lung|pelvic|brain|head|skin|renal"
    r"|kidney"
    r"|liver|thyroid|spine|back|neck|rapid|diabetes|diabetic|diagnostic|anemia|total|good|bad|hemoglobin"
    r"|knee|ankle|foot|elbow|shoulder|wrist|hand|hip|finger|toe|leg|arm|heart|sinus|breast|barium|strep|non-hdl)$",
    re.IGNORECASE,
)
"""Words before a test that belong to its name; the others ("the last", "recent") are not kept."""

_SPELT: Final = {
    "mri": "MRI", "ct": "CT", "ekg": "EKG", "ecg": "ECG", "a1c": "A1c", "tsh": "TSH", "psa": "PSA", "bun": "BUN",
    "pfts": "PFTs", "pft": "PFT", "mr": "MR", "hcv": "HCV",
}  # fmt: skip


def name_of(match: re.Match[str]) -> str:
    """How the note calls a test: the words of its name that say which, and its part of the body."""
    words = match["name"].split()
    head = _HEAD.search(match["name"])
    kept = [word for word in words[: len(match["name"][: head.start()].split())] if _SITE.match(word)] if head else []
    name = " ".join([*kept, head[0] if head else match["name"]])
    if match["of"]:
        name += re.sub(r"\b(?:both your|your|that|his|her|my)\b", "the", match["of"], count=1, flags=re.IGNORECASE)
    return " ".join(_SPELT.get(word.lower(), word) for word in name.split())
