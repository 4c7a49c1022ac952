"""Audit records: their canonical form, the chain that binds them, the names of their objects."""

import json
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from domain.audit import (
    GENESIS,
    AuditRecord,
    ChainHead,
    anchor_key,
    canonical,
    chain,
    format_time,
    instance_of,
    object_key,
    parse_time,
)
from domain.audit_chain import ChainCheck, verify_chain
from domain.errors import InvalidValue
from domain.identifiers import RecordId
from tests.strategies import audit_records, instants, json_objects, json_values

Document = dict[str, object]
FEWER = settings(max_examples=50)


# ---- canonical form


@given(json_objects(), st.randoms())
def test_the_order_of_keys_does_not_show(document: Document, shuffle: random.Random) -> None:
    names = list(document)
    shuffle.shuffle(names)

    assert canonical({name: document[name] for name in names}) == canonical(document)


@given(json_values())
def test_what_was_read_back_has_the_same_form(value: object) -> None:
    form = canonical(value)

    assert json.loads(form) == value
    assert canonical(json.loads(form)) == form


@given(json_values(), json_values())
def test_two_values_have_one_form_only_if_they_read_alike(one: object, other: object) -> None:
    if canonical(one) == canonical(other):
        assert one == other


@given(json_values())
def test_the_form_is_one_line_of_ascii(value: object) -> None:
    form = canonical(value)

    assert form.isascii()
    assert not set(form) & set(b"\r\n\x00\x7f")


def test_the_form_is_as_documented() -> None:
    document = {"b": [1, 2.5, True, None], "a": "é\n\U0001f600"}

    assert canonical(document) == (rb'{"a":"\u00e9\n\ud83d\ude00","b":[1,2.5,true,null]}')


@pytest.mark.parametrize("raw", [b'"\\ud800"', b'"\\udc00\\ud800"', b'{"\\udfff":1}'])
def test_lone_surrogates_survive(raw: bytes) -> None:
    assert canonical(json.loads(raw)) == raw


def test_true_is_not_one_and_one_is_not_one_point_zero() -> None:
    assert len({canonical(value) for value in (True, 1, 1.0, "1")}) == 4


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), {"a": float("-inf")}, b"bytes", {1, 2}, {"a": 10**5000}],
)
def test_what_json_cannot_hold_is_refused(value: object) -> None:
    with pytest.raises(InvalidValue):
        canonical(value)


def test_a_value_that_holds_itself_is_refused() -> None:
    endless: list[object] = []
    endless.append(endless)

    with pytest.raises(InvalidValue):
        canonical(endless)


# ---- times


@given(instants())
def test_a_time_is_read_back(at: datetime) -> None:
    assert parse_time(format_time(at)) == at


@given(instants(), st.integers(0, 999), st.integers(-14 * 60, 14 * 60))
def test_microseconds_are_cut_off_and_offsets_do_not_matter(
    at: datetime, microseconds: int, minutes: int
) -> None:
    exact = at + timedelta(microseconds=microseconds)

    assert format_time(exact) == format_time(at)
    assert parse_time(at.isoformat()) == at


@given(instants(), instants())
def test_written_times_sort_as_the_times_do(one: datetime, other: datetime) -> None:
    assert (format_time(one) < format_time(other)) == (one < other)


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "2026-11-24T02:44:00", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00+23:59"],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue):
        parse_time(text)


# ---- records


@FEWER
@given(audit_records())
def test_a_record_is_read_back_from_its_line(record: AuditRecord) -> None:
    line = chain(record, ChainHead()).line

    assert AuditRecord.from_document(json.loads(line)) == record


@FEWER
@given(audit_records(), st.data())
def test_a_field_that_is_missing_or_of_another_kind_is_named(
    record: AuditRecord, data: st.DataObject
) -> None:
    document = record.to_document()
    free = {"request", "response", "user", "upstream", "cost"}
    name = data.draw(st.sampled_from(sorted(set(document) - free)))
    broken: list[Document] = [
        {key: value for key, value in document.items() if key != name},
        {**document, name: [17]},
    ]

    for one in broken:
        with pytest.raises(InvalidValue) as refusal:
            AuditRecord.from_document(one)
        assert refusal.value.field == name


