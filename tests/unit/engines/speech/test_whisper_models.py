"""Getting a Whisper model: with progress, whole or not at all, and never something else than announced."""

from __future__ import annotations

import json

import pytest
from tests.support import audio, tiny_whisper
from tests.support.model_hub import ModelHub

from auscult.domain.errors import CancelledError, InvalidError, StorageFullError, UnavailableError
from auscult.engines.speech import Region, whisper_models
from auscult.engines.speech.whisper import WhisperRecogniser
from auscult.engines.speech.whisper_models import Hardware, pull, suggest, verify

WEIGHTS = bytes(range(256)) * 12_000


@pytest.fixture
def hub():
    files = {"config.json": b"{}", "model.bin": WEIGHTS, "tokenizer.json": b"{}", "vocabulary.json": b"[]"}
    with ModelHub(files) as running:
        yield running


def _get(hub, folder, **more):
    return pull("tiny", folder, endpoint=hub.url, wait=lambda _seconds: None, **more)


def test_a_model_is_downloaded_checked_and_kept_with_its_checksums(hub, tmp_path):
    seen: list[tuple[int, int]] = []

    model = _get(hub, tmp_path, progress=lambda done, total: seen.append((done, total)))

    assert model == tmp_path / "tiny"
    assert {path.name for path in model.iterdir()} == {*hub.files, "manifest.json"}
    assert (model / "model.bin").read_bytes() == WEIGHTS
    assert json.loads((model / "manifest.json").read_text())["revision"] == hub.revision
    assert verify(model) == hub.revision
    assert whisper_models.provisioned(tmp_path) == ["tiny"]
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1][0] == seen[-1][1] == sum(map(len, hub.files.values()))
    assert len(seen) > 3


def test_a_model_that_is_here_already_is_not_asked_for_again(hub, tmp_path):
    _get(hub, tmp_path)
    asked = len(hub.requests)

    _get(hub, tmp_path)

    assert len(hub.requests) == asked


def test_dropped_connections_are_taken_up_where_they_stopped(hub, tmp_path):
    hub.drops = [2, 1_000_000, 1_500_000]

    model = _get(hub, tmp_path)

    assert (model / "model.bin").read_bytes() == WEIGHTS
    resumed = [int(wanted[6:-1]) for _, wanted in hub.requests if wanted]
    assert any(900_000 < first <= 1_000_000 for first in resumed)


def test_a_server_without_ranges_makes_it_start_over(hub, tmp_path):
    hub.ranges = False
    hub.drops = [2, 1_000_000]

    assert (_get(hub, tmp_path) / "model.bin").read_bytes() == WEIGHTS


def test_cancelling_leaves_no_model_and_the_next_try_goes_on_from_there(hub, tmp_path):
    done: list[int] = []
    with pytest.raises(CancelledError):
        _get(hub, tmp_path, progress=lambda now, _total: done.append(now), cancelled=lambda: done[-1:] > [500_000])

    assert not (tmp_path / "tiny").exists()
    assert whisper_models.provisioned(tmp_path) == []

    hub.requests.clear()
    assert (_get(hub, tmp_path) / "model.bin").read_bytes() == WEIGHTS
    assert any(wanted for _, wanted in hub.requests)


@pytest.mark.parametrize("name", ["model.bin", "vocabulary.json"])
def test_bytes_that_are_not_the_announced_ones_are_thrown_away(hub, tmp_path, name):
    hub.announced = {name: b"x" * len(hub.files[name])}

    with pytest.raises(UnavailableError, match="checksum"):
        _get(hub, tmp_path)

    assert not (tmp_path / "tiny").exists()
    hub.announced = {}
    assert verify(_get(hub, tmp_path)) == hub.revision


def test_a_hub_that_cannot_be_reached_is_said_with_what_to_do(tmp_path):
    waits: list[float] = []

    with pytest.raises(UnavailableError, match="cannot be reached") as refused:
        pull("tiny", tmp_path, endpoint="http://127.0.0.1:9", wait=waits.append)

    assert "HF_ENDPOINT" in refused.value.remedy
    assert waits == sorted(waits)
    assert len(waits) > 2


@pytest.mark.parametrize("status", [401, 404, 503])
def test_a_hub_that_refuses_is_said_with_its_answer(hub, tmp_path, status):
    hub.status = status
    with pytest.raises(UnavailableError, match=str(status)):
        _get(hub, tmp_path)


def test_a_repository_without_a_tokenizer_is_refused_because_one_would_be_fetched_later(hub, tmp_path):
    del hub.files["tokenizer.json"]
    with pytest.raises(UnavailableError, match="no complete model"):
        _get(hub, tmp_path)


def test_a_disk_without_room_is_noticed_before_the_download(hub, tmp_path, monkeypatch):
    monkeypatch.setattr(whisper_models, "_SPARE_BYTES", 1 << 60)
    with pytest.raises(StorageFullError):
        _get(hub, tmp_path)


def test_a_size_that_does_not_exist_lists_those_that_do(tmp_path):
    with pytest.raises(InvalidError) as refused:
        pull("enormous", tmp_path)
    assert "large-v3-turbo" in refused.value.remedy


def test_a_pulled_model_is_what_the_recogniser_loads(tmp_path):
    made = tiny_whisper.build(tmp_path / "made")
    files = {path.name: path.read_bytes() for path in made.iterdir() if path.name != "manifest.json"}
    with ModelHub(files) as hub:
        _get(hub, tmp_path)

    recogniser = WhisperRecogniser("tiny", tmp_path, threads=1)

    assert recogniser.missing() is None
    assert isinstance(recogniser.transcribe(audio.white_noise(3), [Region(0, 3)], language="en"), list)


@pytest.mark.parametrize(
    ("machine", "size"),
    [
        (Hardware(cores=1, memory_mb=1_000, cuda=False), "tiny"),
        (Hardware(cores=1, memory_mb=2_000, cuda=False), "base"),
        (Hardware(cores=2, memory_mb=8_000, cuda=False), "small"),
        (Hardware(cores=8, memory_mb=4_000, cuda=False), "small"),
        (Hardware(cores=16, memory_mb=32_000, cuda=False), "medium"),
        (Hardware(cores=4, memory_mb=16_000, cuda=True), "large-v3-turbo"),
    ],
)
def test_the_suggested_size_fits_the_machine(machine, size):
    assert suggest(machine).name == size


def test_this_machine_gets_a_suggestion():
    assert suggest(whisper_models.hardware()).name in whisper_models.SIZES
