"""Characters that are read as another: near-identical ones, and those that share all but their radical."""

from __future__ import annotations

from functools import cache
from typing import Final

from moderation.reading.components import families

# Each group is taken for its first.
_GROUPS: Final = """
己已巳 末未 日曰 人入八 大太犬 天夭无 千干于 土士 王玉主 力刀刃 九丸 几凡 木术 市巾 田由甲申 午牛 今令 免兔 鸟乌
拔拨 折拆 戊戌戍戎 住往佳 待侍 贝见 且旦 幻幼 句旬 亨享 毫亳 侯候 历厉 卯卵 名各 圆园 壶壸 处外 夫失 孑孓子 季李
官宫 宦 密蜜 崇祟 帅师 常尝 庄压 延廷 弋戈 弦炫 徽微薇 恩思 惯贯 戴载 抓瓜爪 抱拘 捐损 揣端 搏博膊缚 撤撒 敝蔽 料科
斤斥 既即 暑署 杏杳 枉柱 栗粟 析折 板扳 杨扬 柬东 查杳 梁粱 毋母 毒毐 水氷永 氏民 汆氽 汨汩 沐沭 治冶 泠冷 泄洩
浅线 淫滛婬 游遊 灸炙 爱受 猪豬 班斑 瓦瓩 甩用 畔胖 疫疾 盲肓 真直 眯咪 睹赌暏 砾烁 票栗飘 祛祙 秃秀 稍梢 窃切 竟竞
管菅 粉紛 籍藉 绌拙 续绩 网罔 羸赢嬴 耍要 耿取 肄肆 肋助 育盲 胄冑 脏赃 臼白 茶荼 荐存 药葯 莱菜 萎痿 蒸燕 蓝监
蔗庶 虎虏 虑虚 蛊盅 衣农 衷哀衰 裸棵稞 诈炸 诟垢 证怔 谒竭 贷货 贬眨 贩返 赎续 赚嫌 躁燥操噪澡 辨辩辫 迷谜 逐遂
郊效 酒洒 醮樵 钓钩 钱铁 阴明 陪倍赔 隐稳 雎睢 需霜 颖颍 风凤 驰弛 骗编 黄簧 黑墨 鼓豉 口囗 十忄 车東 卖买
军车 兵乓乒 杀刹 死歹 傻俊 逼福 屎尿 套奎 毛手 支攴 开幵 发友 身射 份分 代伐 孕乃 刷涮 单革 信倍 心必 色邑 情惰
冰泳 麻痲 枪抢 弹惮 嫖瞟 娼猖 妓技 贱浅 婊裱 操糙 狗拘 滚衮 蛋疍 滥监 赔陪 庄桩 注住 投没 彩采 百白 盘盆 外处 围国
虎唬 奖浆 刮乱 中仲 码玛 号号 微徵 加咖 卡咔
"""


@cache
def alike(character: str) -> str:
    """What stands for all characters that look like this one."""
    return _named().get(character) or _kin(character)


@cache
def _named() -> dict[str, str]:
    found: dict[str, str] = {}
    for group in _GROUPS.split():
        for member in group:
            found.setdefault(member, found.get(group[0]) or _kin(group[0]))
    return found


def _kin(character: str) -> str:
    """The main part it shares with others, unless others share it."""
    return character if character in _shared() else families().get(character, character)


@cache
def _shared() -> frozenset[str]:
    return frozenset(families().values())
