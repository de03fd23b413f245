"""The page to sign in: plain HTML in the look of the house, without a script it would need."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote

from flask import render_template_string

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Sign in · Sluice</title>
<link rel="icon" type="image/svg+xml" href="/assets/favicon.svg">
{% for style in styles %}<link rel="stylesheet" href="{{ style }}">
{% endfor %}<script>{{ theme|safe }}</script>
</head>
<body>
<main class="sign-in">
<div class="brand"><span class="mark"></span>Sluice</div>
<h1>Sign in</h1>
{% if trouble %}<div class="trouble" role="alert" id="trouble">{{ trouble }}</div>
{% endif %}{% if readable %}<div class="trouble">This page came without encryption, so others on
the network can read your password. Ask whoever runs the server to put HTTPS in front of it.</div>
{% endif %}<form method="post" action="{{ action }}">
<input type="hidden" name="next" value="{{ next_page }}">
<label class="field"><span>Name</span>
<input class="entry" name="name" value="{{ name }}" required autocomplete="username"
 autocapitalize="none" spellcheck="false" maxlength="64"
 {% if not name %}autofocus{% endif %}
 {% if trouble %}aria-describedby="trouble"{% endif %}></label>
<label class="field"><span>Password</span>
<input class="entry" name="password" type="password" required autocomplete="current-password"
 {% if name %}autofocus{% endif %}></label>
<button class="primary">Sign in</button>
</form>
</main>
</body>
</html>
"""


class Look(NamedTuple):
    """The look of the house.

    Parameters
    ----------
    styles
        Addresses of style sheets.
    theme
        A script that sets light or dark before the first paint.

    """

    styles: tuple[str, ...]
    theme: str


def render(
    look: Look, *, action: str, next_page: str, name: str, trouble: str, readable: bool
) -> str:
    """The page.

    Parameters
    ----------
    look
        That of the house.
    action
        Where the form goes.
    next_page
        Where a person wanted to go, to get there afterwards.
    name
        What they typed before.
    trouble
        A sentence about what went wrong.
    readable
        Whether others on the way can read what is typed.

    """
    return render_template_string(
        _PAGE, styles=look.styles, theme=look.theme, action=action, next_page=next_page, name=name,
        trouble=trouble, readable=readable,
    )  # fmt: skip


def address(action: str, wanted: str) -> str:
    """The page's address for somebody who wanted to go elsewhere.

    Examples
    --------
    >>> address("/sign-in", "/log?experiment=sms-spam")
    '/sign-in?next=%2Flog%3Fexperiment%3Dsms-spam'

    """
    return action if wanted in ("", "/") else f"{action}?next={quote(wanted, safe='')}"
