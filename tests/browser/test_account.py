"""The second factor and the pages of the account, in a real browser with a key of its own."""

import time

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from axe_playwright_python.sync_playwright import Axe

from gasstock.accounts.models import Membership
from gasstock.accounts.permissions import Role
from gasstock.notifications.services import notify
from tests.factories import PASSWORD, make_admin, make_member, make_station, make_user


@pytest.fixture
def marie(transactional_db):
    marie = make_user("marie@example.com", name="Marie Uwase")
    EmailAddress.objects.create(user=marie, email=marie.email, verified=True, primary=True)
    return marie


@pytest.fixture
def key(page):
    """A fingerprint reader that always says yes."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def log_in(page, user) -> None:
    page.goto("/account/login/")
    page.fill("#id_login", user.email)
    page.fill("#id_password", PASSWORD)
    page.click("main button.btn-primary")
    page.wait_for_load_state()


def log_out(page) -> None:
    page.goto("/account/logout/")
    page.click("main button.btn-primary")
    page.wait_for_load_state()


def test_an_app_and_a_passkey_open_the_account(page, marie, key):
    log_in(page, marie)
    page.goto("/account/2fa/totp/activate/")
    page.fill("#id_password", PASSWORD)
    page.click("text=Go on")
    secret = page.locator(".gs-mono").first.inner_text()
    page.fill("#id_code", format_hotp_value(hotp_value(secret, int(time.time()) // 30)))
    page.click("text=Turn it on")
    page.wait_for_url("**/recovery-codes/")

    page.goto("/account/2fa/webauthn/add/")
    page.check("#id_passwordless")
    page.click("#mfa_webauthn_add")
    page.wait_for_url("**/account/2fa/")
    log_out(page)

    page.goto("/account/login/")
    page.click("#passkey_login")
    page.wait_for_url(lambda url: "/account/" not in url)
    page.goto("/profile/")
    assert page.inner_text("h1") == "Marie Uwase"


def test_a_role_is_changed_in_place(page, sign_in, transactional_db):
    station = make_station("remera", name="Remera Gas")
    sign_in(make_member(None, station, Role.MANAGER))
    clerk = make_member(make_user(name="Diane Uwimana"), station, Role.CLERK)

    page.goto("/at/remera/team/")
    row = page.locator("li.gs-list__r", has_text="Diane")
    role = row.locator(".gs-menu summary")
    role.click()
    row.locator("button", has_text="Rider").click()
    page.locator("#toasts >> text=Diane Uwimana: Rider.").wait_for()

    assert role.inner_text() == "Rider"
    assert Membership.objects.get(user=clerk).role == Role.RIDER


@pytest.mark.parametrize(
    "path",
    [
        "/profile/",
        "/profile/addresses/add/",
        "/sell/",
        "/notices/",
        "/users/",
        "/stations/",
        "/stations/remera/",
        "/at/remera/team/",
        "/at/remera/settings/",
        "/account/2fa/",
        "/account/password/change/",
        "/account/sessions/",
    ],
)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_page_of_people_is_accessible_and_fits_a_phone(
    page, sign_in, transactional_db, path, theme
):
    admin = make_admin("admin@example.com")
    make_member(admin, make_station("remera", name="Remera Gas"), Role.MANAGER)
    notify([admin], kind="test", text="Gas is here.", url="/help/")
    sign_in(admin)
    page.emulate_media(color_scheme=theme)

    page.goto(path)

    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    found = Axe().run(page).response["violations"]
    assert [(issue["id"], issue["nodes"][0]["html"]) for issue in found] == []
