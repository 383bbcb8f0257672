from django.conf import settings
from django.db import models

from gasstock.core.models import AppendOnlyModel


class AuditEvent(AppendOnlyModel):
    """Who did what to which record. Points by label and key, so nothing blocks deletion.

    `address` and `door` (the name of a page or call) say from where; both are None for what the
    worker or a command did.
    """

    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=60)
    target_label = models.CharField(max_length=60)
    target_pk = models.CharField(max_length=40)
    target_text = models.CharField(max_length=200, blank=True)
    data = models.JSONField(default=dict)
    request_id = models.CharField(max_length=40, blank=True)
    address = models.GenericIPAddressField(null=True, blank=True)
    door = models.CharField(max_length=80, null=True, blank=True)  # noqa: DJ001 rows from before

    class Meta:
        indexes = [
            models.Index(fields=["target_label", "target_pk"], name="audit_by_target"),
            models.Index(fields=["-created_at", "-id"], name="audit_by_moment"),
            models.Index(fields=["actor", "-created_at", "-id"], name="audit_by_actor"),
            models.Index(fields=["action", "-created_at", "-id"], name="audit_by_action"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.target_label}:{self.target_pk}"
