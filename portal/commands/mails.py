"""``portal mails``: what was written and not sent, for an installation without a mail server."""

from __future__ import annotations

import click

from portal import mail
from portal.commands import _accounts as accounts
from portal.core.scope import unscoped


@click.group("mails", invoke_without_command=True)
@click.option("--newest", default=50, show_default=True, type=click.IntRange(1, 1_000))
@click.pass_context
def command(context: click.Context, newest: int) -> None:
    """Mails that were not sent: number, time (UTC), state, recipient, subject; the newest first.

    Without a mail server every mail is kept here. show N prints its text.
    """
    if context.invoked_subcommand is not None:
        return
    with accounts.the_application(), unscoped("the operator reads what was not sent"):
        found = mail.unsent_mails(limit=newest)
    if not found:
        click.echo("No mail waits to be read.")
    for row in found:
        at = row.created_at.strftime("%Y-%m-%d %H:%M")
        click.echo(f"{row.number:>5}  {at}  {row.state:<6}  {row.recipient}  {row.subject}")


@command.command()
@click.argument("number", type=click.IntRange(1, 2**63 - 1))
def show(number: int) -> None:
    """Print mail NUMBER; a link in it works for whoever reads it."""
    with accounts.the_application(), unscoped("the operator reads what was not sent"):
        row = mail.unsent_mail(number)
    if row is None:
        raise click.ClickException(f"There is no mail {number}. See: portal mails")
    click.echo(f"To: {row.recipient}")
    click.echo(f"Subject: {row.subject}")
    click.echo()
    click.echo(row.text or "Its text was forgotten; links are kept for a day, the rest for thirty.")
