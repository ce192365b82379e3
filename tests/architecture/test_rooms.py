"""The house rules that a linter does not know: front doors, where SQL lies, how long a file is, what every function says.

Each rule says what to do. An exception stands in a table below with its reason.
"""

import ast
import re
from pathlib import Path

import pytest

import kizuna

HOUSE = Path(kizuna.__file__).parent
FILES = sorted(path for path in HOUSE.rglob("*.py"))
LINES_MAX = 400

DOMAIN_ROOMS = {"program", "publishing", "members", "ledger", "segments", "intake", "corrections", "insight"}
"""Rooms that are entered by their front door, `kizuna.<room>`. `core`, `engine` and `runtime` are open shelves: each of
their files is a tool of its own, and which one is used is worth seeing."""

SIDE_DOORS: dict[tuple[str, str], str] = {}
"""(file, module) that may enter another room by a side door, each with its reason."""

SQL_FILES = re.compile(
    r".*/(store|\w+_store)\.py$"  # a room's store
    r"|runtime/(outbox|brands|migrate|postgres_query|postgres_conf)\.py$"  # runtime has tables and servers, and no rooms
    r"|runtime/migrations/.*"
)
SQL_LINES = {
    "runtime/db.py": "sets the search path of a lent connection and composes the rooms' fragments",
    "runtime/postgres.py": "asks a server for its version",
}
"""Files that hold a line of SQL without being a store, each with its reason."""

SQL = re.compile(
    r"\b(SELECT\s+.+\bFROM|SELECT\s+\w+\(|INSERT\s+INTO|UPDATE\s+\S+\s+SET|DELETE\s+FROM|(CREATE|ALTER|DROP)\s+(TABLE|INDEX|SCHEMA|ROLE)"
    r"|SET\s+search_path|LOCK\s+TABLE|TRUNCATE\s+\w|SHOW\s+server)",
    re.DOTALL | re.IGNORECASE,
)
"""A statement, not a word: prose may select and update."""


def name_of(path: Path) -> str:
    return path.relative_to(HOUSE).as_posix()


def room_of(path: Path) -> str:
    return path.relative_to(HOUSE).parts[0].removesuffix(".py")


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports_of(path: Path):
    """Every module that a file imports, with the names that it takes from it."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.module, alias.name) for alias in node.names)


def offered(room: str) -> list[str]:
    """What a room's `__init__` names; a function may have the name of its file."""
    return next(
        (
            ast.literal_eval(node.value)
            for node in tree_of(HOUSE / room / "__init__.py").body
            if isinstance(node, ast.Assign) and node.targets[0].id == "__all__"
        ),
        [],
    )


def side_door(path: Path, module: str, name: str) -> str | None:
    """Return the room's own file that an import reaches into, None when it uses the front door or its own room."""
    parts = module.split(".")
    if parts[0] != "kizuna" or len(parts) < 2 or parts[1] not in DOMAIN_ROOMS or parts[1] == room_of(path):
        return None
    if len(parts) > 2:
        return module
    if name in offered(parts[1]):
        return None
    inside = HOUSE / parts[1] / name
    return f"{module}.{name}" if inside.with_suffix(".py").exists() or inside.is_dir() else None


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_room_is_entered_by_its_front_door(path):
    doors = {side_door(path, module, name) for module, name in imports_of(path)} - {None}
    wrong = {door for door in doors if (name_of(path), door) not in SIDE_DOORS}
    assert not wrong, f"import from the room itself (its __init__ names what it offers), not from {sorted(wrong)}"


def test_every_side_door_is_still_used():
    used = {(name_of(path), side_door(path, module, name)) for path in FILES for module, name in imports_of(path)}
    assert set(SIDE_DOORS) <= used, "take the exception away with the import that it was for"


def docstrings(tree: ast.Module) -> set[int]:
    """The places of strings that stand alone: docstrings and the words under a constant."""
    return {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant | ast.JoinedStr)
    }


def statements(path: Path) -> list[str]:
    tree = tree_of(path)
    prose = docstrings(tree)
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose
    ]
    return [text for text in texts if SQL.search(text)]


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_sql_lies_in_the_store(path):
    if SQL_FILES.match(name_of(path)) or name_of(path) in SQL_LINES:
        return
    assert not statements(path), "move this statement to the room's store.py, named, with its purpose below it"


@pytest.mark.parametrize("file", SQL_LINES)
def test_every_exception_for_sql_is_still_needed(file):
    assert statements(HOUSE / file), "this file holds no SQL any more; take it off the list"


def named_statements():
    for path in FILES:
        if path.name == "store.py" or path.name.endswith("_store.py"):
            body = tree_of(path).body
            for number, node in enumerate(body):
                if isinstance(node, ast.Assign) and SQL.search(ast.unparse(node.value)):
                    after = body[number + 1] if number + 1 < len(body) else None
                    yield name_of(path), node.targets[0].id, after


def test_every_statement_of_a_store_is_named_with_its_purpose():
    found = list(named_statements())
    assert found
    nameless = [
        f"{file}: {name}"
        for file, name, after in found
        if not name.startswith("_")
        and not (
            isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) and isinstance(after.value.value, str)
        )
    ]
    assert not nameless, "say in a string under the statement what it is for"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_file_is_short(path):
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= LINES_MAX, f"{lines} lines: look for the second room that hides in this file"


def public(node: ast.AST):
    """Public functions, classes and methods below a module or class."""
    for one in node.body:
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not one.name.startswith("_"):
            yield one
            if isinstance(one, ast.ClassDef):
                yield from public(one)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_public_name_says_what_it_is(path):
    tree = tree_of(path)
    silent = [one.name for one in public(tree) if not ast.get_docstring(one)]
    if tree.body and not ast.get_docstring(tree):
        silent.insert(0, "the module itself")
    assert not silent, "begin each with a docstring that says what is always true"


def test_the_rules_themselves_find_what_they_forbid(tmp_path):
    assert side_door(HOUSE / "web" / "x.py", "kizuna.ledger.store", "accounts") == "kizuna.ledger.store"
    assert side_door(HOUSE / "web" / "x.py", "kizuna.ledger", "store") == "kizuna.ledger.store"
    assert side_door(HOUSE / "web" / "x.py", "kizuna.ledger.proof.verify", "verify") == "kizuna.ledger.proof.verify"
    assert side_door(HOUSE / "web" / "x.py", "kizuna.ledger", "verify") is None
    assert side_door(HOUSE / "ledger" / "x.py", "kizuna.ledger.store", "accounts") is None
    assert side_door(HOUSE / "web" / "x.py", "kizuna.runtime.db", "Database") is None
    bad = tmp_path / "service.py"
    bad.write_text('"""Select a row from here."""\nx = "SELECT a FROM b"\n"""Update the thing, set it free."""\n')
    assert statements(bad) == ["SELECT a FROM b"]
