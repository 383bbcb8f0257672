"""SMS: what fits into one, what the provider says, and never twice."""

import json
import socket
import threading
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs

import pytest

from gasstock.core import clock
from gasstock.env import Sms
from gasstock.notifications import outbox
from gasstock.notifications.channels.texts import fit, is_gsm, plain, segments
from gasstock.notifications.models import Channel, Message, MessageState, SmsNumber
from gasstock.notifications.services import note_delivery, resume_sms, stop_sms, try_again
from tests.factories import make_admin

pytestmark = pytest.mark.django_db
NUMBER = "+250788412906"
TOKEN = "t0ken" * 5


def make_sms(body="GasStock: Your gas is on the way.", **fields):
    return Message.objects.create(
        channel=Channel.SMS, to=NUMBER, subject="On the way", body=body, **fields
    )


def recipient(code=101, status="Success", name="ATXid_1"):
    one = {"statusCode": code, "number": NUMBER, "status": status, "messageId": name}
    return json.dumps({"SMSMessageData": {"Message": "Sent", "Recipients": [one]}}).encode()


@contextmanager
def provider(settings, *answers):
    """A provider on this machine that gives these (status, body) in turn; None hangs up."""
    asked, waiting = [], list(answers)

    class Desk(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            asked.append((self.path, dict(self.headers), parse_qs(body)))
            answer = waiting.pop(0)
            if answer is None:
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.send_response(answer[0])
            self.end_headers()
            self.wfile.write(answer[1])

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Desk)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    settings.SMS = Sms(f"http://127.0.0.1:{server.server_port}", "gas", "k3y", "GASSTOCK")
    try:
        yield asked
    finally:
        server.shutdown()
        server.server_close()


def state(message):
    message.refresh_from_db()
    return message.state


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("x" * 160, 1),
        ("x" * 161, 2),
        ("x" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("煤" * 70, 1),
        ("煤" * 71, 2),
        ("🔥" * 36, 2),
    ],
)
def test_segments_are_counted_as_they_are_paid(text, parts):
    assert segments(text) == parts


def test_letters_that_say_the_same_are_written_plainly():
    assert plain("Moïse’s gas – 12 × “SP”…\nçà") == 'Moise\'s gas - 12 x "SP"... cà'
    assert is_gsm(plain("ŋ")) is False


def test_a_long_text_loses_its_last_words():
    text = fit("Gas " * 60, "Reply STOP to end these SMS.")

    assert segments(text) == 1
    assert text.endswith("Gas... Reply STOP to end these SMS.")
    assert len(text) > 150
    assert segments(fit("煤" * 200)) == 1


def test_the_provider_is_asked_as_it_wants(settings):
    message = make_sms()
    with provider(settings, (201, recipient())) as asked:
        assert outbox.send_message(message.pk) is True

    [(path, headers, fields)] = asked
    assert path == "/version1/messaging"
    assert headers["apiKey"] == "k3y"
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert fields == {
        "username": ["gas"],
        "to": [NUMBER],
        "from": ["GASSTOCK"],
        "message": ["GasStock: Your gas is on the way. Reply STOP to end these SMS."],
    }
    assert state(message) == MessageState.SENT
    assert (message.provider_id, message.segments) == ("ATXid_1", 1)


def test_how_to_stop_is_said_once_to_a_number(settings):
    first, second = make_sms(), make_sms()
    answers = [(201, recipient(name=f"ATXid_{n}")) for n in (1, 2)]
    with provider(settings, *answers) as asked:
        outbox.send_message(first.pk)
        outbox.send_message(second.pk)

    assert [("STOP" in fields["message"][0]) for _path, _headers, fields in asked] == [True, False]


@pytest.mark.parametrize("answer", [(401, b"no"), (201, recipient(405, "InsufficientBalance"))])
def test_what_was_not_taken_is_tried_again(settings, answer):
    message = make_sms()
    with provider(settings, answer, (201, recipient())) as asked:
        assert outbox.send_message(message.pk) is False
        assert state(message) == MessageState.PENDING
        with clock.at(clock.now() + timedelta(minutes=2)):
            assert outbox.send_message(message.pk) is True

    assert len(asked) == 2


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ((201, recipient(403, "InvalidPhoneNumber")), "403 InvalidPhoneNumber"),
        ((201, b"<html>"), "names no message"),
        ((201, b'{"SMSMessageData": {"Recipients": []}}'), "names no message"),
        ((502, b""), "not known whether it left"),
        (None, "not known whether it left"),
    ],
)
def test_what_was_refused_or_may_have_left_is_not_sent_again(settings, answer, why):
    message = make_sms()
    with provider(settings, answer) as asked:
        assert outbox.send_message(message.pk) is None
        with clock.at(clock.now() + timedelta(days=1)):
            assert outbox.send_due() == 0

    assert len(asked) == 1
    assert state(message) == MessageState.FAILED
    assert why in message.last_error


