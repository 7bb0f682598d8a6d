"""The medicines list: what the patient is told to go on with, they take; with the dose that was said for it.

A clinician reads what somebody takes in one place. The order stays in the plan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from auscult.domain.evidence import Polarity
from auscult.engines.writer.offline.items import Item
from auscult.engines.writer.offline.medicine_status import TAKES

_CONTINUE: Final = "Continue "


def with_continued(items: Sequence[Item]) -> list[Item]:
    """The items, with one of kind "taking" for each medicine that is continued.

    Where the patient named it without a dose, theirs gets the dose and the turns of the order; a dose of theirs stays.
    """
    orders = {
        item.medicine: item
        for item in items
        if item.kind == "medicine"
        and item.medicine
        and item.text.startswith(_CONTINUE)
        and item.polarity is Polarity.AFFIRMED
        and not item.flags
    }
    done = [_dosed(item, orders[item.medicine]) if _is_bare(item, orders) else item for item in items]
    taken = {item.medicine for item in items if item.kind == "taking"}
    return done + [
        replace(order, kind="taking", text=_takes(order), problem="", place=-1)
        for medicine, order in orders.items()
        if medicine not in taken
    ]


def _takes(order: Item) -> str:
    return f"{TAKES} {order.text.removeprefix(_CONTINUE)}"


def _is_bare(item: Item, orders: dict[str, Item]) -> bool:
    """True for "Takes metformin.", where an order says how much of it."""
    order = orders.get(item.medicine) if item.kind == "taking" and not item.flags else None
    return (
        order is not None
        and item.polarity is Polarity.AFFIRMED
        and item.text == f"{item.short}."
        and len(order.text.split()) > len(item.text.split())
    )


def _dosed(item: Item, order: Item) -> Item:
    return replace(item, text=_takes(order), turn_ids=tuple(dict.fromkeys((*item.turn_ids, *order.turn_ids))))
