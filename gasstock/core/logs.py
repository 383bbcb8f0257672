"""One line a record, so that a line of the log can be found by the id of its request."""

import logging
import time

from gasstock.core.request_id import current_request_id


class RequestIdFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current_request_id() or "-"
        return True


class LineFormatter(logging.Formatter):
    """Put the moment, level, request, logger and message on one line, tracebacks escaped."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(request_id)s %(name)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Escape line ends, for neither a traceback nor a visitor may forge a record."""
        return super().format(record).replace("\r", "\\r").replace("\n", "\\n")
