"""Django's own admin: to look at, for superusers with a second factor."""

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

from gasstock.accounts.models import User
from tests.factories import make_admin, make_listing, make_order

PAGES = ["/django-admin/", "/django-admin/accounts/user/", "/django-admin/inventory/move/"]


@pytest.fixture
def superuser(db):
    person = make_admin(is_staff=True, is_superuser=True)
    TOTP.activate(person, generate_totp_secret())
    return person


@pytest.mark.parametrize("path", PAGES)
def test_a_superuser_with_a_second_factor_looks_at_the_rows(client, superuser, path):
    make_listing()
    client.force_login(superuser)

    assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", [*PAGES, "/django-admin/login/"])
@pytest.mark.parametrize(
    "rights", [{}, {"is_staff": True}, {"is_staff": True, "is_superuser": True}]
)
def test_to_others_and_without_a_second_factor_it_is_not_there(client, db, path, rights):
    client.force_login(make_admin(**rights))

    assert client.get(path).status_code == 404


def test_nothing_is_changed_there_and_no_secret_is_shown(client, superuser):
    client.force_login(superuser)
    path = f"/django-admin/accounts/user/{superuser.pk}/change/"

    page = client.get(path).text

    assert superuser.password not in page
    assert client.post(path, {"name": "Other"}).status_code == 403
    assert client.post(path.replace("change", "delete"), {"post": "yes"}).status_code == 403
    assert client.get("/django-admin/accounts/user/add/").status_code == 403
    assert client.get("/django-admin/password_change/").status_code == 404
    assert User.objects.get(pk=superuser.pk).name == superuser.name


def test_visitors_are_asked_to_sign_in(client, db):
    answer = client.get("/django-admin/", follow=True)

    assert answer.redirect_chain[-1][0] == "/account/login/?next=/django-admin/"


def test_codes_for_the_hand_over_are_not_shown(client, superuser, db):
    order = make_order(make_listing(full=5))
    client.force_login(superuser)

    for kind in ("orders/order", "notifications/notification", "notifications/message"):
        listed = client.get(f"/django-admin/{kind}/").text
        assert "ready:" not in listed
    assert (
        f">{order.code}<" not in client.get(f"/django-admin/orders/order/{order.pk}/change/").text
    )