@given(json_objects(3))
def test_any_other_json_is_refused_and_nothing_else_happens(document: Document) -> None:
    with pytest.raises(InvalidValue):
        AuditRecord.from_document(document)


# ---- the chain


def chained(records: list[AuditRecord]) -> tuple[list[Document], ChainHead]:
    head = ChainHead()
    documents = []
    for record in records:
        link = chain(record, head)
        documents.append(json.loads(link.line))
        head = link.head
    return documents, head


def is_intact(documents: list[Document | None], head: ChainHead) -> bool:
    """Check as `audit verify` does: from the known beginning to the anchored end."""
    check = verify_chain(documents, prev=GENESIS)
    return not check.breaks and check.head == head


PLAIN = AuditRecord(
    record_id=RecordId("req_1"),
    tenant="acme",
    time=datetime(2026, 1, 1, tzinfo=UTC),
    key_id="key_1",
    user=None,
    route="/v1/chat/completions",
    model="gpt-4o",
    upstream="echo",
    content="full",
    request={"messages": [{"role": "user", "content": "hello"}]},
    response=None,
    status=200,
    tokens={"input": 1, "output": 0},
    cost=None,
    latency_ms=3,
    decision={"effect": "allow"},
    policy_version="pol_1@1",
    findings=(),
)
RECORDS = st.builds(
    lambda number, response: replace(PLAIN, latency_ms=number, response=response),
    st.integers(0, 9),
    st.sampled_from((None, True, 1, 1.0, "1", [1], {"1": 1})),
)
CHAINS = st.lists(RECORDS, min_size=1, max_size=4)


@FEWER
@given(CHAINS)
def test_an_untouched_chain_holds_in_whole_and_in_pieces(records: list[AuditRecord]) -> None:
    documents, head = chained(records)

    assert verify_chain(documents, prev=GENESIS) == ChainCheck(
        first_prev=GENESIS, head=head, breaks=()
    )
    for cut in range(len(documents) + 1):
        first = verify_chain(documents[:cut], prev=GENESIS)
        rest = verify_chain(documents[cut:], prev=first.head.hash)
        assert not first.breaks
        assert not rest.breaks
        assert first.head.count + rest.head.count == head.count


@FEWER
@given(CHAINS, st.data())
def test_any_changed_field_is_found(records: list[AuditRecord], data: st.DataObject) -> None:
    documents, head = chained(records)
    victim = data.draw(st.sampled_from(documents))
    name = data.draw(st.sampled_from(sorted(victim)))
    value = data.draw(json_values(4))
    assume(canonical(value) != canonical(victim[name]))
    victim[name] = value

    assert not is_intact([*documents], head)
    assert verify_chain(documents, prev=GENESIS).breaks


@FEWER
@given(CHAINS, st.data())
def test_any_added_or_removed_field_is_found(
    records: list[AuditRecord], data: st.DataObject
) -> None:
    documents, head = chained(records)
    victim = data.draw(st.sampled_from(documents))
    if data.draw(st.booleans()):
        victim["note"] = data.draw(json_values(2))
    else:
        del victim[data.draw(st.sampled_from(sorted(victim)))]

    assert not is_intact([*documents], head)
    assert verify_chain(documents, prev=GENESIS).breaks


@FEWER
@given(CHAINS, st.data())
def test_any_dropped_record_is_found(records: list[AuditRecord], data: st.DataObject) -> None:
    documents, head = chained(records)
    position = data.draw(st.integers(0, len(documents) - 1))
    del documents[position]

    assert not is_intact([*documents], head)
    if position < len(documents):
        assert verify_chain(documents, prev=GENESIS).breaks[0].line == position + 1


@FEWER
@given(st.lists(RECORDS, min_size=2, max_size=4), st.data())
def test_any_two_swapped_records_are_found(records: list[AuditRecord], data: st.DataObject) -> None:
    documents, head = chained(records)
    one = data.draw(st.integers(0, len(documents) - 2))
    other = data.draw(st.integers(one + 1, len(documents) - 1))
    documents[one], documents[other] = documents[other], documents[one]

    assert not is_intact([*documents], head)
    assert verify_chain(documents, prev=GENESIS).breaks[0].line == one + 1


