"""Settings refuse to start half configured, and say what to change."""

from __future__ import annotations

import stat
import tempfile
from pathlib import Path

import pytest

from portal.config import ConfigError, Settings


def read(instance: Path, **environ: str) -> Settings:
    return Settings.from_environment({"PORTAL_INSTANCE": str(instance)} | environ)


def test_nothing_set_means_everything_in_the_instance() -> None:
    # A folder with a short name: a socket's path may not be long.
    with tempfile.TemporaryDirectory() as folder:
        settings = read(Path(folder) / "instance")

    assert settings.database_url == f"sqlite:///{folder}/instance/portal.sqlite3"
    assert settings.redis_url == f"unix://{folder}/instance/redis/redis.sock"
    assert settings.own_redis
    assert settings.portal_url == "http://127.0.0.1:8000"
    assert not settings.secure_cookies


def test_keys_are_made_once_and_only_the_user_can_read_them(tmp_path: Path) -> None:
    first = read(tmp_path)

    second = read(tmp_path)

    assert first.secret_key == second.secret_key
    assert first.encryption_keys == second.encryption_keys
    assert [len(key) for key in first.encryption_keys.values()] == [32]
    for name in ("secret.key", "encryption.keys"):
        assert stat.S_IMODE((tmp_path / "keys" / name).stat().st_mode) == 0o600
    assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == [
        "encryption.keys",
        "secret.key",
    ]


def test_two_installations_have_different_keys(tmp_path: Path) -> None:
    one, other = read(tmp_path / "one"), read(tmp_path / "other")

    assert one.secret_key != other.secret_key
    assert one.encryption_keys != other.encryption_keys


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    read(tmp_path)
    (tmp_path / "keys" / "secret.key").chmod(0o644)

    with pytest.raises(ConfigError, match="chmod 600"):
        read(tmp_path)


def test_a_lost_key_is_not_replaced_silently(tmp_path: Path) -> None:
    read(tmp_path)
    (tmp_path / "portal.sqlite3").touch()
    (tmp_path / "keys" / "encryption.keys").unlink()

    with pytest.raises(ConfigError, match="Restore it from the backup"):
        read(tmp_path)


def test_the_newest_key_seals_and_older_ones_stay(tmp_path: Path) -> None:
    old = read(tmp_path).encryption_keys["1"]
    path = tmp_path / "keys" / "encryption.keys"
    path.write_text("2:" + "QUJD" * 10 + "QUI=" + "\n" + path.read_text())

    settings = read(tmp_path)

    assert settings.current_key == "2"
    assert settings.encryption_keys["1"] == old


def test_production_refuses_plain_http_and_evaluation_allows_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="PORTAL_EVALUATION=1"):
        read(tmp_path).require_servable()

    read(tmp_path, PORTAL_EVALUATION="1").require_servable()
    read(tmp_path, PORTAL_DEMO="1").require_servable()
    read(tmp_path, PORTAL_URL="https://portal.example.com").require_servable()


def test_https_brings_the_prefixed_cookie(tmp_path: Path) -> None:
    plain, secure = read(tmp_path), read(tmp_path, PORTAL_URL="https://portal.example.com")

    assert (plain.session_cookie, secure.session_cookie) == ("session", "__Host-session")
    assert secure.known_hosts == {"portal.example.com"}


def test_loopback_names_are_known_only_while_evaluating(tmp_path: Path) -> None:
    url = "http://portal.example.com"

    assert "localhost" in read(tmp_path, PORTAL_URL=url, PORTAL_DEMO="1").known_hosts
    assert read(tmp_path, PORTAL_URL=url).known_hosts == {"portal.example.com"}


@pytest.mark.parametrize(
    "given,meant",
    [
        ("postgres://u:p@db/portal", "postgresql+psycopg://u:p@db/portal"),
        ("postgresql://db/portal", "postgresql+psycopg://db/portal"),
        ("postgresql+psycopg://db/portal?host=/run", "postgresql+psycopg://db/portal?host=/run"),
        ("sqlite:////data/portal.sqlite3", "sqlite:////data/portal.sqlite3"),
    ],
)
def test_the_database_driver_is_named(tmp_path: Path, given: str, meant: str) -> None:
    assert read(tmp_path, DATABASE_URL=given).database_url == meant


