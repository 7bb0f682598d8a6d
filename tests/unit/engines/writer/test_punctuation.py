"""Speech without marks gets them where sentences end; no word is changed, and training twice gives the same file."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.consultations import consultation

from auscult.domain.errors import InvalidError
from auscult.engines.writer.offline.punctuation import punctuated
from auscult.engines.writer.offline.punctuation_training import FILES, read, train_punctuation
from auscult.engines.writer.offline.sentences import sentences

SAID = "i have had a cough for 5 days it is worse at night and i am bringing up phlegm do you think it is an infection"


def test_sentences_end_where_a_thought_ends() -> None:
    told = [one.text for one in sentences(consultation(f"P: {SAID}"))]
    assert told[0] == "i have had a cough for 5 days."
    assert told[1].startswith("it is worse at night")
    assert any(text.startswith("do you think") for text in told)


def test_a_written_text_keeps_its_own_marks() -> None:
    text = "I have had a cough for five days, mostly at night. It is worse when I lie down."
    assert punctuated(text) == text
    assert punctuated("no numbness or tingling") == "no numbness or tingling"


@given(
    st.lists(st.sampled_from(["i", "cough", "no", "3.5", "mg", "?", "...", "डर", "it's", "130/80", "-"]), max_size=40)
)
def test_no_word_is_changed(words: list[str]) -> None:
    def bare(text: str) -> list[str]:
        return re.findall(r"[^\s.,?!;:]+(?:[.][0-9]+)?", text)

    assert bare(punctuated(" ".join(words))) == bare(" ".join(words))


def test_marks_are_read_with_the_words_before_them() -> None:
    assert read("Any fever? No , but a cough.") == (["any", "fever", "no", "but", "a", "cough"], [0, 3, 1, 0, 0, 2])


def test_training_twice_gives_the_same_file_and_tells_ends_apart(tmp_path: Path) -> None:
    visit = {
        "turns": [
            {"speaker": "patient", "text": "Well, I have a cough. It is bad."},
            {"speaker": "patient", "text": "i have no marks at all"},
        ]
    }
    talk = {"header": "GENHX", "dialogue": "Doctor: Any fever? Any cough?\nPatient: No, I have a cough. It is bad."}
    (tmp_path / FILES[0]).write_text("\n".join([json.dumps(visit)] * 5), "utf-8")
    (tmp_path / FILES[1]).write_text("\n".join([json.dumps(talk)] * 5), "utf-8")
    for name in ("one", "two"):
        train_punctuation(tmp_path, tmp_path / name)
    one, two = (tmp_path / name / "punctuation.npz" for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()


def test_without_the_training_files_it_says_which_are_wanted(tmp_path: Path) -> None:
    with pytest.raises(InvalidError) as refused:
        train_punctuation(tmp_path, tmp_path)
    assert FILES[0] in str(refused.value)


def test_no_mark_stands_between_i_do_not_think_and_what_is_not_thought() -> None:
    said = (
        "and they have some line dances planned and i don't think i will be able to participate in that because of the"
        " knee and it is not going to be fun"
    )
    assert "don't think i will" in punctuated(said)
    assert "don't think. i" not in punctuated(said)
