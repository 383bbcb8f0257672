import pytest
from allauth.usersessions.models import UserSession
from django.core.management import CommandError, call_command

from gasstock.accounts import services
from gasstock.accounts.errors import AccountClosed, LastAdmin, NotOnYourself, TooManyAddresses
from gasstock.accounts.services import people
from gasstock.audit.models import AuditEvent
from tests.factories import PASSWORD, make_admin, make_user


def sign_in(client, user):
    return client.post("/account/login/", {"login": user.email, "password": PASSWORD})


def test_an_admin_makes_another(admin, buyer):
    services.set_admin(admin, user=buyer, is_admin=True)

    buyer.refresh_from_db()
    assert buyer.is_admin
    assert AuditEvent.objects.get(action="user.admin").actor == admin


def test_nobody_changes_their_own_role_or_closes_their_own_account(admin):
    make_admin()

    with pytest.raises(NotOnYourself):
        services.set_admin(admin, user=admin, is_admin=False)
    with pytest.raises(NotOnYourself):
        services.deactivate_user(admin, user=admin)


def test_the_last_admin_stays(admin):
    closed = make_admin(is_active=False)

    with pytest.raises(LastAdmin):
        services.set_admin(closed, user=admin, is_admin=False)
    with pytest.raises(LastAdmin):
        services.deactivate_user(closed, user=admin)
    with pytest.raises(LastAdmin):
        services.set_admin(None, user=admin, is_admin=False)


def test_taking_the_role_away_takes_the_keys_to_the_cellar_too(admin):
    other = make_admin(is_staff=True, is_superuser=True)

    other = services.set_admin(admin, user=other, is_admin=False)

    assert (other.is_admin, other.is_staff, other.is_superuser) == (False, False, False)


def test_a_closed_account_is_made_no_admin(admin):
    with pytest.raises(AccountClosed):
        services.set_admin(admin, user=make_user(is_active=False), is_admin=True)


def test_deactivating_ends_every_session_at_once(client, admin, buyer):
    sign_in(client, buyer)
    assert client.get("/profile/").status_code == 200

    services.deactivate_user(admin, user=buyer)

    assert client.get("/profile/").status_code == 302
    assert not UserSession.objects.filter(user=buyer).exists()
    services.reactivate_user(admin, user=buyer)
    assert client.get("/profile/").status_code == 302  # the old session stays dead
    assert sign_in(client, buyer)["Location"] == "/home/"


def test_a_deactivated_person_cannot_sign_in(client, buyer):
    buyer.is_active = False
    buyer.save()

    answer = sign_in(client, buyer)

    assert "_auth_user_id" not in client.session
    assert answer["Location"] == "/account/inactive/"
    assert client.get("/account/inactive/").status_code == 200


def test_signing_somebody_out_everywhere(client, admin, buyer):
    sign_in(client, buyer)

    services.sign_out_everywhere(admin, user=buyer)

    assert client.get("/profile/").status_code == 302


def test_the_command_line_makes_and_unmakes_admins(admin, buyer, capsys):
    call_command("make_admin", "MARIE@example.com")
    buyer.refresh_from_db()
    assert buyer.is_admin

    call_command("make_admin", "marie@example.com", "--remove")
    buyer.refresh_from_db()
    assert not buyer.is_admin
    with pytest.raises(CommandError, match="Nobody would be left"):
        call_command("make_admin", admin.email, "--remove")
    with pytest.raises(CommandError, match="register first"):
        call_command("make_admin", "nobody@example.com")


def test_addresses_stand_in_the_order_they_came(buyer):
    for label in ("Home", "Shop"):
        services.add_address(buyer, label=label, district="Gasabo", line="KG 1")

    assert [a.label for a in buyer.addresses.order_by("position")] == ["Home", "Shop"]


def test_the_audit_log_names_no_places(buyer):
    address = services.add_address(buyer, label="Home", district="Gasabo", line="KG 1 St 9")
    services.update_address(buyer, address=address, label="Home", district="Huye", line="Elsewhere")
    services.delete_address(buyer, address=address)

    events = AuditEvent.objects.all()
    assert events.count() == 3
    assert all("KG 1" not in f"{e.target_text}{e.data}" for e in events)


def test_addresses_are_not_without_end(buyer, monkeypatch):
    monkeypatch.setattr(people, "MAX_ADDRESSES", 1)
    services.add_address(buyer, label="Home", district="Gasabo", line="KG 1")

    with pytest.raises(TooManyAddresses):
        services.add_address(buyer, label="Shop", district="Gasabo", line="KG 2")


def test_somebody_elses_address_is_not_deleted(buyer, clerk):
    address = services.add_address(clerk, label="Home", district="Gasabo", line="KG 1")

    services.delete_address(buyer, address=address)

    assert clerk.addresses.exists()
