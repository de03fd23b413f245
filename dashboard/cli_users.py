"""The commands that look after the file of those who may sign in."""

from __future__ import annotations

import sys

import click

from dashboard.errors import BadInput
from dashboard.security.audit import FILE, Audit
from dashboard.services.people import ROLES, Role, role_of
from dashboard.services.users import SHORTEST, Users, checked_password
from dashboard.settings import prepare_data_folder, read_settings


@click.group()
def users() -> None:
    """Add, list and remove those who may sign in, in the file that SLUICE_USERS names.

    A viewer sees the charts; an annotator labels, too; a lead may do everything. Changes count at
    once, and end the sessions of those concerned.
    """


@users.command()
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), required=True)
def add(name: str, role: str) -> None:
    """Add NAME. The password is asked for, or read from the first line of standard input."""
    found = _users()
    found.add(name, role_of(role), _password())
    _tell("user added", name=name, role=role)
    click.echo(f"{name} may sign in as {role}.")


@users.command("list")
def list_() -> None:
    """List names and roles."""
    found = _users().every()
    click.echo("name\trole")
    for user in found.values():
        click.echo(f"{user.name}\t{user.role.word}")


@users.command()
@click.argument("name")
def remove(name: str) -> None:
    """Remove NAME; what they labeled stays."""
    found = _users()
    found.remove(name)
    _tell("user removed", name=name)
    click.echo(f"{name} may not sign in any more.")
    if not any(user.role is Role.LEAD for user in found.every().values()):
        click.echo("Nobody is a lead now; the server does not start without one.", err=True)


@users.command()
@click.argument("name")
def password(name: str) -> None:
    """Give NAME another password, as with `add`."""
    found = _users()
    if name not in found.every():
        raise BadInput(f"There is no user {name!r}.")
    found.set_password(name, _password())
    _tell("password changed", name=name)
    click.echo(f"{name} has another password.")


def _users() -> Users:
    path = read_settings().users
    if path is None:
        raise BadInput("Name the file in SLUICE_USERS first; the server needs it, too.")
    return Users(path)


def _tell(deed: str, **about: str) -> None:
    settings = read_settings()
    prepare_data_folder(settings)
    Audit(settings.data / FILE).note(deed, who="command line", **about)


def _password() -> str:
    if sys.stdin.isatty():
        prompt = f"Password (at least {SHORTEST} characters)"
        typed: str = click.prompt(prompt, hide_input=True, confirmation_prompt=True, err=True)
    else:
        typed = sys.stdin.readline().rstrip("\r\n")
    return checked_password(typed)
