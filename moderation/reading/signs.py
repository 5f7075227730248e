"""Signs of all scripts that are read as a Latin letter or a digit by their shape; some may be read as several."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import islice, product
from typing import Final

# A letter or digit, then what looks like it; a sign in several rows may be any of them, the earlier row first.
_ROWS: Final = """
a аӑӓɑɒɐαάἀᾱΑАᎪꓮᗅᗩᐱᐃ∀ДдΔ∆Λλʌлѧ@ªÅₐᵃคลⲁ𐌀₳∂Әә∧
b вВьЬъЪвƅƄɓʙβΒВᏴᏏꓐᗷᑲᖯᛒ฿₿ßбБѢѣⲃ𐌁ნხზҍЪыЫ♭
c сСϲϹҁҫҪᏟꓚᑕᑢⅽɕʗ¢₵©€ↄↃⲥ𐐕𐐽⊂ငсЄє₡ϾͼͻⲤ<({[匚ㄈ⊏
d ԁԀժᎠꓓᗞᗪᑯᑐđĐɖɗ∂δ₫ðÐⅾԃդдД⊃▷ᴅ
e еЕєЄҽҿεέΕЕᎬꓰᕮᗴ€ℯ∈∃ЭэзЗɛɜɘəǝѐёЁ£℮ΣΞξⲉ𐌄ⴹǝ⋿ɇәΘѳӬ∑ҾӘ彐巳ヨモ
f ғҒƒբϝꓝᖴℱʃʄӻӺſ∫𐌅£₣ʄϜ
g ɡɢɠԍԌզցᏀꓖᏳᘜ₲бґģգ
h һҺнНԋհիћЋђЂҥңҢӈӉΗηНᎻꓧᕼħĦɦɧⲏ𐌇Ꮒห♓㐃卄廾
i іІїЇιίΙɩɨɪᎥӀⅰꓲןוіا١ı¡!|¦ⲓ𐌉ᛁ∣ﺍ丨エ工Ꮖ1
j јЈʝյᎫꓙᒍյϳʆلנⅉ
k кКқҚҝҟҡӄκΚКᏦꓗĸʞ₭ⲕᛕԞϏқ
l ӀӏιⅼꓡᏞᒪᒷɭɫɬłŁ£ℓוןا١|¦!1ւլԼ∟ʟĺľレㄥㄴ乚し⎩
m мМмΜМᎷꓟᗰᙏɱʍɯⲙ𐌌ᛖᛗ♏爪巾ო₥µтՊ㎡
n пПпнНиИйЙηήΠπΝռղոդꓠᑎɲɳηŋл₦∩ᴎℕⲛחתทกהӥ冂ภИηлЛпПრრɴ
o оОоӧοόΟσОӨөօՕ०০੦૦୦௦౦೦൦ഠ๐໐၀ဝ០ዐסםᎤᎾꓳⴰⵔഠ◯○●◎☉⊙⊕〇ʘɵøØºо°ФфθΘΦφωΩ٥ه口ㄖロ□▢☺☻◉ჿⲟ𐌏ᐤ〄¤ѻѲѳʊ♁⚪⚫߀ð
p рРþҏρΡРᏢꓑᑭрᑶ₽₱ⲣ𐌐ƿקթքկпПր户尸ㄗ卩
q ԛԚգզՓᑫɋʠҩφϙԶ
r яЯгГгґɾɹʀɼɽᎡᏒꓣᖇ®ԻᴙᴦΓⲅᚱ₹尺ʁѓ
s ѕЅՏᏚᎦꓢᔕʂʃ§$₴ƨςรຣՏ∫ꜱ丂ടຮട5ᏕϩϨ
t тТτΤТᎢꓔ†‡✝✞₮₸ţեէτդ┼十丅㐄乇+ⲧ𐌕ᛏʇナチ七ㄒテŧŦ⊤⟙7ϮѢͳ
u цЦиИυύμµՍսմնպկᑌᏌꓴʋʉʊцบนט∪⊔ยùപ凵ㄩ∐Աᴜ
v ѵѴνΝᏙꓦᐯᐺ√∨ⅴטʌҮүѷ٧ⲫṽ▽∇ʋ
w ѡѠшШщЩԝԜωώψΨʍɯᎳᏔꓪᗯᙡ₩шฬพשա山ѾѿաⱲⲱᴡฟຟ
x хХхχΧҳҲӽӾжЖ᙭ꓫ×✕✖✗✘╳᙮⨯☓✗ⵝ乂メⲭⅹאჯ
y уУуўүҮұҰчЧγύΥΥγУᎩᎽꓬʏʎ¥ɣɤჸƴצץψУ丫ㄚ⅄ⲩỿყў
z ᏃꓜᘔʐʑƶƷʒζΖ乙ⲌⱬʐẓзЗ2
0 оОοΟО०০੦૦୦௦౦೦൦๐໐၀០٠۰߀Ø○◯〇●⊙θΘ□口
1 ӏӀιⅠ١۱|丨
2 ƧƨշշᒿჷϨ乙२২
3 зЗзҙҘӡƷʒȝɜɛэЭЗ३੩ვყⳌヨ∋彐
4 чЧЧҶҷӋᏎ४Կվ
5 ƽƼ
6 бБঌᏮϭ९
7 ᒣ٧㇇┐
8 ȣȢ৪੪ও∞ზ
9 ৭գԳ੧୨९و
"""
# Marks that are nothing but marks in nearly all texts: only beside a letter or a number they may be one.
_PLAIN_MARKS: Final = frozenset("@$€£¥(<{[×!|+©®¢§°¤•")
# Of a text, and of all its variants together the characters.
_VARIANTS_MAX: Final = 160
_CHARACTERS_MAX: Final = 30_000
_BLANKS: Final = r"\s{0,3}"
_LETTERS: Final = r"[0-9A-Za-z\u00c0-\u058f]"


@cache
def readings() -> dict[str, str]:
    """Of each sign: what it may be read as, the likeliest first. Chinese characters are none of them."""
    found: dict[str, dict[str, None]] = {}
    for row in _ROWS.split("\n"):
        if row:
            letter, signs = row.split(" ", 1)
            for sign in signs:
                if not (sign.isascii() and sign.isalnum()) and not "\u3040" <= sign <= "\u9fff":
                    found.setdefault(sign, {})[letter] = None
    return {sign: "".join(letters) for sign, letters in found.items()}


def has_signs(source: str) -> bool:
    return _sign().search(source) is not None


@cache
def _sign() -> re.Pattern[str]:
    marks = "".join(map(re.escape, sorted(_PLAIN_MARKS & set(readings()))))
    others = "".join(map(re.escape, sorted(set(readings()) - _PLAIN_MARKS)))
    return re.compile(
        f"[{others}]|(?<={_LETTERS})[{marks}]|[{marks}](?={_BLANKS}{_LETTERS})|[@$€£¥](?=[\u4e00-\u9fff])"
    )


def read_by_shape(source: str) -> list[str]:
    """The text with its signs as letters, character for character, in all ways up to a bound; none without signs."""
    signs = list(dict.fromkeys(_sign().findall(source)))
    ways = [readings()[sign] + (sign if sign in _PLAIN_MARKS else "") for sign in signs]
    if not signs:
        return []
    said = islice(product(*ways), min(_VARIANTS_MAX, 1 + _CHARACTERS_MAX // len(source)))
    return [source.translate(str.maketrans("".join(signs), "".join(way))) for way in said]


def in_its_own_script(source: str, start: int, end: int) -> bool:
    """Whether `start..end` is a word of another script, in a text that has more of it, and no disguise."""
    scripts = {_script(each) for each in source[start:end] if each.isalpha()}
    if len(scripts) != 1 or "LATIN" in scripts or "CJK" in scripts:
        return False
    script = scripts.pop()
    return any(each.isalpha() and _script(each) == script for each in source[:start] + source[end:])


def _script(letter: str) -> str:
    return unicodedata.name(letter, "?").split(" ", 1)[0]
