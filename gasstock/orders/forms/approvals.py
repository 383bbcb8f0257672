"""What an admin types in about things that wait for approval."""

from django import forms
from django.utils.translation import gettext_lazy as _

from gasstock.billing.models import Method
from gasstock.orders.forms.station import Words

WHY_REJECT: dict[str, Words] = {
    "order": [
        _("Not enough stock"),
        _("Buyer cannot be reached"),
        _("Too large for a first order"),
        _("Looks like a mistake"),
    ],
    "invoice": [
        _("Not what was delivered"),
        _("Wrong price"),
        _("Billed twice"),
        _("Not delivered yet"),
    ],
    "station": [
        _("No licence number"),
        _("Licence could not be checked"),
        _("Phone does not answer"),
        _("Sells here already"),
    ],
}


class QueueFilter(forms.Form):
    q = forms.CharField(required=False, max_length=60)
    station = forms.SlugField(required=False)
    only = forms.ChoiceField(required=False, choices=[("", ""), ("admin", "admin")])


class PaidForm(forms.Form):
    """How an approved invoice was paid in full."""

    method = forms.ChoiceField(
        choices=Method.choices, label=_("Paid by"), widget=forms.RadioSelect, initial=Method.BANK
    )
    reference = forms.CharField(
        required=False,
        max_length=60,
        label=_("Reference"),
        help_text=_("What the bank printed; needed for a bank transfer."),
    )
