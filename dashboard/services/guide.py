"""What to label how: the guidelines, the classes and what belongs to them, the question rate.

Read when a dialog is opened, not with each press.
"""

from __future__ import annotations

from dashboard.errors import BadInput
from dashboard.services.container import Services
from dashboard.services.experiments import MAX_GUIDELINES
from dashboard.services.labeling import Outcome
from dashboard.services.rates import Rates
from dashboard.services.views import Data
from dashboard.services.wishes import Wish, key_of, text, whole

MAX_GUIDELINE = 2_000


class Guide:
    """The dialogs of the labeling page.

    Parameters
    ----------
    services
        What does the work.
    annotator
        Who sits at the desk.

    """

    reads = ("guide", "rate")
    changes = ("guidelines", "class", "strategy")

    def __init__(self, services: Services, *, annotator: str):
        self.services = services
        self.annotator = annotator

    def read(self, slug: str, wish: Wish) -> Data:
        """What a dialog shows."""
        if wish.get("do") == "rate":
            return {"rate": self._rates().tell(slug, wish)}
        if wish.get("do") == "strategy":
            return {}
        experiment = self.services.experiments.find(slug)
        classes = [{"title": c.title, "guideline": c.guideline} for c in experiment.classes]
        guide = {"text": experiment.guidelines, "most": MAX_GUIDELINES, "classes": classes}
        return {"guide": guide}

    def change(self, slug: str, wish: Wish) -> Outcome:
        """Do what a dialog asks for."""
        if wish.get("do") == "guidelines":
            self.services.experiments.set_guidelines(slug, text(wish.get("text"), "text"))
            return Outcome(True)
        strategy = wish.get("do") == "strategy"
        outcome = self._strategy(slug, wish) if strategy else self._class(slug, wish)
        # The model is made anew now, while the dialog waits, and not at the next press.
        self.services.labeling.scan_on(slug, annotator=self.annotator)
        return outcome

    def _rates(self) -> Rates:
        return Rates(self.services.database)

    def _strategy(self, slug: str, wish: Wish) -> Outcome:
        """Ask more or less often from here on."""
        values = self._rates().values(slug, wish)
        return self.services.changes.strategy(
            slug, key=key_of(wish), annotator=self.annotator, **values
        )

    def _class(self, slug: str, wish: Wish) -> Outcome:
        """Add a class, or rename one and say what belongs to it."""
        name, key = text(wish.get("name"), "name"), key_of(wish)
        changes = self.services.changes
        if wish.get("index") is None:
            return changes.add_class(slug, name, key=key, annotator=self.annotator)
        guideline = text(wish.get("guideline"), "guideline")
        if len(guideline) > MAX_GUIDELINE:
            raise BadInput(
                f"The guideline of a class has at most {MAX_GUIDELINE:,} characters, not "
                f"{len(guideline):,}."
            )
        index = whole(wish.get("index"), "class")
        return changes.edit_class(
            slug, index, name=name, guideline=guideline, key=key, annotator=self.annotator
        )
