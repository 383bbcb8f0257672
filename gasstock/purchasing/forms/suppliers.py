from django import forms
from django.utils.translation import gettext_lazy

from gasstock.accounts.forms import OneLineField, PhoneField


class SupplierForm(forms.Form):
    """What a station knows of somebody it buys from."""

    name = OneLineField(label=gettext_lazy("Name"), max_length=80)
    contact = OneLineField(label=gettext_lazy("Person to ask for"), max_length=80, required=False)
    phone = PhoneField(required=False)
    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        required=False,
        help_text=gettext_lazy("Orders go there by themselves. Without it you print or send them."),
    )
    address = OneLineField(label=gettext_lazy("Address"), max_length=160, required=False)
    note = OneLineField(
        label=gettext_lazy("Note"),
        max_length=240,
        required=False,
        help_text=gettext_lazy("Only your team reads it: days they deliver, terms, account."),
    )
