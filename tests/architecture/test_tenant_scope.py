"""Every port method that reads or writes what belongs to a tenant takes `tenant_id` first.

A method that has a reason not to says so on the line of its `def`, or its class on that of its
`class`: `# tenant-free: looked up before the tenant is known`.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source_tree import ROOT, python_files

PORTS = "application/ports"
ESCAPE = re.compile(r"#\s*tenant-free:(.*)$", re.MULTILINE)
# Conversations that keep nothing under a tenant's name, or are opened for one tenant.
WITHOUT_TENANT_DATA = {
    "access_tokens": "say who somebody is, whatever tenants they are in",
    "audit_journal": "one writer journals for every tenant; its batches name theirs",
    "custom_detectors": "tries and runs what it is given",
    "credentials": "signs, hashes and encrypts what it is given",
    "detector": "reads a text and forgets it",
    "mailer": "delivers what it is given",
    "model_provider": "calls the upstream that it is given",
    "object_storage": "opened from one tenant's settings",
    "notifications": "reads messages of outside senders; whose they are shows afterwards",
    "object_events": "names an object, whose place leads to its tenant",
    "outbox": "one relay serves every tenant; its events name theirs",
    "pattern_matcher": "matches what it is given",
    "system": "time, identifiers and random bytes",
    "telemetry": "counts, and never labels by tenant",
    "unit_of_work": "opens the repositories, whose methods are scoped one by one",
}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def escape_reason(node: Function | ast.ClassDef, lines: list[str]) -> str | None:
    """Return the reason in the signature's escape comment: empty if it gives none."""
    signature = "\n".join(lines[node.lineno - 1 : node.body[0].lineno - 1])
    found = ESCAPE.search(signature)
    return found[1].strip() if found else None


def is_protocol(node: ast.ClassDef) -> bool:
    """Tell whether a class is a port, generic or not."""
    bases = (base.value if isinstance(base, ast.Subscript) else base for base in node.bases)
    return any(isinstance(base, ast.Name) and base.id == "Protocol" for base in bases)


def is_checked(node: ast.stmt) -> bool:
    """Tell whether a member of a port is one of its methods: no property, nothing private."""
    if not isinstance(node, Function):
        return False
    is_property = any(isinstance(d, ast.Name) and d.id == "property" for d in node.decorator_list)
    return not is_property and (node.name == "__call__" or not node.name.startswith("_"))


def takes_tenant_first(node: Function) -> bool:
    """Tell whether the first parameter after `self` is `tenant_id: TenantId`, with no default."""
    arguments = node.args
    positional = arguments.posonlyargs + arguments.args
    if len(positional) > 1:
        first, has_default = positional[1], len(arguments.defaults) >= len(positional) - 1
    elif arguments.kwonlyargs:
        first, has_default = arguments.kwonlyargs[0], arguments.kw_defaults[0] is not None
    else:
        return False
    is_tenant_id = isinstance(first.annotation, ast.Name) and first.annotation.id == "TenantId"
    return first.arg == "tenant_id" and is_tenant_id and not has_default


def offenders(source: str) -> Iterator[str]:
    """Yield the methods of a module's ports that break the rule, with what is wrong."""
    lines = source.splitlines()
    for port in ast.walk(ast.parse(source)):
        if not isinstance(port, ast.ClassDef) or not is_protocol(port):
            continue
        class_reason = escape_reason(port, lines)
        if class_reason == "":
            yield f"{port.name}: the escape gives no reason"
        for method in port.body:
            if not isinstance(method, Function) or not is_checked(method):
                continue
            name = f"{port.name}.{method.name}"
            reason = escape_reason(method, lines)
            if reason == "":
                yield f"{name}: the escape gives no reason"
            elif reason is None and class_reason is None and not takes_tenant_first(method):
                yield f"{name}: takes no tenant_id: TenantId first"


@pytest.mark.parametrize(
    "path",
    [path for path in python_files(PORTS) if path.stem not in WITHOUT_TENANT_DATA],
    ids=lambda path: path.stem,
)
def test_ports_are_scoped_to_a_tenant(path: Path) -> None:
    assert list(offenders(path.read_text(encoding="utf-8"))) == []


def test_exempt_modules_exist() -> None:
    modules = {path.stem for path in (ROOT / PORTS).glob("*.py")}

    assert set(WITHOUT_TENANT_DATA) <= modules


def port_with(method: str, of_class: str = "") -> str:
    return (
        f"class Keys(Protocol):{of_class}\n    @abstractmethod\n    {method}\n        '''Do.'''\n"
    )


@pytest.mark.parametrize(
    "method",
    [
        "async def get(self, tenant_id: TenantId, key_id: KeyId) -> Key:",
        "async def count(self, *, tenant_id: TenantId) -> int:",
        "def __call__(self, tenant_id: TenantId) -> Key:",
        "async def __aenter__(self) -> Keys:",
        "async def find(self, digest: bytes) -> Key:  # tenant-free: the tenant is found by it",
        "async def find(  # tenant-free: found by it\n        self, x: int\n    ) -> Key:",
    ],
)
def test_scoped_or_excused_method_passes(method: str) -> None:
    assert list(offenders(port_with(method))) == []


@pytest.mark.parametrize(
    "method",
    [
        "async def get(self, key_id: KeyId) -> Key:",
        "async def get(self, key_id: KeyId, tenant_id: TenantId) -> Key:",
        "async def get(self, tenant_id: str) -> Key:",
        "async def get(self, tenant_id: TenantId | None) -> Key:",
        "async def get(self, tenant_id: TenantId = HOME) -> Key:",
        "async def all(self) -> Sequence[Key]:",
        "def __call__(self) -> Key:",
        "async def find(self, digest: bytes) -> Key:  # tenant-free:",
    ],
)
def test_planted_offender_is_caught(method: str) -> None:
    assert len(list(offenders(port_with(method)))) == 1


def test_a_class_may_be_excused_as_a_whole() -> None:
    method = "async def put(self, key: str) -> None:"

    excused = offenders(port_with(method, of_class="  # tenant-free: made for one tenant"))
    unexplained = offenders(port_with(method, of_class="  # tenant-free:"))

    assert list(excused) == []
    assert list(unexplained) == ["Keys: the escape gives no reason"]
