from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gasstock.notifications import preferences
from gasstock.notifications.kinds import BY_KEY, Group, Way
from gasstock.notifications.models import Channel, MessageState, Preferences

HOURS = [(hour, f"{hour:02}:00") for hour in range(24)]


class NoticeFilter(forms.Form):
    """What of the inbox is shown."""

    group = forms.ChoiceField(required=False, label=_("About"))
    station = forms.ChoiceField(required=False, label=_("Station"))
    unread = forms.BooleanField(required=False, label=_("Only unread"))

    def __init__(
        self, data: Any, *, groups: Iterable[Group], stations: Sequence[tuple[str, str]]
    ) -> None:
        super().__init__(data)
        titles = [(group.key, group.title) for group in groups]
        self.fields["group"].choices = [("", _("Everything")), *titles]  # type: ignore[attr-defined]
        self.fields["station"].choices = [("", _("Everywhere")), *stations]  # type: ignore[attr-defined]


class MessageFilter(forms.Form):
    """What of the outbox is shown."""

    state = forms.ChoiceField(
        required=False, label=_("State"), choices=[("", _("All states")), *MessageState.choices]
    )
    channel = forms.ChoiceField(
        required=False, label=_("Channel"), choices=[("", _("All channels")), *Channel.choices]
    )


@dataclass(frozen=True)
class Tick:
    """One box: a way for one group."""

    way: str
    title: str
    is_on: bool
    is_locked: bool


class PreferencesForm(forms.Form):
    """How a person wants to be told: the ways of each group, quiet hours, the morning letter."""

    is_quiet = forms.BooleanField(required=False, label=_("Keep quiet at night"))
    quiet_from = forms.TimeField(
        required=False, label=_("From"), widget=forms.TimeInput({"type": "time"}, format="%H:%M")
    )
    quiet_until = forms.TimeField(
        required=False, label=_("Until"), widget=forms.TimeInput({"type": "time"}, format="%H:%M")
    )
    digest_hour = forms.TypedChoiceField(
        label=_("The morning letter comes at"), choices=HOURS, coerce=int
    )

    def __init__(
        self,
        *args: Any,
        groups: Sequence[Group],
        has_sms: bool,
        saved: Preferences | None,
        **kwargs: Any,
    ) -> None:
        kept = saved or Preferences()
        initial = {
            "is_quiet": kept.quiet_from is not None,
            "quiet_from": kept.quiet_from or time(21),
            "quiet_until": kept.quiet_until or time(6),
            "digest_hour": kept.digest_hour,
        }
        super().__init__(*args, **({"initial": initial} | kwargs))
        self.groups = groups
        self.has_sms, self.saved = has_sms, saved
        for group in self.groups:
            ways = self._ways(group)
            self.fields[group.key] = forms.MultipleChoiceField(
                required=False,
                choices=[(way.value, way.label) for way in ways],
                initial=sorted(preferences.ways_of(saved, group)),
            )
        if BY_KEY["digest"] not in self.groups:
            del self.fields["digest_hour"]

    def _ways(self, group: Group) -> list[Way]:
        return [way for way in Way if way in group.offers and (way != Way.SMS or self.has_sms)]

    def rows(self) -> list[tuple[Group, list[Tick]]]:
        """Each group with its boxes, as the page shows them."""
        return [
            (group, [self._tick(group, way) for way in self._ways(group)]) for group in self.groups
        ]

    def _tick(self, group: Group, way: Way) -> Tick:
        chosen = self[group.key].value() or []
        is_locked = group.is_locked and way in group.ways
        return Tick(way.value, str(way.label), is_locked or way in chosen, is_locked)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("is_quiet"):
            begins, ends = cleaned.get("quiet_from"), cleaned.get("quiet_until")
            for name, value in (("quiet_from", begins), ("quiet_until", ends)):
                if value is None and name not in self.errors:
                    self.add_error(name, _("Say a time, for example 21:00."))
            if begins and begins == ends:
                self.add_error("quiet_until", _("The night must end at another time."))
        return cleaned

    @property
    def quiet(self) -> tuple[time, time] | None:
        cleaned = self.cleaned_data
        return (cleaned["quiet_from"], cleaned["quiet_until"]) if cleaned["is_quiet"] else None

    @property
    def chosen(self) -> dict[str, list[str]]:
        """The ways of each group; SMS stays as it was while there is none to choose."""
        return {group.key: self._chosen(group) for group in self.groups}

    def _chosen(self, group: Group) -> list[str]:
        ways = set(self.cleaned_data[group.key])
        if not self.has_sms and Way.SMS in preferences.ways_of(self.saved, group):
            ways.add(Way.SMS.value)
        return sorted(ways)
