"""Hypothesis strategies for every domain type.

Values that refer to each other (keys, models, fingerprints, hosts, types) come from small pools, so
that rules and exceptions meet the findings they are about. Times are whole milliseconds, which is
what documents keep. Strategies are cached: making one costs more than drawing from it.
"""

import itertools
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from domain.administration import AdministrationEntry, Change
from domain.alert import AlertSettings
from domain.api_key import SECRET_BYTES, ApiKey, ApiKeySecret, Environment, KeyLimits, Scope
from domain.audit import AuditRecord
from domain.authorisation import Action
from domain.circuit_breaker import BreakerSettings
from domain.detection.finding import ContextWord, Detection, Explanation, Finding, Span
from domain.detection.taxonomy import TYPES, Category, Severity
from domain.errors import InvalidValue
from domain.events import (
    AuditDamaged,
    DigestDue,
    DigestKind,
    Event,
    InvitationIssued,
    KeyChanged,
    KeyIssued,
    OutboxEntry,
    PaymentFailed,
    PolicyActivated,
    SignInCodeRequested,
    TenantChanged,
    TenantFounded,
    UpstreamChanged,
    ViolationsRecorded,
)
from domain.identifiers import (
    AdministrationId,
    CodeId,
    DeliveryId,
    EventId,
    InvitationId,
    KeyId,
    PolicyId,
    RecordId,
    RequestId,
    SessionId,
    TenantId,
    UpstreamId,
    UserId,
    WebhookId,
    make_id,
)
from domain.invitation import Invitation
from domain.job import Failure, FailureKind, Job, JobState, ObjectRef, RetryPolicy
from domain.money import Cost, Money, TokenPrice
from domain.one_time_code import PendingCode
from domain.policy.custom_detector import ContextWords, CustomDetector, Examples
from domain.policy.evaluation import Candidate, Decision, EvaluationContext, evaluate
from domain.policy.redaction import Redaction
from domain.policy.rule import (
    AuditContent,
    Condition,
    Direction,
    Effect,
    FailureEffect,
    Mode,
    Policy,
    PolicyException,
    PolicyRevision,
    Replacement,
    Rule,
)
from domain.rate_limit import FailMode, FailModes, Rate
from domain.repeated_call import DoneCall
from domain.routing import ServedModel, Timeouts, Upstream, UpstreamKind
from domain.session import Session, SessionEnd
from domain.subscription import (
    FREE,
    TEAM,
    UNLIMITED,
    DetectorTier,
    Entitlements,
    Payment,
    PaymentState,
    Plan,
    Subscription,
)
from domain.tenant import Slug, StorageProvider, StorageSettings, Tenant
from domain.usage import Tokens, UsageEntry
from domain.user import Email, Role, User, checked_name
from domain.violation import TriageState, Violation
from domain.webhook import Webhook
from domain.webhook_delivery import DeliveryState, WebhookDelivery

KEYS = (KeyId(make_id("key", bytes(15) + b"\x01")), KeyId(make_id("key", bytes(15) + b"\x02")))
MODELS = ("gpt-4o", "gpt-4o-mini", "claude-fable-5")
FINGERPRINTS = ("a1" * 16, "b2" * 16, "c3" * 16)
RULES = frozenset({"email", "custom/d1"})
HOSTS = ("example.com", "mail.example.com", "example.org")
EXCEPTION_IDS = ("x1", "x2", "x3")
CURRENCIES = ("USD", "EUR", "INR")
PARTS = ("messages/0/content", "messages/1/content", "choices/0/message/content")

_HOUR = timedelta(hours=1)
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
_CHARACTERS = st.characters(codec="utf-8")


_T = TypeVar("_T")


# ---- plain values


@cache
def subsets(pool: Iterable[_T], smallest: int = 0) -> SearchStrategy[frozenset[_T]]:
    """Every set of members of a small pool, drawn in one step."""
    members = tuple(pool)
    return st.sampled_from(
        [
            frozenset(chosen)
            for size in range(smallest, len(members) + 1)
            for chosen in itertools.combinations(members, size)
        ]
    )


@cache
def instants() -> SearchStrategy[datetime]:
    """Aware UTC times of this century in whole milliseconds."""
    return st.integers(min_value=-(10**11), max_value=10**11).map(
        lambda milliseconds: _EPOCH + timedelta(milliseconds=milliseconds)
    )


@cache
def durations(longest: timedelta = timedelta(days=400)) -> SearchStrategy[timedelta]:
    """Durations above zero in whole milliseconds."""
    return st.integers(min_value=1, max_value=longest // timedelta(milliseconds=1)).map(
        lambda milliseconds: timedelta(milliseconds=milliseconds)
    )


@cache
def texts(max_size: int = 200) -> SearchStrategy[str]:
    """Texts of any script, leaning on characters that break offsets and escapes."""
    return st.text(
        st.sampled_from('ab1 \n\t"\\/{}[]:é漢\u202e\u200d\U0001f600') | _CHARACTERS,
        max_size=max_size,
    )


@cache
def scores() -> SearchStrategy[float]:
    """Scores in [0, 1] in steps of a twentieth, so that thresholds are often met exactly."""
    return st.integers(0, 20).map(lambda number: number / 20)


