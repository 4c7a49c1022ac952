"""How mails are written and by whom they are delivered."""

from application.ports.mailer import Mailer, MailTemplates
from application.ports.system import Clock
from entrypoints.settings import Settings

_DEFAULT_REGION = "us-east-1"
_TLS_PORT = 465
"""Where mail is submitted over TLS from the first byte on (RFC 8314)."""


def make_templates() -> MailTemplates:
    """Return the mail templates."""
    from adapters.mail.jinja_templates import JinjaTemplates  # noqa: PLC0415 - takes long

    return JinjaTemplates()


def make_outbox_mailer(settings: Settings, clock: Clock) -> Mailer:
    """Return the mailer that writes files."""
    from adapters.mail.outbox_folder import OutboxFolderMailer  # noqa: PLC0415 - one of three

    return OutboxFolderMailer(settings.home / "outbox", sender=settings.mail_from, clock=clock)


def make_smtp_mailer(settings: Settings, clock: Clock) -> Mailer:
    """Return the mailer that speaks to an SMTP server."""
    from adapters.mail.smtp import SmtpMailer, SmtpServer  # noqa: PLC0415 - an extra

    password = settings.smtp_password
    server = SmtpServer(
        host=settings.smtp_host or "",
        port=settings.smtp_port,
        user=settings.smtp_user,
        password=None if password is None else password.get_secret_value(),
        is_tls_port=settings.smtp_port == _TLS_PORT,
        seconds=settings.mail_seconds,
    )
    return SmtpMailer(server, sender=settings.mail_from, clock=clock)


def make_ses_mailer(settings: Settings, clock: Clock) -> Mailer:
    """Return the mailer that speaks to Amazon SES."""
    from adapters.mail.ses import SesAccount, SesMailer  # noqa: PLC0415 - one of three

    key, secret = settings.aws_access_key_id, settings.aws_secret_access_key
    account = SesAccount(
        region=settings.aws_region or _DEFAULT_REGION,
        endpoint_url=settings.aws_endpoint_url,
        access_key_id=None if key is None else key.get_secret_value(),
        secret_access_key=None if secret is None else secret.get_secret_value(),
        seconds=settings.mail_seconds,
    )
    return SesMailer(account, sender=settings.mail_from, clock=clock)
