"""Charts of a briefing: small plotly figures whose words come from the catalogue."""

import datetime as dt
import html
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd
from markupsafe import Markup

from merchantkit.foresight.rolloff import Rolling
from merchantkit.money import to_cents
from merchantkit.present.words import Words

if TYPE_CHECKING:
    import plotly.graph_objects as go

BLUE, ORANGE, GREY, GREEN, RED = "#1f5fa8", "#e8730c", "#8a94a3", "#2c8a4b", "#c0392b"
# Plotly's template "none", written out: its default one is 6 kB.
_NO_TEMPLATE = {"data": {"scatter": [{"type": "scatter"}]}}
FONT = "'Noto Sans CJK SC','Noto Sans SC','PingFang SC','Microsoft YaHei',system-ui,sans-serif"


@dataclass(frozen=True, repr=False)
class Chart:
    """A figure as data: whoever shows the page draws it.

    Plotly's own figure checks every value of every chart, for a page's worth of time each. A test
    has it check a chart of each kind instead; ``figure()`` is for who wants to go on with one.

    Attributes:
        data: The traces.
        layout: The layout.
    """

    data: list[dict[str, Any]]
    layout: dict[str, Any]

    def figure(self) -> "go.Figure":
        """Return it as a plotly figure, which can be changed and saved."""
        import plotly.graph_objects as go  # half a second that no briefing needs

        return go.Figure(data=self.data, layout=self.layout)

    def __repr__(self) -> str:
        return "<merchantkit chart>"

    def _repr_mimebundle_(self, *_: Any, **__: Any) -> dict[str, Any]:
        # In the order in which plotly writes a figure, so that either may have made a page.
        traces = [
            _in_order({key: trace[key] for key in trace if key != "type"}) | {"type": trace["type"]}
            for trace in self.data
        ]
        figure = {"data": traces, "layout": _in_order(self.layout)}
        return {"application/vnd.plotly.v1+json": figure}


def _in_order(part: Any) -> Any:
    if isinstance(part, list) and part and isinstance(part[0], dict):
        return [_in_order(each) for each in part]
    if not isinstance(part, dict):
        return part
    return {key: _in_order(part[key]) for key in sorted(part)}


def figure(traces: list[dict[str, Any]], height: int, **layout: Any) -> Chart:
    """Return a figure in the house style, without plotly's 6 kB default template."""
    axis = {"gridcolor": "#e6e9ee", "zeroline": False, "automargin": True, "fixedrange": True}
    base = {
        "template": _NO_TEMPLATE,
        "height": height,
        "margin": {"l": 8, "r": 16, "t": 36, "b": 8},
        "font": {"family": FONT, "size": 13, "color": "#263140"},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "legend": {"orientation": "h", "y": -0.18, "x": 0, "traceorder": "normal"},
        "hovermode": "x unified",
    }
    layout["xaxis"] = {**axis, **layout.get("xaxis", {})}
    layout["yaxis"] = {**axis, **layout.get("yaxis", {})}
    return Chart(data=[_inert(trace) for trace in traces], layout=_inert({**base, **layout}))


# What plotly reads as markup of its own, links and all: whoever gives the text, it is only text,
# but for what this kit itself composes and marks as markup (markupsafe's).
_LABELS = ("name", "text", "x", "y", "ticktext")


def _inert(part: dict[str, Any]) -> dict[str, Any]:
    """Return a part of a figure whose labels are shown as they are written."""
    return {key: _as_written(key, each) for key, each in part.items()}


def _as_written(key: str, each: Any) -> Any:
    if isinstance(each, dict):
        return _inert(each)
    if isinstance(each, list):
        return [_as_written(key, one) for one in each]
    if isinstance(each, Markup):
        return str(each)
    return html.escape(each, quote=False) if isinstance(each, str) and key in _LABELS else each


def right_axis() -> dict[str, Any]:
    """Return a second axis of whole numbers at the right, with round ticks of its own."""
    return {
        "overlaying": "y", "side": "right", "rangemode": "tozero", "tickformat": ",d",
        "tickmode": "auto", "nticks": 6, "showgrid": False, "automargin": True,
        "fixedrange": True, "zeroline": False,
    }  # fmt: skip