_LONE_SURROGATES = ("\ud800", "a\udfff", "\udc00\ud800")
_SCALARS = (None, True, False, 0, 1, -1, 2**70, 1.0, 0.1, -0.0, 1e300, "", "1", *_LONE_SURROGATES)
_NAMES = (
    "",
    "a",
    "A",
    "é",
    "\U0001f600",
    "\uffff",
    "a/b",
    "content",
    "text",
    "hash",
    *_LONE_SURROGATES,
)


@cache
def json_values(max_leaves: int = 8) -> SearchStrategy[object]:
    """Whatever a JSON parser can return, lone halves of surrogate pairs included."""
    leaves: SearchStrategy[object] = st.sampled_from(_SCALARS) | texts(12)
    return st.recursive(
        leaves,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(_NAMES), inner, max_size=3)
        ),
        max_leaves=max_leaves,
    )


@cache
def json_objects(max_leaves: int = 8) -> SearchStrategy[dict[str, object]]:
    """JSON objects."""
    return st.dictionaries(st.sampled_from(_NAMES), json_values(max_leaves), max_size=3)


# ---- identifiers


@cache
def ids(prefix: str) -> SearchStrategy[str]:
    """Ids under one prefix."""
    return st.integers(0, 2**128 - 1).map(lambda uuid: make_id(prefix, uuid.to_bytes(16)))


@cache
def tenant_ids() -> SearchStrategy[TenantId]:
    """Tenant ids."""
    return ids("ten").map(TenantId)


@cache
def user_ids() -> SearchStrategy[UserId]:
    """User ids."""
    return ids("usr").map(UserId)


@cache
def key_ids() -> SearchStrategy[KeyId]:
    """Key ids, some of them from the pool that policies know."""
    return st.sampled_from(KEYS) | ids("key").map(KeyId)


@cache
def policy_ids() -> SearchStrategy[PolicyId]:
    """Policy ids."""
    return ids("pol").map(PolicyId)


@cache
def upstream_ids() -> SearchStrategy[UpstreamId]:
    """Upstream ids."""
    return ids("ups").map(UpstreamId)


@cache
def request_ids() -> SearchStrategy[RequestId]:
    """Request ids."""
    return ids("req").map(RequestId)


@cache
def record_ids() -> SearchStrategy[RecordId]:
    """Ids of audit records, which are those of their requests."""
    return ids("req").map(RecordId)


@cache
def event_ids() -> SearchStrategy[EventId]:
    """Event ids."""
    return ids("evt").map(EventId)


# ---- people, tenants, keys


@cache
def names() -> SearchStrategy[str]:
    """Names of people, tenants and keys, in their normal form."""
    rest = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=12)
    known = st.sampled_from(("Ada", "Ärzte & Söhne", "a" * 100, "漢", "\U0001f600 1"))
    return known | rest.map(lambda more: checked_name(f"A{more}"))


@cache
def emails() -> SearchStrategy[Email]:
    """Mail addresses under documented example domains."""
    local = st.text("abcXYZ019._+-'é", min_size=1, max_size=20)
    return st.builds(lambda name, host: Email(f"{name}@{host}"), local, st.sampled_from(HOSTS))


@cache
def users() -> SearchStrategy[User]:
    """Users."""
    return st.builds(User.register, user_id=user_ids(), email=emails(), name=names(), at=instants())


@cache
def digests() -> SearchStrategy[str]:
    """Keyed digests."""
    return st.binary(min_size=32, max_size=32).map(bytes.hex)


@cache
def pending_codes() -> SearchStrategy[PendingCode]:
    """One-time codes as they are kept."""
    return st.builds(
        PendingCode,
        id=ids("otc").map(CodeId),
        email=emails(),
        digest=digests(),
        expires_at=instants(),
        name=st.none() | names(),
        tries=st.integers(0, 9),
    )


@cache
def sessions() -> SearchStrategy[Session]:
    """Sessions, running and ended."""
    return st.builds(
        Session,
        id=ids("ses").map(SessionId),
        user_id=user_ids(),
        digest=digests(),
        created_at=instants(),
        expires_at=instants(),
        ended=st.none() | st.sampled_from(SessionEnd),
        version=st.integers(0, 9),
    )


@cache
def invitations() -> SearchStrategy[Invitation]:
    """Invitations in any state."""
    return st.builds(
        Invitation,
        id=ids("inv").map(InvitationId),
        tenant_id=tenant_ids(),
        email=emails(),
        role=st.sampled_from(Role),
        invited_by=user_ids(),
        digest=digests(),
        created_at=instants(),
        expires_at=instants(),
        accepted_by=st.none() | user_ids(),
        closed_at=st.none() | instants(),
        version=st.integers(0, 9),
    )


