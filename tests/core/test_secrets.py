"""Secrets at rest, passwords, and the log that never tells them."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from portal.core import log
from portal.core.passwords import hash_password, needs_rehash, verify_password, weakness
from portal.core.scope import Scope, bind
from portal.core.secrets import CannotUnseal, KeyRing

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
RING = KeyRing("old", {"old": OLD})
ROW = "1:carrier_logins:password:7"


def test_a_secret_comes_back_for_its_own_row_only() -> None:
    sealed = RING.seal("hunter2 hunter2", context=ROW)

    assert RING.unseal(sealed, context=ROW) == "hunter2 hunter2"
    for elsewhere in ("2:carrier_logins:password:7", "1:carrier_logins:hook:7", "", ROW + "1"):
        with pytest.raises(CannotUnseal):
            RING.unseal(sealed, context=elsewhere)


def test_the_same_secret_never_looks_the_same_twice() -> None:
    sealed = {RING.seal("hunter2", context=ROW) for _ in range(50)}

    assert len(sealed) == 50
    assert not any("hunter2" in one for one in sealed)


@pytest.mark.parametrize("damage", ["", "old:", "old:AAAA", "nobody:AAAA", "no colon", "old:%%%"])
def test_what_was_damaged_is_refused_by_name(damage: str) -> None:
    with pytest.raises(CannotUnseal):
        RING.unseal(damage, context=ROW)


def test_one_changed_letter_is_noticed() -> None:
    sealed = RING.seal("hunter2", context=ROW)

    for at in range(len("old:"), len(sealed) - 2, 5):
        changed = sealed[:at] + ("A" if sealed[at] != "A" else "B") + sealed[at + 1 :]
        with pytest.raises(CannotUnseal):
            RING.unseal(changed, context=ROW)


def test_a_new_key_seals_and_the_old_one_still_opens() -> None:
    before = RING.seal("hunter2", context=ROW)
    turned = KeyRing("new", {"new": NEW, "old": OLD})

    after = turned.seal(turned.unseal(before, context=ROW), context=ROW)

    assert (before[:4], after[:4]) == ("old:", "new:")
    assert KeyRing("new", {"new": NEW}).unseal(after, context=ROW) == "hunter2"
    with pytest.raises(CannotUnseal):
        KeyRing("new", {"new": NEW}).unseal(before, context=ROW)


def test_a_password_is_kept_as_argon2id_of_its_own_salt() -> None:
    first, second = hash_password("three blind lamps"), hash_password("three blind lamps")

    assert first.startswith("$argon2id$v=19$m=47104,t=1,p=1$")
    assert first != second
    assert verify_password("three blind lamps", first)
    assert not verify_password("three blind lamp", first)
    assert not needs_rehash(first)
    assert needs_rehash("$argon2id$v=19$m=8192,t=1,p=1$c29tZXNhbHQ$" + "A" * 43)


@pytest.mark.parametrize("stored", [None, "", "not a hash", "$argon2id$v=19$m=8,t=1,p=1$x$y"])
def test_without_a_good_hash_no_password_is_right(stored: str | None) -> None:
    assert verify_password("nobody has this password", stored) is False


def test_many_logins_at_once_hash_four_at_a_time() -> None:
    """46 MiB each: two hundred at once would be nine gigabytes."""
    stored, answers = hash_password("three blind lamps"), []
    threads = [
        threading.Thread(
            target=lambda: answers.append(verify_password("three blind lamps", stored))
        )
        for _ in range(12)
    ]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [True] * 12
    assert time.monotonic() - started < 60


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "short"), ("x" * 201, "long"), ("aaaaaaaaaaaa", "common"),
        ("password123", "common"), ("PASSWORD123", "common"), ("ada@example.com", "personal"),
        ("three blind lamps", None), ("пароль-из-слов", None),
    ],
)  # fmt: skip
def test_weak_passwords_are_named(password: str, why: str | None) -> None:
    assert weakness(password, known=("Ada", "Ada@Example.com")) == why


@pytest.fixture
def spoken() -> Iterator[list[str]]:
    """What the log of a process would say."""
    before = logging.getLogger().handlers[:], logging.getLogger().level
    lines: list[str] = []
    log.configure("INFO")
    handler = logging.getLogger().handlers[0]
    handler.emit = lambda record: lines.append(handler.format(record))  # type: ignore[method-assign]
    yield lines
    logging.getLogger().handlers[:] = before[0]
    logging.getLogger().setLevel(before[1])


def test_the_log_names_who_and_hides_what(spoken: list[str]) -> None:
    names = (
        "password", "old_passwd", "secret", "hook_secret", "token", "csrf_token", "Authorization",
        "cookie", "api_key", "body", "message_text",
    )  # fmt: skip
    with bind(Scope(4, 9)):
        log.get_logger("test").info("tried", **dict.fromkeys(names, "canary-7f3a"), count=3)

    said = json.loads(spoken[0])
    assert "canary" not in spoken[0]
    assert {said[name] for name in names} == {"[hidden]"}
    assert (said["event"], said["count"], said["reseller_id"], said["client_id"]) == (
        "tried",
        3,
        4,
        9,
    )


@pytest.mark.parametrize(
    "hostile", ["a\r\nb", "a\nINFO forged", "\x1b[31mred", "\u2028line", "\x00"]
)
def test_one_event_is_one_line_whatever_it_contains(spoken: list[str], hostile: str) -> None:
    log.get_logger("test").info("login_failed", email=hostile)
    logging.getLogger("other").warning("a library said %s", hostile)

    assert len(spoken) == 2
    for line in spoken:
        assert line.isascii()
        assert line.isprintable()
        json.loads(line)


def test_a_failpoint_kills_at_the_hit_that_was_asked_for() -> None:
    program = (
        "from portal.core.failpoints import failpoint\n"
        "for at in range(5): print(at, flush=True); failpoint('other'); failpoint('here')"
    )

    def run(wanted: str) -> tuple[int, str]:
        ended = subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"PORTAL_FAILPOINT": wanted},
            capture_output=True,
            text=True,
            check=False,
        )
        return ended.returncode, ended.stdout.replace("\n", "")

    assert run("here") == (-signal.SIGKILL, "0")
    assert run("here:3") == (-signal.SIGKILL, "012")
    assert run("elsewhere") == (0, "01234")
    assert run("") == (0, "01234")