def rolling_gmv(
    gmv: pd.DataFrame, day: pd.Timestamp, limits: dict[int, Decimal], words: Words
) -> Chart:
    """Return the GMV window day by day, what becomes of it without sales, and both thresholds.

    Args:
        gmv: ``day`` and ``gmv_90d_usd``, as ``rolloff.gmv_by_day`` gives them.
        day: The day of the assessment: solid up to it, dotted after.
        limits: Each tier's threshold in USD.
        words: The language.
    """
    first, sums = gmv["day"].iloc[0].date(), to_cents(gmv["gmv_90d_usd"]).tolist()
    return rolling(Rolling(first, sums, gmv.attrs["window_days"]), day.date(), limits, words)


def rolling(gmv: Rolling, day: dt.date, limits: dict[int, Decimal], words: Words) -> Chart:
    """Return the chart of ``rolling_gmv`` for sums that are not in a frame."""
    days = [(gmv.first + dt.timedelta(days=n)).isoformat() for n in range(len(gmv.cents))]
    sums = [cents / 100 for cents in gmv.cents]
    at = (day - gmv.first).days
    so_far = words.t("chart.gmv.so_far", window=gmv.window_days)
    traces = [
        _line(days[: at + 1], sums[: at + 1], so_far, "solid"),
        _line(days[at:], sums[at:], words.t("chart.gmv.without_sales"), "dot"),
    ]
    for tier, limit in limits.items():
        named = words.t(f"rfq.tier.{tier}")
        name = words.t("chart.gmv.tier", tier=named, limit=words.money(limit, "USD"))
        colour = ORANGE if tier == 1 else GREEN
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "x": [days[0], days[-1]],
                "y": [float(limit)] * 2,
                "name": name,
                "line": {"color": colour, "width": 1.5, "dash": "dash"},
                "hoverinfo": "skip",
            }
        )
    title = words.t("chart.gmv.title", window=gmv.window_days)
    return figure(
        traces,
        330,
        title={"text": title, "x": 0, "font": {"size": 15}},
        xaxis={"tickformat": "%m-%d", "hoverformat": "%Y-%m-%d"},
        yaxis={"tickformat": ",.0f", "rangemode": "tozero"},
    )


def _line(days: list[str], sums: list[float], name: str, dash: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "line": {"color": BLUE, "width": 2.5, "dash": dash, "shape": "hv"},
        "x": days,
        "y": sums,
        "name": name,
        "hovertemplate": "USD %{y:,.2f}",
    }


def quota(granted: int, used: int, needed: dict[int, int], words: Words) -> Chart:
    """Return the month's free quotes: used, left, and what each tier needs."""
    bars = [
        ("chart.quota.used", used, BLUE),
        ("chart.quota.left", granted - used, "#d6dde6"),
    ]
    traces: list[dict[str, Any]] = [
        {
            "type": "bar", "orientation": "h", "x": [amount], "y": [""], "name": words.t(key),
            "marker": {"color": colour}, "text": [words.number(amount)] if amount else [""],
            "textposition": "inside", "insidetextanchor": "middle", "width": 0.5,
            "hovertemplate": "%{x}",
        }
        for key, amount, colour in bars
    ]  # fmt: skip
    for tier, amount in needed.items():
        named = words.t(f"rfq.tier.{tier}")
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "x": [amount] * 2,
                "y": [-0.45, 0.45],
                "xaxis": "x",
                "yaxis": "y2",
                "hoverinfo": "skip",
                "name": words.t("chart.quota.tier", tier=named, amount=words.number(amount)),
                "line": {"color": ORANGE if tier == 1 else GREEN, "width": 2, "dash": "dash"},
            }
        )
    return figure(
        traces,
        190,
        barmode="stack",
        title={"text": words.t("chart.quota.title"), "x": 0, "font": {"size": 15}},
        legend={"orientation": "h", "y": -0.45, "x": 0, "traceorder": "normal"},
        xaxis={"range": [0, max(granted, 1) * 1.02], "tickformat": ",d"},
        yaxis={"visible": False},
        yaxis2={"overlaying": "y", "range": [-0.5, 0.5], "visible": False, "fixedrange": True},
        hovermode="closest",
    )


