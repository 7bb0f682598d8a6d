"""The language model is a proper one, its training is repeatable, and every medicine can be heard."""

# ruff: noqa: RUF001 (IPA letters)

from __future__ import annotations

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.support import audio

from auscult.domain.errors import InvalidError
from auscult.engines.speech import Region, sphinx_training, spoken, trigram
from auscult.engines.speech import sphinx_pronunciations as pronunciations
from auscult.engines.speech.sphinx import DICTIONARY_FILE, MODEL_DIR, MODEL_FILE, SphinxRecogniser
from auscult.engines.speech.sphinx_training import train


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Take 500 mg twice a day.", "take five hundred milligrams twice a day"),
        ("0.5 ml, .25 mg", "zero point five milliliters point two five milligrams"),
        ("120/80", "one hundred twenty eighty"),
        ("since 2019", "since twenty nineteen"),
        ("the 3rd of May", "the third of may"),
        ("on the 21st", "on the twenty first"),
        ("98.6°", "ninety eight point six degrees"),
        ("1,500 steps", "one thousand five hundred steps"),
        ("call 02112345", "call zero two one one two three four five"),
        ("I don\u2019t know [laughs]", "i don't know"),
        ("Dr. Patel's 50-year-old", "doctor patel's fifty year old"),
    ],
)
def test_written_text_becomes_what_is_spoken(written, said):
    assert " ".join(spoken.words(written)) == said


@given(st.text(max_size=60))
def test_any_text_becomes_lower_case_words_without_digits(text):
    words = spoken.words(text)

    assert all(word and word == word.lower() for word in words)
    assert not any(sign.isspace() or sign.isdecimal() for word in words for sign in word)


def test_sentences_end_at_stops_and_not_inside_numbers():
    assert spoken.sentences("It is 37.5 today. Any pain?") == [
        ["it", "is", "thirty", "seven", "point", "five", "today"],
        ["any", "pain"],
    ]


sentences = st.lists(st.lists(st.sampled_from("abcdefg"), min_size=1, max_size=8), min_size=1, max_size=30)


@settings(max_examples=50)
@example([list("babbcb"), list("bebfbd")], 1, "a b").via("every word was seen after b")
@given(sentences, st.integers(1, 2), st.sampled_from(["", "a", "<s>", "a b", "<s> a", "g f"]))
def test_after_any_words_the_chances_of_all_next_words_sum_to_one(said, rarest, history):
    vocabulary = frozenset("abcdef")  # g is said, and unknown
    model = trigram.estimate(said, vocabulary, rarest_trigram=rarest)
    after = tuple(history.split())

    total = sum(model.probability(word, after) for word in [*vocabulary, trigram.END])

    assert total == pytest.approx(1, abs=1e-3)
    assert all(model.probability(word, after) > 0 for word in vocabulary)


def test_mixing_with_general_english_still_sums_to_one():
    vocabulary = frozenset("abcd")
    model = trigram.estimate([list("abc"), list("abd"), list("ca")], vocabulary)
    general = {"a": 0.5, "b": 0.3, "</s>": 0.2}
    mixed = trigram.mix(model, lambda gram: general.get(gram[-1], 0.0), weight=0.7, extra=[("d", "d")])

    for history in ((), ("a",), ("d",), ("a", "b"), ("d", "d")):
        total = sum(mixed.probability(word, history) for word in [*vocabulary, trigram.END])
        assert total == pytest.approx(1, abs=1e-3)
    assert ("d", "d") in mixed.probabilities[1]


