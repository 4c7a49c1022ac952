"""What the documents promise: links lead somewhere, OpenAPI documents are the served ones."""

import json
import re
from pathlib import Path

import pytest
from pydantic import AliasChoices

from application.ports.telemetry import Metric
from entrypoints.settings import Settings, load_settings
from entrypoints.wiring.applications import (
    make_analytics_app,
    make_gateway_app,
    make_platform_app,
)
from entrypoints.wiring.containers import make_container

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    path
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("model_store/**/*.md"))
    if path.is_file()
)
_LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")
_APPS = {
    "platform": make_platform_app,
    "gateway": make_gateway_app,
    "analytics": make_analytics_app,
}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_of_a_document_lead_somewhere(document: Path) -> None:
    links = _LINK.findall(document.read_text(encoding="utf-8"))

    missing = [link for link in links if not (document.parent / link).exists()]

    assert missing == []


def test_every_metric_is_explained() -> None:
    text = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")

    assert [metric.value for metric in Metric if f"`{metric.value}" not in text] == []


def test_every_setting_is_explained() -> None:
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    aliases = [field.validation_alias for field in Settings.model_fields.values()]
    names = [str(alias.choices[0]) for alias in aliases if isinstance(alias, AliasChoices)]

    assert len(names) == len(aliases)
    assert [name for name in names if f"`{name}`" not in text] == []


@pytest.mark.parametrize("name", _APPS)
def test_committed_openapi_document_is_the_served_one(name: str, tmp_path: Path) -> None:
    container = make_container(load_settings({"TRUEPORT_HOME": str(tmp_path)}))
    committed = json.loads((ROOT / "docs" / "openapi" / f"{name}.json").read_text())

    served = json.loads(json.dumps(_APPS[name](container).openapi()))

    assert served == committed, "run `make docs`"
