"""The statements that list a partition, one for each shape of a query, built once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Integer, Select, Text, and_, bindparam, select, true, tuple_

from auscult.stores.records.schema import document_index, documents
from auscult.stores.records.sql_writes import SEALED

_ROW = (documents.c.partition, documents.c.sort, *SEALED)


@dataclass(frozen=True, slots=True)
class Shape:
    """What tells one query's statement from another's; everything else about it is a parameter."""

    by_index: bool
    after: bool
    before: bool
    from_cursor: bool
    newest_first: bool

    @property
    def columns(self) -> int:
        """How many columns order the rows, and so make up the position in a cursor."""
        return 3 if self.by_index else 1


@cache
def listing(shape: Shape, *, sqlite: bool) -> Select[Any]:
    """The statement of a query of that shape.

    Parameters: `at_clinic_id`, `at_kind`, `at_partition`, `most` rows; where the shape has them `at_index`, `after`,
    `before` and the cursor's `from_0`, …. Rows have a document's key columns and all that opens it, and with an index
    `isort`.
    """
    statement, order = _by_index(sqlite=sqlite) if shape.by_index else _by_key()
    if shape.after:
        statement = statement.where(order[0] > bindparam("after"))
    if shape.before:
        statement = statement.where(order[0] < bindparam("before"))
    if shape.from_cursor:
        position = tuple_(*(bindparam(f"from_{number}", type_=Text()) for number in range(shape.columns)))
        statement = statement.where(
            tuple_(*order) < position if shape.newest_first else tuple_(*order) > position,
        )
    statement = statement.order_by(*(column.desc() if shape.newest_first else column for column in order))
    return statement.limit(bindparam("most", type_=Integer()))


ENTRIES_MOST: Final = 10_000


@cache
def term_entries(*, before: bool) -> Select[Any]:
    """The statement that lists one partition of an index of terms, the highest sort first, from the index alone.

    Parameters: `at_clinic_id`, `at_kind`, `at_index`, `at_partition`, `most` rows, and `before` where the shape has it.
    Rows have `partition`, `sort` and `isort`.
    """
    entry = document_index.c
    statement = select(entry.partition, entry.sort, entry.isort).where(
        entry.clinic_id == bindparam("at_clinic_id"),
        entry.kind == bindparam("at_kind"),
        entry.index_name == bindparam("at_index"),
        entry.ipartition == bindparam("at_partition"),
    )
    if before:
        statement = statement.where(entry.isort < bindparam("before"))
    order = (entry.isort.desc(), entry.partition.desc(), entry.sort.desc())
    return statement.order_by(*order).limit(bindparam("most", type_=Integer()))


MANY: Final = select(*_ROW).where(
    documents.c.clinic_id == bindparam("at_clinic_id"),
    documents.c.kind == bindparam("at_kind"),
    documents.c.partition.in_(bindparam("at_partitions", expanding=True)),
    documents.c.sort.in_(bindparam("at_sorts", expanding=True)),
)
"""Documents whose key columns are among the given ones: those asked for, and where keys share columns a few more."""


def _by_key() -> tuple[Select[Any], list[ColumnElement[Any]]]:
    columns = documents.c
    mine = and_(
        columns.clinic_id == bindparam("at_clinic_id"),
        columns.kind == bindparam("at_kind"),
        columns.partition == bindparam("at_partition"),
    )
    return select(*_ROW).where(mine), [columns.sort]


def _by_index(*, sqlite: bool) -> tuple[Select[Any], list[ColumnElement[Any]]]:
    entry = document_index.c
    same = and_(*(entry[name] == documents.c[name] for name in ("clinic_id", "kind", "partition", "sort")))
    if sqlite:
        statement = select(*_ROW, entry.isort).join_from(document_index, documents, same)
    else:
        # One look into the primary key for each entry. Left to itself, PostgreSQL reads all documents of the table
        # for each entry, as long as it has no statistics: on every new clinic.
        document = select(*_ROW).where(same).limit(1).lateral("document")
        statement = select(*document.c, entry.isort).join_from(document_index, document, true())
    statement = statement.where(
        entry.clinic_id == bindparam("at_clinic_id"),
        entry.kind == bindparam("at_kind"),
        entry.index_name == bindparam("at_index"),
        entry.ipartition == bindparam("at_partition"),
    )
    return statement, [entry.isort, entry.partition, entry.sort]
