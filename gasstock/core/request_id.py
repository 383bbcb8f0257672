"""The name of the request being answered, for the logs and the audit."""

from contextvars import ContextVar

_request_id: ContextVar[str] = ContextVar("request_id", default="")


def current_request_id() -> str:
    """Return the id of the request this code runs for, "" outside of one."""
    return _request_id.get()


def set_request_id(value: str) -> None:
    _request_id.set(value)