@pytest.mark.parametrize(
    "environ,sentence",
    [
        ({"DATABASE_URL": "mysql://db/portal"}, "PostgreSQL"),
        ({"DATABASE_URL": "sqlite://"}, "no absolute file"),
        ({"DATABASE_URL": "sqlite:///relative.db"}, "no absolute file"),
        ({"REDIS_URL": "http://redis"}, "REDIS_URL must begin"),
        ({"PORT": "80a"}, "whole number"),
        ({"PORT": "70000"}, "65535"),
        ({"PORTAL_URL": "portal.example.com"}, "without a path"),
        ({"PORTAL_URL": "https://portal.example.com/portal"}, "without a path"),
        ({"PORTAL_URL": "https://user@portal.example.com"}, "without a path"),
        ({"PORTAL_EVALUATION": "maybe"}, "1 or 0"),
        ({"PORTAL_SMTP_URL": "smtp://mail.example.com"}, "PORTAL_MAIL_FROM"),
        ({"PORTAL_SMTP_URL": "mail.example.com"}, "must look like"),
        ({"PORTAL_ALLOW_PRIVATE": "10.0.0.0/99"}, "no network"),
        ({"PORTAL_DNS_SERVERS": "ns1.example.com"}, "no address"),
        ({"PORTAL_HOSTNAME_FEE": "ten dollars"}, "no amount"),
        ({"PORTAL_HOSTNAME_FEE": "-1"}, "no amount"),
        (
            {"PORTAL_PRACTICE_PAYMENTS": "1", "PORTAL_URL": "https://portal.example.com"},
            "made of nothing",
        ),
        ({"PORTAL_SECRET_KEY": "short"}, "shorter than 32"),
        ({"PORTAL_ENCRYPTION_KEYS": "1:AAAA"}, "32 bytes"),
        ({"PORTAL_LOG_FORMAT": "xml"}, "auto, json, human"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, environ: dict[str, str], sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        read(tmp_path, **environ)


def test_the_mail_server_is_one_address(tmp_path: Path) -> None:
    smtp = read(
        tmp_path,
        PORTAL_SMTP_URL="smtp+starttls://me%40example.com:p%2Fw@mail.example.com",
        PORTAL_MAIL_FROM="portal@example.com",
    ).smtp

    assert smtp is not None
    assert (smtp.host, smtp.port, smtp.username, smtp.password) == (
        "mail.example.com",
        587,
        "me@example.com",
        "p/w",
    )
    assert smtp.starttls
    assert not smtp.tls


def test_settings_print_without_secrets(tmp_path: Path) -> None:
    settings = read(
        tmp_path,
        DATABASE_URL="postgresql://u:hush-database@db/portal",
        REDIS_URL="redis://:hush-redis@cache",
        PORTAL_SMTP_URL="smtps://u:hush-mail@mail.example.com",
        PORTAL_MAIL_FROM="portal@example.com",
    )

    printed = repr(settings)

    assert "hush" not in printed
    assert settings.secret_key not in printed


def test_portal_env_in_the_instance_is_read_and_the_environment_wins(tmp_path: Path) -> None:
    (tmp_path / "portal.env").write_text("# ours\nPORT=9001\nPORTAL_URL='https://a.example'\n")

    assert read(tmp_path).port == 9001
    assert read(tmp_path).portal_url == "https://a.example"
    assert read(tmp_path, PORT="9002").port == 9002


def test_a_socket_path_too_long_for_the_kernel_moves_to_the_temporary_folder(
    tmp_path: Path,
) -> None:
    settings = read(tmp_path / ("deep" * 30))

    assert settings.redis_socket is not None
    assert len(str(settings.redis_socket)) < 100
    assert settings.own_redis
