"""Signs of neighbouring scripts that look like a Chinese character: kana, bopomofo, Korean letters, strokes, shapes."""

from __future__ import annotations

import re
from typing import Final

_TWINS: Final = dict(
    zip(
        "エニロトタチカハミオムヒメヨモセネイリルレウサシヌホハバパ"
        "ㄚㄈㄅㄎㄏㄒㄖㄇㄌㄗㄙㄝㄠㄡㄤㄦㄧㄨㄩㄔㄐㄉㄆㄕㄥㄑㄍㄣㄢ"
        "ㅁㅂㅅㅡㅣㄷㅜㅗㅌㅍㅈㅊ□○◯▢㇐㇑ーへヘりくつ〇",
        "工二口卜夕千力八三才厶匕乂彐毛七礻亻刂儿乚宀艹氵又木八八八"
        "丫匚勹丂厂丅日冂力卩厶也幺又尢儿一乂凵彳丩刀攵尸乚巜巜乚马"
        "口廿人一丨匚丅丄巨立大大口口口口一丨一入入刂巜丁零",
        strict=True,
    )
)
_TABLE: Final = str.maketrans(_TWINS)
_ANY: Final = re.compile("[" + "".join(_TWINS) + "]")
# A word in kana has several of them; a disguise is one, touching a Chinese character.
_LETTERS: Final = "\u3041-\u30fe\u3105-\u318f\uac00-\ud7a3"
_ALONE: Final = re.compile(
    f"(?<![{_LETTERS}])(?:(?<=[\u4e00-\u9fff])[{''.join(_TWINS)}]|[{''.join(_TWINS)}](?=[\u4e00-\u9fff]))(?![{_LETTERS}])"
)


def as_chinese(source: str) -> str | None:
    """The text, character for character, with such signs as what they look like; None if it has none."""
    if not _ANY.search(source):
        return None
    way = _ALONE.sub(lambda match: match[0].translate(_TABLE), source)
    return way if way != source else None
