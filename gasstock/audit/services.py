from typing import TYPE_CHECKING

from django.db.models import Model

from gasstock.audit.models import AuditEvent
from gasstock.core.request_id import current_request_id

if TYPE_CHECKING:
    from gasstock.accounts.models import User


def record(actor: "User | None", action: str, target: Model, **data: object) -> AuditEvent:
    """Write one line in the audit log, in the transaction of the change it describes."""
    return AuditEvent.objects.create(
        actor=actor,
        action=action,
        target_label=target._meta.label,
        target_pk=str(target.pk),
        target_text=str(target)[:200],
        data=data,
        request_id=current_request_id(),
    )
