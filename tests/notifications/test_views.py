from datetime import time

import pytest

from gasstock.accounts.models import User
from gasstock.audit.models import AuditEvent
from gasstock.notifications.models import Message, Notification, Preferences
from gasstock.notifications.services import notify, stop_sms
from tests.factories import make_admin, make_member, make_station, make_user
from tests.queries import cost


@pytest.fixture
def marie(client, db):
    marie = make_user("marie@example.com")
    client.force_login(marie)
    return marie


@pytest.fixture
def notice(marie):
    notify([marie], kind="test", text="Gas is here.", url="/help/")
    return Notification.objects.get()


def test_an_empty_inbox_says_so(client, marie):
    assert "Nothing new" in client.get("/notices/").text


def test_reading_a_notice_opens_what_it_is_about(client, notice):
    answer = client.post(f"/notices/{notice.pk}/read/")

    notice.refresh_from_db()
    assert answer["Location"] == "/help/"
    assert notice.is_read


def test_a_notice_that_leads_elsewhere_stays_in_the_inbox(client, notice):
    Notification.objects.update(url="//evil.example/")

    assert client.post(f"/notices/{notice.pk}/read/")["Location"] == "/notices/"


def test_a_dismissed_notice_is_gone_from_the_list(client, notice):
    page = "http://testserver/notices/"
    headers = {
        "HX-Request": "true",
        "HX-Target": "notices",
        "HX-Current-URL": page,
        "Referer": page,
    }
    answer = client.post(f"/notices/{notice.pk}/dismiss/", headers=headers, follow=True)

    assert answer.text.lstrip().startswith('<div id="notices"')
    assert "Gas is here." not in answer.text
    assert Notification.objects.exists()


@pytest.mark.parametrize("action", ["read", "dismiss"])
def test_a_notice_is_for_its_reader(client, notice, action):
    client.force_login(make_user())

    assert client.post(f"/notices/{notice.pk}/{action}/").status_code == 404
    notice.refresh_from_db()
    assert (notice.read_at, notice.dismissed_at) == (None, None)


def test_read_all_leaves_what_came_in_since(client, marie, notice):
    notify([marie], kind="test", text="Later.")

    client.post("/notices/read-all/", {"newest": notice.pk})

    assert [n.text for n in Notification.objects.unread()] == ["Later."]


@pytest.mark.parametrize("newest", ["", "x", "١٢", "-1", "9" * 40])
def test_a_wrong_newest_marks_nothing(client, notice, newest):
    assert client.post("/notices/read-all/", {"newest": newest}).status_code == 302
    assert Notification.objects.unread().exists()


def test_the_inbox_is_paged_and_costs_the_same_with_one_and_with_forty(
    client, marie, django_assert_max_num_queries
):
    notify([marie], kind="test", text="One")
    client.get("/notices/")
    with django_assert_max_num_queries(5):
        client.get("/notices/")
    for n in range(40):
        notify([marie], kind="test", text=f"Notice {n}.")

    with django_assert_max_num_queries(5):
        first = client.get("/notices/")
    cursor = first.context["page"].next
    second = client.get("/notices/", {"cursor": cursor})

    texts = [n.text for page in (first, second) for n in page.context["page"].rows]
    assert len(texts) == len(set(texts)) == 41


@pytest.mark.parametrize("cursor", ["x", "-1", "١", "9" * 30, "1 OR 1=1"])
def test_an_edited_cursor_starts_over(client, notice, cursor):
    assert "Gas is here." in client.get("/notices/", {"cursor": cursor}).text


# --- Narrowing, and putting away --------------------------------------------------------------


def shown(client, **asked):
    return {n.text for n in client.get("/notices/", asked).context["page"].rows}


def test_the_inbox_is_narrowed_by_group_station_and_what_is_unread(client, marie):
    make_member(marie, make_station("remera"))
    notify([marie], kind="stock.low", text="Low here", url="/at/remera/stock/")
    notify([marie], kind="stock.low", text="Low there", url="/at/remera-2/stock/")
    notify([marie], kind="order.approved", text="Approved", url="/orders/")
    client.post(f"/notices/{Notification.objects.get(text='Approved').pk}/read/")

    assert shown(client) == {"Low here", "Low there", "Approved"}
    assert shown(client, group="stock") == {"Low here", "Low there"}
    assert shown(client, station="remera") == {"Low here"}
    assert shown(client, unread="1", group="orders") == set()
    assert "Nothing of that kind" in client.get("/notices/?unread=1&group=orders").text


@pytest.mark.parametrize("asked", [{"group": "x"}, {"station": "elsewhere"}, {"group": "\x00"}])
def test_what_is_not_to_choose_narrows_nothing(client, notice, asked):
    assert shown(client, **asked) == {"Gas is here."}


