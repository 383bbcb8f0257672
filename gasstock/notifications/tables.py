import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from gasstock.core.tables import MomentColumn, StatusColumn, Table
from gasstock.core.templatetags.ui import local_phone
from gasstock.notifications.models import Channel, Message

NARROW = {"td": {"class": "gs-nowrap"}}
WIDE = {"td": {"class": "is-wide gs-break"}}  # the whole width of a card on a phone


class MessageTable(Table):
    """The outbox as admins see it: never the text, which may open an account."""

    subject = tables.Column(verbose_name=_("About"), attrs={"td": {"class": "is-name"}})
    to = tables.Column(verbose_name=_("To"), attrs={"td": {"class": "is-wide gs-break gs-to"}})
    channel = tables.Column(verbose_name=_("By"), attrs=NARROW)
    created_at = MomentColumn(verbose_name=_("Written"), attrs=NARROW)
    state = StatusColumn(verbose_name=_("State"))
    outcome = tables.TemplateColumn(
        template_name="notifications/_outcome.html",
        verbose_name=_("What happened"),
        accessor="pk",
        attrs=WIDE,
    )

    def render_to(self, record: Message) -> str:
        return local_phone(record.to) if record.channel == Channel.SMS else record.to

    def render_channel(self, record: Message) -> str:
        return record.get_channel_display()
