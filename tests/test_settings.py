"""A production that is not safe does not start; wrong values are named."""

import os
import re
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from gasstock import env

SAFE = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": "k0SFqXJ0w1uQ7bM2zR9yT4eV6cN8aP3dL5hG1jK7sW2xZ9qB4m",
    "ALLOWED_HOSTS": "gas.example.org",
    "EMAIL_URL": "smtp://mail.example.org",
}
LOAD = "from gasstock import settings as s; print(s.SESSION_COOKIE_NAME, s.DEBUG, s.SITE_URL)"


def load_settings(tmp_path, **environ):
    return subprocess.run(
        [sys.executable, "-c", LOAD],
        cwd=settings.BASE_DIR,
        env={"PATH": os.defpath, "DATA_DIR": str(tmp_path), **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_safe_production_starts(tmp_path):
    loaded = load_settings(tmp_path, **SAFE)

    assert loaded.stdout == "__Host-sessionid False https://gas.example.org\n", loaded.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "x" * 60),
        ("SECRET_KEY", "change-me" + "abcdefgh" * 8),
        ("DEBUG", "1"),
        ("ALLOWED_HOSTS", ""),
        ("ALLOWED_HOSTS", "gas.example.org,*"),
        ("GASSTOCK_DEMO", "1"),
        ("EMAIL_URL", ""),
        ("DATABASE_URL", "mysql://localhost/gas"),
        ("TRUSTED_PROXY_COUNT", "many"),
        ("SMS_URL", "africastalking+http://gas:key@sms.example.org"),
        ("SMS_URL", "https://sms.example.org"),
        ("SMS_TOKEN", "short"),
    ],
)
def test_an_unsafe_production_does_not_start(tmp_path, name, value):
    loaded = load_settings(tmp_path, **SAFE | {name: value})

    assert loaded.returncode == 1
    assert "ImproperlyConfigured" in loaded.stderr
    assert name in loaded.stderr.splitlines()[-1]


def test_development_keeps_a_secret_of_its_own(tmp_path):
    first = env.kept_secret(tmp_path / "secret-key")

    assert len(first) >= 50
    assert env.kept_secret(tmp_path / "secret-key") == first
    assert (tmp_path / "secret-key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("value", ["2", "maybe"])
def test_a_flag_is_yes_or_no(monkeypatch, value):
    monkeypatch.setenv("A_FLAG", value)

    with pytest.raises(ImproperlyConfigured, match="A_FLAG"):
        env.flag("A_FLAG")


@pytest.mark.parametrize("value", ["-1", "1e5", "0.5", "١٢", "0"])
def test_a_number_is_a_whole_one_not_under_its_minimum(monkeypatch, value):
    monkeypatch.setenv("A_NUMBER", value)

    with pytest.raises(ImproperlyConfigured, match="A_NUMBER"):
        env.number("A_NUMBER", 5, minimum=1)


def test_a_postgresql_url_may_hold_odd_characters_and_options(monkeypatch, tmp_path):
    monkeypatch.setenv("A_URL", "postgres://gas:p%40ss@db:5433/stock?sslmode=require")

    read = env.database("A_URL", tmp_path / "unused")

    assert (read["USER"], read["PASSWORD"], read["NAME"]) == ("gas", "p@ss", "stock")
    assert (read["HOST"], read["PORT"]) == ("db", "5433")
    assert read["OPTIONS"]["sslmode"] == "require"
    assert read["OPTIONS"]["connect_timeout"] == 3


def test_a_postgresql_socket_is_named_by_host(monkeypatch, tmp_path):
    monkeypatch.setenv("A_URL", "postgres://gas@/stock?host=%2Frun%2Fpostgresql")

    assert env.database("A_URL", tmp_path / "unused")["HOST"] == "/run/postgresql"


def test_an_sqlite_url_names_a_file(monkeypatch, tmp_path):
    monkeypatch.setenv("A_URL", f"sqlite:///{tmp_path}/gas.sqlite3")

    assert env.database("A_URL", tmp_path / "unused")["NAME"] == f"{tmp_path}/gas.sqlite3"


def test_mail_goes_by_tls_unless_told_otherwise(monkeypatch):
    monkeypatch.setenv("A_URL", "smtp://gas:p%40ss@mail.example.org")

    mail = env.mail("A_URL", "")

    assert (mail.host, mail.port, mail.password) == ("mail.example.org", 587, "p@ss")
    assert (mail.tls, mail.ssl) == (True, False)


def test_sms_go_to_the_provider_or_into_files(monkeypatch, tmp_path):
    monkeypatch.setenv("A_URL", "africastalking://gas:k%403y@api.example.org?from=GASSTOCK")
    sms = env.sms("A_URL", "", tmp_path)
    assert (sms.url, sms.user, sms.key) == ("https://api.example.org", "gas", "k@3y")
    assert (sms.sender, sms.is_on) == ("GASSTOCK", True)

    monkeypatch.setenv("A_URL", "simulator:")
    assert env.sms("A_URL", "", tmp_path).folder == str(tmp_path)
    assert not env.sms("NOT_SET", "", tmp_path).is_on


def test_every_variable_is_in_the_example():
    example = (settings.BASE_DIR / ".env.example").read_text()
    code = (settings.BASE_DIR / "gasstock" / "settings.py").read_text()
    read = re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', code)

    assert len(read) > 20
    assert [name for name in read if f"\n{name}=" not in example] == []
