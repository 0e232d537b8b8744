"""The hand-made merchants of the demo month: one for every kind of trouble.

Companies, ids and sums are invented. ``day`` is the month's last day on the clock of Los Angeles;
the window is the ninety days that end with it. Expected readings are for 2021-05, assessed as of
31 May under that day's rules; they were worked out by hand, and the tests hold the code to them.

================ ======================================== ======================================
merchant_id      trouble                                  expected: rfq; campaign
================ ======================================== ======================================
007              an id like a number; moved up            48,600.00, 28/28: tier 2 (30 April:
                                                          tier 1); rank 1
NA               an id like a gap; GMV and usage exactly  25,000.00, 12/20: tier 1; rank 4,
                 at the limits of tier 1                  spend past the cap
null             an id like a gap; a cent short of tier 1 24,999.99, 20/20: tier 0; 640, half-
                                                          cent reward
9007199254740993 an id beyond a float; a cent short of    34,999.99, 20/20: tier 1; rank 5
                 tier 2
9007199254740992 the id its float would be; markup in the 35,000.00, 12/20: tier 1; tied at rank
                 name; GMV of tier 2 with the usage of    10
                 tier 1
000123           a formula for a name; exactly at tier 2  35,000.00, 20/20: tier 2; rank 3,
                                                          spend = the cap
2100000007       ready-to-ship track                      52,300.00, 20/20: tier 2, 0 points;
                                                          rank 2, capped
2100000008       a fake order would lift it to tier 1     20,000.00, 20/20: tier 0; −470, ranked
2100000009       an order from a quote that failed review 22,000.00, 20/20: tier 0; not enrolled
2100000010       an order on another buyer's quote        24,000.00, 20/20: tier 0; ads off
2100000011       paid in the window's first and last      25,000.00, 12/20: tier 1 (30 April:
                 second, and one second too early; moved  tier 2); rank 9
                 down
2100000012       paid on the window's first and last day  35,000.00, 20/20: tier 2 (30 April:
                 and the day before, dates only; moved up tier 0); rank 6
2100000013       most of its GMV rolls out on the third   36,000.00, 20/20: tier 2; then
                 day after; rank 7, spent nothing         6,000.00: tier 0
2100000014       rolled out already; moved down           4,000.00, 20/20: tier 0 (30 April:
                                                          tier 2); rank 12
2100000015       no quotes; sells, but not through RFQ    0.00, 0/20: tier 0; no counts
2100000016       quotes, but sells nothing                0.00, 20/20: tier 0; no April
2100000017       track unknown                            41,000.00, 20/20: tier 2, no points;
                                                          rank 8, no spend
2100000018       no entitlements granted                  40,000.00, 0/0: tier 0; daily counts
                                                          only: 34.4
2100000019       only purchased entitlements              40,000.00, 0/0: tier 0; tied at rank
                                                          10
2100000020       more used than granted: an error in the  30,000.00, 11/10: refused; no counts
                 data                                     of May
2100000021       one quote short of 60 %                  25,000.00, 11/20: tier 0; 9.4
2100000022       nothing but an id                        0.00, 0/0: tier 0; no counts
================ ======================================== ======================================
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple


class At(NamedTuple):
    """A moment: days after the month's last day and the time in Los Angeles; None is a date."""

    day: int
    time: str | None = "12:00:00"


@dataclass(frozen=True)
class Sale:
    """An order, and the quote that it names."""

    usd: str
    paid: At
    quote: Literal["good", "rejected", "other_buyer", "none"] = "good"
    genuine: bool = True


class Counts(NamedTuple):
    """Distinct people in the recommendation scene."""

    visitors: int
    inquiries: int
    tm_consults: int

    def plus(self, growth: "Counts") -> "Counts":
        """Return the counts after a growth."""
        return Counts(*(a + b for a, b in zip(self, growth, strict=True)))


@dataclass(frozen=True)
class Scene:
    """A merchant's months in the recommendation scene; ``daily`` counts are a day's."""

    before: Counts | None
    during: Counts | None
    spend_cny: str | None
    daily: bool = False


@dataclass(frozen=True)
class Persona:
    """One hand-made merchant. ``used`` quotes draw on the month's ``granted`` batches in turn."""

    merchant_id: str
    company_name: str | None
    track: str | None
    region: str | None
    industry: str | None
    sales: tuple[Sale, ...] = ()
    granted: tuple[tuple[str, int], ...] = (("base", 20),)
    used: int = 20
    used_before: int = 20
    scene: Scene | None = None
    enrolled: bool = True
    ads_on: bool = True


_BASE = Counts(30_000, 800, 2_500)


def _grew(
    visitors: int, inquiries: int, tm_consults: int, spend_cny: str | None, base: Counts = _BASE
) -> Scene:
    return Scene(base, base.plus(Counts(visitors, inquiries, tm_consults)), spend_cny)


