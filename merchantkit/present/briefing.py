"""One merchant's briefing, part by part: what the briefing notebook shows, cell by cell."""

from itertools import groupby
from typing import Any

from merchantkit.assessment import Case, records
from merchantkit.present import evidence
from merchantkit.present.figures import Chart
from merchantkit.present.html import Html, render, rules_section
from merchantkit.present.sections import section
from merchantkit.present.sections.calendar import CalendarSection
from merchantkit.present.sections.orders import OrdersSection
from merchantkit.present.words import words
from merchantkit.programmes import NAMES


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
        # All of them: a page that is rehearsed imports what any other may need.
        self._kinds = {name: section(name) for name in NAMES}
        # In the programmes' order, those that concern the merchant.
        months = {name: month for name in NAMES if (month := case.programme(name))}
        self._sections = {
            name: self._kinds[name](case, month, self.words) for name, month in months.items()
        }
        self._orders = OrdersSection(case, months, self.words)
        self._calendar = CalendarSection(case, months, self.words)

    def standing(self) -> Html:
        """Return the head: whose briefing, as of when, and where they stand in each programme."""
        return self._section(
            "standing",
            merchant=self.case.merchant,
            month=self.case.assessment.month.first,
            day=self.case.day,
            rules_day=self.case.rules.day,
            overlays=self.case.rules.overlays,
            restated=self._restated(),
            cards=[self._card(name) for name in NAMES],
            further=[*(["orders"] if self._orders.said else []), "calendar", "rules"],
        )

    # --- a programme's parts by name, and the names that cells have for them ---------------------

    def section(self, name: str) -> Html:
        """Return a programme's section, or one line that says why there is none."""
        mine = self._sections.get(name)
        return self._count(mine.html()) if mine else self._nothing(name)

    def part(self, name: str, part: str) -> Html | None:
        """Return a further part of a programme's section, where there is something to show."""
        shown: Html | None = self._made(name, part)
        return self._count(shown) if shown else None

    def chart(self, name: str, chart: str) -> Chart | None:
        """Return a chart of a programme's section, where there is something to show."""
        figure: Chart | None = self._made(name, chart)
        self.charts += figure is not None
        return figure

    def rfq(self) -> Html:
        """Return the RFQ section, or one line that says why there is none."""
        return self.section("rfq")

    def rfq_rolling(self) -> Chart | None:
        """Return the chart of the 90 days with both thresholds."""
        return self.chart("rfq", "rolling_chart")

    def rfq_rolled(self) -> Html | None:
        """Return the orders that entered and left the 90 days."""
        return self.part("rfq", "rolled")

    def rfq_quota(self) -> Chart | None:
        """Return the chart of the month's free quotes."""
        return self.chart("rfq", "quota_chart")

    def campaign(self) -> Html:
        """Return the campaign section, or one line that says why there is none."""
        return self.section("campaign")

    def campaign_parts(self) -> Chart | None:
        """Return the chart of the score by part."""
        return self.chart("campaign", "parts_chart")

    def star(self) -> Html:
        """Return the star rating's section, or one line that says why there is none."""
        return self.section("star")

    def star_trend(self) -> Chart | None:
        """Return the chart of the average response time by day."""
        return self.chart("star", "trend_chart")

    def fees(self) -> Html:
        """Return the fees section, or one line that says why there is none."""
        return self.section("fees")

    def fulfilment(self) -> Html:
        """Return how orders were shipped, or one line that says why there is nothing to tell."""
        return self.section("fulfilment")

    def express(self) -> Html:
        """Return the express promotion's section, or one line that says why there is none."""
        return self.section("express")

    def quick_custom(self) -> Html:
        """Return which products are eligible for RTS小单快定, or one line that says why none."""
        return self.section("quick_custom")

    def quick_custom_quotes(self) -> Html | None:
        """Return one customization model's quotes by pieces."""
        return self.part("quick_custom", "quoted")

    def quick_custom_ladder(self) -> Chart | None:
        """Return the chart of that model's unit price and lead time."""
        return self.chart("quick_custom", "ladder_chart")

    def showroom(self) -> Html:
        """Return the 3D showroom's section, or one line that says why there is none."""
        return self.section("showroom")

    def showroom_weeks(self) -> Chart | None:
        """Return the chart of the shop's weeks around the showroom's live day."""
        return self.chart("showroom", "weeks_chart")

    def assignment(self) -> Html:
        """Return what substitutes do for order assignment, or one line why there is nothing."""
        return self.section("assignment")

    def assignment_loads(self) -> Chart | None:
        """Return the chart of each order-taker's orders, without and with substitutes."""
        return self.chart("assignment", "loads_chart")

    def tariff(self) -> Html:
        """Return the duty on what was exported, or one line that says why there is none."""
        return self.section("tariff")

    def chargeback(self) -> Html:
        """Return the chargeback protection's section, or one line that says why there is none."""
        return self.section("chargeback")

    # --- of all programmes ----------------------------------------------------------------------

    def orders(self) -> Html | None:
        """Return the month's orders, each through every programme that knows orders."""
        part = self._orders.html()
        return self._count(part) if part else None

    def calendar(self) -> Html:
        """Return every deadline and event that concerns the merchant, with the days left."""
        return self._count(self._calendar.html())

    def rules(self) -> Html:
        """Return every rule of the programmes that concern the merchant, each with its source."""
        programmes = [self.case.rules.programme(name) for name in self._sections]
        return self._count(rules_section(programmes, self.words))

    def end(self) -> Html:
        """Return the page's last line, which says how much the page should hold."""
        return render("end", self.words, sections=self.sections, charts=self.charts)

    def _section(self, template: str, **context: Any) -> Html:
        return self._count(render(template, self.words, **context))

    def _count(self, part: Html) -> Html:
        self.sections += 1
        return part

    def _made(self, name: str, part: str) -> Any:
        mine = self._sections.get(name)
        return getattr(mine, part)() if mine else None

    def _card(self, name: str) -> dict[str, str]:
        mine = self._sections.get(name)
        big, small = mine.headline() if mine else (evidence.NONE, self._absent(name))
        return {"name": name, "title": self._title(name), "big": big, "small": small}

    def _nothing(self, name: str) -> Html:
        return self._section("nothing", name=name, title=self._title(name), why=self._absent(name))

    def _title(self, name: str) -> str:
        return self.words.pick(self.case.rules.files[name].title)

    def _absent(self, name: str) -> str:
        if name not in self.case.assessment.programmes:
            return self.words.t("absent.not_in_force", day=self.words.day(self.case.rules.day))
        own = getattr(self._kinds[name], "absent", None)
        said: str | None = own(self.case, self.words) if own else None
        return said or self.words.t("absent.no_facts")

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