def test_a_provider_that_is_away_took_nothing(settings):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        settings.SMS = Sms(f"http://127.0.0.1:{free.getsockname()[1]}", "gas", "k3y")
    message = make_sms()

    assert outbox.send_message(message.pk) is False
    assert state(message) == MessageState.PENDING


def test_a_worker_that_died_while_sending_leaves_no_second_sms(simulator):
    message = make_sms()
    assert outbox._claim(Message.objects.get())  # and then the power went

    with clock.at(clock.now() + timedelta(hours=1)):
        assert outbox.send_due() == 0

    assert state(message) == MessageState.FAILED
    assert "not known" in message.last_error
    assert not simulator.exists()


def test_the_simulator_writes_a_file(simulator):
    message = make_sms()

    assert outbox.send_message(message.pk) is True

    [file] = simulator.iterdir()
    assert file.read_text().startswith(f"To: {NUMBER}\nFrom: GASSTOCK\n\nGasStock: Your gas")


def test_who_said_stop_gets_none_until_they_want_them_again(simulator):
    stop_sms(NUMBER)
    message = make_sms()
    assert outbox.send_message(message.pk) is None
    assert "no more" in Message.objects.get().last_error

    resume_sms(NUMBER)
    try_again(make_admin(), message=message)
    assert outbox.send_due() == 1
    assert state(message) == MessageState.SENT


def test_a_report_is_believed_once():
    message = make_sms(state=MessageState.SENT, sent_at=clock.now(), provider_id="ATXid_1")

    assert note_delivery(provider_id="ATXid_1", is_delivered=True)
    assert note_delivery(provider_id="ATXid_1", is_delivered=False, reason="Failed")
    assert not note_delivery(provider_id="ATXid_2", is_delivered=True)

    assert state(message) == MessageState.DELIVERED
    assert message.delivered_at is not None


# --- What the provider calls ------------------------------------------------------------------


@pytest.fixture
def called(client, settings):
    settings.SMS_TOKEN = TOKEN

    def call(what, **fields):
        return client.post(f"/sms/{TOKEN}/{what}/", fields).status_code

    return call


@pytest.mark.parametrize(
    ("status", "answer", "becomes"),
    [
        ("Success", 204, MessageState.DELIVERED),
        ("Failed", 204, MessageState.FAILED),
        ("Rejected", 204, MessageState.FAILED),
        ("Buffered", 204, MessageState.SENT),
        ("", 204, MessageState.SENT),
    ],
)
def test_a_report_says_what_became_of_it(called, status, answer, becomes):
    message = make_sms(state=MessageState.SENT, sent_at=clock.now(), provider_id="ATXid_1")

    assert called("report", id="ATXid_1", status=status, failureReason="AbsentSubscriber") == answer

    assert state(message) == becomes


@pytest.mark.parametrize("name", ["", "ATXid_9", "x" * 5000])
def test_a_report_of_what_is_not_ours_is_not_found(called, name):
    make_sms()

    assert called("report", id=name, status="Success") == 404


@pytest.mark.parametrize("token", ["", "wrong", "١" * 25])
@pytest.mark.parametrize("what", ["report", "reply"])
def test_without_the_token_there_is_no_such_page(client, settings, token, what):
    for set_up in ("", TOKEN):
        settings.SMS_TOKEN = set_up
        assert client.post(f"/sms/{token}/{what}/", {"id": "x"}).status_code == 404


@pytest.mark.parametrize(
    "fields",
    [
        {"from": NUMBER, "text": " stop. "},
        {"phoneNumber": NUMBER, "senderId": "GASSTOCK"},
    ],
)
def test_stop_ends_the_sms(called, fields):
    assert called("reply", **fields) == 204

    assert SmsNumber.objects.get(number=NUMBER).stopped_at is not None


def test_start_begins_them_again_and_other_words_do_nothing(called):
    called("reply", **{"from": NUMBER, "text": "STOP"})
    called("reply", **{"from": NUMBER, "text": "Thank you"})
    assert SmsNumber.objects.get().stopped_at is not None

    called("reply", **{"from": NUMBER, "text": "START"})
    assert SmsNumber.objects.get().stopped_at is None


@pytest.mark.parametrize("number", ["", "nobody", "\x00", "9" * 400, "12345"])
def test_a_reply_of_no_number_is_let_go(called, number):
    assert called("reply", **{"from": number, "text": "STOP"}) == 204
    assert not SmsNumber.objects.exists()
