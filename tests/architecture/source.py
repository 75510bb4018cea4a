"""Our own source files, for tests that read them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def python_files(*folders: str) -> list[Path]:
    """Every Python file in these folders of the project."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def name_of(path: Path) -> str:
    """Its path as people write it."""
    return path.relative_to(ROOT).as_posix()


def import_every_table() -> None:
    """Bring in every models.py, whether or not the application has a use for it yet."""
    for path in (ROOT / "portal").rglob("models.py"):
        import_module(name_of(path).removesuffix(".py").replace("/", "."))


@cache
def imported(path: Path) -> set[str]:
    """Top-level names of the modules that a file imports, also inside functions."""
    return {name.partition(".")[0] for name in _imported(ast.parse(path.read_text()))}


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
