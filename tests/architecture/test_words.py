"""Words that live in one place, so that a rule need not be remembered."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.architecture.source import ROOT, imported, name_of, python_files

OURS = python_files("portal", "jobs")

# A pattern, where it may stand, and why nowhere else.
RULES = [
    (r"\.commit\(", {"portal/core/db.py"}, "one place ends a transaction"),
    (r"\.begin\(\)", set(), "one place begins a transaction"),
    (
        r"datetime\.now\(|\.utcnow\(|time\.time\(|date\.today\(",
        {"portal/core/clock.py", "portal/supervisor/output.py"},
        "one clock, which tests can stop; the supervisor dates log lines",
    ),
    (
        r"(?<![.\w])text\([\x22\x27f]|exec_driver_sql|\.connection\(\)",
        {"portal/core/db.py", "portal/calls/bulk.py"},
        "text of SQL is not filtered by the scope",
    ),
    (r"__table__", set(), "a select of a bare table is not filtered by the scope"),
    (
        r"metadata\.tables",
        {"portal/core/db.py", "portal/calls/bulk.py"},
        "a statement on a bare table is not filtered by the scope",
    ),
    (
        r"session(\(\))?\.get\(",
        set(),
        "get() answers from the identity map, whatever the scope was when the row was read",
    ),
    (r"\bNumeric\b|\bFloat\(|\bREAL\b", set(), "amounts are whole micro-units"),
    (r"render_template_string|\beval\(|\bexec\(", set(), "nothing is code that came as data"),
    (
        r"import (pickle|marshal)|pickle\.|yaml\.load|shell=True|os\.system",
        set(),
        "data is never code",
    ),
    (
        r"Markup\(|\|\s*safe\b",
        {"portal/web/charts.py", "portal/web/rich.py", "portal/mail/compose.py"},
        "what is typed is escaped; rich text is written by our own renderer",
    ),
    (r"\bprint\(", None, "a command line speaks by printing, the rest logs"),
    (r"\bTODO\b|\bFIXME\b|\bXXX\b|NotImplementedError", set(), "what is there is done"),
    (r"debug=True|use_reloader", set(), "the development server serves nobody"),
]


@pytest.mark.parametrize(("pattern", "homes", "why"), RULES, ids=[rule[2] for rule in RULES])
def test_some_words_live_where_they_belong(pattern: str, homes: set[str] | None, why: str) -> None:
    found = {name_of(path) for path in OURS if re.search(pattern, path.read_text())}

    if homes is None:
        homes = {
            name for name in found if name.startswith(("portal/commands/", "portal/supervisor/"))
        } | {"portal/cli.py"}
    assert found <= homes, f"{why}: {sorted(found - homes)}"


def test_the_web_and_the_jobs_never_hold_the_session() -> None:
    doors = python_files("portal/web", "portal/api", "jobs")

    holding = [
        name_of(path)
        for path in doors
        if re.search(
            r"db\.session|import session\b.*core|core\.db import .*\bsession\b", path.read_text()
        )
    ]

    assert holding == []


@pytest.mark.parametrize(
    ("library", "homes"),
    [
        ("httpx", {"portal/core/http/"}),
        ("smtplib", {"portal/mail/transport.py"}),
        ("requests", set()),
        ("aiohttp", set()),
        (
            "redis",
            {
                "portal/core/queue.py", "portal/core/live.py", "portal/factory.py",
                "portal/web/live.py", "portal/web/public/health.py", "jobs/cron.py", "jobs/worker.py",
                "portal/commands/",
            },
        ),
        ("rq", {"portal/core/queue.py", "portal/web/public/health.py", "jobs/", "portal/commands/"}),
        ("weasyprint", {"portal/reports/", "portal/supervisor/pdf_libraries.py"}),
        ("argon2", {"portal/core/passwords.py"}),
        ("cryptography", {"portal/core/secrets.py", "portal/notices/sealing.py"}),
        ("psycopg", {"portal/calls/bulk.py", "portal/core/db.py"}),
    ],
)  # fmt: skip
def test_the_outside_world_is_reached_through_few_doors(library: str, homes: set[str]) -> None:
    users = {name_of(path) for path in OURS if library in imported(path)}

    strangers = {name for name in users if not name.startswith(tuple(homes) or ("-",))}
    assert strangers == set(), f"{library} is imported elsewhere"


def test_whoever_looks_at_every_reseller_says_why() -> None:
    silent = []
    for path in OURS:
        for call in re.finditer(r"unscoped\(([^)]*)\)", path.read_text()):
            said = call.group(1).strip()
            if path.name != "scope.py" and not re.match(r'f?"[^"]{12,}"$', said):
                silent.append(f"{name_of(path)}: unscoped({said})")

    assert silent == []


def test_no_test_is_switched_off() -> None:
    off = re.compile(r"@pytest\.mark\.(skip|xfail)|pytest\.(skip|xfail)\(|unittest\.mock")

    found = [
        name_of(path)
        for path in python_files("tests")
        if path.name != "test_words.py" and off.search(path.read_text())
    ]

    assert found == []


def test_what_is_kept_in_the_repository_names_no_machine() -> None:
    """Paths of somebody's disk and hosts of package mirrors have no place in a project."""
    strange = re.compile(
        r"/root/|/home/[a-z]|/work/|\.\./shared|^--(index-url|extra-index-url|find-links)", re.M
    )
    places = ("portal", "jobs", "sandbox", "bench", "migrations", "script", "docs", "templates")
    files = [
        path
        for place in places
        for path in (ROOT / place).rglob("*")
        if path.suffix in {".py", ".md", ".html", ".sh", ".txt", ""} and path.is_file()
    ]
    files += [ROOT / "README.md", ROOT / "pyproject.toml", *(ROOT / "requirements").glob("*.*")]

    found = [
        name_of(path)
        for path in files
        if path.exists() and "__pycache__" not in path.parts and strange.search(path.read_text())
    ]

    assert found == []


def test_only_sentences_are_marked_for_translation() -> None:
    """What the extractor takes from a refusal is a sentence, never its code (it leaves out the fence)."""
    command = (ROOT / "script/translate").read_text()
    marks = {name: int(at or 1) - 1 for name, at in re.findall(r"-k ([A-Z]\w+)(?::(\d))?", command)}

    codes = [
        f"{name_of(path)}: {said!r}"
        for path in OURS
        for name, said in _marked(ast.parse(path.read_text()), marks)
        if name != "N_" and " " not in said and not name_of(path).startswith("portal/fenced/")
    ]

    assert "Refused" in marks
    assert codes == []


def _marked(tree: ast.AST, marks: dict[str, int]) -> Iterator[tuple[str, str]]:
    """Calls that the extractor looks into, each with the words it takes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            at = marks.get(node.func.id, len(node.args))
            if at < len(node.args) and isinstance(node.args[at], ast.Constant):
                yield node.func.id, str(node.args[at].value)
