"""Registering, signing in and the second factor, through the pages of allauth."""

import re

import pytest
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core import mail
from django.urls import reverse

from gasstock.accounts.models import User
from gasstock.notifications import outbox
from gasstock.notifications.models import Message
from tests.factories import PASSWORD, make_admin, make_user

NEW = {
    "name": "Marie Uwase",
    "email": "Marie@Example.com",
    "phone": "0788 412 906",
    "password1": "my gas came late today",
}


def sign_in(client, user, password=PASSWORD, **extra):
    data = {"login": user.email, "password": password}
    return client.post("/account/login/", data, **extra)


def prove(client) -> None:
    """Type the password again, as the pages that guard the account ask."""
    client.post("/account/reauthenticate/", {"password": PASSWORD})


def is_signed_in(client) -> bool:
    return "_auth_user_id" in client.session


def give_totp(user) -> str:
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret


def code_now(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def test_anybody_registers_as_a_buyer_and_nothing_more(client, db):
    sneaked = {"is_admin": "1", "is_staff": "1", "is_superuser": "1", "role": "admin"}

    answer = client.post("/account/signup/", NEW | sneaked)

    user = User.objects.get()
    assert answer["Location"] == "/home/"
    assert is_signed_in(client)
    assert (user.email, user.name, str(user.phone)) == (
        "marie@example.com",
        "Marie Uwase",
        "+250788412906",
    )
    assert (user.is_admin, user.is_staff, user.is_superuser) == (False, False, False)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"phone": "0788 412 9"}, "phone"),
        ({"email": "marie"}, "email"),
        ({"password1": "short"}, "password1"),
        ({"password1": "1234567890"}, "password1"),
        ({"password1": "password123"}, "password1"),
    ],
)
def test_a_bad_registration_says_what_to_put_right(client, db, wrong, field):
    answer = client.post("/account/signup/", NEW | wrong)

    assert field in answer.context["form"].errors
    assert not User.objects.exists()


