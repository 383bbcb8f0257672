"""The recounts: one module a report, found by its name (see tests/reports/recount.py)."""
