"""Whatever is typed or forged, a page answers, and nothing is half-written."""

import pytest

from gasstock.accounts.models import Address, Invitation, User

NASTY = [
    "",
    "\x00",
    "%00",
    "\u202egnp.exe",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "e\u0301",
    "a\r\nBcc: x@example.com",
    "{{7*7}}",
    "<svg onload=alert(1)>",
    "javascript:alert(1)",
    "../../etc/passwd",
    "'; DROP TABLE accounts_user; --",
    "١٢",
    "1e5",
    "NaN",
    "-1",
    "2147483648",
    "9" * 5000,
    "x" * 100_000,
]
FORMS = {
    "/profile/": ["name", "phone", "language"],
    "/profile/addresses/add/": ["label", "district", "line"],
    "/sell/": [
        *("name", "licence", "district", "address", "phone"),
        *("opens_at", "closes_at", "delivers"),
    ],
    "/at/remera/settings/": [
        *("name", "district", "address", "phone", "opens_at", "closes_at"),
        *("delivery_fee", "takes_bank", "bank_account"),
    ],
    "/at/remera/team/invite/": ["email", "role"],
    "/stations/remera/limit/": ["limit"],
    "/stations/remera/suspend/": ["reason"],
    "/notices/read-all/": ["newest"],
    "/account/password/reset/": ["email"],
    "/account/reauthenticate/": ["password"],
}
LISTS = ["/users/", "/stations/", "/notices/"]


@pytest.mark.parametrize("path", FORMS)
def test_a_form_survives_anything(client, admin, station, path):
    client.force_login(admin)

    for value in NASTY:
        answer = client.post(path, dict.fromkeys(FORMS[path], value))
        assert answer.status_code in {200, 302, 422, 429}, value[:50]
        if answer.status_code == 302:  # it was taken: every list still shows
            shown = client.get("/profile/").text + client.get("/stations/").text
            assert "<svg onload" not in shown

    for page in ("/users/", "/at/remera/settings/", "/at/remera/team/", "/stations/remera/"):
        assert client.get(page).status_code == 200
    names = User.objects.values_list("name", flat=True)
    assert all(name and name.isprintable() for name in names)
    assert all(line.isprintable() for line in Address.objects.values_list("line", flat=True))
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("name", ["q", "role", "status", "cursor", "ordering"])
@pytest.mark.parametrize("path", LISTS)
def test_a_list_survives_anything(client, admin, station, path, name):
    client.force_login(admin)

    for value in NASTY:
        assert client.get(path, {name: value[:3000]}).status_code == 200, value[:50]


@pytest.mark.parametrize(
    "path",
    [
        "/users/0/",
        "/users/99999999999999999999999/",
        "/profile/addresses/99999999999999999999999/",
        "/stations/no-such/",
        "/invitation/%00/",
        "/invitation/" + "x" * 2000 + "/",
        "/invitation/%ff%fe/",
        "/at/-/team/",
        "/notices/1/",
    ],
)
def test_an_address_that_leads_nowhere_is_a_404(client, admin, path):
    client.force_login(admin)

    assert client.get(path).status_code == 404