@FEWER
@given(CHAINS, RECORDS, st.data())
def test_any_inserted_record_is_found(
    records: list[AuditRecord], intruder: AuditRecord, data: st.DataObject
) -> None:
    documents, head = chained(records)
    position = data.draw(st.integers(0, len(documents)))
    prev = documents[position - 1]["hash"] if position else GENESIS
    forged = json.loads(chain(intruder, ChainHead(hash=str(prev))).line)
    doubled = documents[data.draw(st.integers(0, len(documents) - 1))]

    for line in (forged, doubled, None, {}):
        assert not is_intact([*documents[:position], line, *documents[position:]], head)


@FEWER
@given(st.lists(RECORDS, min_size=2, max_size=4), RECORDS, st.data())
def test_a_record_replaced_together_with_its_hash_is_found_at_the_next(
    records: list[AuditRecord], other: AuditRecord, data: st.DataObject
) -> None:
    documents, head = chained(records)
    position = data.draw(st.integers(0, len(documents) - 1))
    forged = json.loads(chain(other, ChainHead(hash=str(documents[position]["prev"]))).line)
    assume(forged != documents[position])
    documents[position] = forged

    check = verify_chain(documents, prev=GENESIS)

    assert not is_intact([*documents], head)
    assert [broken.line for broken in check.breaks] == (
        [position + 2] if position + 1 < len(documents) else []
    )


@FEWER
@given(CHAINS)
def test_an_object_by_itself_says_where_it_wants_to_be_joined(
    records: list[AuditRecord],
) -> None:
    start = "ab" * 32
    first = chain(records[0], ChainHead(hash=start, count=7))

    check = verify_chain([json.loads(first.line)])

    assert (check.first_prev, check.breaks) == (start, ())
    assert first.head.count == 8
    assert verify_chain([json.loads(first.line)], prev=GENESIS).breaks


def test_a_forged_line_that_json_cannot_hold_is_found_whatever_hash_it_says() -> None:
    forged = {"prev": GENESIS, "hash": "", "value": float("nan")}

    assert [one.reason for one in verify_chain([forged]).breaks] == ["the record was changed"]


@FEWER
@given(CHAINS)
def test_checking_goes_on_behind_a_damaged_line(records: list[AuditRecord]) -> None:
    documents, _ = chained(records)
    broken: list[Document | None] = [*documents, None, *documents]

    check = verify_chain(broken, prev=GENESIS)

    assert [one.line for one in check.breaks] == [len(documents) + 1]
    assert check.head.count == 2 * len(documents)


# ---- names of objects


@given(
    instants(),
    st.sampled_from(("", "logs/", "a/b/")),
    st.from_regex(r"[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True),
    st.text("0123456789abcdefghjkmnpqrstvwxyz", min_size=26, max_size=26),
)
def test_the_key_of_an_object_names_its_hour_and_its_writer(
    at: datetime, prefix: str, instance: str, ulid: str
) -> None:
    key = object_key(prefix=prefix, instance=instance, ulid=ulid, at=at)

    assert instance_of(key) == instance
    assert key.startswith(f"{prefix}audit/v1/dt={at:%Y-%m-%d}/hr={at:%H}/")
    assert instance_of(anchor_key(prefix=prefix, instance=instance, ulid=ulid, at=at)) is None


def test_keys_are_as_documented() -> None:
    at = datetime(2026, 11, 24, 2, 44, tzinfo=UTC)
    parts = {"prefix": "logs/", "instance": "gw-1", "ulid": "01jd"}

    assert object_key(**parts, at=at) == "logs/audit/v1/dt=2026-11-24/hr=02/gw-1-01jd.jsonl.gz"
    assert anchor_key(**parts, at=at) == "logs/audit/v1/anchors/dt=2026-11-24/gw-1-01jd.json"


@pytest.mark.parametrize(
    "key", ["", "other.jsonl.gz", "audit/v1/dt=2026-11-24/hr=02/x.json", "audit/v1/dt=1/-.txt"]
)
def test_other_keys_have_no_writer(key: str) -> None:
    assert instance_of(key) is None
