"""The real parts that tests stand on are real, and private to their test process."""

from __future__ import annotations

import smtplib
from collections.abc import Callable

import psycopg
import redis

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
