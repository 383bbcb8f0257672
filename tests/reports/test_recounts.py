"""Every report against a recount by hand-written SQL, on days read live and on days summed up."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.db.models import F

from gasstock.accounts.models import Station
from gasstock.billing.models import Invoice
from gasstock.core import clock
from gasstock.reports import rollups
from gasstock.reports.models import DirtyDay
from gasstock.reports.registry import REPORTS
from gasstock.reports.report import Ask
from gasstock.reports.sums import Scope
from tests.demo.conftest import DAY, _story, told  # noqa: F401
from tests.reports.recount import asked_of, counted, said

pytestmark = pytest.mark.usefixtures("told")
LAST_MONTH = DAY - timedelta(days=40), DAY
A_WEEK = DAY - timedelta(days=9), DAY - timedelta(days=3)


def questions(report):
    for station in (Station.objects.get(code="KGP"), None):
        for since, until in (LAST_MONTH, A_WEEK):
            scope = Scope(since, until, station)
            for group in [each.key for each in report.groups_for(scope)] or [""]:
                yield Ask(scope, group)


def compare(report, ask):
    """Whether anything was compared."""
    recount = import_module(f"tests.reports.sql.{report.name.replace('-', '_')}").recount
    asked = asked_of(ask)
    expected = recount(asked)
    if expected is None:
        return False
    table = report.read(ask)
    columns = {each.name for each in table.columns} & set(expected[0] if expected else ())
    assert said(table, columns) == counted(expected, columns), asked
    for column in table.columns:
        if column.total and column.name in columns and table.totals:
            total = sum(row[column.name] or 0 for row in expected)
            assert table.totals[column.name] == total, (asked, column.name)
    return bool(expected)


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_a_report_says_what_a_recount_by_hand_says(name):
    report = REPORTS[name]

    with clock.at(clock.bounds_of(DAY, DAY)[1] - timedelta(minutes=1)):
        live = [compare(report, ask) for ask in questions(report)]
        with clock.at(clock.now() + timedelta(hours=12)):
            while rollups.sum_up():
                pass
        summed_up = [compare(report, ask) for ask in questions(report)]

    assert any(live)
    assert any(summed_up)
    assert not DirtyDay.objects.exists()


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_rows_add_up_to_the_totals(name):
    report = REPORTS[name]
    for ask in questions(report):
        table = report.read(ask)
        for column in table.columns:
            if column.total and table.totals:
                found = sum(row[column.name] or 0 for row in table.rows)
                assert table.totals[column.name] == found


def test_the_tax_of_a_demo_that_has_one_is_what_a_recount_says():
    named = Invoice.objects.exclude(number=None).annotate(turn=F("pk") % 3)
    named.filter(turn=1).update(tax_name="VAT", tax_rate=1800, tax=F("pk") % 97)
    named.filter(turn=2).update(tax_name="VAT", tax_rate=750, tax=F("pk") % 89)
    report = REPORTS["tax"]

    with clock.at(clock.bounds_of(DAY, DAY)[1] - timedelta(minutes=1)):
        assert all(compare(report, ask) for ask in questions(report))
        [ask] = [
            x for x in questions(report) if x.scope == Scope(*LAST_MONTH) and x.group == "rate"
        ]

    labels = {row["label"] for row in report.read(ask).rows}
    assert labels == {"VAT 18\u00a0%", "VAT 7.5\u00a0%", "No tax"}
