"""One merchant's briefing, part by part: what the briefing notebook shows, cell by cell."""

from itertools import groupby
from typing import Any

from merchantkit.assessment import Case, records
from merchantkit.present import evidence
from merchantkit.present.figures import Chart
from merchantkit.present.html import Html, render, rules_section
from merchantkit.present.sections import express
from merchantkit.present.sections.campaign import CampaignSection
from merchantkit.present.sections.fees import FeesSection
from merchantkit.present.sections.fulfilment import FulfilmentSection
from merchantkit.present.sections.orders import OrdersSection
from merchantkit.present.sections.rfq import RfqSection
from merchantkit.present.sections.star import NAME as STAR
from merchantkit.present.sections.star import StarSection
from merchantkit.present.words import words
from merchantkit.programmes import NAMES, campaign, fulfilment, rfq


class BriefingPage:
    """A merchant's briefing in one language; it counts what it shows for the page's last line.

    >>> from merchantkit.assessment import open_case
    >>> page = BriefingPage(open_case("", "2100000011"), "en")
    >>> page.end()._repr_html_().startswith("<footer")
    True
    """

    def __init__(self, case: Case, lang: str) -> None:
        self.case = case
        self.words = words(lang)
        self.sections = 0
        self.charts = 0
        mine = {name: case.programme(name) for name in NAMES}
        month = mine[rfq.name]
        self._rfq = RfqSection(case, month, self.words) if month else None
        month = mine[campaign.name]
        self._campaign = CampaignSection(case, month, self.words) if month else None
        month = mine[STAR]
        self._star = StarSection(case, month, self.words) if month else None
        month = mine["fees"]
        self._fees = FeesSection(case, month, self.words) if month else None
        month = mine[fulfilment.name]
        self._fulfilment = FulfilmentSection(case, month, self.words) if month else None
        month = mine[express.NAME]
        self._express = express.ExpressSection(case, month, self.words) if month else None
        known = {name: month for name, month in mine.items() if month}
        self._orders = OrdersSection(case, known, self.words)

    def standing(self) -> Html:
        """Return the head: whose briefing, as of when, and where they stand in each programme."""
        cards = []
        sections = {
            rfq.name: self._rfq, campaign.name: self._campaign, STAR: self._star,
            "fees": self._fees, fulfilment.name: self._fulfilment,
            express.NAME: self._express,
        }  # fmt: skip
        for name, section in sections.items():
            title = self.words.pick(self.case.rules.files[name].title)
            big, small = section.headline() if section else (evidence.NONE, self._absent(name))
            cards.append({"title": title, "big": big, "small": small})
        return self._section(
            "standing",
            merchant=self.case.merchant,
            month=self.case.assessment.month.first,
            day=self.case.day,
            rules_day=self.case.rules.day,
            overlays=self.case.rules.overlays,
            restated=self._restated(),
            cards=cards,
        )

    def rfq(self) -> Html:
        """Return the RFQ section, or one line that says why there is none."""
        return self._count(self._rfq.html()) if self._rfq else self._nothing(rfq.name)

    def rfq_rolling(self) -> Chart | None:
        """Return the chart of the 90 days with both thresholds."""
        return self._chart(self._rfq.rolling_chart() if self._rfq else None)

    def rfq_rolled(self) -> Html | None:
        """Return the orders that entered and left the 90 days."""
        part = self._rfq.rolled() if self._rfq else None
        return self._count(part) if part else None

    def rfq_quota(self) -> Chart | None:
        """Return the chart of the month's free quotes."""
        return self._chart(self._rfq.quota_chart() if self._rfq else None)

    def campaign(self) -> Html:
        """Return the campaign section, or one line that says why there is none."""
        return (
            self._count(self._campaign.html()) if self._campaign else self._nothing(campaign.name)
        )

    def campaign_parts(self) -> Chart | None:
        """Return the chart of the score by part."""
        return self._chart(self._campaign.parts_chart() if self._campaign else None)

    def star(self) -> Html:
        """Return the star rating's section, or one line that says why there is none."""
        return self._count(self._star.html()) if self._star else self._nothing(STAR)

    def star_trend(self) -> Chart | None:
        """Return the chart of the average response time by day."""
        return self._chart(self._star.trend_chart() if self._star else None)

    def fees(self) -> Html:
        """Return the fees section, or one line that says why there is none."""
        return self._count(self._fees.html()) if self._fees else self._nothing("fees")

    def orders(self) -> Html | None:
        """Return the month's orders, each through every programme that knows orders."""
        part = self._orders.html()
        return self._count(part) if part else None

    def fulfilment(self) -> Html:
        """Return how orders were shipped, or one line that says why there is nothing to tell."""
        section = self._fulfilment
        return self._count(section.html()) if section else self._nothing(fulfilment.name)

    def express(self) -> Html:
        """Return the express promotion's section, or one line that says why there is none."""
        return self._count(self._express.html()) if self._express else self._nothing(express.NAME)

    def rules(self) -> Html:
        """Return every rule of the programmes that concern the merchant, each with its source."""
        programmes = [
            self.case.rules.programme(name) for name in NAMES if self.case.programme(name)
        ]
        return self._count(rules_section(programmes, self.words))

    def end(self) -> Html:
        """Return the page's last line, which says how much the page should hold."""
        return render("end", self.words, sections=self.sections, charts=self.charts)

    def _section(self, template: str, **context: Any) -> Html:
        return self._count(render(template, self.words, **context))

    def _count(self, part: Html) -> Html:
        self.sections += 1
        return part

    def _chart(self, figure: Chart | None) -> Chart | None:
        self.charts += figure is not None
        return figure

    def _nothing(self, name: str) -> Html:
        title = self.words.pick(self.case.rules.files[name].title)
        return self._section("nothing", name=name, title=title, why=self._absent(name))

    def _absent(self, name: str) -> str:
        if name in self.case.assessment.programmes:
            if name == express.NAME and self.case.merchant.get("main_account_id"):
                return self.words.t("express.sub_account")
            return self.words.t("absent.no_facts")
        return self.words.t("absent.not_in_force", day=self.words.day(self.case.rules.day))

    def _restated(self) -> list[dict[str, Any]]:
        """Return each restatement of what the merchant had in hand: its number and changes."""
        rows = [] if self.case.restatement is None else records(self.case.restatement)
        made = [(number, list(its)) for number, its in groupby(rows, lambda row: row["number"])]
        # A merchant that only came with a restatement had no briefing before.
        return [
            {"number": number, "changes": changes}
            for number, changes in made
            if all(change["programme"] for change in changes)
        ]
