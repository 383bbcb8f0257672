"""Typed readers of the environment: a wrong value stops the start and names its variable."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}

# Measured, not guessed: DEFERRED transactions gave "database is locked" under load, and
# synchronous=NORMAL lost acknowledged rows in power cuts.
SQLITE_PRAGMAS = {
    "journal_mode": "WAL",
    "synchronous": "FULL",
    "temp_store": "MEMORY",
    "mmap_size": "134217728",
    "journal_size_limit": "27103364",
    "cache_size": "-20000",
}


def text(name: str, default: str = "") -> str:
    """Read a string; an empty variable counts as unset."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, default: bool = False) -> bool:
    """Read a yes or no."""
    value = text(name).lower()
    if not value:
        return default
    if value not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}.")
    return value in TRUE


def number(name: str, default: int, *, minimum: int = 0) -> int:
    """Read a whole number of at least `minimum`."""
    value = text(name, str(default))
    if not value.isascii() or not value.isdigit() or int(value) < minimum:
        raise ImproperlyConfigured(f"{name} must be a whole number ≥ {minimum}, not {value!r}.")
    return int(value)


def choice(name: str, default: str, allowed: tuple[str, ...]) -> str:
    """Read one of the allowed words."""
    value = text(name, default)
    if value not in allowed:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(allowed)}, not {value!r}.")
    return value


def words(name: str, default: str = "") -> list[str]:
    """Read a list separated by commas."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def folder(name: str, default: Path) -> Path:
    """Read the path of a folder, and make the folder."""
    path = Path(text(name, str(default))).expanduser().resolve()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(f"{name}: cannot create {path}: {error.strerror}.") from error
    return path


def database(name: str, default_file: Path) -> dict[str, Any]:
    """Read a database URL: postgres://user:password@host:5432/name or sqlite:////file."""
    url = text(name)
    if not url:
        return sqlite(default_file)
    parts = urlsplit(url)
    if parts.scheme == "sqlite" and not parts.netloc and len(parts.path) > 1:
        return sqlite(Path(unquote(parts.path[1:])))
    if parts.scheme in {"postgres", "postgresql"} and len(parts.path) > 1:
        return postgresql(url)
    raise ImproperlyConfigured(
        f"{name} must look like postgres://user:password@host:5432/name or sqlite:////file."
    )


def sqlite(file: Path) -> dict[str, Any]:
    """Settings of an SQLite database that survives power cuts and many writers."""
    pragmas = "".join(f"PRAGMA {name}={value};" for name, value in SQLITE_PRAGMAS.items())
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(file),
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": pragmas},
    }


def postgresql(url: str) -> dict[str, Any]:
    """Settings of a PostgreSQL database that answers in seconds or not at all.

    The URL's query may hold any libpq option, for example `?sslmode=require` or
    `?host=/run/postgresql`.
    """
    parts = urlsplit(url)
    options: dict[str, Any] = {
        "connect_timeout": 3,
        "tcp_user_timeout": 5000,
        "options": "-c lock_timeout=5s -c statement_timeout=20s",
        **dict(parse_qsl(parts.query)),
    }
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path[1:]),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", None) or parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": number("DATABASE_CONN_MAX_AGE", 60),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


@dataclass(frozen=True)
class Mail:
    """Where mail goes."""

    backend: str
    folder: str = ""
    host: str = ""
    port: int = 0
    user: str = ""
    password: str = ""
    ssl: bool = False
    tls: bool = False


def mail(name: str, default: str) -> Mail:
    """Read where mail goes: smtp://user:password@host:587?tls=1, file: or console:."""
    parts = urlsplit(text(name, default))
    if parts.scheme == "console":
        return Mail("django.core.mail.backends.console.EmailBackend")
    if parts.scheme == "file":
        return Mail("gasstock.core.mail.FolderBackend", folder=unquote(parts.path))
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ImproperlyConfigured(
            f"{name} must look like smtp://user:password@host:587?tls=1, file: or console:."
        )
    over_ssl = parts.scheme == "smtps"
    return Mail(
        "django.core.mail.backends.smtp.EmailBackend",
        host=parts.hostname,
        port=parts.port or (465 if over_ssl else 587),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        ssl=over_ssl,
        tls=not over_ssl and dict(parse_qsl(parts.query)).get("tls", "1") in TRUE,
    )


@dataclass(frozen=True)
class Sms:
    """Where SMS go: to the provider at `url`, or into `folder`; to nobody if both are empty."""

    url: str = ""
    user: str = ""
    key: str = ""
    sender: str = ""
    folder: str = ""

    @property
    def is_on(self) -> bool:
        return bool(self.url or self.folder)


def sms(name: str, default: str, default_folder: Path) -> Sms:
    """Read where SMS go: africastalking://user:key@api.africastalking.com?from=NAME, simulator:."""
    value = text(name, default)
    parts = urlsplit(value)
    if not value:
        return Sms()
    if parts.scheme == "simulator":
        return Sms(folder=unquote(parts.path) or str(default_folder))
    schemes = {"africastalking": "https"}
    if text("ENVIRONMENT") != "production":
        schemes["africastalking+http"] = "http"
    if parts.scheme not in schemes or not (parts.hostname and parts.username and parts.password):
        raise ImproperlyConfigured(
            f"{name} must look like africastalking://user:key@api.africastalking.com?from=NAME "
            "or simulator:."
        )
    return Sms(
        url=f"{schemes[parts.scheme]}://{parts.netloc.rpartition('@')[2]}",
        user=unquote(parts.username),
        key=unquote(parts.password),
        sender=dict(parse_qsl(parts.query)).get("from", ""),
    )


def token(name: str) -> str:
    """Read a secret that stands in addresses; empty if there is none."""
    value = text(name)
    if value and not (len(value) >= 20 and value.isascii() and value.isalnum()):
        raise ImproperlyConfigured(f"{name} must be 20 or more letters and digits.")
    return value


def kept_secret(file: Path) -> str:
    """Return the secret kept in `file`, drawing one the first time."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text().strip()
    with os.fdopen(descriptor, "w") as opened:
        secret = secrets.token_urlsafe(64)
        opened.write(secret)
    return secret
