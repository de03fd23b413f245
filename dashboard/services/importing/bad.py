"""What is wrong with a row or a file, for the one who has to mend it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Bad:
    """What is wrong with a row, or with the whole file.

    Parameters
    ----------
    what
        What is wrong.
    mend
        What to do about it; empty where that is said already.
    row
        Its number, the first row of the file being 1, blank ones counted; 0: the whole file.
    line
        The line on which it begins, where that is another number.
    column
        The column, where it is about one.

    """

    what: str
    mend: str = ""
    row: int = 0
    line: int = 0
    column: str = ""

    def sentence(self, file: str) -> str:
        """The whole of it.

        Examples
        --------
        >>> bad = Bad(row=1017, column="text", what="it is empty", mend="fill it in")
        >>> bad.sentence("a.csv")
        'a.csv, row 1,017, column text: it is empty; fill it in.'

        """
        where = [file]
        if self.row:
            line = f" (line {self.line:,})" if self.line and self.line != self.row else ""
            where.append(f"row {self.row:,}{line}")
        if self.column:
            where.append(f"column {self.column}")
        return f"{', '.join(where)}: {self.what}{f'; {self.mend}' if self.mend else ''}."


class Refused(Exception):
    """The file cannot be read on; `bad` says why."""

    def __init__(self, bad: Bad):
        super().__init__(bad.what)
        self.bad = bad
