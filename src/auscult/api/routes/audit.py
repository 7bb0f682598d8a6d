"""The audit trail, searched by administrators. A search is a POST: whom it is about stays out of addresses."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from auscult.api.audit_views import AuditEntryView, AuditSearch
from auscult.api.callers import Admin, ServicesOf, needs
from auscult.api.json_bodies import JsonRoute
from auscult.api.views import Listing
from auscult.domain.access import Scope
from auscult.flows import audit

router = APIRouter(prefix="/audit", tags=["audit"], route_class=JsonRoute, dependencies=[Depends(needs(Scope.AUDIT))])


@router.post("/search")
async def search(body: AuditSearch, services: ServicesOf, actor: Admin) -> Listing[AuditEntryView]:
    """Who did what, when, from where and why: newest first, a page at a time. The search leaves an entry itself."""
    page = await audit.search(services, actor, body.sought(), limit=body.limit, cursor=body.cursor)
    return Listing(items=[AuditEntryView.of(entry) for entry in page.items], next=page.next)
