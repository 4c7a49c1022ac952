"""Judge an address: whether fetching it hands somebody data of this conversation."""

import re
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from adapters.detectors.exfiltration.payload import Payload, read
from domain.detection.entropy import randomness

_LEAST_VALUE = 8
_LEAST_PATH = 20
_LEAST_LABEL = 16
_WORDS_OF_A_SENTENCE = 4
_OPAQUE_LENGTH = 24
_OPAQUE_RANDOMNESS = 0.95

COLLECTORS = (
    "webhook.site",
    "requestbin.com",
    "requestbin.net",
    "requestbin.io",
    "requestbin.example",
    "pipedream.net",
    "requestcatcher.com",
    "beeceptor.com",
    "hookbin.com",
    "postb.in",
    "ptsv2.com",
    "ptsv3.com",
    "mockbin.org",
    "burpcollaborator.net",
    "oastify.com",
    "oast.fun",
    "oast.live",
    "oast.me",
    "oast.online",
    "oast.pro",
    "oast.site",
    "interact.sh",
    "interactsh.com",
    "canarytokens.com",
    "canarytokens.org",
    "dnslog.cn",
    "ceye.io",
    "bxss.me",
    "xss.ht",
    "ngrok.io",
    "ngrok.app",
    "ngrok-free.app",
    "ngrok-free.dev",
    "trycloudflare.com",
    "serveo.net",
    "localhost.run",
    "loca.lt",
    "webhook-test.com",
    "smee.io",
    "hookdeck.com",
    "dnsbin.zhack.ca",
    "svix.com",
)
"""Services that show their owner every request: normal in tests, telling in an answer."""

