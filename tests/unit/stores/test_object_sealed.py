"""The sealed form: whatever is put comes back, and nothing else ever does."""

from __future__ import annotations

import os
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from auscult.domain.errors import ErasedError
from auscult.stores.objects.sealed import HEADER_BYTES, Header, Opener, Sealer
from auscult.trust.sealing import TAG_BYTES

KEY = bytes(range(32))
HEADER = Header(1024, b"prefix!")
STEP = HEADER.chunk_bytes + TAG_BYTES


def sealed(clear: bytes, cuts: list[int] | None = None, key: bytes = KEY, header: Header = HEADER) -> bytes:
    sealer = Sealer(key, header)
    edges = [0, *sorted(cut % (len(clear) + 1) for cut in cuts or []), len(clear)]
    parts = [sealer.add(clear[start:end]) for start, end in pairwise(edges)]
    return b"".join([bytes(header), *parts, sealer.finish()])


def opened(data: bytes, size: int, key: bytes = KEY) -> bytes:
    opener = Opener(key, Header.parse(data[:HEADER_BYTES]), size)
    chunks = opener.chunks(0, size)
    start, end = opener.span(chunks)
    assert start == HEADER_BYTES
    if len(data) != end:
        raise ErasedError("another length")
    return opener.open(chunks, data[start:end])


clears = st.one_of(
    st.binary(max_size=5000), st.integers(0, 6).flatmap(lambda n: st.just(bytes([n]) * n * HEADER.chunk_bytes))
)


@given(clear=clears, cuts=st.lists(st.integers(0, 10_000), max_size=6))
def test_the_sealed_form_does_not_depend_on_how_the_bytes_came(clear: bytes, cuts: list[int]) -> None:
    whole = sealed(clear)
    assert sealed(clear, cuts) == whole
    assert opened(whole, len(clear)) == clear
    chunks = max(1, -(-len(clear) // HEADER.chunk_bytes))
    assert len(whole) == HEADER_BYTES + len(clear) + chunks * TAG_BYTES


@given(clear=clears.filter(len), data=st.data())
def test_any_run_of_chunks_opens_alone(clear: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(clear) - 1))
    end = data.draw(st.integers(start + 1, len(clear)))
    opener = Opener(KEY, HEADER, len(clear))
    chunks = opener.chunks(start, end)
    first, last = opener.span(chunks)
    piece = opener.open(chunks, sealed(clear)[first:last])
    assert piece[start - chunks.start * HEADER.chunk_bytes :][: end - start] == clear[start:end]


@given(clear=st.binary(max_size=3000), bit=st.integers(0))
def test_one_flipped_bit_anywhere_is_found(clear: bytes, bit: int) -> None:
    whole = bytearray(sealed(clear))
    bit %= len(whole) * 8
    whole[bit // 8] ^= 1 << (bit % 8)
    with pytest.raises(ErasedError):
        opened(bytes(whole), len(clear))


@settings(max_examples=60)
@given(order=st.permutations(range(4)), keep=st.integers(1, 4))
def test_chunks_reordered_or_dropped_are_found(order: list[int], keep: int) -> None:
    """Whatever size the record claims."""
    assume(order[:keep] != list(range(4)))
    clear = os.urandom(4 * HEADER.chunk_bytes)
    whole = sealed(clear)
    chunks = [whole[HEADER_BYTES + n * STEP : HEADER_BYTES + (n + 1) * STEP] for n in range(4)]
    with pytest.raises(ErasedError):
        opened(bytes(HEADER) + b"".join(chunks[n] for n in order[:keep]), keep * HEADER.chunk_bytes)


def test_a_chunk_of_another_object_or_under_another_key_does_not_open() -> None:
    clear = bytes(100)
    with pytest.raises(ErasedError):
        opened(sealed(clear), 100, key=bytes(32))
    other = sealed(clear, header=Header(1024, b"another"))
    with pytest.raises(ErasedError):
        opened(bytes(HEADER) + other[HEADER_BYTES:], 100)


@pytest.mark.parametrize("claimed", [0, 99, 101, 1024, 1025, 5000])
def test_another_size_than_the_true_one_does_not_open(claimed: int) -> None:
    with pytest.raises(ErasedError):
        opened(sealed(bytes(100)), claimed)


def test_no_nonce_is_used_twice() -> None:
    nonces = {HEADER.nonce(index, last=last) for index in (*range(300), 2**32 - 1) for last in (False, True)}
    assert len(nonces) == 602
    assert {len(nonce) for nonce in nonces} == {12}


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"AUSC",
        bytes(HEADER)[:-1],
        bytes(HEADER) + b"x",
        b"AUSD" + bytes(HEADER)[4:],
        b"AUSC\x02\nprefix!",
        b"AUSC\x01\tprefix!",
        b"AUSC\x01(prefix!",
    ],
)
def test_what_is_not_a_header_of_ours_is_refused(header: bytes) -> None:
    """Also one of a version from the future, and one that would make us allocate a terabyte."""
    with pytest.raises(ErasedError):
        Header.parse(header)