@cache
def administration_entries() -> SearchStrategy[AdministrationEntry]:
    """Entries of administration logs."""
    values = st.none() | texts(40)
    return st.builds(
        AdministrationEntry,
        id=ids("adm").map(AdministrationId),
        tenant_id=tenant_ids(),
        at=instants(),
        actor=st.none() | user_ids(),
        deed=st.sampled_from(Action).map(str),
        target=texts(40),
        changes=st.lists(
            st.builds(Change, field=texts(20), before=values, after=values), max_size=3
        ).map(tuple),
        client=st.sampled_from(["", "192.0.2.1", "2001:db8::1"]),
        request_id=st.just("") | request_ids(),
    )


@cache
def done_calls() -> SearchStrategy[DoneCall]:
    """Calls that were done once."""
    return st.builds(
        DoneCall,
        user_id=user_ids(),
        key=st.text("abc-019", min_size=1, max_size=40),
        fingerprint=digests(),
        resource=key_ids(),
        expires_at=instants(),
    )


@cache
def slugs() -> SearchStrategy[Slug]:
    """Slugs, from shortest to longest."""
    forms = st.text("abgoxlen-0139", min_size=3, max_size=12) | st.text("a-", min_size=50)
    return forms.map(lambda text: f"a{text}"[:52]).filter(_is_accepted).map(Slug)


def _is_accepted(text: str) -> bool:
    try:
        Slug(text)
    except InvalidValue:
        return False
    return True


@cache
def storage_settings() -> SearchStrategy[StorageSettings]:
    """Storage settings."""
    return st.builds(
        StorageSettings,
        provider=st.sampled_from(StorageProvider),
        bucket=slugs().map(lambda slug: f"{slug}-audit-logs"),
        prefix=st.sampled_from(("", "logs/", "a/b-c/")),
        credentials=st.none() | st.just("cred_1"),
    )


@cache
@cache
def agreements() -> SearchStrategy[Entitlements]:
    """What may be agreed with an enterprise tenant."""
    most = st.none() | st.integers(1, 10**9)
    return st.builds(
        Entitlements,
        plan=st.just(Plan.ENTERPRISE),
        requests_per_month=most,
        keys=most,
        members=most,
        retention=st.none() | st.integers(1, 4000).map(lambda days: timedelta(days=days)),
        detectors=st.sampled_from(DetectorTier),
    )


@cache
def entitlements() -> SearchStrategy[Entitlements]:
    """What tenants may use."""
    return st.sampled_from([FREE, TEAM]) | agreements()


@cache
def payments() -> SearchStrategy[Payment]:
    """Subscriptions as whoever takes the payments keeps them."""
    return st.builds(
        Payment,
        id=st.integers(0, 9).map(lambda number: f"sub_{number}"),
        state=st.sampled_from(PaymentState),
        plan=st.sampled_from([None, Plan.TEAM]),
        renews_at=st.none() | instants(),
        ends_with_period=st.booleans(),
    )


@cache
def subscriptions() -> SearchStrategy[Subscription]:
    """How tenants pay."""
    return st.builds(
        Subscription,
        tenant_id=tenant_ids(),
        customer=st.none() | st.integers(0, 10**6).map(lambda number: f"cus_{number}"),
        payment=st.none() | payments(),
        agreed=st.none() | agreements(),
    )


@st.composite
def tenants(draw: st.DrawFn) -> Tenant:
    """Tenants in any state, with one to four members."""
    at = draw(instants())
    entitled = draw(entitlements())
    tenant = Tenant.found(
        tenant_id=draw(tenant_ids()),
        slug=draw(slugs()),
        name=draw(names()),
        owner=draw(user_ids()),
        storage=draw(storage_settings()),
        at=at,
        retention=draw(durations()),
    ).with_entitlements(UNLIMITED)
    for user_id in draw(st.lists(user_ids(), max_size=3, unique=True)):
        if tenant.role_of(user_id) is None:
            tenant = tenant.with_member(user_id=user_id, role=draw(st.sampled_from(Role)), at=at)
    tenant = tenant.with_entitlements(entitled)
    tenant = tenant.with_fail_modes(
        FailModes(rates=draw(st.sampled_from(FailMode)), budgets=draw(st.sampled_from(FailMode)))
    )
    match draw(st.sampled_from(("active", "suspended", "deleted"))):
        case "suspended":
            return tenant.suspend()
        case "deleted":
            return tenant.delete(at=at + draw(durations()))
        case _:
            return tenant


@cache
def api_key_secrets() -> SearchStrategy[ApiKeySecret]:
    """Secrets of keys."""
    random = st.binary(min_size=SECRET_BYTES, max_size=SECRET_BYTES)
    return st.builds(ApiKeySecret.from_random, random, st.sampled_from(Environment))


@cache
def key_limits() -> SearchStrategy[KeyLimits]:
    """Limits of keys, each present or not."""
    limit = st.none() | st.integers(1, 10**6)
    money = st.none() | st.integers(1, 10**12)
    return st.builds(
        KeyLimits,
        requests_per_minute=limit,
        tokens_per_minute=limit,
        concurrent=limit,
        budget_per_day_nano=money,
        budget_per_month_nano=money,
    )


