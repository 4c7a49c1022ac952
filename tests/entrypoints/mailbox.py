"""What a person finds in the mails of a site: codes and tokens."""

import re
from email import message_from_bytes, policy
from pathlib import Path

import httpx2

from tests.entrypoints.conftest import Site

_CODE = re.compile(r"^ {4}([0-9]{6})\s*$", re.MULTILINE)
_TOKEN = re.compile(r"^ {4}(tpi_\S+)\s*$", re.MULTILINE)


def _found(home: Path, address: str, pattern: re.Pattern[str]) -> list[str]:
    files = sorted((home / "outbox").glob("*.eml"), key=lambda file: file.stat().st_mtime_ns)
    found = []
    for file in files:
        mail = message_from_bytes(file.read_bytes(), policy=policy.default)
        body = mail.get_body(("plain",))
        if mail["To"] == address and body is not None:
            found += pattern.findall(str(body.get_content()))
    return found


async def codes_mailed(site: Site, address: str) -> list[str]:
    """Return the codes that an address was mailed, oldest first."""
    await site.settled()
    return _found(site.home, address, _CODE)


async def invitations_mailed(site: Site, address: str) -> list[str]:
    """Return the tokens of invitations that an address was mailed, oldest first."""
    await site.settled()
    return _found(site.home, address, _TOKEN)


async def sign_up(site: Site, address: str, name: str = "Ada") -> httpx2.Response:
    """Sign up through the routes and return the answer with the tokens."""
    asked = await site.client.post(
        "/platform/api/v1/auth/signup", json={"email": address, "name": name}
    )
    assert asked.status_code == 202, asked.text
    code = (await codes_mailed(site, address))[-1]
    return await site.client.post(
        "/platform/api/v1/auth/otp/verify", json={"email": address, "code": code}
    )


async def bearer_of(site: Site, address: str, name: str = "Ada") -> dict[str, str]:
    """Sign somebody up and return the headers that speak for them."""
    answer = await sign_up(site, address, name)
    assert answer.status_code == 200, answer.text
    return {"authorization": f"Bearer {answer.json()['access_token']}"}
