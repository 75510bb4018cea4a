"""The real parts that tests stand on are real, and private to their test process."""

from __future__ import annotations

import smtplib
from collections.abc import Callable

import psycopg
import pytest
import redis
from flask import Flask

from portal import identity
from portal.core.db import db, transaction
from portal.core.scope import unscoped
from tests.postgres import PORTAL, PostgresServer
from tests.services import MailServer, RedisServer


def test_redis_remembers_over_a_kill(own_redis: RedisServer) -> None:
    with redis.Redis.from_url(own_redis.url) as client:
        client.set("kept", "yes")
        client.config_set("appendfsync", "always")
        client.set("sure", "yes")

    own_redis.kill()
    own_redis.start()

    with redis.Redis.from_url(own_redis.url) as client:
        assert client.get("sure") == b"yes"
        assert client.config_get("port") == {"port": "0"}


def test_redis_is_empty_for_each_test(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0


def test_postgres_copies_a_template_that_is_built_once(
    postgres_url: Callable[..., str],
) -> None:
    built = []

    def build(url: str) -> None:
        built.append(url)
        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            connection.execute("create table stones (id int)")

    first, second = postgres_url("stones", build), postgres_url("stones", build)

    assert len(built) == 1
    assert first != second
    with psycopg.connect(second.replace("+psycopg", "")) as connection:
        assert connection.execute("select count(*) from stones").fetchone() == (0,)


def test_a_copy_that_was_given_back_is_lent_again_empty_and_under_another_name(
    postgres_server: PostgresServer, make_app: Callable[..., Flask]
) -> None:
    def first_reseller(name: str) -> int:
        with make_app(postgres_server.url(name)).app_context():
            with unscoped("a test"), transaction():
                made = identity.add_reseller(name="Northwind", uid="100482").id
            db.session.remove()
        return made

    before = postgres_server.create(PORTAL)
    numbers = [first_reseller(before)]
    postgres_server.take_back(before)
    after = postgres_server.create(PORTAL)
    numbers.append(first_reseller(after))
    with psycopg.connect(postgres_server.url(after).replace("+psycopg", "")) as connection:
        connection.execute("create table stones (id int)")
    postgres_server.take_back(after)

    assert numbers == [1, 1]
    for name in (before, after):
        with pytest.raises(psycopg.OperationalError, match="does not exist"):
            psycopg.connect(postgres_server.url(name).replace("+psycopg", ""))
    assert first_reseller(postgres_server.create(PORTAL)) == 1, "who changed more than rows is gone"


def test_the_mail_server_keeps_what_it_accepts_and_can_refuse(smtp: MailServer) -> None:
    with smtplib.SMTP("127.0.0.1", smtp.port) as client:
        client.sendmail("a@example.com", ["b@example.org"], "Subject: Hello\r\n\r\nWords\r\n")
    smtp.refuse = "452 Mailbox full"
    refusals = []
    with smtplib.SMTP("127.0.0.1", smtp.port) as client:
        try:
            client.sendmail("a@example.com", ["b@example.org"], "Subject: Again\r\n\r\n")
        except smtplib.SMTPDataError as error:
            refusals.append(error.smtp_code)

    mails = smtp.wait_for(1)

    assert [mail.message["Subject"] for mail in mails] == ["Hello"]
    assert refusals == [452]