@cache
@st.composite
def api_keys(draw: st.DrawFn) -> ApiKey:
    """Keys in any state: fresh, with an expiry, rotated, revoked."""
    at = draw(instants())
    key = ApiKey.issue(
        key_id=draw(key_ids()),
        tenant_id=draw(tenant_ids()),
        name=draw(names()),
        digest=draw(st.binary(min_size=32, max_size=32)).hex(),
        secret=draw(api_key_secrets()),
        at=at,
        expires_at=draw(st.none() | durations().map(lambda duration: at + duration)),
        scopes=draw(subsets(Scope, 1)),
        models=draw(subsets(MODELS)),
        limits=draw(key_limits()),
    )
    if draw(st.booleans()):
        key, _ = key.rotate(
            new_id=draw(key_ids()),
            digest="d" * 64,
            secret=draw(api_key_secrets()),
            at=at,
            grace=draw(durations()),
        )
    return key.revoke(at=at + draw(durations())) if draw(st.booleans()) else key


# ---- money, usage, limits, routing


@cache
def money() -> SearchStrategy[Money]:
    """Amounts of money."""
    return st.builds(
        Money, minor=st.integers(-(10**12), 10**12), currency=st.sampled_from(CURRENCIES)
    )


@cache
def costs(currency: str | None = None) -> SearchStrategy[Cost]:
    """Costs, of one currency or of any."""
    known = st.sampled_from(CURRENCIES) if currency is None else st.just(currency)
    return st.builds(Cost, nano=st.integers(0, 10**15), currency=known)


@cache
def token_prices() -> SearchStrategy[TokenPrice]:
    """Prices of tokens."""
    price = st.integers(0, 10**6)
    return st.builds(
        TokenPrice, input_nano=price, output_nano=price, currency=st.sampled_from(CURRENCIES)
    )


@cache
def tokens() -> SearchStrategy[Tokens]:
    """Numbers of tokens."""
    number = st.integers(0, 10**7)
    return st.builds(Tokens, input=number, output=number, estimated=st.booleans())


@cache
def usage_entries() -> SearchStrategy[UsageEntry]:
    """Usage of single exchanges."""
    return st.builds(
        UsageEntry,
        tenant_id=tenant_ids(),
        record_id=record_ids(),
        key_id=key_ids(),
        at=instants(),
        model=st.sampled_from(MODELS),
        upstream=names(),
        status=st.sampled_from((200, 403, 429, 502)),
        tokens=tokens(),
        cost=st.none() | costs(),
        latency_ms=st.integers(0, 10**6),
    )


@cache
def rates() -> SearchStrategy[Rate]:
    """Rates, from one a second to a hundred thousand a day."""
    return st.builds(
        Rate,
        count=st.integers(1, 20) | st.integers(1, 100_000),
        period=st.sampled_from((1.0, 7.0, 60.0, 3600.0, 86400.0)),
    )


@cache
def breaker_settings() -> SearchStrategy[BreakerSettings]:
    """Settings of circuit breakers."""
    seconds = st.floats(0.5, 100.0)
    return st.builds(
        BreakerSettings,
        threshold=st.integers(1, 6),
        window=seconds,
        cool_down=seconds,
        lease=seconds,
    )


@cache
def served_models() -> SearchStrategy[ServedModel]:
    """Models as an upstream serves them."""
    return st.builds(
        ServedModel,
        name=st.sampled_from(MODELS),
        upstream_name=st.sampled_from(MODELS),
        price=st.none() | token_prices(),
    )


@cache
def timeouts() -> SearchStrategy[Timeouts]:
    """Time limits of calls."""
    seconds = st.floats(0.1, 600.0)
    return st.builds(Timeouts, connect=seconds, first_byte=seconds, idle=seconds, total=seconds)


@cache
def upstreams() -> SearchStrategy[Upstream]:
    """Upstreams of either kind."""
    return st.builds(
        Upstream,
        id=upstream_ids(),
        tenant_id=tenant_ids(),
        name=names(),
        kind=st.sampled_from(UpstreamKind),
        base_url=st.sampled_from(("https://api.example.com/v1", "http://127.0.0.1:9000/v1")),
        models=st.lists(
            served_models(), min_size=1, max_size=3, unique_by=lambda model: model.name
        ).map(tuple),
        created_at=instants(),
        weight=st.integers(1, 100),
        tier=st.integers(0, 3),
        timeouts=timeouts(),
        credential=st.none() | st.just("k1:ciphertext"),
        enabled=st.booleans(),
        version=st.integers(0, 10),
    )


# ---- detection