def test_what_was_said_is_likelier_than_what_was_not():
    said = [["take", "it", "twice", "a", "day"]] * 5 + [["a", "day", "at", "home"]]
    model = trigram.estimate(said, frozenset({"take", "it", "twice", "a", "day", "at", "home"}))

    assert model.probability("day", ("twice", "a")) > 5 * model.probability("home", ("twice", "a"))


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dialogues")
    lines = ["Good morning. How are you feeling?", "I take zolpitrexin 5 mg every night and I feel tired."] * 20
    turns = [{"speaker": "doctor", "text": text} for text in lines]
    (folder / "acibench_train.jsonl").write_text(json.dumps({"turns": turns}) + "\n")
    (folder / "mts_train.jsonl").write_text(json.dumps({"dialogue": "Doctor: Any pain?\nPatient: No pain."}) + "\n")
    unheard = {"turns": [{"speaker": "doctor", "text": "Are you taking quoxarin?"}]}
    (folder / "acibench_valid.jsonl").write_text(json.dumps(unheard) + "\n")
    (folder / "lexicon.tsv").write_text("# remark\nname\tsource\nzolpitrexin\town\n")
    (folder / "sounds.dict").write_text("zolpitrexin Z AA L P IH T R EH K S IH N\nquoxarin K W AA K S AH R IH N\n")
    return folder


def test_training_twice_gives_the_same_bytes_and_a_model_that_hears(data, tmp_path, monkeypatch):
    monkeypatch.setattr(sphinx_training, "_GENERAL_PAIR_WORDS", 150)
    more = {"lexicon": data / "lexicon.tsv", "sounds": [data / "sounds.dict"]}

    counts = train(data, tmp_path / "one", **more)
    train(data, tmp_path / "two", **more)

    for name in (MODEL_FILE, DICTIONARY_FILE):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    assert counts["sentences"] == 62
    words = (tmp_path / "one" / DICTIONARY_FILE).read_text()
    assert "zolpitrexin Z AA L P IH T R EH K S IH N" in words
    assert "quoxarin" not in words, "validation dialogues are not read"
    recogniser = SphinxRecogniser(tmp_path / "one", processes=1)
    assert recogniser.transcribe(audio.speech("question"), [Region(0.8, 3.8)])
    recogniser.close()


def test_training_without_its_files_says_which_is_missing(tmp_path):
    with pytest.raises(InvalidError, match="acibench_train"):
        train(tmp_path, tmp_path / "out")


def test_every_medicine_of_the_lexicon_can_be_heard():
    words = {line.split()[0].split("(")[0] for line in (MODEL_DIR / DICTIONARY_FILE).read_text().splitlines()}
    names = pronunciations.medicine_words()

    assert len(names) > 100
    missing = {word for name in names for word in name} - words
    assert len(missing) <= 0.02 * len(names), sorted(missing)


def test_the_committed_model_is_small_and_says_where_it_comes_from():
    files = list(MODEL_DIR.iterdir())

    assert sum(path.stat().st_size for path in files) < 5_000_000
    readme = (MODEL_DIR / "README.md").read_text()
    assert "Attribution 4.0" in readme
    assert "auscult train sphinx" in readme


def test_the_dictionary_uses_only_phones_that_the_acoustic_model_has():
    for line in (MODEL_DIR / DICTIONARY_FILE).read_text().splitlines():
        assert pronunciations.PHONES.issuperset(line.split()[1:]), line


@pytest.mark.parametrize(
    ("ipa", "phones"),
    [
        ("mˈɛtfoːɹmˌɪn", "M EH T F AO R M IH N"),
        ("ˈæmlədˌɪpaɪn", "AE M L AH D IH P AY N"),
        ("tʃˈeɪndʒɚ", "CH EY N JH ER"),
    ],
)
def test_ipa_becomes_arpabet(ipa, phones):
    assert pronunciations.from_ipa(ipa) == tuple(phones.split())


def test_a_sound_without_a_phone_is_noticed():
    with pytest.raises(ValueError, match="no phone"):
        pronunciations.from_ipa("ʘ")


def test_a_pronunciation_outside_the_phone_set_is_not_written(tmp_path):
    with pytest.raises(ValueError, match="phone"):
        pronunciations.write({"x": ("QQ",)}, tmp_path / "bad.dict")


def test_pronunciations_by_hand_come_before_the_made_ones(tmp_path):
    first, second = tmp_path / "hand.dict", tmp_path / "made.dict"
    pronunciations.write({"a": ("AA",)}, first)
    pronunciations.write({"a": ("AE",), "b": ("B",)}, second)

    assert pronunciations.read(first, second) == {"a": [("AA",), ("AE",)], "b": [("B",)]}
