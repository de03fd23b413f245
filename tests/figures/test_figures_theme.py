"""One color language: the charts' colors are those of the style sheet."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dashboard.figures import theme
from tests.contrast import contrast

ROOT = Path(__file__).resolve().parents[2]


def tokens(selector: str) -> dict[str, str]:
    css = (ROOT / "assets" / "sluice.css").read_text(encoding="utf-8")
    block = css[css.index(selector) :].split("}", 1)[0]
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", block))


@pytest.mark.parametrize(
    ("name", "selector"), [("light", ":root {"), ("dark", '[data-bs-theme="dark"] {')]
)
def test_colors_are_the_tokens_of_the_style_sheet(name: str, selector: str) -> None:
    colors, css = theme.palette(name), tokens(selector)
    for token in ("paper", "card", "ink", "soft", "line", "accent", "warn", "bad", "queried",
                  "skipped"):  # fmt: skip
        assert getattr(colors, token) == css[token], token
    assert list(colors.classes) == [css[f"class-{i}"] for i in range(1, 9)]


@pytest.mark.parametrize("name", ["light", "dark"])
def test_what_is_drawn_stands_out(name: str) -> None:
    """Lines, bars and swatches by 3 to 1, words by 4.5 to 1, on cards and on paper alike."""
    colors = theme.palette(name)
    for ground in (colors.card, colors.paper):
        for color in (colors.queried, colors.skipped, colors.accent, *colors.classes):
            assert contrast(color, ground) >= 3, color
        for color in (colors.ink, colors.soft, colors.warn, colors.bad):
            assert contrast(color, ground) >= 4.5, color


def test_themes_differ_and_the_background_is_left_to_the_page() -> None:
    light, dark = theme.template("light"), theme.template("dark")
    assert light.layout.font.color != dark.layout.font.color
    for template in (light, dark):
        assert template.layout.paper_bgcolor == template.layout.plot_bgcolor == "rgba(0,0,0,0)"


def test_strangers_text_is_no_markup() -> None:
    assert theme.plain('<a href="x">&') == "&lt;a href=&quot;x&quot;&gt;&amp;"
    assert theme.plain("abcdef", most=4) == "abc…"


def test_the_color_scale_begins_at_the_card_and_ends_at_the_accent() -> None:
    for name in ("light", "dark"):
        colors = theme.palette(name)
        scale = theme.colorscale(name)
        assert (scale[0], scale[-1]) == ((0.0, colors.card), (1.0, colors.accent))
