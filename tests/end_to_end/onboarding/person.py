"""Somebody who knows the documented routes, reads their own mail, and nothing else."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx2

from tests.end_to_end.onboarding.deployment import Reachable

Json = dict[str, Any]

_SECONDS = 60.0
_CODE = r"^ +(\d{6})\s*$"
_INVITATION = r"^ +(tpi_\S+)\s*$"


class Person:
    """A person with a mail address and, once signed in, an access token."""

    def __init__(self, deployment: Reachable, http: httpx2.Client, address: str) -> None:
        self.address = address
        self._deployment = deployment
        self._http = http
        self._headers: Mapping[str, str] = {}

    def sign_up(self, name: str) -> None:
        """Sign up, read the code in the mail, and sign in with it."""
        asked = {"email": self.address, "name": name}
        self.platform("POST", "/v1/auth/signup", asked, status=202)
        code = self._deployment.in_mail_to(self.address, _CODE)
        proof = {"email": self.address, "code": code}
        session = self.platform("POST", "/v1/auth/otp/verify", proof)
        self._headers = {"authorization": f"{session['token_type']} {session['access_token']}"}

    def accept_invitation(self) -> Json:
        """Accept the invitation that came by mail."""
        token = self._deployment.in_mail_to(self.address, _INVITATION)
        return self.platform("POST", "/v1/invitations/accept", {"token": token})

    def platform(
        self, method: str, path: str, body: Json | None = None, *, status: int | None = None
    ) -> Json:
        """Call the control plane."""
        return self._call(method, self._deployment.platform + path, body, status)

    def services(
        self, method: str, path: str, body: Json | None = None, *, status: int | None = None
    ) -> Json:
        """Call a management route of the gateway."""
        return self._call(method, f"{self._deployment.services}/api{path}", body, status)

    def _call(self, method: str, url: str, body: Json | None, status: int | None) -> Json:
        """Return the answer, whose status is the one expected, or any of success."""
        answer = self._http.request(method, url, json=body, headers=self._headers)
        as_expected = answer.is_success if status is None else answer.status_code == status
        assert as_expected, f"{method} {url}: {answer.status_code} {answer.text}"
        told: Json = answer.json()
        return told


@contextmanager
def people(deployment: Reachable, *addresses: str) -> Iterator[list[Person]]:
    """Give people who are not signed in yet a connection each."""
    with httpx2.Client(timeout=_SECONDS, trust_env=False) as http:
        yield [Person(deployment, http, address) for address in addresses]
