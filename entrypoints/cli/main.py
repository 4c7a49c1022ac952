"""The command `trueport`: each command is imported only when it is called."""

import difflib
import gc
import importlib
import sys
from collections.abc import Sequence

import click

from entrypoints.cli.exits import EXIT_INTERRUPTED, Failure

_COMMANDS = {
    "serve": ("entrypoints.cli.serve", "Run everything in one process."),
    "webhook": ("entrypoints.cli.webhook", "Run the analytics engine's server."),
    "worker": ("entrypoints.cli.worker", "Run workers of the analytics engine alone."),
    "scan": ("entrypoints.cli.scan", "Find personal data, secrets and attacks in files."),
    "detect": ("entrypoints.cli.detect", "Run the detectors over JSON lines."),
    "explain": ("entrypoints.cli.explain", "Say what a rule matches and how to silence it."),
    "keys": ("entrypoints.cli.keys", "Issue, list, change, rotate and revoke gateway keys."),
    "upstreams": ("entrypoints.cli.upstreams", "Connect, change, try and remove model providers."),
    "credentials": ("entrypoints.cli.credentials", "Rotate the master key of stored credentials."),
    "tenants": ("entrypoints.cli.tenants", "Make, list, show and connect tenants."),
    "storage": ("entrypoints.cli.storage", "Show, prove and change where audit objects lie."),
    "policies": ("entrypoints.cli.policies", "Check, store and activate policies."),
    "alerts": ("entrypoints.cli.alerts", "Say who is told of violations, and when."),
    "models": ("entrypoints.cli.models", "Fill the slots of neural models, and serve them."),
    "audit": ("entrypoints.cli.audit", "Check the audit log against its hash chains."),
    "replay": ("entrypoints.cli.replay", "Analyse stored objects once more."),
    "dead-letters": ("entrypoints.cli.dead_letters", "List, retry and drop jobs nobody could do."),
    "db": ("entrypoints.cli.db", "Bring the store up to this version, or look at it."),
    "doctor": ("entrypoints.cli.doctor", "Check this machine and these settings."),
    "openapi": ("entrypoints.cli.openapi", "Print the OpenAPI document of an API."),
    "completion": ("entrypoints.cli.completion", "Print what makes a shell complete commands."),
    "version": ("entrypoints.cli.version", "Print the version."),
}
"""Where each command lives, and its line in the help: listing them imports none."""


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports the one that is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, in the order of the table."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, None for a name that nobody has."""
        if cmd_name not in _COMMANDS:
            return None
        # What is imported stays to the end: looking through it for garbage, again and again, is a
        # tenth of the time to the first result.
        gc.disable()
        try:
            module = importlib.import_module(_COMMANDS[cmd_name][0])
        finally:
            gc.freeze()
            gc.enable()
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, with a suggestion for a mistyped one."""
        name = args[0] if args else ""
        if name and not name.startswith("-") and name not in _COMMANDS:
            close = difflib.get_close_matches(name, _COMMANDS, n=1)
            hint = f" Did you mean '{close[0]}'?" if close else ""
            raise click.UsageError(f"There is no command '{name}'.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands with their lines, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in _COMMANDS.items()])


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
def trueport() -> None:
    """TruePort: the AI governance gateway that audits, masks and blocks.

    \b
    Examples:
      trueport serve --demo
      echo 'my card is 4111 1111 1111 1111' | trueport scan -
      trueport explain credit-card
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit status."""
    try:
        status = trueport.main(args=arguments, prog_name="trueport", standalone_mode=False)
    except click.exceptions.Exit as leaving:
        status = leaving.exit_code
    except click.Abort:
        click.echo("interrupted", err=True)
        status = EXIT_INTERRUPTED
    except Failure as error:
        error.show()
        status = error.status
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    except BrokenPipeError:
        # The reader of our output has seen enough; do not complain at exit either.
        sys.stderr.close()
        status = 0
    sys.exit(status if isinstance(status, int) else 0)


if __name__ == "__main__":
    main()
