import unicodedata
from typing import Any

from allauth.account import forms as allauth_forms
from allauth.account.models import EmailAddress
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from phonenumber_field.formfields import PhoneNumberField
from phonenumber_field.phonenumber import PhoneNumber

from gasstock.accounts.districts import PROVINCES
from gasstock.accounts.models import Address, Station, StationStatus, User
from gasstock.accounts.permissions import Role
from gasstock.core.fields import MoneyField
from gasstock.core.templatetags.ui import languages, local_phone

DISTRICT_CHOICES = [
    ("", _("Choose a district")),
    *((province, [(name, name) for name in names]) for province, names in PROVINCES.items()),
]
CONTROLS = {"Cc", "Co", "Cs"}  # Unicode's categories of what is no text
DIRECTION_MARKS = set(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
)
WRONG_PHONE = _("That is no phone number. One looks like 0788 412 906.")

PASSWORD_HINT = _("Use 10 letters or more; a short sentence is good.")
LABELS = {
    "login": _("E-mail"),
    "email": _("E-mail"),
    "password": _("Password"),
    "oldpassword": _("Password now"),
    "password1": _("New password"),
    "password2": _("New password again"),
}


def _is_hidden(character: str) -> bool:
    return character in DIRECTION_MARKS or unicodedata.category(character) in CONTROLS


class OneLineField(forms.CharField):
    """Words on one line: no line breaks, no control or direction marks hidden in a name."""

    def to_python(self, value: Any) -> str:
        shown = "".join(c for c in str(value or "") if c.isspace() or not _is_hidden(c))
        return " ".join((super().to_python(shown) or "").split())


