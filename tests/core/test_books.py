"""The nightly proof of the books, and what the system page knows of it."""

from datetime import timedelta

import pytest
from django.core.management import call_command

from gasstock.core import books, clock, system, tasks
from gasstock.core.models import BooksCheck
from gasstock.inventory.models import Balance
from tests.factories import make_listing

pytestmark = pytest.mark.django_db


def test_a_proof_of_good_books_finds_nothing():
    make_listing()

    check = books.check_books()

    assert (check.differences, check.first) == (0, [])
    assert books.last_check() == check
    assert not books.is_running()


def test_a_proof_of_bad_books_names_what_differs():
    make_listing()
    Balance.objects.filter(on_hand=10).update(on_hand=11)

    check = books.check_books()

    assert check.differences == len(check.first) > 0


def test_a_proof_that_breaks_off_says_so_and_may_be_begun_again(monkeypatch):
    monkeypatch.setattr(books, "differences", lambda: 1 / 0)

    check = books.check_books()

    assert (check.differences, check.first) == (1, ["The look broke off: ZeroDivisionError."])
    assert books.last_check() == check
    assert not books.is_running()


def test_a_proof_that_runs_is_not_begun_again_but_one_that_was_cut_off_is():
    BooksCheck.objects.create()
    assert books.is_running()
    tasks.check_books.call_local()
    assert BooksCheck.objects.count() == 1

    BooksCheck.objects.update(started_at=clock.now() - timedelta(hours=3))
    tasks.check_books.call_local()

    assert books.last_check() is not None


def test_old_proofs_are_forgotten(monkeypatch):
    monkeypatch.setattr(books, "KEPT", 2)

    for _n in range(5):
        books.check_books()

    assert BooksCheck.objects.count() == 2


def test_the_command_says_the_same(capsys):
    make_listing()

    call_command("verify_ledger")

    assert "clean" in capsys.readouterr().out


def test_the_machine_is_looked_at():
    machine = system.look()

    assert machine.missing_migrations == []
    assert machine.queued is not None
    assert machine.disk_size > machine.disk_free > 0
    assert machine.version
