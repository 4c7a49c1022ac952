"""Encrypt stored credentials anew under the first master key, so that an old one can go."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from application.deeds import Deed, Deeds
from application.gateway.upstreams import credential_context
from application.gateway.webhooks import webhook_context
from application.ports.credentials import CredentialCipher
from domain.administration import Change
from domain.authorisation import OPERATOR, Action
from domain.errors import InvalidValue
from domain.tenant import Slug
from domain.webhook import Webhook


@dataclass(frozen=True, slots=True, kw_only=True)
class Reencrypted:
    """What became of a tenant's credentials: how many there are under each master key now.

    `unreadable` are the ids of those whose key is not in the ring, or which were changed.
    """

    changed: int
    by_key: Mapping[str, int] = field(default_factory=dict)
    unreadable: tuple[str, ...] = ()


class ReencryptCredentials:
    """Bring the credentials of a tenant's upstreams and webhooks under the first master key.

    Doing it again changes nothing. The operator alone does it.
    """

    def __init__(self, *, deeds: Deeds, cipher: CredentialCipher) -> None:
        self._deeds = deeds
        self._cipher = cipher

    async def __call__(self, slug: Slug, *, only_look: bool = False) -> Reencrypted:
        """Return what there is, after it was encrypted anew unless that is only looked at.

        Raises:
            NotFound: no such tenant.
            ConcurrentUpdate: something was changed at the same time; do it again.
        """
        count = _Count(self._cipher)
        async with self._deeds.begin(OPERATOR, slug, Action.CHANGE_UPSTREAM) as deed:
            await self._upstreams(deed, count, only_look=only_look)
            await self._webhooks(deed, count, only_look=only_look)
            if count.changed and not only_look:
                await deed.commit(
                    target="credentials",
                    changes=(Change(field="master_key", after=self._cipher.current_key_id),),
                )
        return Reencrypted(
            changed=0 if only_look else count.changed,
            by_key=dict(count.by_key),
            unreadable=tuple(count.unreadable),
        )

    async def _upstreams(self, deed: Deed, count: "_Count", *, only_look: bool) -> None:
        for upstream in await deed.uow.upstreams.all(deed.tenant_id):
            if upstream.credential is None:
                continue
            context = credential_context(deed.tenant_id, upstream.id)
            fresh = count.fresh(upstream.id, upstream.credential, context, only_look=only_look)
            if fresh != upstream.credential:
                await deed.uow.upstreams.save(deed.tenant_id, upstream.with_credential(fresh))

    async def _webhooks(self, deed: Deed, count: "_Count", *, only_look: bool) -> None:
        settings = await deed.uow.settings.alerts(deed.tenant_id)
        changed = settings
        for webhook in settings.webhooks:
            fresh = self._fresh_webhook(deed, webhook, count, only_look=only_look)
            if fresh != webhook:
                changed = changed.with_webhook(fresh)
        if changed is not settings:
            await deed.uow.settings.save_alerts(deed.tenant_id, changed)

    @staticmethod
    def _fresh_webhook(
        deed: Deed, webhook: Webhook, count: "_Count", *, only_look: bool
    ) -> Webhook:
        context = webhook_context(deed.tenant_id, webhook.id)
        former = webhook.former_secret
        return replace(
            webhook,
            secret=count.fresh(webhook.id, webhook.secret, context, only_look=only_look),
            former_secret=None
            if former is None
            else count.fresh(webhook.id, former, context, only_look=only_look),
        )


class _Count:
    def __init__(self, cipher: CredentialCipher) -> None:
        self._cipher = cipher
        self.changed = 0
        self.by_key: Counter[str] = Counter()
        self.unreadable: list[str] = []

    def fresh(self, name: str, cipher: str, context: str, *, only_look: bool) -> str:
        """Return a credential under the first master key, or as it is where that cannot be."""
        key_id = self._cipher.key_id(cipher)
        current = self._cipher.current_key_id
        try:
            plain = self._cipher.decrypt(cipher, context=context)
        except InvalidValue:
            self.unreadable.append(name)
            self.by_key[key_id] += 1
            return cipher
        if key_id == current or only_look:
            self.by_key[key_id] += 1
            return cipher
        self.changed += 1
        self.by_key[current] += 1
        return self._cipher.encrypt(plain, context=context)
