"""Ids of all components, one class per page, prefixed by it."""

from __future__ import annotations


class Frame:
    """What stands around every page."""

    LOCATION = "_pages_location"
    NAV = "frame-nav"
    JOB_REQUEST = "frame-job-request"
    JOB_RECEIPT = "frame-job-receipt"
    REST_REQUEST = "frame-rest-request"
    REST_RECEIPT = "frame-rest-receipt"
    THEME = "frame-theme"
    THEME_NAME = "frame-theme-name"
    PICKER = "frame-picker"
    TOASTS = "frame-toasts"
    TROUBLE = "frame-trouble"


class Label:
    """The labeling page."""

    ROOT = "label-root"
    OUTBOX = "label-outbox"
    REPLY = "label-reply"
    PAINTED = "label-painted"


class Log:
    """The two logs."""

    ROOT = "log-root"
    FILTERS = "log-filters"
    BAR = "log-bar"
    GRID = "log-grid"
    SHOWN = "log-shown"
    HEAD = "log-head"
    TICK = "log-tick"
    SHEET = "log-sheet"
    STORY = "log-story"
    WISH = "log-wish"
    CHANGED = "log-changed"


class Skipped:
    """What was skipped, over the table of the log page."""

    FIGURES = "skipped-figures"
    NOTE = "skipped-note"
    CHECKS = "skipped-checks"
    PROMISE = "skipped-promise"
    NUMBER = "skipped-number"
    GO = "skipped-go"


class Spots:
    """Spot-checks of what was skipped: what a lead does there."""

    WISH = "spots-wish"
    SAID = "spots-said"


class Experiments:
    """All experiments."""

    ROOT = "experiments-root"
    LIST = "experiments-list"
    NOTICE = "experiments-notice"
    WISH = "experiments-wish"
    TICK = "experiments-tick"
    SEEN = "experiments-seen"
    PLACE = "experiments-place"
    CREATE = "experiments-create"
    CREATE_WISH = "experiments-create-wish"
    CREATE_BUTTON = "experiments-create-button"
    CREATE_TROUBLE = "experiments-create-trouble"
    RESET = "experiments-reset"
    DELETE = "experiments-delete"


class Import:
    """A file on its way in."""

    ROOT = "import-root"
    DROP = "import-drop"
    UPLOAD = "import-upload"
    READ = "import-read"
    ASK = "import-ask"
    GO = "import-go"
    FORM = "import-asked"
    FIELDS = "import-fields"
    CLASSES = "import-classes"
    COUNTED = "import-counted"
    GO_BUTTON = "import-go-button"
    TROUBLE = "import-trouble"
    PROGRESS = "import-progress"
    STATUS = "import-status"
    CANCEL = "import-cancel"
    TICK = "import-tick"
    DONE = "import-done"
    RESULT = "import-result"


class Live:
    """What every page has that follows the log.

    What stands behind the prefix of a control is its name in the address.
    """

    ROOT: str
    BODY: str
    EMPTY: str
    TICK: str
    SLUG: str
    SHOWN: str


class Accuracy(Live):
    """The accuracy page."""

    ROOT = "accuracy-root"
    BODY = "accuracy-body"
    EMPTY = "accuracy-empty"
    TICK = "accuracy-tick"
    SLUG = "accuracy-slug"
    SHOWN = "accuracy-shown"
    STRIP = "accuracy-strip"
    BY = "accuracy-by"
    CURVES = "accuracy-curves"
    WINDOW = "accuracy-window"
    CURVE = "accuracy-curve"
    CAPTION = "accuracy-caption"
    ESTIMATE = "accuracy-estimate-table"
    ESTIMATE_NOTE = "accuracy-estimate-note"
    CONFUSION = "accuracy-confusion"
    SCORES = "accuracy-scores"
    MISTAKES = "accuracy-mistakes"
    ADVICE = "accuracy-advice"
    ADVICE_SHOWN = "accuracy-advice-shown"
    # Behind this prefix is what only leads may do.
    TARGET_WISH = "accuracy-target-wish"
    TARGET_SAID = "accuracy-target-said"
    TARGET_FORM = "accuracy-target-form"


class Queries(Live):
    """The queries page."""

    ROOT = "queries-root"
    BODY = "queries-body"
    EMPTY = "queries-empty"
    TICK = "queries-tick"
    SLUG = "queries-slug"
    SHOWN = "queries-shown"
    STRIP = "queries-strip"
    SAVED = "queries-saved"
    WINDOW = "queries-window"
    PER = "queries-per"
    RATIO = "queries-ratio"
    CAPTION = "queries-caption"
    COUNTS = "queries-counts"
    REASONS = "queries-reasons"
    ANSWERS = "queries-answers"
    SECONDS = "queries-seconds"
    PACE_CAPTION = "queries-pace-caption"


class Entropy(Live):
    """The entropy page."""

    ROOT = "entropy-root"
    BODY = "entropy-body"
    EMPTY = "entropy-empty"
    TICK = "entropy-tick"
    SLUG = "entropy-slug"
    SHOWN = "entropy-shown"
    BARS = "entropy-bars"
    COUNTS = "entropy-counts"
    SPAN = "entropy-span"
    RANGE = "entropy-range"
    RANGE_BOX = "entropy-range-box"
    ASK = "entropy-ask"
    HISTOGRAM = "entropy-histogram"
    CAPTION = "entropy-caption"
    WHAT_IF = "entropy-what-if"
    DRIFT = "entropy-drift"


class Quality(Live):
    """The quality page."""

    ROOT = "quality-root"
    BODY = "quality-body"
    EMPTY = "quality-empty"
    TICK = "quality-tick"
    SLUG = "quality-slug"
    SHOWN = "quality-shown"
    STRIP = "quality-strip"
    NOTE = "quality-note"
    MATRIX = "quality-matrix"
    CONFUSION = "quality-confusion"
    CONFUSION_CAPTION = "quality-confusion-caption"
    SCORES = "quality-scores"
    MEANS = "quality-means"
    SCORES_CAPTION = "quality-scores-caption"
    RELIABILITY = "quality-reliability"
    RELIABILITY_CAPTION = "quality-reliability-caption"
    STRETCH = "quality-stretch"
    PREVALENCE = "quality-prevalence"
    PREVALENCE_CAPTION = "quality-prevalence-caption"
    DRIFT = "quality-drift"
    DRIFT_CAPTION = "quality-drift-caption"
