"""Chains of marks: what one entry says rests on all before it, and a reader says exactly where that was broken."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auscult.trust.audit_chain import ChainCheck, Finding, Head, Link, Problem, genesis, mark, placed

KEY = bytes(range(32))
CLINIC = "CLN_01JN0000AV0000000000000001"


def chain(count: int, key: bytes = KEY) -> list[Link]:
    previous, made = genesis(key, CLINIC, 3), []
    for seq in range(1, count + 1):
        body = placed(3, seq, f'{{"id":"AUD_{seq}"}}')
        previous = mark(key, previous, 3, seq, body)
        made.append(Link(3, seq, body, previous))
    return made


def read(links: list[Link], head: Head | None, seen: dict[int, tuple[bytes, int]] | None = None) -> list[Finding]:
    check = ChainCheck(KEY, CLINIC, 3, seen or {})
    found = [one for link in links for one in check.feed(link, watched=head.seq if head else None)]
    return [*found, *check.finish(head, head)]


def head_of(links: list[Link]) -> Head:
    return Head(links[-1].seq, links[-1].mark)


def test_a_chain_as_it_was_written_has_nothing_wrong() -> None:
    made = chain(20)
    assert read(made, head_of(made)) == []
    assert read([], None) == []


@pytest.mark.parametrize("at", [1, 7, 20])
def test_a_changed_body_is_found_at_its_entry_alone(at: int) -> None:
    made = chain(20)
    made[at - 1] = replace(made[at - 1], body=made[at - 1].body.replace(b"AUD", b"BAD"))
    assert read(made, head_of(made)) == [Finding(Problem.CHANGED, 3, at, at)]


@pytest.mark.parametrize("gone", [range(1, 2), range(4, 9)])
def test_a_gap_is_one_finding_from_its_first_to_its_last(gone: range) -> None:
    made = chain(12)
    left = [link for link in made if link.seq not in gone]
    assert read(left, head_of(made)) == [Finding(Problem.MISSING, 3, gone.start, gone.stop - 1)]


def test_an_entry_of_another_place_is_said_to_be_one() -> None:
    made = chain(9)
    made[3], made[5] = replace(made[5], seq=4), replace(made[3], seq=6)
    found = {(one.problem, one.seq) for one in read(made, head_of(made))}
    assert {(Problem.REORDERED, 4), (Problem.REORDERED, 6)} <= found


def test_a_short_chain_is_truncated_by_its_head_or_by_what_saw_more() -> None:
    made = chain(9)
    assert read(made[:6], head_of(made)) == [Finding(Problem.TRUNCATED, 3, 7, 9)]
    seen = {9: (made[8].mark, 2), 8: (made[7].mark, 1)}
    assert read(made[:6], head_of(made[:6]), seen) == [Finding(Problem.TRUNCATED, 3, 7, 8, checkpoint=1)]


def test_another_chain_that_fits_in_itself_does_not_fit_what_was_seen() -> None:
    made = chain(5)
    assert read(made, head_of(made), {4: (b"another mark", 7)}) == [Finding(Problem.REWRITTEN, 3, 4, checkpoint=7)]


def test_a_chain_of_another_key_is_one_finding_from_beginning_to_end() -> None:
    made = chain(1000, key=bytes(32))
    assert read(made, head_of(made)) == [Finding(Problem.CHANGED, 3, 1, 1000)]


def test_entries_that_are_added_while_the_chain_is_read_are_no_fault() -> None:
    made = chain(10)
    check = ChainCheck(KEY, CLINIC, 3, {})
    before, after = head_of(made[:6]), head_of(made)
    assert [one for link in made[:8] for one in check.feed(link, watched=6)] == []
    assert list(check.finish(before, after)) == []


def test_marks_depend_on_chain_number_and_clinic() -> None:
    body = b"{}"
    assert len({mark(KEY, bytes(32), chain, seq, body) for chain in (0, 1) for seq in (1, 2, 256)}) == 6
    assert genesis(KEY, CLINIC, 1) != genesis(KEY, CLINIC[:-1] + "2", 1)
