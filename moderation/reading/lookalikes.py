"""Characters that are read as another: near-identical ones, and those that share all but their radical."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Final

from moderation.reading.components import families

_GROUPS: Final = """
针钉 拟似 姐姊 服报 鸡鸠 贼戝 头买
赌睹堵暏赭 博搏膊愽缚傅溥 球求俅毬救 扬场埸肠 丅下卞 注住主柱炷 冢家豖傢 采釆睬彩踩 盆盘 晶品吕 痳麻庥嘛 悔海诲晦梅
咯洛络烙骆路 困因囚固囡 咽烟姻胭 鸭鸦雅 片爿 瑶摇谣遥 卖买实 支攴枝技 惮弹殚禅 葯药约芍 電雷霄 菅管馆筦官 刀刁 俱具
徦假暇瑕叚 怔证征诬 刻孩该 彰章障樟嶂 友发犮 欵款歀 袋贷货贸 罔网冈 观现砚视 冼洗先 浅钱线践残溅 涮刷刚 箪单 转传砖
偏骗编遍 倡娼唱猖 滛淫婬 伎妓技 奴女 邑色 凊情清晴精睛 课裸棵稞 泡炮抱跑袍苞 搂楼缕 缓援暖 文交父 组姐阻妲 舂春卷
崔催摧 伐代 贤肾 愿源原 噐器哭 宦官宫 佶信倍 伽加咖 裙群郡 叩扣扪 椎推准稚 厉广厂 廉兼 织职识 沼招召 骋聘 埋理里
氷水永 浑车军 珊删 贴帖站 墨黑嘿 容客 坡破披 懈解 卦挂桂 飜翻 樯墙墻 疠病疡 摆罢 焦集 遊游 衍行 咸威 坊访防 阄闹
亊事 瀑暴 劫动 刹杀 挑跳 儍傻俊 副逼福 恼脑 残浅 极圾级 牧物勿 裱婊 棍混 疍蛋 衮滚 夗死 苟狗拘枸 贫贪 诸猪 澡操躁燥
玛妈码蚂 蓄畜 喳渣碴楂 贩败 粪类 皇王玉壬 电龟 知痴 暂智晢 伸神 轻经 硫流 岷氓虻 秘私和 老考孝 冶治 髙高 堡保褓
键健建 柙押抻 捯倒 闲闭 攵文 恃特持 珠殊 赱走 佟修 矩短 仌众 姿资咨 全金 液夜 窍窃 直真 荷何 沦伦 乿乱 汨阳 状壮
抄钞 脾牌 羸赢嬴 卦封 兮分 伱你称 忙忘 恣恐 刃忍 恰给 愤慎 悦脱 饥肌 吋时 坟纹 酉西 曲由 朿束 弔吊 昜易 侭尽 俯府
勾句 凶匈 区巨 哨稍 坩甘 塌蹋 宵肖霄 岗冈 帀币 幹干 庥休 弐式 弌一 弍二 弎三 彤形 忈仁 惡恶 戌成 扦千 抜拔 掳虏
搾榨 擒禽 收攻 斗半 旯九 昷温 曵曳 朩木 杦九 杬元 枊柳 柠拧 栓拴 桦华 椋凉 槍枪 歺歹 殁没 汖木 汚污 泺乐 浄净 淂得
渁深 湻淳 溚塔 潶黑 濏瑟 灬火 炗光 烎开 焒吕 犮发 狆中 狇木 狜古 玏力 珐法 琭录 甴由 疎疏 瘋疯 皃貌 皯干 盀巴 眀明
睭周 砳石 祌神 禆裨 秂人 稥香 穋穆 竒奇 笁竹 籸身 紅红 罓网 羙美 翏寥 耂老 聠并 肏操 胋占 臤贤 舩船 艽九 苆切 茇友
衐圆 袆伟 覀西 訁言 豋登 貝贝 趈占 跐此 軎车 迀干 邜卯 酠而 釔乙 銭钱 閄人 阦阳 隹佳 雲云 靑青 頁页 飠食 馬马 鬦斗
魚鱼 鳥鸟 鹵卤 麺面 黒黑 鼡鼠 齊齐 己已巳 末未 日曰 人入八 大太犬 天夭无 千干于 土士 王玉主 力刀刃 九丸 几凡 木术
市巾 田由甲申 午牛 今令 免兔 鸟乌 拔拨 折拆 戊戌戍戎 住往佳 待侍 贝见 且旦 幻幼 句旬 亨享 毫亳 侯候 历厉 卯卵 名各
圆园 壶壸 处外 夫失 孑孓子 季李 官宫 密蜜 崇祟 帅师 常尝 庄压 延廷 弋戈 弦炫 徽微薇 恩思 惯贯 戴载 抓瓜爪 抱拘 捐损
揣端 搏博膊缚 撤撒 敝蔽 料科 斤斥 既即 暑署 杏杳 枉柱 栗粟 析折 板扳 杨扬 柬东 查杳 梁粱 毋母 毒毐 水永 氏民 汆氽
汨汩 沐沭 治冶 泠冷 泄洩 浅线 淫滛婬 游遊 灸炙 爱受 猪豬 班斑 瓦瓩 甩用 畔胖 疫疾 盲肓 真直 眯咪 睹赌暏 砾烁 票栗飘
祛祙 秃秀 稍梢 窃切 竟竞 管菅 粉紛 籍藉 绌拙 续绩 网罔 耍要 耿取 肄肆 肋助 育盲 胄冑 脏赃 臼白 茶荼 荐存 药葯 莱菜
萎痿 蒸燕 蓝监 蔗庶 虎虏 虑虚 蛊盅 衣农 衷哀衰 裸棵稞 诈炸 诟垢 证怔 谒竭 贷货 贬眨 贩返 赎续 赚嫌 躁燥操噪澡
辨辩辫 迷谜 逐遂 郊效 酒洒 醮樵 钓钩 钱铁 阴明 陪倍赔 隐稳 雎睢 需霜 颖颍 风凤 驰弛 骗编 黄簧 黑墨 鼓豉 口囗 十忄
车東 卖买 军车 兵乓乒 杀刹 死歹 傻俊 逼福 屎尿 套奎 毛手 支攴 开幵 发友 身射 份分 代伐 刷涮 单革 信倍 心必
色邑 情惰 冰氷泳 麻痲 枪抢 弹惮 嫖瞟 娼猖 妓技 贱浅 婊裱 操糙 狗拘 滚衮 蛋疍 滥监 赔陪 庄桩 注住 投没 彩采 百白
盘盆 外处 围国 虎唬 奖浆 刮乱 中仲 码玛 微徵 加咖 卡咔 窝窩锅蜗祸娲 点奌店沾 盗盜恣 版贩坂扳 信佶 算箅篹 命佘
风凨凤 教敎 轮纶论沦 膏亮 保褓煲 健徤 减減诚 肥肌淝 丰豐豊 胸匈胷 植値 整憗 购沟钩构 仿汸 翠萃 表裱衰 香杳 销峭
驾架笃 罚罰 位泣 毕華 级圾极 答荅 案桉 查楂渣 重董 挂掛 靠㸆 质貭 介价 牛午 抢枪戗 演寅 唱倡猖 会侩 刷唰 投役 军浑
粉纷份 丝絲 赞瓒 直置 播潘翻 打汀 赏尝偿 约药 寂淑椒 寞漠 妇妺 学字 空穹 袜抹沫 制刹 服报 足疋 疗辽 桑嗓 拿合
浴俗裕 技歧 陪倍培 房庐 夜液 摄聂 针汁 孔吼 跟踉 踪棕综 定宁 复夏 银艮很 行衍 盾循 账帐胀 户尸 商啇 通桶 道導 竞竟
猜情 充允 值植 提堤 利刑 代玳 理里 拉垃泣 资咨姿 财材 收牧 益盆 本木夲 虚墟 拟似 矿旷扩 链连莲 股般 荐薦 幕墓暮慕
涨胀张 停亭 配酌 期欺棋 货贷 油柚 汇匯 息媳 催崔 爆瀑曝 讯汛 录绿 借惜措 路露 杂朵 碎醉 娘狼 养美 囊曩 饭饮 桶捅
包句 疯枫 骚搔 荡汤 院浣 妓吱 鸭鸦 炮泡 变奕 恶噁 嘴觜 抽油 弄卡 砍坎 捅桶 烟烔 鸦鴉 吗妈 啡排 冷泠 丁叮 摇遥 糖塘
素索 罂婴 粟栗 壳売 邮油 票漂 蘑磨 菇姑 眠民 魂傀 唑坐 伟玮 哥歌 步涉 猎借 土圡 模膜漠 炸咋 匕七 首酋 弩驽 箭剪
警儆 铐烤 电甩 锁琐 链莲 赌覩 场塲 押抻 注洼 赢贏 输偷愉 庄脏赃 盘槃 彩釆 票剽 牌啤 机叽饥 老考 狗枸 官倌棺 畜蓄
生牲 猪诸 脑垴 残线 智晢 障樟 逼幅福 傻儍 操噪 你您 妈犸 死屍 全佺 家傢 滚磙 蛋旦 王玊 八ハ 龟亀 儿几 女汝 票瓢
色铯 情请 淫霪 秽岁 裸稞 体休 约葯 援媛 交佼 包苞 小少 姐祖 上丄 门冂 楼偻 凤鳯 外歹 围苇 卖荬 身躬 肾贤 卵卯
代岱 办夲 证証 假遐 文纹 凭凴 刻克 章漳 公厶 私弘 印卬 发叐 票嘌 开井 税悦 微薇 信芯 加枷 群峮 扣抠 推雅 广庂 兼嫌
职炽 招昭 聘娉 结洁 工丁 无旡 抵低 贷袋 款窾 额颔 度渡 黑嘿 户沪 白皛 花化 呗坝 现规 养痒 洗铣 钱钳 跑袍 分纷 内肉
股服 稳隐 赚兼 赔培 高亯 益溢 币帀
"""

# A part of a part of a part is all that is left to see of a character.
_GENERATIONS: Final = 3


@cache
def alike(character: str) -> str:
    """What stands for all characters that look like this one."""
    return _named().get(character) or _kin(character)


@cache
def _named() -> dict[str, str]:
    """Groups that share a member are one; each is called as most of its members would be."""
    joined: dict[str, list[str]] = {}
    for group in _GROUPS.split():
        together = list(dict.fromkeys(each for member in group for each in joined.get(member, [member])))
        joined.update(dict.fromkeys(together, together))
    return {member: Counter(map(_kin, together)).most_common(1)[0][0] for member, together in joined.items()}


@cache
def _kin(character: str) -> str:
    """The part it shares with others, and that part with more: 谜 is 迷, and 迷 is 米."""
    seen: list[str] = []
    while character not in seen and len(seen) < _GENERATIONS:
        seen.append(character)
        character = families().get(character, character)
    return character
