"""Keys: whatever a caller sends, no blob of another object, clinic or file system is reached."""

from __future__ import annotations

import posixpath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from auscult.domain.errors import InvalidError
from auscult.stores.objects.keys import (
    bytes_address,
    checked_clinic,
    checked_content_type,
    checked_key,
    checked_prefix,
    intake_address,
    key_of_record,
    record_address,
)

CLINIC = "CLN_01JN0000AV0000000000000001"
tricky = st.text(st.sampled_from("ab0._-/\\\0!~% \n\u2024\u2025\u2215\uff41"), max_size=12)
keys = st.from_regex(r"[A-Za-z0-9._-]{1,20}(/[A-Za-z0-9._-]{1,20}){0,3}", fullmatch=True).filter(
    lambda key: not {".", ".."} & set(key.split("/"))
)


@given(key=st.text() | tricky)
@example(key="..")
@example(key="a/..")
@example(key="a\n")
@example(key="uploads/x.webm")
def test_every_key_that_passes_stays_inside_its_clinic(key: str) -> None:
    try:
        checked_key(key)
    except InvalidError:
        return
    for address in (record_address(CLINIC, key), bytes_address(CLINIC, key, "0" * 32), intake_address(CLINIC, key)):
        assert posixpath.normpath(address) == address
        assert address.isascii()
        assert f"{CLINIC}/{key}" in address
        assert len(address.rpartition("/")[2]) <= 255


@given(key=keys, other=keys)
def test_no_two_keys_share_a_blob_or_a_folder_with_a_file(key: str, other: str) -> None:
    if key == other:
        return
    files = {record_address(CLINIC, key), bytes_address(CLINIC, key, "0" * 32)}
    others = {record_address(CLINIC, other), bytes_address(CLINIC, other, "0" * 32)}
    assert not files & others
    folders = {f"{CLINIC}/{other[:at]}" for at, char in enumerate(other) if char == "/"}
    assert not files & folders


@given(names=st.lists(keys, max_size=6))
def test_records_sort_as_their_keys_do(names: list[str]) -> None:
    assert sorted(record_address(CLINIC, name) for name in names) == [
        record_address(CLINIC, name) for name in sorted(names)
    ]


@given(key=keys)
def test_the_key_is_found_again_from_its_record_only(key: str) -> None:
    assert key_of_record(CLINIC, record_address(CLINIC, key)) == key
    assert key_of_record(CLINIC, bytes_address(CLINIC, key, "0" * 32)) is None
    assert key_of_record("CLN_other", record_address(CLINIC, key)) is None


@given(key=keys, length=st.integers(0, 90))
def test_every_beginning_of_a_key_is_a_prefix(key: str, length: int) -> None:
    prefix = key[:length]
    if not {".", ".."} & set(prefix.split("/")):
        assert checked_prefix(prefix) == prefix


@pytest.mark.parametrize("content_type", ["audio/webm", "audio/webm;codecs=opus", 'audio/mp4; codecs="mp4a.40.2"'])
def test_what_browsers_send_as_a_content_type_is_taken(content_type: str) -> None:
    assert checked_content_type(content_type) == content_type


def test_the_intake_is_no_clinic() -> None:
    assert checked_clinic(CLINIC) == CLINIC
    with pytest.raises(InvalidError):
        checked_clinic("intake")
