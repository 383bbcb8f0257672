"""What came of an order, line by line."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gasstock.accounts.forms import OneLineField
from gasstock.purchasing.forms.orders import CountField
from gasstock.purchasing.models import PurchaseKind, PurchaseLine
from gasstock.purchasing.services.receiving import Came, as_agreed


@dataclass(frozen=True)
class Row:
    """A line of the order with its fields; only refills have one for empties."""

    line: PurchaseLine
    accepted: BoundField
    rejected: BoundField
    reason: BoundField
    empties: BoundField | None
    here: int


class ReceiptForm(forms.Form):
    """`key` makes a double send one receipt; `confirm_over` is only for who may buy."""

    key = forms.CharField(max_length=64, widget=forms.HiddenInput)
    delivery_note = OneLineField(
        label=gettext_lazy("Number of their delivery note"), max_length=60, required=False
    )
    note = OneLineField(label=gettext_lazy("Note"), max_length=240, required=False)
    confirm_over = forms.BooleanField(
        label=gettext_lazy("Yes, more came than was ordered"), required=False
    )

    def __init__(
        self,
        data: Any = None,
        *,
        lines: list[PurchaseLine],
        empties: Mapping[int, int],
        may_confirm: bool,
    ) -> None:
        super().__init__(data, initial={"key": uuid.uuid4().hex})
        self.lines, self.here = lines, empties
        self.asks_over = bool(data and data.get("confirm_over"))
        if not may_confirm:
            del self.fields["confirm_over"]
        for line, came in zip(lines, as_agreed(lines, empties), strict=True):
            self._add_fields(line, came)

    def _add_fields(self, line: PurchaseLine, came: Came) -> None:
        """Filled in as agreed, for that is what is most often true."""
        pk, name = line.pk, line.name
        self._count(f"accepted_{pk}", _("Accepted: %(name)s") % {"name": name}, came.accepted)
        self._count(f"rejected_{pk}", _("Rejected: %(name)s") % {"name": name}, 0)
        self.fields[f"reason_{pk}"] = OneLineField(
            label=_("Why not: %(name)s") % {"name": name},
            max_length=160,
            required=False,
            widget=forms.TextInput({"placeholder": _("Leaking, seal broken …")}),
        )
        if line.kind == PurchaseKind.REFILL:
            label = _("Empties out: %(name)s") % {"name": name}
            self._count(f"empties_{pk}", label, came.empties_out)

    def _count(self, name: str, label: str, initial: int) -> None:
        field = CountField(label=label, required=False, initial=initial)
        field.widget.attrs |= {"data-min": 0, "data-max": 100_000, "aria-label": label}
        self.fields[name] = field

    def rows(self) -> Iterator[Row]:
        for line in self.lines:
            is_refill = line.kind == PurchaseKind.REFILL
            yield Row(
                line,
                self[f"accepted_{line.pk}"],
                self[f"rejected_{line.pk}"],
                self[f"reason_{line.pk}"],
                self[f"empties_{line.pk}"] if is_refill else None,
                self.here.get(line.variant_id, 0),
            )

    def clean(self) -> None:
        for line in self.lines:
            rejected = self.cleaned_data.get(f"rejected_{line.pk}")
            if rejected and not self.cleaned_data.get(f"reason_{line.pk}"):
                self.add_error(f"reason_{line.pk}", _("Say why they were not accepted."))

    def came(self) -> list[Came]:
        data = self.cleaned_data
        return [
            Came(
                line.pk,
                data[f"accepted_{line.pk}"] or 0,
                data[f"rejected_{line.pk}"] or 0,
                data[f"reason_{line.pk}"],
                data.get(f"empties_{line.pk}") or 0,
            )
            for line in self.lines
        ]