def score_parts(parts: dict[str, Decimal], total: Decimal, words: Words) -> Chart:
    """Return the campaign score as the sum of its parts."""
    names = [words.t(f"campaign.part.{part}") for part in parts]
    values = [*parts.values(), total]
    trace = {
        "type": "waterfall",
        "x": [*names, words.t("campaign.part.total")],
        "y": [*(float(value) for value in parts.values()), 0],
        "measure": [*("relative" for _ in parts), "total"],
        "text": [words.signed(value) for value in values],
        "textposition": "outside",
        "cliponaxis": False,
        "increasing": {"marker": {"color": GREEN}},
        "decreasing": {"marker": {"color": RED}},
        "totals": {"marker": {"color": BLUE}},
        "connector": {"line": {"color": GREY, "width": 1}},
        "hoverinfo": "skip",
    }
    return figure(
        [trace],
        300,
        title={"text": words.t("chart.score.title"), "x": 0, "font": {"size": 15}},
        showlegend=False,
        yaxis={"tickformat": ",.0f"},
    )


def stacked_counts(counts: pd.DataFrame, series: dict[Any, tuple[str, str]], title: str) -> Chart:
    """Return horizontal bars, one per row of ``counts``, stacked by column.

    Args:
        counts: Whole numbers; the index is what each bar is called.
        series: For each column its name in the legend and its colour.
        title: The chart's title.
    """
    traces = [
        {
            "type": "bar", "orientation": "h", "name": name, "marker": {"color": colour},
            "y": list(counts.index), "x": [int(count) for count in counts[column]],
            "text": [str(count) if count else "" for count in counts[column]],
            "textposition": "inside", "insidetextanchor": "middle", "hovertemplate": "%{x}",
        }
        for column, (name, colour) in series.items()
    ]  # fmt: skip
    return figure(
        traces,
        120 + 48 * len(counts),
        barmode="stack",
        title={"text": title, "x": 0, "font": {"size": 15}},
        xaxis={"tickformat": ",d"},
        hovermode="closest",
    )


def ladder(
    pieces: list[int], prices: list[Decimal], days: list[int | None], model: str, words: Words
) -> Chart:
    """Return a customization model's unit price and lead time by pieces, as two flights of steps.

    Args:
        pieces: The numbers at which something changes, in order.
        prices: The unit price in USD from each of them on.
        days: The lead time from each of them on; missing where it is to be negotiated.
        model: The model's id.
        words: The language.
    """
    step = {"type": "scatter", "mode": "lines+markers", "x": pieces}
    traces: list[dict[str, Any]] = [
        {
            **step, "y": [float(price) for price in prices],
            "name": words.t("chart.ladder.price"), "hovertemplate": "USD %{y:,.2f}",
            "line": {"color": BLUE, "width": 2.5, "shape": "hv"},
        },
        {
            **step, "y": days, "yaxis": "y2", "connectgaps": False,
            "name": words.t("chart.ladder.days"), "hovertemplate": words.t("chart.ladder.hover"),
            "line": {"color": ORANGE, "width": 2, "dash": "dot", "shape": "hv"},
        },
    ]  # fmt: skip
    title = words.t("chart.ladder.title", model=model)
    return figure(
        traces,
        320,
        title={"text": title, "x": 0, "font": {"size": 15}},
        legend={"orientation": "h", "y": -0.34, "x": 0, "traceorder": "normal"},
        # Away from the axis: in the corner two noughts meet.
        xaxis={
            "tickformat": ",d", "rangemode": "tozero", "ticklabelstandoff": 8,
            "title": {"text": words.t("quick_custom.quotes.pieces")},
        },
        yaxis={"tickformat": ",.2f", "rangemode": "tozero"},
        yaxis2=right_axis(),
    )  # fmt: skip
