"""What people type in about a transfer: what to move, what was loaded, what came, what is lost."""

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gasstock.accounts.models import Station
from gasstock.catalog.models import Variant
from gasstock.inventory.forms.listings import CountField
from gasstock.inventory.models import Condition, TransferLine
from gasstock.inventory.services.roads import Choice
from gasstock.inventory.services.transfers import Wish

WAYS = [("send", gettext_lazy("We send")), ("ask", gettext_lazy("We ask for"))]


class BetweenForm(forms.Form):
    """Which other station, and who sends."""

    way = forms.ChoiceField(
        choices=WAYS, label=gettext_lazy("Who sends"), widget=forms.RadioSelect, initial="send"
    )
    other = forms.ModelChoiceField(
        Station.objects.none(),
        to_field_name="slug",
        label=gettext_lazy("Other station"),
        empty_label=gettext_lazy("Choose a station"),
        error_messages={"invalid_choice": gettext_lazy("Choose one of the list.")},
    )

    def __init__(self, data: Any = None, *, station: Station) -> None:
        super().__init__(data)
        field = self.fields["other"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - for the type checker
        field.queryset = Station.objects.selling().exclude(pk=station.pk).order_by("name", "pk")


@dataclass(frozen=True)
class Cell:
    condition: Condition
    field: forms.BoundField
    there: int | None


class WishForm(forms.Form):
    """How many of what; at least one of something."""

    note = forms.CharField(
        required=False,
        max_length=240,
        label=gettext_lazy("Note"),
        help_text=gettext_lazy("The other station reads it."),
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, choices: Iterable[Choice]) -> None:
        super().__init__(data, initial={"key": uuid.uuid4()}, auto_id="%s")
        self.choices = list(choices)
        for choice in self.choices:
            for condition in choice.conditions:
                label = f"{choice.variant}, {condition.label.lower()}"
                self.fields[_key(choice.variant, condition)] = _count(label, required=False)

    def rows(self) -> list[tuple[Variant, list[Cell]]]:
        return [
            (
                choice.variant,
                [
                    Cell(
                        condition,
                        self[_key(choice.variant, condition)],
                        choice.there.get(condition, 0) if choice.there is not None else None,
                    )
                    for condition in choice.conditions
                ],
            )
            for choice in self.choices
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        wishes = [
            Wish(choice.variant, condition, quantity)
            for choice in self.choices
            for condition in choice.conditions
            if (quantity := data.get(_key(choice.variant, condition)))
        ]
        if not wishes and not self.errors:
            self.add_error(None, _("Say how many, of one thing at least."))
        return {"wishes": wishes, "note": data.get("note", ""), "key": data.get("key")}


class LineForm(forms.Form):
    """A number for each line of a transfer, from none to the most there can be."""

    def __init__(self, data: Any = None, *, lines: Iterable[TransferLine]) -> None:
        super().__init__(data, auto_id="%s")
        self.lines = [line for line in lines if self.most(line)]
        for line in self.lines:
            label = f"{line.variant}, {line.get_condition_display().lower()}"
            field = _count(label, most=self.most(line), required=True)
            field.initial = self.start(line)
            self.fields[_name(line)] = field
        self.order_fields([_name(line) for line in self.lines])

    def most(self, line: TransferLine) -> int:
        raise NotImplementedError

    def start(self, line: TransferLine) -> int:
        return self.most(line)

    def rows(self) -> list[tuple[TransferLine, forms.BoundField]]:
        return [(line, self[_name(line)]) for line in self.lines]

    def numbers(self) -> dict[int, int]:
        return {line.pk: self.cleaned_data[_name(line)] for line in self.lines}

    def clean(self) -> None:
        if not self.errors and not any(self.numbers().values()):
            self.add_error(None, _("Say how many, of one thing at least."))


class SendForm(LineForm):
    """What was loaded, and who drives it. `free` is what may leave, by variant and condition."""

    driver = forms.CharField(
        max_length=80,
        label=gettext_lazy("Who drives"),
        help_text=gettext_lazy("A name the other station can ask for."),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        lines: Iterable[TransferLine],
        free: Mapping[int, Counter[str]],
    ) -> None:
        self.free = free
        super().__init__(data, lines=lines)

    def most(self, line: TransferLine) -> int:
        return line.quantity

    def start(self, line: TransferLine) -> int:
        return max(0, min(line.quantity, self.free_of(line)))

    def free_of(self, line: TransferLine) -> int:
        return self.free[line.variant_id][line.condition] if line.variant_id in self.free else 0

    def loads(self) -> list[tuple[TransferLine, forms.BoundField, int]]:
        return [(line, field, self.free_of(line)) for line, field in self.rows()]


class ReceiveForm(LineForm):
    """What came. `seen`: how many pieces had come or were lost when the page was made."""

    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, lines: Iterable[TransferLine]) -> None:
        lines = list(lines)
        super().__init__(data, lines=lines)
        self.initial["seen"] = settled(lines)

    def most(self, line: TransferLine) -> int:
        return line.on_the_way


class WriteOffForm(forms.Form):
    """Who answers for what is missing, and what became of it."""

    lost_by = forms.CharField(max_length=80, label=gettext_lazy("Who answers for it"))
    reason = forms.CharField(
        max_length=240, label=gettext_lazy("What happened"), widget=forms.Textarea({"rows": 2})
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, lines: Iterable[TransferLine]) -> None:
        super().__init__(data, initial={"seen": settled(lines)}, auto_id="lost_%s")


def settled(lines: Iterable[TransferLine]) -> int:
    """How many pieces came in or are lost already."""
    return sum(line.received + line.lost for line in lines)


def _name(line: TransferLine) -> str:
    return f"n{line.pk}"


def _key(variant: Variant, condition: Condition) -> str:
    return f"n{variant.pk}-{condition.value}"


def _count(label: str, *, most: int | None = None, required: bool) -> CountField:
    field = CountField(
        label=label,
        required=required,
        error_messages={
            "invalid": _("A whole number."),
            "required": _("Type a number, 0 if there was none."),
            "min_value": _("0 or more."),
            "max_value": _("At most %(limit_value)s."),
        },
    )
    if most is not None:
        field.max_value = most
        field.validators.append(MaxValueValidator(most, _("At most %(limit_value)s.")))
    field.widget.attrs["aria-label"] = label
    return field
