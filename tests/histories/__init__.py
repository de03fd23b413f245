"""Histories of the whole service that nobody thought of, each against a model of a few lines."""
