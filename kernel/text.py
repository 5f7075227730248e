"""What text is allowed to be: Unicode NFC, without control characters or bidi overrides (contract §2)."""

from __future__ import annotations

import re
import unicodedata

NETIZEN_BODY_MAX = 2_000
STAFF_BODY_MAX = 10_000

# C0 and C1 controls except tab and newline; bidi embeddings, overrides and isolates; the byte order mark.
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_NEWLINES = re.compile("\r\n?|\u2028|\u2029")
# What a reader would see as nothing, so that a body of these alone counts as blank.
_INVISIBLE = re.compile(
    "[\\s\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200d\u2060-\u2064\u2800\u3164\ufe00-\ufe0f\uffa0]"
)


def clean_text(raw: str) -> str:
    """The text as it is stored: NFC, one kind of newline, forbidden characters and outer blanks removed.

    Lone surrogates cannot be stored or sent as UTF-8 and become U+FFFD.
    """
    text = raw.encode("utf-8", "surrogatepass").decode("utf-8", "replace") if not raw.isascii() else raw
    text = _NEWLINES.sub("\n", text)
    return unicodedata.normalize("NFC", _FORBIDDEN.sub("", text)).strip()


def is_blank(text: str) -> bool:
    """Whether nothing of the text could be seen."""
    return not _INVISIBLE.sub("", text)