@cache
def spans(longest: int = 400) -> SearchStrategy[Span]:
    """Spans that end at `longest` or before, most of them short."""
    lengths = (1, 2, 4, 9, 40, longest)
    return st.integers(0, longest * len(lengths) - 1).map(
        lambda number: Span(
            number // len(lengths),
            min(number // len(lengths) + lengths[number % len(lengths)], longest),
        )
    )


_CUSTOM = ("custom", "custom/d1", 0.5)
_ORIGINS = (
    ("patterns@1", "rule-a", 0.5),
    ("patterns@1", "rule-b", 0.3),
    ("linear@2", "rule-c", 0.9),
    ("linear@2", "rule-a", 0.5),
)
_EXPLANATIONS = (
    Explanation(source="patterns@1"),
    Explanation(source="patterns@1", validator="luhn: valid", attributes={"vector": "link"}),
    Explanation(
        source="linear@2",
        reason="a word that \u00e9 precedes names",
        context=(ContextWord(word="mail", distance=3),),
        steps=(("base", 0.4), ("context", 0.8)),
        decoding=("base64", "utf-8"),
    ),
)


@cache
def findings(
    category: Category | None = None, longest: int = 400, *, with_custom: bool = False
) -> SearchStrategy[Finding]:
    """Findings of one category or of any, of the built-in detectors unless somebody asks."""
    kinds = [
        (one, name)
        for one in Category
        for name in sorted(TYPES[one])
        if category is None or one is category
    ]
    return st.builds(
        lambda kind, span, score, origin, explanation: Finding(
            category=kind[0],
            type=kind[1],
            span=span,
            score=score,
            detector=origin[0],
            rule=origin[1],
            operating_point=origin[2],
            explanation=explanation,
        ),
        st.sampled_from(kinds),
        spans(longest),
        scores(),
        st.sampled_from((*_ORIGINS, _CUSTOM, _CUSTOM) if with_custom else _ORIGINS),
        st.sampled_from(_EXPLANATIONS),
    )


@cache
def detections(*, with_custom: bool = False) -> SearchStrategy[Detection]:
    """What one detector says, overlaps and all."""
    return st.builds(
        lambda found, numbers: Detection(
            findings=tuple(sorted(found, key=lambda finding: finding.order)), scores=numbers
        ),
        st.lists(findings(with_custom=with_custom), max_size=6),
        st.dictionaries(st.sampled_from(Category), scores()),
    )


# ---- policies


@cache
def _types_for(categories: frozenset[Category]) -> SearchStrategy[frozenset[str]]:
    known = sorted(frozenset().union(*(TYPES[one] for one in categories or TYPES)))
    return st.sampled_from([frozenset[str](), *map(frozenset, (known[::2], known[1::2], known))])


@cache
@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    """Conditions that often match what `candidates` makes."""
    categories = draw(subsets(Category))
    directions, keys, models = draw(st.sampled_from(_SCOPES))
    return Condition(
        categories=categories,
        types=draw(_types_for(categories)),
        detector_rules=draw(st.sampled_from((frozenset[str](),) * 3 + (RULES,))),
        min_score=draw(st.none() | scores()),
        directions=frozenset(directions),
        keys=frozenset(keys),
        models=frozenset(models),
        min_count=draw(st.sampled_from((1, 1, 1, 2, 3))),
    )


_SCOPES = (
    *itertools.product(
        ((), (Direction.REQUEST, Direction.TOOL_RESULT), (Direction.RESPONSE,)),
        ((), KEYS[:1], KEYS),
        ((), MODELS[:1], ("gpt-*",), ("*",)),
    ),
)
_CONSEQUENCES = (
    *itertools.product(
        (Effect.FLAG, Effect.MASK, Effect.BLOCK), Severity, Replacement, (False, False, True)
    ),
)


@cache
def rules(id: str = "r1") -> SearchStrategy[Rule]:  # noqa: A002
    """Rules under one id."""
    return st.builds(
        lambda when, consequence, description: Rule(
            id=id,
            when=when,
            effect=consequence[0],
            severity=consequence[1],
            replacement=consequence[2],
            always=consequence[3],
            description=description,
        ),
        conditions(),
        st.sampled_from(_CONSEQUENCES),
        st.sampled_from(("", "Keys stay: \u00e9\n#1")),
    )


@cache
@st.composite
def policy_exceptions(draw: st.DrawFn, id: str = "x1") -> PolicyException:  # noqa: A002
    """Exceptions under one id with at least one condition."""
    stated = draw(subsets(("types", "rules", "fingerprints", "pattern", "domains", "scope"), 1))
    scope = draw(subsets((*KEYS, *MODELS, "gpt-*"), 1)) if "scope" in stated else frozenset()
    types = draw(_types_for(frozenset())) or frozenset({"EMAIL"})
    return PolicyException(
        id=id,
        reason=draw(st.sampled_from(("test data", "\u00e9: 'quoted'"))),
        expires=draw(instants()),
        types=types if "types" in stated else frozenset(),
        detector_rules=draw(subsets(tuple(sorted(RULES)), 1)) if "rules" in stated else frozenset(),
        fingerprints=draw(subsets(FINGERPRINTS, 1)) if "fingerprints" in stated else frozenset(),
        pattern=draw(st.sampled_from(("a.*b", "\\d+"))) if "pattern" in stated else None,
        domains=draw(subsets(HOSTS, 1)) if "domains" in stated else frozenset(),
        keys=scope & {*KEYS},
        models=scope - {*KEYS},
    )


@cache
@st.composite
def custom_detectors(draw: st.DrawFn, id: str = "d1") -> CustomDetector:  # noqa: A002
    """Detectors of a policy under one id, that do what their examples say."""
    prefix = draw(st.sampled_from(("EMP", "Acme-7", "\u00c4rzte", "x_")))
    number = draw(st.integers(10, 10**6))
    category = draw(st.sampled_from(Category))
    is_list = draw(st.booleans())
    return CustomDetector(
        id=id,
        category=category,
        type=draw(st.sampled_from(sorted(TYPES[category]))),
        label=draw(st.sampled_from(("", "STAFF_NO"))),
        description=draw(st.sampled_from(("", "what staff wear: '\u00e9'"))),
        pattern=None if is_list else rf"{prefix}[ :-]?\d{{2,7}}",
        values=(f"{prefix} {number}", f"project {number}") if is_list else (),
        ignore_case=draw(st.booleans()),
        whole_words=draw(st.booleans()),
        context=draw(st.sampled_from((None, ContextWords(words=("badge", "staff"), within=30)))),
        score=draw(st.sampled_from((0.2, 0.9, 1.0))),
        examples=Examples(
            match=(f"the badge of {prefix} {number} is lost",), ignore=("nothing here",)
        ),
    )


@cache
@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Policies with up to four rules, three exceptions and two detectors of their own."""
    excuses = draw(subsets(EXCEPTION_IDS))
    return Policy(
        name=draw(st.sampled_from(("p", "Health \u00e9 #1"))),
        mode=draw(st.sampled_from(Mode)),
        audit_content=draw(st.sampled_from(AuditContent)),
        on_detector_failure=draw(st.sampled_from(FailureEffect)),
        detectors=tuple(
            draw(custom_detectors(f"d{number}"))
            for number in range(draw(st.sampled_from((0, 0, 1, 2))))
        ),
        rules=tuple(draw(rules(f"r{number}")) for number in range(draw(st.integers(0, 4)))),
        exceptions=tuple(draw(policy_exceptions(one)) for one in sorted(excuses)),
    )


@cache
def policy_revisions() -> SearchStrategy[PolicyRevision]:
    """Versions of policies."""
    return st.builds(
        PolicyRevision,
        tenant_id=tenant_ids(),
        policy_id=policy_ids(),
        number=st.integers(1, 1000),
        policy=policies(),
        created_at=instants(),
        note=texts(20),
    )


@cache
def candidates() -> SearchStrategy[Candidate]:
    """Findings with what a policy may ask about them."""
    return st.builds(
        lambda finding, place, fingerprint, domains, patterns: Candidate(
            finding=finding,
            part=place[0],
            direction=place[1],
            fingerprint=fingerprint,
            domains=domains,
            patterns=patterns,
        ),
        findings(),
        st.sampled_from(tuple(itertools.product(PARTS, Direction))),
        st.sampled_from(FINGERPRINTS),
        subsets(HOSTS),
        subsets(EXCEPTION_IDS),
    )


@cache
def contexts() -> SearchStrategy[EvaluationContext]:
    """Who asks, for what, when."""
    return st.builds(
        EvaluationContext,
        at=instants(),
        key_id=st.none() | st.sampled_from(KEYS),
        model=st.none() | st.sampled_from(MODELS),
    )


@cache
def decisions() -> SearchStrategy[Decision]:
    """Decisions as the evaluation makes them."""
    return st.builds(evaluate, policies(), st.lists(candidates(), max_size=5), contexts())


@cache
def redactions(longest: int = 60) -> SearchStrategy[Redaction]:
    """Spans to hide."""
    return st.builds(
        Redaction,
        span=spans(longest),
        type=st.sampled_from(("EMAIL", "PERSON", "SSN")),
        replacement=st.sampled_from(Replacement),
    )


# ---- what follows from an exchange


_CATCH_ALL = Policy(
    name="catch all",
    rules=(
        Rule(
            id="everything",
            when=Condition(types=frozenset().union(*TYPES.values()), min_score=0.0),
            effect=Effect.MASK,
            severity=Severity.HIGH,
        ),
    ),
)


@cache
@st.composite
def violations(draw: st.DrawFn) -> Violation:
    """Violations with up to three steps of triage."""
    at = draw(instants())
    decision = evaluate(_CATCH_ALL, [draw(candidates())], EvaluationContext(at=at))
    violation = Violation.from_verdict(
        replace(decision.verdicts[0], severity=draw(st.sampled_from(Severity))),
        tenant_id=draw(tenant_ids()),
        record_id=draw(record_ids()),
        record_time=at,
        policy_version=f"{draw(policy_ids())}@1",
        evidence=draw(texts(40)),
        at=at + draw(durations(_HOUR)),
        enforced=draw(st.sampled_from((None, Effect.ALLOW, Effect.FLAG))),
        key_id=draw(st.none() | key_ids()),
        model=draw(st.none() | st.sampled_from(MODELS)),
        object_key=draw(st.none() | st.just("audit/v1/dt=2026-01-01/hr=00/i-1.jsonl.gz")),
    )
    for number in range(draw(st.integers(0, 3))):
        closed = violation.state in {TriageState.RESOLVED, TriageState.FALSE_POSITIVE}
        states = (TriageState.OPEN,) if closed else tuple(TriageState)
        violation = violation.triage(
            draw(st.sampled_from(states)),
            by=draw(user_ids()),
            at=at + number * _HOUR,
            note=draw(texts(20)),
        )
    return violation


@cache
def audit_records() -> SearchStrategy[AuditRecord]:
    """Audit records with arbitrary JSON in them."""
    return st.builds(
        AuditRecord,
        record_id=record_ids(),
        tenant=slugs().map(str),
        time=instants(),
        key_id=key_ids(),
        user=st.none() | texts(10),
        route=st.just("/v1/chat/completions"),
        model=st.sampled_from(MODELS),
        upstream=st.none() | names(),
        content=st.sampled_from(AuditContent).map(str),
        request=json_values(),
        response=json_values(),
        status=st.sampled_from((200, 403, 502)),
        tokens=st.fixed_dictionaries({"input": st.integers(0, 9), "output": st.integers(0, 9)}),
        cost=st.none() | st.fixed_dictionaries({"nano": st.integers(0, 9), "currency": texts(3)}),
        latency_ms=st.integers(0, 10**6),
        decision=json_objects(4),
        policy_version=policy_ids().map(lambda policy_id: f"{policy_id}@1"),
        findings=st.lists(json_objects(3), max_size=2).map(tuple),
    )


@cache
def events() -> SearchStrategy[Event]:
    """Every kind of event."""
    vio = st.integers(0, 99).map(lambda number: f"vio_{number:034}")
    return st.one_of(
        st.builds(
            ViolationsRecorded,
            tenant_id=tenant_ids(),
            violation_ids=st.lists(vio, min_size=1, max_size=3, unique=True).map(tuple),
            highest=st.sampled_from(Severity),
        ),
        st.builds(
            DigestDue,
            tenant_id=tenant_ids(),
            kind=st.sampled_from(DigestKind),
            since=st.integers(0, 10**15),
            until=st.integers(10**15, 2 * 10**15),
        ),
        st.builds(
            AuditDamaged,
            tenant_id=tenant_ids(),
            damage_ids=st.lists(
                st.integers(0, 99).map(lambda number: f"dmg_{number:032}"), max_size=3, unique=True
            ).map(tuple),
            breaks=st.integers(1, 10**6),
        ),
        st.builds(TenantFounded, tenant_id=tenant_ids()),
        st.builds(KeyIssued, tenant_id=tenant_ids(), key_id=key_ids()),
        st.builds(KeyChanged, tenant_id=tenant_ids(), key_id=key_ids()),
        st.builds(UpstreamChanged, tenant_id=tenant_ids(), upstream_id=upstream_ids()),
        st.builds(PaymentFailed, tenant_id=tenant_ids()),
        st.builds(
            PolicyActivated,
            tenant_id=tenant_ids(),
            policy_id=policy_ids(),
            number=st.integers(1, 1000),
        ),
        st.builds(TenantChanged, tenant_id=tenant_ids()),
        st.builds(
            SignInCodeRequested,
            code_id=ids("otc").map(CodeId),
            email=emails(),
            sealed_code=texts(60),
            expires_at=instants(),
            is_wanted=st.booleans(),
        ),
        st.builds(
            InvitationIssued,
            tenant_id=tenant_ids(),
            invitation_id=ids("inv").map(InvitationId),
            sealed_token=texts(60),
        ),
    )


@cache
def outbox_entries() -> SearchStrategy[OutboxEntry]:
    """Events waiting for their delivery."""
    return st.builds(
        OutboxEntry,
        id=event_ids(),
        event=events(),
        occurred_at=instants(),
        attempts=st.integers(0, 20),
    )


@cache
def alert_settings() -> SearchStrategy[AlertSettings]:
    """Alert settings."""
    return st.builds(
        AlertSettings,
        tenant_id=tenant_ids(),
        recipients=st.lists(emails(), max_size=4).map(tuple),
        immediate_from=st.none() | st.sampled_from(Severity),
        digest_every=st.none() | st.integers(15, 10_000).map(lambda n: timedelta(minutes=n)),
        webhooks=st.lists(webhooks(), max_size=3, unique_by=lambda one: one.name.casefold()).map(
            tuple
        ),
        version=st.integers(0, 10),
    )


@cache
def webhooks() -> SearchStrategy[Webhook]:
    """Receivers of alerts, some under a new secret, some that want no more."""
    secret = st.sampled_from(("k1.ciphertext", "k2.ciphertext"))
    return st.builds(
        Webhook,
        id=ids("whk").map(WebhookId),
        name=names(),
        url=st.sampled_from(("https://hooks.example.com/a", "https://hooks.example.com/b?sig=1")),
        secret=secret,
        created_at=instants(),
        immediate_from=st.none() | st.sampled_from(Severity),
        former_secret=st.none() | secret,
        former_until=st.none() | instants(),
        gone_at=st.none() | instants(),
    )


@cache
def webhook_deliveries() -> SearchStrategy[WebhookDelivery]:
    """Alerts on their way to webhooks."""
    told = (ViolationsRecorded, DigestDue, AuditDamaged)
    return st.builds(
        WebhookDelivery,
        id=st.integers(0, 99).map(lambda number: DeliveryId(f"msg_{number:032x}")),
        tenant_id=tenant_ids(),
        webhook_id=ids("whk").map(WebhookId),
        cause=events().filter(lambda event: isinstance(event, told)),
        created_at=instants(),
        state=st.sampled_from(DeliveryState),
        attempts=st.integers(0, 12),
        not_before=st.none() | instants(),
        status=st.none() | st.sampled_from((200, 410, 503)),
        error=st.none() | st.just("webhook.timeout"),
        finished_at=st.none() | instants(),
    )


@cache
def object_refs() -> SearchStrategy[ObjectRef]:
    """Versions of stored objects."""
    return st.builds(
        ObjectRef,
        provider=st.sampled_from(StorageProvider).map(str),
        bucket=slugs().map(lambda slug: f"{slug}-audit-logs"),
        key=texts(30).filter(bool),
        revision=texts(6),
    )


@cache
def retry_policies() -> SearchStrategy[RetryPolicy]:
    """How failed jobs are tried again."""
    return st.builds(
        RetryPolicy,
        max_attempts=st.integers(1, 10),
        base=durations(timedelta(minutes=1)),
        limit=durations(timedelta(hours=1)),
    )


_FAILURES = {
    "failed": FailureKind.COUNTED,
    "stalled": FailureKind.TRANSIENT,
    "dead": FailureKind.FINAL,
}


@cache
@st.composite
def jobs(draw: st.DrawFn) -> Job:
    """Jobs anywhere in their life."""
    at = draw(instants())
    job = Job.accept(
        tenant_id=draw(tenant_ids()),
        ref=draw(object_refs()),
        source=draw(st.sampled_from(("event", "sweep", "replay"))),
        at=at,
    )
    ends = draw(
        st.lists(
            st.sampled_from(("leased", "done", "released", "retried", "discarded", *_FAILURES)),
            max_size=4,
        )
    )
    for number, end in enumerate(ends):
        at += 2 * _HOUR
        if job.state is JobState.DEAD and end in {"retried", "discarded"}:
            job = job.retried() if end == "retried" else job.discarded(at=at)
        if not job.is_available(at):
            break
        job = job.leased(token=f"lease-{number}", at=at, duration=_HOUR)
        token = f"lease-{number}"
        if end == "done":
            job = job.done(token=token, at=at)
        elif end == "released":
            job = job.released(token=token)
        elif end in _FAILURES:
            failure = Failure(
                reason=draw(names()), at=at, retry=RetryPolicy(), draw=0.5, kind=_FAILURES[end]
            )
            job = job.failed(failure, token=token)
    return job


# ---- provider-neutral chat


_SNIPPETS = (
    "",
    "hello",
    "mail ada@example.org",
    '{"to": "\u00e9"}',
    "\u6f22\n",
    "\ud800",
    "[EMAIL]",
)


@cache
@st.composite
def chat_requests(draw: st.DrawFn) -> dict[str, object]:
    """Bodies of chat completion requests, with fields that nobody knows."""
    roles = st.sampled_from(("system", "developer", "user", "assistant", "tool"))
    messages = [{**message, "role": draw(roles)} for message in draw(_SOME_MESSAGES)]
    return {
        "x-unknown": draw(json_values(4)),
        "model": draw(st.sampled_from(MODELS)),
        "messages": messages,
    }


@cache
@st.composite
def chat_responses(draw: st.DrawFn) -> dict[str, object]:
    """Bodies of complete answers."""
    choices = [
        {"index": index, "message": {**message, "role": "assistant"}}
        for index, message in enumerate(draw(_SOME_MESSAGES))
    ]
    return {"id": "chatcmpl-1", "model": draw(st.sampled_from(MODELS)), "choices": choices}


@cache
@st.composite
def chat_messages(draw: st.DrawFn) -> dict[str, object]:
    """Messages with every place in which a text can stand, less the role."""
    used = draw(subsets(tuple(_PLACES)))
    return {name: draw(_PLACES[name]) for name in sorted(used)}


_TEXTS = st.sampled_from(_SNIPPETS)
_FUNCTIONS = _TEXTS.map(lambda text: {"name": "look_up", "arguments": text})
_CALLS = st.one_of(
    _FUNCTIONS.map(lambda function: {"type": "function", "function": function}),
    _TEXTS.map(lambda text: {"type": "custom", "custom": {"name": "run", "input": text}}),
)
_ITEMS = st.one_of(
    _TEXTS,
    _TEXTS.map(lambda text: {"type": "text", "text": text}),
    _TEXTS.map(lambda text: {"type": "refusal", "refusal": text}),
    st.just({"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}),
)
_PLACES: dict[str, SearchStrategy[object]] = {
    "audio": _TEXTS.map(lambda text: {"id": "audio_1", "transcript": text}),
    "content": st.none() | texts(30) | st.lists(_ITEMS, max_size=3),
    "function_call": _FUNCTIONS,
    "reasoning_content": _TEXTS,
    "refusal": st.none() | _TEXTS,
    "tool_calls": st.lists(_CALLS, max_size=2),
    "x_unknown": st.sampled_from((None, 0, "untouched", ["untouched"], {"content": "untouched"})),
}
_SOME_MESSAGES = st.lists(chat_messages(), min_size=1, max_size=3)