def test_in_production_the_mail_is_checked_before_the_door_opens(client, db, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"

    answer = client.post("/account/signup/", NEW)

    assert answer["Location"] == reverse("account_email_verification_sent")
    assert not is_signed_in(client)
    link = re.search(r"http\S+confirm-email\S+", Message.objects.get().body)[0]
    outbox.send_due()
    assert Message.objects.get().body == ""  # it opened an account: wiped once it left
    assert "Is this your e-mail?" in client.get(link).text
    client.post(link)
    sign_in(client, User.objects.get(), NEW["password1"])
    assert is_signed_in(client)


def test_registering_twice_answers_as_if_it_were_the_first_time(client, db, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    make_user("marie@example.com")

    answer = client.post("/account/signup/", NEW)

    assert answer["Location"] == reverse("account_email_verification_sent")
    assert "There is one already" in Message.objects.get().body


def test_signing_in_and_out(client, buyer):
    assert sign_in(client, buyer)["Location"] == "/home/"
    assert is_signed_in(client)

    client.post("/account/logout/")
    assert not is_signed_in(client)


def test_a_known_and_an_unknown_mail_get_the_same_answer(client, buyer):
    known = sign_in(client, buyer, "wrong").context["form"].errors
    unknown = sign_in(client, User(email="nobody@example.com"), "wrong").context["form"].errors

    assert known == unknown


@pytest.mark.parametrize("page", ["https://evil.example/", "//evil.example/", "/\\evil.example"])
def test_signing_in_leads_nowhere_but_here(client, buyer, page):
    data = {"login": buyer.email, "password": PASSWORD, "next": page}

    assert client.post("/account/login/", data)["Location"] == "/home/"


def test_ten_wrong_passwords_close_the_door_to_the_right_one(client, buyer):
    for n in range(10):
        sign_in(client, buyer, f"wrong {n}", REMOTE_ADDR=f"10.0.0.{n}")

    sign_in(client, buyer, REMOTE_ADDR="10.0.1.1")

    assert not is_signed_in(client)


def test_twenty_wrong_passwords_close_the_door_to_the_address(client, buyer):
    for n in range(20):
        unknown = User(email=f"person{n}@nowhere.example")
        sign_in(client, unknown, "wrong", headers={"X-Forwarded-For": f"10.0.0.{n}"})

    sign_in(client, buyer)

    assert not is_signed_in(client)


def test_too_many_tries_get_a_page_of_ours(client, buyer):
    sign_in(client, buyer)
    for _ in range(30):
        answer = client.post("/account/reauthenticate/", {"password": "wrong"})

    assert answer.status_code == 429
    assert "Wait a few minutes" in answer.text


def test_a_forgotten_password_is_set_anew_and_ends_other_sessions(client, buyer, client_factory):
    elsewhere = client_factory()
    sign_in(elsewhere, buyer)
    client.post("/account/password/reset/", {"email": buyer.email})
    link = re.search(r"http\S+/reset/key/\S+", Message.objects.get().body)[0]

    form = client.get(link, follow=True)
    new = "the rider came in time"
    client.post(form.request["PATH_INFO"], {"password1": new, "password2": new})

    assert elsewhere.get("/profile/").status_code == 302
    sign_in(client, buyer, new)
    assert is_signed_in(client)


def test_an_unknown_mail_gets_the_same_page_when_it_forgot(client, buyer):
    pages = [
        client.post("/account/password/reset/", {"email": email}, follow=True)
        for email in (buyer.email, "nobody@example.com")
    ]

    known, unknown = (re.sub(r'Token": "\w+', "", page.text) for page in pages)
    assert known == unknown


def test_changing_the_password_keeps_this_session_and_ends_the_others(
    client, buyer, client_factory
):
    elsewhere = client_factory()
    sign_in(client, buyer)
    sign_in(elsewhere, buyer)
    new = "the rider came in time"

    client.post(
        "/account/password/change/",
        {"oldpassword": PASSWORD, "password1": new, "password2": new},
    )

    assert client.get("/profile/").status_code == 200
    assert elsewhere.get("/profile/").status_code == 302


def test_other_devices_are_listed_and_signed_out(client, buyer, client_factory):
    elsewhere = client_factory()
    phone = "Mozilla/5.0 (Linux; Android 13) Chrome/120 Mobile Safari/537"
    sign_in(elsewhere, buyer, headers={"User-Agent": phone})
    sign_in(client, buyer)

    assert "Chrome on Android" in client.get("/account/sessions/").text
    client.post("/account/sessions/")

    assert elsewhere.get("/profile/").status_code == 302
    assert client.get("/profile/").status_code == 200


def test_a_changed_mail_counts_once_it_is_confirmed(client, buyer):
    sign_in(client, buyer)
    prove(client)

    client.post("/account/email/", {"action_add": "", "email": "new@example.com"})
    buyer.refresh_from_db()
    assert buyer.email == "marie@example.com"

    message = Message.objects.filter(to="new@example.com").get()
    client.post(re.search(r"http\S+confirm-email\S+", message.body)[0])
    buyer.refresh_from_db()
    assert buyer.email == "new@example.com"


PAGES = [
    "account_change_password",
    "account_email",
    "account_logout",
    "account_reauthenticate",
    "mfa_index",
    "usersessions_list",
]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_the_own_account_looks_like_the_rest(client, buyer, name):
    sign_in(client, buyer)

    page = client.get(reverse(name))

    assert page.status_code == 200
    assert "gasstock.css" in page.text


@pytest.mark.parametrize("name", ["mfa_activate_totp", "mfa_add_webauthn"])
def test_a_second_factor_can_be_set_up_from_the_pages(client, buyer, name):
    sign_in(client, buyer)
    assert client.get(reverse(name))["Location"].startswith("/account/reauthenticate/")
    prove(client)

    page = client.get(reverse(name))

    assert page.status_code == 200
    assert not re.search(r"<script(?![^>]*(src=|application/json))", page.text)


def test_an_authenticator_app_is_turned_on_and_asked_for(client, buyer):
    sign_in(client, buyer)
    prove(client)
    form = client.get("/account/2fa/totp/activate/").context["form"]
    client.post("/account/2fa/totp/activate/", {"code": code_now(form.secret)})
    assert Authenticator.objects.filter(user=buyer, type="totp").exists()
    assert "left for the day" in client.get("/account/2fa/").text
    codes = client.get("/account/2fa/recovery-codes/").context["unused_codes"]
    client.post("/account/logout/")

    assert sign_in(client, buyer)["Location"].startswith("/account/2fa/authenticate/")
    assert client.get("/profile/").status_code == 302
    assert client.get("/account/2fa/authenticate/").status_code == 200
    client.post("/account/2fa/authenticate/", {"code": codes[0]})
    assert is_signed_in(client)


@pytest.fixture
def demanding(settings):
    settings.REQUIRE_ADMIN_MFA = True


def test_an_admin_without_a_second_factor_gets_no_further_than_setting_it_up(
    client, admin, demanding
):
    sign_in(client, admin)

    assert client.get("/users/")["Location"] == "/account/2fa/"
    assert client.post("/users/1/deactivate/")["Location"] == "/account/2fa/"
    assert client.get("/account/2fa/").status_code == 200
    prove(client)
    assert client.get("/account/2fa/totp/activate/").status_code == 200
    assert client.get("/help/").status_code == 200


def test_an_admin_with_a_second_factor_works(client, admin, demanding):
    give_totp(admin)
    client.force_login(admin)

    assert client.get("/users/").status_code == 200


def test_recovery_codes_alone_are_no_second_factor(client, admin, demanding):
    Authenticator.objects.create(
        user=admin, type="recovery_codes", data={"seed": get_mfa_adapter().encrypt("x")}
    )
    client.force_login(admin)

    assert client.get("/users/")["Location"] == "/account/2fa/"


def test_who_is_no_admin_needs_no_second_factor(client, buyer, demanding):
    client.force_login(buyer)

    assert client.get("/profile/").status_code == 200


def test_the_mails_of_the_account_go_through_the_outbox(client, buyer):
    client.post("/account/password/reset/", {"email": buyer.email})

    assert not mail.outbox
    message = Message.objects.get()
    assert (message.to, message.is_secret) == (buyer.email, True)
    assert "—" not in message.subject


def test_a_new_admin_without_password_signs_in_nowhere(client, db):
    admin = make_admin(password=None)

    sign_in(client, admin, "")

    assert not is_signed_in(client)
