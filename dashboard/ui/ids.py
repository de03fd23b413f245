"""Ids of all components, one class per page, prefixed by it."""

from __future__ import annotations


class Frame:
    """What stands around every page."""

    LOCATION = "_pages_location"
    NAV = "frame-nav"
    JOB_REQUEST = "frame-job-request"
    JOB_RECEIPT = "frame-job-receipt"
    THEME = "frame-theme"
    THEME_NAME = "frame-theme-name"
    PICKER = "frame-picker"
    TOASTS = "frame-toasts"


class Label:
    """The labeling page."""

    ROOT = "label-root"
    OUTBOX = "label-outbox"
    REPLY = "label-reply"
    PAINTED = "label-painted"
