"""Tenants: how they come into being, who is in them, and where their audit objects lie."""

from dependency_injector import providers

from application.platform.founding import Founding
from application.platform.invitations import (
    AcceptInvitation,
    Invite,
    ListInvitations,
    RevokeInvitation,
    SendInvitation,
)
from application.platform.limit_choices import ChooseFailModes
from application.platform.members import ChangeMember, ListMembers, RemoveMember
from application.platform.people import RenameMe, ShowMe
from application.platform.read_log import ReadAdministrationLog
from application.platform.storage import (
    ChangeRetention,
    ChangeStorage,
    ShowStorage,
    VerifyStorage,
)
from application.platform.tenants import (
    CreateTenant,
    DeleteTenant,
    FoundTenant,
    ListTenants,
    ReadTenant,
    RenameTenant,
)
from entrypoints.wiring.accounts import Accounts
from entrypoints.wiring.analytics import Analytics
from entrypoints.wiring.deeds import deed


class Tenants(Accounts):
    """The control plane beside sign-in, made on first use."""

    founding: providers.Provider[Founding] = providers.Singleton(
        Founding,
        storages=Analytics.storages,
        defaults=Analytics.storage_defaults,
        clock=Analytics.clock,
        ids=Analytics.ids,
    )
    found_tenant: providers.Provider[FoundTenant] = providers.Factory(
        FoundTenant,
        transactions=Analytics.transactions,
        founding=founding,
        log=Analytics.administration_log,
        clock=Analytics.clock,
        ids=Analytics.ids,
    )
    create_tenant: providers.Provider[CreateTenant] = providers.Factory(
        CreateTenant,
        transactions=Analytics.transactions,
        authorise=Analytics.authorise,
        founding=founding,
        log=Analytics.administration_log,
        clock=Analytics.clock,
    )
    list_tenants: providers.Provider[ListTenants] = providers.Factory(
        ListTenants, transactions=Analytics.transactions, authorise=Analytics.authorise
    )
    read_tenant: providers.Provider[ReadTenant] = providers.Factory(
        ReadTenant, authorise=Analytics.authorise
    )
    rename_tenant = deed(RenameTenant)
    delete_tenant = deed(DeleteTenant)
    show_me: providers.Provider[ShowMe] = providers.Factory(
        ShowMe, transactions=Analytics.transactions, authorise=Analytics.authorise
    )
    rename_me: providers.Provider[RenameMe] = providers.Factory(
        RenameMe, transactions=Analytics.transactions, authorise=Analytics.authorise
    )
    list_members = deed(ListMembers)
    change_member = deed(ChangeMember)
    remove_member = deed(RemoveMember)
    invite = deed(
        Invite,
        digests=Accounts.sign_in_digests,
        cipher=Analytics.cipher,
        ids=Analytics.ids,
        randomness=Analytics.randomness,
    )
    list_invitations = deed(ListInvitations)
    revoke_invitation = deed(RevokeInvitation)
    accept_invitation: providers.Provider[AcceptInvitation] = providers.Factory(
        AcceptInvitation,
        transactions=Analytics.transactions,
        authorise=Analytics.authorise,
        digests=Accounts.sign_in_digests,
        log=Analytics.administration_log,
        clock=Analytics.clock,
    )
    send_invitation: providers.Provider[SendInvitation] = providers.Singleton(
        SendInvitation,
        transactions=Analytics.transactions,
        mails=Accounts.account_mails,
        cipher=Analytics.cipher,
        clock=Analytics.clock,
    )
    read_administration_log = deed(ReadAdministrationLog)
    show_storage = deed(ShowStorage)
    verify_storage = deed(
        VerifyStorage, storages=Analytics.storages, clock=Analytics.clock, ids=Analytics.ids
    )
    change_storage = deed(
        ChangeStorage, storages=Analytics.storages, write_anchor=Analytics.write_anchor
    )
    change_retention = deed(
        ChangeRetention,
        storages=Analytics.storages,
        signer=Analytics.signer,
        write_anchor=Analytics.write_anchor,
        clock=Analytics.clock,
    )
    choose_fail_modes = deed(ChooseFailModes)
