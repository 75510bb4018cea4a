"""The operator's words: portal init, reseller, staff and client."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from flask import Flask

from portal import identity, mail
from portal.core.db import session, transaction
from portal.core.scope import unscoped
from portal.identity import Role, reseller_by_hostname, reseller_by_uid
from tests import processes
from tests.identity.people import add_client, add_reseller, log_in

PASSWORD = "three blind lamps"
RESELLER = [
    "reseller", "add", "Northwind Voice", "--uid", "100482",
    "--owner-name", "Olive", "--owner-email", "olive@example.com",
]  # fmt: skip


class Operator:
    """Somebody at the command line of one installation."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment

    def types(self, *words: str, password: str = PASSWORD, answers: str = "") -> str:
        """What the command says when it works; its complaint when it does not."""
        env = os.environ | self._environment | {"PORTAL_NEW_PASSWORD": password}
        done = processes.run("portal.cli", *words, env=env, answers=answers)
        assert "Traceback" not in done.stderr, done.stderr
        return done.stdout if done.returncode == 0 else f"refused: {done.stderr}"


@pytest.fixture
def operator(environment: dict[str, str], database_url: str) -> Operator:
    """The operator of the installation that ``app`` is."""
    return Operator(environment | {"DATABASE_URL": database_url})


def test_the_operator_adds_a_reseller_staff_and_a_client_who_can_log_in(
    app: Flask, operator: Operator
) -> None:
    added = operator.types(*RESELLER)
    operator.types("staff", "add", "100482", "--name", "Sam", "--email", "sam@example.com")
    operator.types(
        "client", "add", "100482", "--first-name", "Ada", "--last-name", "Moreau",
        "--email", "ada@example.com",
    )  # fmt: skip

    assert "100482" in added
    assert "http://localhost/r/100482/login" in added
    northwind = reseller_by_uid("100482")
    assert log_in(northwind).visitor.name == "Ada Moreau"
    assert log_in(None, "olive@example.com").visitor.role is Role.OWNER
    assert log_in(None, "sam@example.com").visitor.role is Role.SUPPORT


def test_what_is_refused_is_a_sentence_and_changes_nothing(app: Flask, operator: Operator) -> None:
    weak = operator.types(*RESELLER, password="1234567890")
    wrong = operator.types(*RESELLER, "--time-zone", "Mars/Base")
    nobody = operator.types("staff", "list", "999999")

    assert weak.startswith("refused: Error: password: ")
    assert wrong.startswith("refused: Error: time_zone: ")
    assert nobody == "refused: Error: There is no reseller 999999.\n"
    assert reseller_by_uid("100482") is None


def test_a_host_name_is_given_and_taken_back(app: Flask, operator: Operator) -> None:
    operator.types(*RESELLER)

    given = operator.types("reseller", "hostname", "100482", "Portal.Northwind.Example")
    wrong = operator.types("reseller", "hostname", "100482", "not a host")
    neither = operator.types("reseller", "hostname", "100482")
    named = reseller_by_hostname("portal.northwind.example")
    session().rollback()
    taken = operator.types("reseller", "hostname", "100482", "--none")

    assert given == "Clients log in at http://portal.northwind.example/login.\n"
    assert wrong.startswith("refused: Error: hostname: ")
    assert neither.startswith("refused: ")
    assert named is not None
    assert named.uid == "100482"
    assert taken == "Clients log in at http://localhost/r/100482/login.\n"
    assert reseller_by_hostname("portal.northwind.example") is None


def test_a_mail_that_nobody_sent_is_listed_and_read(app: Flask, operator: Operator) -> None:
    nothing = operator.types("mails")
    northwind = add_reseller()
    add_client(northwind)
    with unscoped("a test"), transaction():
        link = identity.begin_reset(
            northwind.id, "ada@example.com", address="https://portal.example"
        )
        assert link is not None
        mail.send_reset_link(link)

    listed = operator.types("mails")
    number = listed.split()[0]
    shown = operator.types("mails", "show", number)

    assert nothing == "No mail waits to be read.\n"
    assert "queued  ada@example.com  " in listed
    assert link.address not in listed
    assert shown.startswith("To: ada@example.com\nSubject: ")
    assert link.address in shown
    assert operator.types("mails", "show", "999").startswith("refused: Error: There is no mail")


def test_init_makes_the_database_and_the_first_reseller_once(
    environment: dict[str, str], tmp_path: Path
) -> None:
    operator = Operator(environment | {"DATABASE_URL": f"sqlite:///{tmp_path / 'new.db'}"})

    first = operator.types("init", answers="Northwind Voice\nOlive\nolive@example.com\n")
    second = operator.types("init")

    assert "http://localhost/setup" in first
    assert "Northwind Voice has the number" in first
    assert second.startswith("There is nothing to do: 1")
    assert "Northwind Voice" in operator.types("reseller", "list")


def test_init_leaves_the_rest_to_the_browser_when_nothing_is_answered(
    environment: dict[str, str], tmp_path: Path
) -> None:
    operator = Operator(environment | {"DATABASE_URL": f"sqlite:///{tmp_path / 'new.db'}"})

    said = operator.types("init", answers="\n")

    assert re.search(r"^    [A-Z0-9]{5}(-[A-Z0-9]{5}){3}$", said, re.M)
    assert operator.types("reseller", "list") == ""
