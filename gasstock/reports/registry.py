"""All reports, by name, in the order of their list. A new one is named in its module's REPORTS."""

from gasstock.reports import (
    buying,
    cylinders,
    deliveries,
    money,
    ratings,
    sales,
    shifts,
    stock,
    tax,
    transactions,
)
from gasstock.reports.report import Report

MODULES = (  # each has REPORTS: list[Report]
    *(sales, transactions, ratings),
    *(stock, cylinders),
    *(money, tax, shifts),
    *(buying, deliveries),
)

REPORTS: dict[str, Report] = {
    report.name: report for module in MODULES for report in module.REPORTS
}
