from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db.models import Model

from gasstock.audit.models import AuditEvent
from gasstock.core.origin import current_origin
from gasstock.core.request_id import current_request_id

if TYPE_CHECKING:
    from gasstock.accounts.models import User


def record(actor: "User | None", action: str, target: Model, **data: object) -> AuditEvent:
    """Write one line in the audit log, in the transaction of the change it describes."""
    [event] = record_each(actor, action, [(target, data)])
    return event


def record_each(
    actor: "User | None", action: str, changed: Iterable[tuple[Model, dict[str, object]]]
) -> list[AuditEvent]:
    """Write a line for each of many, with what happened to it, in one query."""
    origin = current_origin()
    return AuditEvent.objects.bulk_create(
        AuditEvent(
            actor=actor,
            action=action,
            target_label=target._meta.label,
            target_pk=str(target.pk),
            target_text=str(target)[:200],
            data=data,
            request_id=current_request_id(),
            address=origin.address,
            door=origin.door,
        )
        for target, data in changed
    )