class DistrictField(forms.ChoiceField):
    """One of the districts, grouped by province."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("District"), choices=DISTRICT_CHOICES, **kwargs)


class PhoneField(PhoneNumberField):
    """A phone number as people here dial it."""

    default_error_messages = {"invalid": WRONG_PHONE}

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput({"type": "tel", "autocomplete": "tel", "inputmode": "tel"})
        super().__init__(widget=widget, **({"label": _("Phone number")} | kwargs))
        self.error_messages["invalid"] = WRONG_PHONE

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, PhoneNumber) or not value.is_valid():
            return value
        return local_phone(value)


def name_field() -> OneLineField:
    """Return the field in which a person says how they are called."""
    widget = forms.TextInput({"autocomplete": "name"})
    return OneLineField(label=_("Your name"), max_length=80, widget=widget)


class _Reworded(forms.BaseForm):
    """A form of allauth that calls things as ours do, above the fields instead of inside."""

    labels: dict[str, Any] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = (LABELS | self.labels).get(name, field.label)
            if name == "password1":
                field.help_text = PASSWORD_HINT


class LoginForm(_Reworded, allauth_forms.LoginForm):
    pass


class SignupForm(_Reworded, allauth_forms.SignupForm):
    """What a new person is asked: no more than a delivery needs."""

    labels = {"password1": _("Password")}
    field_order = ["name", "email", "phone", "password1"]

    name = name_field()
    phone = PhoneField(required=False, help_text=_("We use it for deliveries and payments only."))

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """Make the account, unless there is one: which of them, the time it takes does not tell."""
        user, response = super().try_save(request)
        if user is None:
            make_password(self.cleaned_data["password1"])
        return user, response


class AddEmailForm(_Reworded, allauth_forms.AddEmailForm):
    labels = {"email": _("New e-mail")}

    def save(self, request: HttpRequest) -> EmailAddress:
        """Note the new address beside the one in use, which stays until the new is confirmed.

        allauth would drop the one in use if that was never confirmed, and lock the person out.
        """
        waiting = EmailAddress.objects.filter(user=self.user, verified=False, primary=False)
        with transaction.atomic():
            waiting.delete()
            address = EmailAddress.objects.create(
                user=self.user, email=self.cleaned_data["email"], primary=False
            )
        address.send_confirmation(request)
        return address


class ResetPasswordForm(_Reworded, allauth_forms.ResetPasswordForm):
    pass


class ResetPasswordKeyForm(_Reworded, allauth_forms.ResetPasswordKeyForm):
    pass


class ChangePasswordForm(_Reworded, allauth_forms.ChangePasswordForm):
    pass


class AddKeyForm(_Reworded, AddWebAuthnForm):
    """Adding a passkey or a security key."""

    labels = {"name": _("What do you call it?"), "passwordless": _("Sign in with it alone")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["passwordless"].help_text = _(
            "As a passkey: no password, but this device asks for your fingerprint, face or PIN."
        )


class ReauthenticateForm(_Reworded, allauth_forms.ReauthenticateForm):
    pass


class ProfileForm(forms.Form):
    """What a person says about themselves; the language only where there is a choice."""

    name = name_field()
    phone = PhoneField(required=False)
    language = forms.ChoiceField(label=_("Language"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(language["code"], language["name_local"]) for language in languages()]
        if len(choices) > 1:
            self.fields["language"].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields["language"]


class AddressForm(forms.ModelForm):
    label = OneLineField(label=_("What do you call it?"), max_length=30, initial=_("Home"))
    district = DistrictField()
    line = OneLineField(
        label=_("Street, house, landmark"),
        max_length=160,
        help_text=_("What a rider needs to find the door."),
    )

    class Meta:
        model = Address
        fields = ["label", "district", "line"]


class _StationForm(forms.ModelForm):
    name = OneLineField(label=_("Name of the station"), max_length=80)
    district = DistrictField()
    address = OneLineField(label=_("Street, house, landmark"), max_length=160)
    phone = PhoneField(label=_("Phone number for buyers"))
    opens_at = forms.TimeField(
        label=_("Opens at"), widget=forms.TimeInput({"type": "time"}, format="%H:%M")
    )
    closes_at = forms.TimeField(
        label=_("Closes at"), widget=forms.TimeInput({"type": "time"}, format="%H:%M")
    )
    delivers = forms.BooleanField(label=_("We deliver"), required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("opens_at") and data["opens_at"] == data.get("closes_at"):
            self.add_error("closes_at", _("It must close at another time than it opens."))
        return data


class StationApplicationForm(_StationForm):
    licence = OneLineField(
        label=_("Licence number"),
        max_length=60,
        help_text=_("Of your licence to sell gas. We check it before we approve."),
    )

    class Meta:
        model = Station
        fields = [
            "name",
            "licence",
            "district",
            "address",
            "phone",
            "opens_at",
            "closes_at",
            "delivers",
        ]


class StationSettingsForm(_StationForm):
    """The licence can be added where there is none; one that was approved stays."""

    licence = OneLineField(label=_("Licence number"), max_length=60, required=False)
    delivery_fee = MoneyField(
        label=_("Delivery fee"),
        max_value=10_000_000,
        help_text=_("The usual one. A district may cost another."),
    )
    takes_bank = forms.BooleanField(label=_("We take bank transfers"), required=False)
    bank_account = OneLineField(
        label=_("Bank account"),
        max_length=120,
        required=False,
        help_text=_("Bank, name and number, as the buyer needs them."),
    )
    takes_foreign_empties = forms.BooleanField(
        label=_("We take empties of other brands"), required=False
    )
    cover_days = forms.IntegerField(
        label=_("Days of stock to keep"),
        min_value=1,
        max_value=90,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
        help_text=_("How long an order to a supplier should last, as we suggest it to you."),
    )

    class Meta:
        model = Station
        fields = [
            "name",
            "district",
            "address",
            "phone",
            "opens_at",
            "closes_at",
            "delivers",
            "delivery_fee",
            "takes_foreign_empties",
            "takes_bank",
            "bank_account",
            "cover_days",
            "licence",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.licence:
            del self.fields["licence"]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("takes_bank") and not data.get("bank_account") and not self.errors:
            self.add_error("bank_account", _("Say which account buyers pay to."))
        return data


class InviteForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "off"}),
    )
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.CLERK)


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)


class LoadForm(forms.Form):
    load_limit = forms.IntegerField(
        label=_("Cylinders on one trip"),
        min_value=1,
        max_value=200,
        required=False,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"), _("From 1 to 200 cylinders.")
        ),
    )


class ReasonForm(forms.Form):
    reason = OneLineField(label=_("Why"), max_length=240, widget=forms.Textarea({"rows": 3}))


class LimitForm(forms.Form):
    limit = MoneyField(
        label=_("The team may approve orders up to"),
        max_value=1_000_000_000,
        help_text=_("0: every order waits for an admin."),
    )


class UserFilter(forms.Form):
    """What the list of people is narrowed to; a word we do not know narrows nothing."""

    ROLES = [
        ("", _("Everybody")),
        ("admin", _("Admins")),
        *((role.value, role.label + "s") for role in Role),
        ("buyer", _("Buyers only")),
    ]
    STATES = [
        ("", _("Any account")),
        ("active", _("Active")),
        ("never", _("Never signed in")),
        ("closed", _("Deactivated")),
    ]
    q = forms.CharField(required=False, max_length=80)
    role = forms.ChoiceField(required=False, choices=ROLES)
    state = forms.ChoiceField(required=False, choices=STATES)


class StationFilter(forms.Form):
    q = forms.CharField(required=False, max_length=80)
    status = forms.ChoiceField(required=False, choices=[("", _("All")), *StationStatus.choices])
