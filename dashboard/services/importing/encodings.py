"""Which encoding a text file is in, from its bytes."""

from __future__ import annotations

import codecs

import charset_normalizer

from dashboard.services.importing.bad import Bad, Refused
from dashboard.services.importing.lines import ENCODING

KNOWN = "save it as CSV, TSV, JSONL, Parquet, XLSX or plain text"
_BOMS = {  # the longer ones first: that of UTF-32 begins with that of UTF-16
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def encoding_of(data: bytes, wish: str, *, whole: bool) -> str:
    """The encoding of a file, as Python names it.

    Parameters
    ----------
    data
        Its first bytes.
    wish
        What somebody says it is; empty: find out.
    whole
        Whether these are all its bytes.

    Examples
    --------
    >>> encoding_of("Grüße".encode(), "", whole=True)
    'utf-8'
    >>> encoding_of("Grüße".encode("latin-1"), "", whole=True)
    'cp1252'

    Raises
    ------
    Refused
        If it is no text, or there is no such encoding.

    """
    if wish:
        return _known(wish, data)
    for bom, encoding in _BOMS.items():
        if data.startswith(bom):
            return encoding
    if zeros := data[: 1 << 16].count(0):
        return _with_zeros(data[: 1 << 16], zeros)
    if _decodes(data, "utf-8", whole=whole):
        return "utf-8"
    return _eight_bits(data[: 1 << 20])


def _known(wish: str, data: bytes) -> str:
    try:
        encoding = codecs.lookup(wish).name
        is_text = isinstance(b"a".decode(encoding, "replace"), str)
    except (LookupError, ValueError):
        is_text = False
    if not is_text:
        mend = "there are for instance utf-8, utf-16, cp1252 and latin-1"
        raise Refused(Bad(what=f"there is no encoding {wish!r}", mend=mend))
    # A mark at the beginning is no part of the first column's name.
    return "utf-8-sig" if encoding == "utf-8" and data.startswith(codecs.BOM_UTF8) else encoding


def _with_zeros(data: bytes, zeros: int) -> str:
    """UTF-16 without a mark has its zeros on one side."""
    even = data[0::2].count(0)
    side = "utf-16-be" if even > zeros / 2 else "utf-16-le"
    most = max(even, zeros - even)
    if zeros > len(data) / 8 and most > 0.95 * zeros and _decodes(data, side, whole=False):
        return side
    if zeros > len(data) / 100 or not _decodes(data, "utf-8", whole=False):
        raise Refused(Bad(what="it is no text and no table that is known here", mend=KNOWN))
    return "utf-8"  # a NUL here and there is said to be in the row that has it


def _decodes(data: bytes, encoding: str, *, whole: bool) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(data, final=whole)
    except UnicodeDecodeError:
        return False
    return True


def _eight_bits(data: bytes) -> str:
    """An encoding that is not Unicode.

    A few accents are taken for Western European, as they mostly are. Where every fourth byte or
    more is beyond ASCII it is another script, and that is a question for statistics.
    """
    beyond = sum(map(data.count, range(128, 256))) if len(data) < 1000 else len(
        data.translate(None, bytes(range(128)))
    )  # fmt: skip
    if beyond > max(20, len(data) / 4):
        best = charset_normalizer.from_bytes(data[: 1 << 16]).best()
        if best is not None:
            return codecs.lookup(best.encoding).name
    return "cp1252" if _decodes(data, "cp1252", whole=True) else "latin-1"


def decoded(data: bytes, encoding: str) -> str:
    """The first bytes of a file as text, with marks for what is in another encoding."""
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    try:
        return decoder.decode(data)
    except UnicodeError as error:
        what = f"it is not in {encoding}"
        raise Refused(Bad(what=what, mend=ENCODING)) from error
