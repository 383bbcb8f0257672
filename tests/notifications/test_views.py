import pytest

from gasstock.notifications.models import Notification
from gasstock.notifications.services import notify
from tests.factories import make_user


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
