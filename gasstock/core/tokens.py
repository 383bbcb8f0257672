"""Where codes and numbers are drawn from. The demo draws them again from the same seed."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from random import Random

_system = secrets.SystemRandom()
_seeded: ContextVar[Random | None] = ContextVar("seeded", default=None)


def random_text(alphabet: str, length: int) -> str:
    """Return `length` characters of `alphabet`, as hard to guess as the system can make them."""
    source = _seeded.get() or _system
    return "".join(source.choice(alphabet) for _ in range(length))


@contextmanager
def drawn_from(seeded: Random) -> Iterator[None]:
    """Draw from `seeded` for as long as the block runs: the same seed gives the same texts."""
    token = _seeded.set(seeded)
    try:
        yield
    finally:
        _seeded.reset(token)
