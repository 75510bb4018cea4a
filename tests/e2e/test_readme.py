"""What the README tells a newcomer to type and to look at is there."""

from __future__ import annotations

import os
import re

import pytest
from click.testing import CliRunner

from portal.cli import portal
from portal.config import PROJECT
from portal.demo.people import RESELLERS

README = (PROJECT / "README.md").read_text()
OPERATING = (PROJECT / "docs/operating.md").read_text()
PAGES = ["README.md", "CHANGELOG.md", "docs/operating.md", "docs/decisions/README.md"]


def test_the_logins_in_the_readme_are_the_demos() -> None:
    told = set(re.findall(r"/(staff|r/\d{6})/login> \| `([^`]+)` \| `([^`]+)` \|", README))

    expected = set()
    for reseller in RESELLERS:
        expected.add(("staff", reseller.owner[1], reseller.owner[2]))
        first = reseller.clients[0]
        expected.add((f"r/{reseller.uid}", first.email, reseller.client_password))
    assert told == expected


def test_every_script_that_the_papers_name_can_be_started() -> None:
    named = set(re.findall(r"\b((?:script|bench)/[a-z]+)\b", README + OPERATING))

    assert {"script/demo", "script/test"} <= named
    for script in named:
        assert os.access(PROJECT / script, os.X_OK), script


@pytest.mark.parametrize("text", [README, OPERATING], ids=["README.md", "docs/operating.md"])
def test_every_command_that_the_papers_name_exists(text: str) -> None:
    named = set(re.findall(r"portal ((?:init|run|status|stop|doctor|check|migrate)\b)", text))
    named |= set(re.findall(r"portal ((?:carrier|reseller|staff|client|import) [a-z-]+)", text))
    named |= {
        word
        for cell in re.findall(r"^\| ((?:`[a-z ]+`(?:, )?)+) \|", text, re.MULTILINE)
        for word in re.findall(r"`([a-z ]+)`", cell)
    }

    assert named
    for words in named:
        answer = CliRunner().invoke(portal, [*words.split(), "--help"])
        assert answer.exit_code == 0, f"portal {words}: {answer.output}"


def test_every_setting_that_the_operators_page_names_is_read_and_none_is_left_out() -> None:
    source = (PROJECT / "portal/config.py").read_text()
    known = set(re.findall(r'"(PORTAL_[A-Z_]+|DATABASE_URL|REDIS_URL|PORT)"', source))

    named = set(re.findall(r"\b(PORTAL_[A-Z_]+|DATABASE_URL|REDIS_URL|PORT)\b", OPERATING))

    assert named - known == set()
    # The demo's switch is set by the command, never by a person.
    assert known - named == {"PORTAL_DEMO"}


@pytest.mark.parametrize("page", PAGES)
def test_links_and_pictures_of_the_papers_lead_somewhere(page: str) -> None:
    path = PROJECT / page
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", path.read_text())

    for link in links:
        if not link.startswith("http"):
            assert (path.parent / link).exists(), f"{page}: {link}"


def test_every_decision_is_in_the_list_of_decisions() -> None:
    folder = PROJECT / "docs/decisions"

    listed = re.findall(r"\]\((\d{4}-[a-z0-9-]+\.md)\)", (folder / "README.md").read_text())

    assert listed == sorted(path.name for path in folder.glob("0*.md"))