_TRACKING = re.compile(
    r"(?i)^(?:utm_\w+|gclid|gbraid|wbraid|fbclid|msclkid|dclid|yclid|twclid|ttclid|"
    r"li_fat_id|igshid|mc_[ce]id|_ga|_gl|"
    r"_hs\w+|__hs\w+|mkt_tok|oly_\w+|vero_\w+|s_cid|sc_\w+|trk\w*|ref|ref_src|ref_url|"
    r"source|src|campaign|affiliate|aff\w*|"
    r"si|feature|spm|scm|cid|cmpid|icid|ncid|epik|hsa_\w+|pk_\w+|mtm_\w+|ck_subscriber_id)$"
)
_SIGNING = re.compile(
    r"(?i)^(?:x-(?:amz|goog|oss|cos|bce|obs|tos|ms)-[\w-]+|signature|sig|se|sp|sv|sr|st|spr|"
    r"skoid|sktid|skt|ske|sks|skv|expires?|"
    r"key-pair-id|policy|awsaccesskeyid|googleaccessid|ossaccesskeyid|hmac|hash|md5|sha1|"
    r"sha256|checksum|digest|"
    r"exp|jwt|nonce|state|code_challenge|code|e_tag|etag|v|ver|version|rev|cache|cb|ts|"
    r"timestamp|integrity|"
    r"response-content-[\w-]+|x-id|response_\w+|verify|s3_\w+|oh|oe|_nc_\w+|ccb|_cb|stp|__cf_\w+)$"
)
_HANDLE = re.compile(
    r"(?i)(?:^|[_-])(?:id|ids|gid|uid|nid|cursor|after|before|page|continuation|offset|node)$"
    r"|page_?token$|next_?token$|Id$"
)
_FREE_TEXT = re.compile(
    r"(?i)^(?:q|query|search|s|text|title|label|message|subject|body|caption|font|family|"
    r"logo|style|color|colour|name|"
    r"url|u|link|redirect(?:_ur[il])?|return\w*|next|continue|dest\w*|callback\w*|scope|"
    r"client_id|response_type|"
    r"template|labels?|assignees?|projects?|milestone|filter|sort|fields?|include|lines|chl|"
    r"chart|c|bbox|lang|theme)$"
)
_SEARCH_NAME = re.compile(r"(?i)^(?:q|query|search|s|keywords?|terms?)$")
_QUESTION = re.compile(r"(?i)^(?:how|what|why|where|when|which|who|can|is|are|does?)\b")
_LONGEST_QUESTION = 12
_SENSITIVE_NAME = re.compile(
    r"(?i)^(?:d|data|dump|p|payload|x|exfil|leak|content|ctx|context|history|chat|"
    r"conversation|conv|convo|msg|messages|prompt|"
    r"secret|session|cookie|creds?|info|steal|stolen|out|output|result|summary|mem|memory|"
    r"profile|user_?data|log|h|m)$"
)
_ENDING = re.compile(r"(?i)\.(?:png|gif|jpe?g|svg|webp|ico|bmp|css|js|html?|php)\Z")
_PLACEHOLDER = re.compile(
    r"(?i)(?:\{\{?|\[|<|\$\{|\$\(|%7B|%5B|%3C)[\s_]*(?:[\w\s-]{0,40}(?:data|secret|history|"
    r"conversation|prompt|context|chat|summary|"
    r"message|e-?mails?|password|token|key|cookie|user_?info|private|sensitive|encoded|"
    r"base64|whoami|env|hostname|id_rsa|passwd)[\w\s-]{0,40})[\s_]*(?:\}|\]|>|\)|%7D|%5D|"
    r"%3E)"
)
_SEARCH_HOSTS = re.compile(
    r"(?i)(?:^|\.)(?:google|bing|duckduckgo|yahoo|baidu|yandex|ecosia|startpage|wikipedia|"
    r"youtube|github|gitlab|stackoverflow|"
    r"amazon|ebay|twitter|x|facebook|linkedin|reddit|t|telegram|whatsapp|pinterest|shields|"
    r"quickchart|fonts|"
    r"googleapis|gstatic|plantuml|mermaid|kroki|codecov|badge|badgen|fury|readthedocs|"
    r"localhost)\.?(?:[a-z]{2,6})?(?:\.[a-z]{2})?$"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """Why an address seems to carry data away; names and kinds, never the data."""

    score: float
    reason: str
    decoding: tuple[str, ...] = ()
    sensitive: tuple[str, ...] = ()
    steps: tuple[tuple[str, float], ...] = field(default=())


def judge_address(address: str) -> Carried | None:
    """Return what an address carries, with a score before the channel is weighed."""
    try:
        parts = urlsplit(address if "//" in address else "//" + address)
        host = parts.hostname or ""
    except ValueError:
        return None
    if not host:
        return None
    found = [
        *(_parameter(name, value, host) for name, value in _parameters(parts.query)),
        *(
            _parameter(name, value, host)
            for name, value in _parameters(parts.fragment)
            if "=" in parts.fragment
        ),
        *(_segment(segment) for segment in parts.path.split("/") if len(segment) >= _LEAST_PATH),
        *(_label(label) for label in host.split(".")[:-2] if len(label) >= _LEAST_LABEL),
    ]
    best = max((one for one in found if one), key=lambda one: one.score, default=None)
    if best is None:
        return None
    if is_collector(host):
        score = round(min(0.99, best.score + 0.2), 3)
        steps = (*best.steps, ("host that shows requests to its owner", score))
        return Carried(
            score=score,
            reason=best.reason,
            decoding=best.decoding,
            sensitive=best.sensitive,
            steps=steps,
        )
    return best


def is_collector(host: str) -> bool:
    """Tell whether a host is a service that shows its owner every request."""
    name = host.lower().rstrip(".")
    return any(name == domain or name.endswith("." + domain) for domain in COLLECTORS)


def _parameters(query: str) -> list[tuple[str, str]]:
    pairs = []
    for part in query.split("&")[:64]:
        name, separator, value = part.partition("=")
        pairs.append((name, value) if separator else ("", name))
    return pairs


def _carried(score: float, reason: str, payload: Payload | None = None) -> Carried:
    return Carried(
        score=score,
        reason=reason,
        decoding=payload.decoding if payload else (),
        sensitive=payload.sensitive if payload else (),
        steps=((reason, score),),
    )


def _parameter(name: str, value: str, host: str) -> Carried | None:
    if len(value) < _LEAST_VALUE or _SIGNING.match(name):
        return None
    if _PLACEHOLDER.search(value):
        return _carried(0.7, "a parameter to be filled with data of the conversation")
    payload = read(value)
    if payload is None:
        return _opaque(name, value)
    return _encoded(name, payload) if payload.is_encoded else _plain(name, payload, host)


def _opaque(name: str, value: str) -> Carried | None:
    long_enough = len(value) >= _OPAQUE_LENGTH and _SENSITIVE_NAME.match(name) is not None
    if long_enough and randomness(value) > _OPAQUE_RANDOMNESS:
        return _carried(0.45, "a long random parameter")
    return None


def _encoded(name: str, payload: Payload) -> Carried:
    if payload.identifying or (payload.sensitive and not payload.is_structure):
        return _carried(0.97, "a parameter whose decoded text is sensitive", payload)
    usual = _TRACKING.match(name) or _HANDLE.search(name)
    if usual or "://" in payload.text or payload.is_structure:
        return _carried(0.3, "a parameter with encoded text of a usual kind", payload)
    return _carried(0.85, "a parameter with encoded text", payload)


def _plain(name: str, payload: Payload, host: str) -> Carried | None:
    text, words = payload.text, len(payload.text.split())
    identifying = payload.identifying
    is_usual = not identifying and (_TRACKING.match(name) or _asks(name, text))
    if is_usual or text.startswith(("http://", "https://", "/")):
        return None
    if len(identifying) > 1 or (identifying and "mail address" not in identifying):
        return _carried(0.85, "a parameter with personal data or a credential", payload)
    sentence = words >= _WORDS_OF_A_SENTENCE
    if payload.sensitive and sentence and not _SEARCH_HOSTS.search(host):
        return _carried(0.85, "a parameter with a sentence of telling words", payload)
    if words > 2 * _WORDS_OF_A_SENTENCE and not _FREE_TEXT.match(name):
        return _carried(0.55, "a parameter with sentences", payload)
    if identifying or (sentence and _SENSITIVE_NAME.match(name)):
        return _carried(0.4, "a parameter with plain text", payload)
    return None


def _asks(name: str, text: str) -> bool:
    """Tell what somebody looks for: `?query=how do I reset my password`."""
    is_question = _QUESTION.match(text) is not None and len(text.split()) <= _LONGEST_QUESTION
    return is_question and _SEARCH_NAME.match(name) is not None


def _segment(segment: str) -> Carried | None:
    payload = read(_ENDING.sub("", unquote(segment)))
    if payload is None or not payload.is_encoded:
        return None
    if payload.sensitive:
        return _carried(0.9, "a path whose decoded text is sensitive", payload)
    if payload.text.startswith(("http://", "https://")):
        # Proxies of images, such as those of code hosts, are told the address that way.
        return _carried(0.3, "a path with an encoded address", payload)
    return _carried(0.5, "a path with encoded text", payload)


def _label(label: str) -> Carried | None:
    payload = read(label)
    if payload is None or not payload.is_encoded:
        return None
    return _carried(0.9 if payload.sensitive else 0.7, "a host name with encoded text", payload)
