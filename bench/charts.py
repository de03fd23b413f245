"""Placeholder until reports exist."""


def chart_table(folder, *, sizes, say): ...
