"""The proxies that the environment names."""

from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import httpcore2

from domain.web_address import Target


def proxy_for(target: Target) -> str | None:
    """Return the proxy that the environment names; a machine does not proxy to itself."""
    if target.host in {"localhost", "127.0.0.1", "::1"} or proxy_bypass(target.host):
        return None
    proxies = getproxies()
    return proxies.get(target.scheme) or proxies.get("all")


def parse_proxy(address: str) -> httpcore2.Proxy:
    """Return the proxy at this address, with the name and password that it holds."""
    parts = urlsplit(address if "://" in address else f"http://{address}")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    host = parts.netloc.rpartition("@")[2]
    return httpcore2.Proxy(f"{parts.scheme}://{host}", auth=(user, password) if user else None)