PERSONAS: tuple[Persona, ...] = (
    Persona(
        "007",
        "宁波禾屿澈家居用品有限公司",
        "customization",
        "浙江大区",
        "家居园艺",
        (Sale("25500.00", At(-40)), Sale("23100.00", At(-12))),
        (("base", 20), ("service_score_bonus", 8)),
        used=28,
        scene=_grew(48_000, 310, 2_200, "3812.40"),
    ),
    Persona(
        "NA",
        "佛山市砚池岩板科技有限公司",
        "customization",
        "华南大区",
        "建材",
        (Sale("24999.90", At(-20)), Sale("0.10", At(-3))),
        used=12,
        scene=_grew(24_001, 700, 1_200, "5000.01"),
    ),
    Persona(
        "null",
        "深圳市量澄电子有限公司",
        "customization",
        "深圳大区",
        "消费电子",
        (Sale("24999.99", At(-31)),),
        scene=_grew(1_200, 20, 40, "4000.01"),
    ),
    Persona(
        "9007199254740993",
        "杭州云岚澈服饰有限公司",
        "customization",
        "浙江大区",
        "服装",
        (Sale("20000.00", At(-60)), Sale("14999.99", At(-8))),
        scene=_grew(22_000, 400, 1_700, "1402.35"),
    ),
    Persona(
        "9007199254740992",
        "<script>alert(1)</script>贸易有限公司",
        "customization",
        "闽汕大区",
        "鞋靴",
        (Sale("35000.00", At(-45)),),
        used=12,
        scene=_grew(15_000, 300, 1_600, "4400.00"),
    ),
    Persona(
        "000123",
        "=1+1进出口有限公司",
        "customization",
        "华东大区",
        "包装印刷",
        (Sale("34999.00", At(-50)), Sale("1.00", At(-1))),
        scene=_grew(26_000, 500, 1_800, "5000.00"),
    ),
    Persona(
        "2100000007",
        "义乌市青朔饰品有限公司",
        "rts",
        "浙江大区",
        "饰品",
        (Sale("30000.00", At(-70)), Sale("22300.00", At(-5))),
        scene=_grew(30_100, 540, 1_900, "12000.00"),
    ),
    Persona(
        "2100000008",
        "青岛海牧野户外用品有限公司",
        "customization",
        "北方大区",
        "运动户外",
        (Sale("20000.00", At(-33)), Sale("10000.00", At(-9), genuine=False)),
        scene=_grew(-1_200, -8, -30, "800.00"),
    ),
    Persona(
        "2100000009",
        "苏州璞禾纺织有限公司",
        "customization",
        "华东大区",
        "家纺",
        (Sale("22000.00", At(-26)), Sale("6000.00", At(-6), "rejected")),
        scene=_grew(30_000, 500, 1_500, "2600.00"),
        enrolled=False,
    ),
    Persona(
        "2100000010",
        "广州映澜箱包有限公司",
        "rts",
        "华南大区",
        "箱包",
        (Sale("24000.00", At(-28)), Sale("8000.00", At(-4), "other_buyer")),
        scene=_grew(28_000, 450, 1_400, "2300.00"),
        ads_on=False,
    ),
    Persona(
        "2100000011",
        "温州曜石阀门有限公司",
        "customization",
        "浙江大区",
        "五金",
        (
            Sale("50000.00", At(-90, "23:59:59")),
            Sale("12000.00", At(-89, "00:00:00")),
            Sale("13000.00", At(0, "23:59:59")),
        ),
        used=12,
        scene=_grew(18_000, 450, 1_350, "980.05"),
    ),
    Persona(
        "2100000012",
        "厦门屿白卫浴有限公司",
        "customization",
        "闽汕大区",
        "卫浴",
        (
            Sale("9999.00", At(-90, None)),
            Sale("15000.00", At(-89, None)),
            Sale("20000.00", At(0, None)),
        ),
        scene=_grew(20_000, 380, 1_660, "2077.77"),
    ),
    Persona(
        "2100000013",
        "东莞市拾光礼品有限公司",
        "customization",
        "华南大区",
        "礼品",
        (Sale("30000.00", At(-87)), Sale("6000.00", At(-10))),
        scene=_grew(27_000, 400, 1_300, "0.00"),
    ),
    Persona(
        "2100000014",
        "济南北辰砾机械有限公司",
        "rts",
        "北方大区",
        "机械",
        (Sale("36000.00", At(-100)), Sale("4000.00", At(-15))),
        scene=_grew(5_000, 100, 300, "4000.00"),
    ),
    Persona(
        "2100000015",
        "中山市霁川照明有限公司",
        "customization",
        "华南大区",
        "照明",
        (Sale("18000.00", At(-55), "none"), Sale("12000.00", At(-18), "none")),
        used=0,
        used_before=0,
    ),
    Persona(
        "2100000016",
        "绍兴陌上织造有限公司",
        "customization",
        "浙江大区",
        "面料",
        scene=Scene(None, Counts(900, 12, 40), "310.00"),
    ),
    Persona(
        "2100000017",
        "常州栖木玩具有限公司",
        None,
        "华东大区",
        "玩具",
        (Sale("41000.00", At(-36)),),
        scene=_grew(25_000, 420, 1_200, None),
    ),
    Persona(
        "2100000018",
        "泉州沐汐伞业有限公司",
        "rts",
        "闽汕大区",
        "伞具",
        (Sale("40000.00", At(-22)),),
        granted=(),
        used=0,
        used_before=0,
        scene=Scene(Counts(10, 1, 2), Counts(12, 1, 2), "20.00", daily=True),
    ),
    Persona(
        "2100000019",
        "合肥知微仪器有限公司",
        "customization",
        "华东大区",
        "仪器仪表",
        (Sale("40000.00", At(-24)),),
        granted=(("purchased", 30),),
        used=30,
        used_before=30,
        scene=_grew(20_000, 400, 1_200, "6100.00"),
    ),
    Persona(
        "2100000020",
        "石家庄临溪制药设备有限公司",
        "customization",
        "北方大区",
        "设备",
        (Sale("30000.00", At(-17)),),
        granted=(("base", 10),),
        used=11,
        used_before=10,
        scene=Scene(Counts(700, 9, 25), None, None),
    ),
    Persona(
        "2100000021",
        "嘉兴半夏箱体有限公司",
        "customization",
        "浙江大区",
        "箱包",
        (Sale("25000.00", At(-14)),),
        used=11,
        used_before=12,
        scene=_grew(-3, 1, 0, "96.50", Counts(640, 8, 21)),
    ),
    Persona(
        "2100000022", None, "rts", None, None, granted=(), used=0, used_before=0, enrolled=False
    ),
)
