"""Documents hold the whole of an aggregate, and nothing is made up for what they lack."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from bson import decode, encode
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from adapters.documents.administration import (
    done_call_from_document,
    done_call_to_document,
    entry_from_document,
    entry_to_document,
    invitation_from_document,
    invitation_to_document,
)
from adapters.documents.alerts import (
    alert_settings_from_document,
    alert_settings_to_document,
)
from adapters.documents.billing import subscription_from_document, subscription_to_document
from adapters.documents.events import event_from_document, event_to_document
from adapters.documents.fields import (
    column_text,
    dump,
    duration_of,
    load,
    microseconds,
    time_of,
    time_text,
)
from adapters.documents.gateway import (
    api_key_from_document,
    api_key_to_document,
    policy_revision_from_document,
    policy_revision_to_document,
    upstream_from_document,
    upstream_to_document,
)
from adapters.documents.jobs import job_from_document, job_to_document
from adapters.documents.platform import (
    tenant_from_document,
    tenant_to_document,
    user_from_document,
    user_to_document,
)
from adapters.documents.sign_in import (
    code_from_document,
    code_to_document,
    session_from_document,
    session_to_document,
)
from adapters.documents.usage import usage_from_document, usage_to_document
from adapters.documents.violations import violation_from_document, violation_to_document
from adapters.documents.webhooks import delivery_from_document, delivery_to_document
from adapters.mongo import values
from domain.errors import Unavailable
from tests import strategies


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A strategy with the two functions that lead to a document and back."""

    values: SearchStrategy[Any]
    to_document: Callable[[Any], Mapping[str, Any]]
    from_document: Callable[[Any], object]


PAIRS = {
    "tenant": Pair(
        values=strategies.tenants(),
        to_document=tenant_to_document,
        from_document=tenant_from_document,
    ),
    "subscription": Pair(
        values=strategies.subscriptions(),
        to_document=subscription_to_document,
        from_document=subscription_from_document,
    ),
    "user": Pair(
        values=strategies.users(), to_document=user_to_document, from_document=user_from_document
    ),
    "alert settings": Pair(
        values=strategies.alert_settings(),
        to_document=alert_settings_to_document,
        from_document=alert_settings_from_document,
    ),
    "key": Pair(
        values=strategies.api_keys(),
        to_document=api_key_to_document,
        from_document=api_key_from_document,
    ),
    "upstream": Pair(
        values=strategies.upstreams(),
        to_document=upstream_to_document,
        from_document=upstream_from_document,
    ),
    "policy": Pair(
        values=strategies.policy_revisions(),
        to_document=policy_revision_to_document,
        from_document=policy_revision_from_document,
    ),
    "violation": Pair(
        values=strategies.violations(),
        to_document=violation_to_document,
        from_document=violation_from_document,
    ),
    "usage": Pair(
        values=strategies.usage_entries(),
        to_document=usage_to_document,
        from_document=usage_from_document,
    ),
    "event": Pair(
        values=strategies.events(),
        to_document=event_to_document,
        from_document=event_from_document,
    ),
    "delivery to a webhook": Pair(
        values=strategies.webhook_deliveries(),
        to_document=delivery_to_document,
        from_document=delivery_from_document,
    ),
    "one-time code": Pair(
        values=strategies.pending_codes(),
        to_document=code_to_document,
        from_document=code_from_document,
    ),
    "session": Pair(
        values=strategies.sessions(),
        to_document=session_to_document,
        from_document=session_from_document,
    ),
    "invitation": Pair(
        values=strategies.invitations(),
        to_document=invitation_to_document,
        from_document=invitation_from_document,
    ),
    "administration entry": Pair(
        values=strategies.administration_entries(),
        to_document=entry_to_document,
        from_document=entry_from_document,
    ),
    "done call": Pair(
        values=strategies.done_calls(),
        to_document=done_call_to_document,
        from_document=done_call_from_document,
    ),
    "job": Pair(
        values=strategies.jobs(), to_document=job_to_document, from_document=job_from_document
    ),
}

pairs = pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)


@pairs
@given(data=st.data())
def test_document_describes_the_same_aggregate(pair: Pair, data: st.DataObject) -> None:
    aggregate = data.draw(pair.values)

    text = dump(pair.to_document(aggregate))

    assert load(text, pair.from_document) == aggregate


@pairs
@given(data=st.data())
def test_document_in_bson_describes_the_same_aggregate(pair: Pair, data: st.DataObject) -> None:
    aggregate = data.draw(pair.values)

    row = decode(encode({"document": values.stored(pair.to_document(aggregate))}))

    assert values.load(row["document"], pair.from_document) == aggregate


@pairs
@given(data=st.data())
def test_unknown_field_is_ignored(pair: Pair, data: st.DataObject) -> None:
    aggregate = data.draw(pair.values)

    document = {**pair.to_document(aggregate), "from_the_future": [1, 2]}

    assert pair.from_document(document) == aggregate


@pairs
@given(data=st.data())
def test_missing_field_is_an_error(pair: Pair, data: st.DataObject) -> None:
    document = dict(pair.to_document(data.draw(pair.values)))
    lacking = data.draw(st.sampled_from(sorted(document)))

    del document[lacking]

    with pytest.raises(KeyError, match=lacking):
        pair.from_document(document)
    with pytest.raises(Unavailable) as damaged:
        load(dump(document), pair.from_document)
    assert lacking not in damaged.value.message


@pytest.mark.parametrize(
    "text", ["", "[]", "null", "{", '{"kind": "unheard_of", "tenant_id": "t"}']
)
def test_damaged_document_is_reported_without_its_content(text: str) -> None:
    with pytest.raises(Unavailable) as damaged:
        load(text, event_from_document)

    assert damaged.value.message == "a stored document cannot be read"


@given(at=st.datetimes(timezones=st.just(UTC)), other=st.datetimes(timezones=st.just(UTC)))
def test_times_sort_as_text(at: datetime, other: datetime) -> None:
    assert time_of(time_text(at)) == at
    assert (time_text(at) < time_text(other)) == (at < other)
    assert len(time_text(at)) == len(time_text(other))


def test_time_of_another_zone_is_written_in_utc() -> None:
    at = datetime(2026, 11, 24, 8, 14, tzinfo=timezone(timedelta(hours=5, minutes=30)))

    assert time_text(at) == "2026-11-24T02:44:00.000000Z"
    assert time_of(time_text(at)) == at


@given(duration=st.timedeltas())
def test_durations_are_exact(duration: timedelta) -> None:
    assert duration_of(json.loads(json.dumps(microseconds(duration)))) == duration


@given(text=st.text(st.characters()))
def test_column_text_is_unicode_and_leaves_unicode_alone(text: str) -> None:
    column = column_text(text)

    column.encode("utf-8")
    if not any("\ud800" <= character <= "\udfff" for character in text):
        assert column == text
