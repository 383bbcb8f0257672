from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from gasstock.accounts.models import Station
from gasstock.core import clock


class ImportRun(models.Model):
    """A file of opening stock and prices, read and checked; nothing happens until it is confirmed.

    `rows` is what the file said, as the preview shows it.
    """

    station = models.ForeignKey(Station, models.PROTECT, related_name="imports")
    file_name = models.CharField(max_length=120)
    rows = models.JSONField(default=list)
    problems = models.PositiveIntegerField(default=0)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(default=clock.now, editable=False)
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_at=None) | Q(problems=0),
                name="only_a_clean_import_is_confirmed",
            ),
        ]
        indexes = [models.Index(fields=["station", "-id"], name="import_by_station")]

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return reverse("stock:import", args=[self.station.slug, self.pk])

    @property
    def document(self) -> str:
        """How the moves name it that it wrote."""
        return f"IMPORT-{self.pk}"
