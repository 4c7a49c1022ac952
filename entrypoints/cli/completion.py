"""`trueport completion`: have a shell complete commands and options."""

import click
from click.shell_completion import get_completion_class

from entrypoints.cli.exits import EXIT_USAGE, Failure

_VARIABLE = "_TRUEPORT_COMPLETE"


@click.command(name="completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print a script that makes a shell complete commands and options of trueport.

    \b
    Examples:
      trueport completion bash >> ~/.bashrc
      trueport completion zsh > ~/.zfunc/_trueport
      trueport completion fish > ~/.config/fish/completions/trueport.fish
    """
    kind = get_completion_class(shell)
    if kind is None:
        raise Failure(f"there is no completion for {shell}", EXIT_USAGE)
    click.echo(kind(ctx.find_root().command, {}, "trueport", _VARIABLE).source())