def test_what_was_read_is_removed_and_the_rest_stays(client, marie, notice):
    notify([marie], kind="test", text="Not read")
    newest = Notification.objects.latest("pk")
    client.post(f"/notices/{notice.pk}/read/")

    client.post("/notices/dismiss-read/", {"newest": newest.pk})

    assert shown(client) == {"Not read"}
    assert Notification.objects.count() == 2


# --- Preferences ------------------------------------------------------------------------------


def save(client, **typed):
    return client.post("/notices/preferences/", {"account": ["app", "email"]} | typed)


def test_preferences_are_saved_and_shown_again(client, marie):
    typed = {"orders": ["app"], "is_quiet": "on", "quiet_from": "22:00", "quiet_until": "05:30"}
    answer = save(client, **typed)

    assert answer["Location"] == "/notices/preferences/"
    kept = marie.notice_preferences
    assert kept.chosen["orders"] == ["app"]
    assert (kept.quiet_from, kept.quiet_until) == (time(22), time(5, 30))
    assert 'value="22:00"' in client.get("/notices/preferences/").text


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"is_quiet": "on", "quiet_from": "", "quiet_until": "06:00"}, "quiet_from"),
        ({"is_quiet": "on", "quiet_from": "25:00", "quiet_until": "06:00"}, "quiet_from"),
        ({"is_quiet": "on", "quiet_from": "06:00", "quiet_until": "06:00"}, "quiet_until"),
        ({"orders": ["pigeon"]}, "orders"),
    ],
)
def test_a_wrong_choice_is_said_and_nothing_is_saved(client, marie, typed, field):
    answer = save(client, **typed)

    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not Preferences.objects.exists()


def test_sms_that_cannot_be_chosen_now_stay_chosen(client, marie):
    save(client, arriving=["app"])

    assert marie.notice_preferences.chosen["arriving"] == ["app", "sms"]


def test_sms_are_offered_to_who_has_a_number(client, marie, simulator):
    assert 'value="sms"' in client.get("/notices/preferences/").text
    User.objects.update(phone="")
    assert 'value="sms"' not in client.get("/notices/preferences/").text


def test_only_who_runs_a_station_chooses_the_hour_of_the_letter(client, marie):
    assert "digest_hour" not in client.get("/notices/preferences/").context["form"].fields
    make_member(marie, make_station())

    assert save(client, digest_hour="24").status_code == 422
    save(client, digest_hour="5")
    assert marie.notice_preferences.digest_hour == 5


def test_a_stop_is_told_and_taken_back_by_the_phone_alone(client, marie, simulator):
    stop_sms(str(marie.phone.as_e164))

    page = client.get("/notices/preferences/").text

    assert "Answer START" in page
    assert client.post("/notices/preferences/resume-sms/").status_code == 404


# --- The outbox of admins ---------------------------------------------------------------------


@pytest.fixture
def failed(db):
    values = {"to": "marie@example.com", "subject": "Hello", "body": "Secret words"}
    return Message.objects.create(state="failed", last_error="Refused", attempts=8, **values)


@pytest.fixture
def admin(client, db):
    admin = make_admin()
    client.force_login(admin)
    return admin


def test_admins_see_what_became_of_messages_but_not_their_words(client, admin, failed):
    page = client.get("/outbox/").text

    assert "Refused" in page
    assert "Secret words" not in page
    assert "Refused" not in client.get("/outbox/?state=sent").text
    assert "Refused" not in client.get("/outbox/?channel=sms").text
    assert "Refused" in client.get("/outbox/?state=nonsense&channel=email").text


def test_an_admin_sends_again_what_failed(client, admin, failed):
    client.post(f"/outbox/{failed.pk}/again/")
    client.post(f"/outbox/{failed.pk}/again/")

    failed.refresh_from_db()
    assert (failed.state, failed.attempts) == ("pending", 0)
    assert AuditEvent.objects.filter(action="message.tried_again").count() == 1


def test_a_wiped_secret_is_not_sent_again(client, admin, failed):
    Message.objects.update(body="", is_secret=True)

    client.post(f"/outbox/{failed.pk}/again/")

    failed.refresh_from_db()
    assert failed.state == "failed"


def test_the_outbox_is_the_admins(client, marie, failed):
    assert client.get("/outbox/").status_code == 404
    assert client.post(f"/outbox/{failed.pk}/again/").status_code == 404


def test_the_outbox_costs_the_same_with_one_and_with_thirty(client, admin, failed):
    client.get("/outbox/")
    one = cost(client, "/outbox/")
    Message.objects.bulk_create(
        Message(to=f"{n}@example.com", subject="x", body="x") for n in range(40)
    )

    assert cost(client, "/outbox/") == one <= 8
    assert len(client.get("/outbox/").context["page"].rows) == 30
