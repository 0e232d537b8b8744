"""Three charts in one: the score by part, the anonymous board, the credit by spend.

One widget holds them, because each brings a copy of plotly.js with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from markupsafe import Markup

from merchantkit.present.figures import BLUE, GREEN, GREY, Chart, figure, score_parts
from merchantkit.present.words import Words
from merchantkit.programmes import campaign

_PARTS, _OTHERS, _REAL, _NOW, _CREDIT, _SPENT = range(6)
_MOST_OTHERS = 400  # more points than this would only lie on each other
_LEFT, _RIGHT, _TOP, _BOTTOM = [0, 0.45], [0.56, 1], [0.5, 0.94], [0, 0.26]


@dataclass(frozen=True)
class Credit:
    """The ad credit by spend, at one rank.

    Attributes:
        spends_cny: Ascending; empty where there is no rank.
        credits_cny: One for each.
        full_at: The spend from which on no more is earned; ``None`` if there is none.
    """

    spends_cny: list[int]
    credits_cny: list[float]
    full_at: int | None


def empty(parts: Mapping[str, Decimal], words: Words) -> Chart:
    """Return the charts with nothing on them yet; ``draw`` fills them in."""
    waterfall = {**score_parts(dict(parts), Decimal(0), words).data[0], "showlegend": False}
    on_board, on_credit = {"xaxis": "x2", "yaxis": "y2"}, {"xaxis": "x3", "yaxis": "y3"}
    others = _dots("others", "#b4bdc9", "circle", 7, words) | on_board
    real = _dots("real", GREY, "circle-open", 14, words) | on_board
    now = _dots("now", BLUE, "circle", 14, words) | on_board
    credit = {
        "type": "scatter", "mode": "lines", "line": {"color": GREEN, "width": 2.5},
        "showlegend": False, "hovertemplate": "CNY %{x:,.0f} → %{y:,.2f}<extra></extra>",
        **on_credit,
    }  # fmt: skip
    spent = _dots("now", BLUE, "circle", 14, words) | on_credit | {"showlegend": False}
    axis = {"gridcolor": "#e6e9ee", "zeroline": False, "automargin": True, "fixedrange": True}
    titles = (("score", _LEFT, 1.0), ("board", _RIGHT, 1.0), ("credit", _LEFT, 0.29))
    return figure(
        [waterfall, others, real, now, credit, spent],
        560,
        margin={"l": 8, "r": 24, "t": 34, "b": 8},
        annotations=[
            {"text": words.t(f"whatif.campaign.chart.{name}"), "x": across[0], "y": y,
             "xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom",
             "showarrow": False, "font": {"size": 14, "weight": "bold"}}
            for name, across, y in titles
        ],
        xaxis={"domain": _LEFT, "type": "category", "tickfont": {"size": 11}, "tickangle": 0,
               "tickvals": waterfall["x"], "ticktext": [_wrapped(name) for name in waterfall["x"]]},
        yaxis={"domain": _TOP, "tickformat": ",.0f"},
        xaxis2={**axis, "domain": _RIGHT, "anchor": "y2", "tickformat": ",d", "rangemode": "tozero",
                "title": _title("whatif.campaign.chart.rank", words)},
        yaxis2={**axis, "domain": _TOP, "anchor": "x2", "tickformat": ",.0f"},
        xaxis3={**axis, "domain": [0, 1], "anchor": "y3", "tickformat": ",.0f",
                "title": _title("whatif.campaign.spend", words)},
        yaxis3={**axis, "domain": _BOTTOM, "anchor": "x3", "tickformat": ",.0f",
                "rangemode": "tozero"},
        legend={"orientation": "h", "x": 1, "xanchor": "right", "y": 0.945, "yanchor": "bottom"},
        hovermode="closest",
    )  # fmt: skip


def draw(
    widget: go.FigureWidget,
    now: Mapping[str, Any],
    real: Mapping[str, Any],
    others: pd.DataFrame,
    limits: list[int],
    credit: Credit,
    spend: Any,
    words: Words,
) -> None:
    """Fill in the charts that ``empty`` made; no trace is added.

    Args:
        widget: The charts.
        now: The outcome for what the controls say.
        real: The outcome of the merchant's real numbers.
        others: The outcome of everyone else; only ranks and scores are taken from it.
        limits: The last rank of each band of rewards.
        credit: The credit by spend at this rank.
        spend: What the controls say of the spend; ``None`` where it is not known.
        words: The language.
    """
    parts = {part: now[f"score_{part}"] for part in campaign.PARTS}
    filled = score_parts(parts, now["score"], words).data[0]
    ranked = others[others["rank"].notna()].sort_values("rank")
    thin = ranked.iloc[:: max(1, len(ranked) // _MOST_OTHERS)]
    earned = [] if pd.isna(now["reward_cny"]) or spend is None else [float(now["reward_cny"])]
    # One trace at a time: a batch would unset in one trace what is set only in another.
    widget.data[_PARTS].update(y=filled["y"], text=filled["text"])
    for trace, ranks, scores in (
        (_OTHERS, thin["rank"].tolist(), thin["score"].tolist()),
        (_REAL, *_placed(real)),
        (_NOW, *_placed(now)),
    ):
        places = [int(rank) for rank in ranks]
        widget.data[trace].update(x=places, y=[float(score) for score in scores])
    widget.data[_CREDIT].update(x=credit.spends_cny, y=credit.credits_cny)
    widget.data[_SPENT].update(x=[float(spend)] if earned else [], y=earned)
    last = int(ranked["rank"].max()) if len(ranked) else 0
    widget.update_layout(shapes=[_limit(rank, words) for rank in limits if rank < last])


def _title(key: str, words: Words) -> dict[str, Any]:
    return {"text": words.t(key), "standoff": 6, "font": {"size": 13}}


def _wrapped(name: str) -> Markup:
    return Markup("<br>").join(name.replace("-", "- ").split())


def _dots(name: str, colour: str, symbol: str, size: int, words: Words) -> dict[str, Any]:
    edge = {"width": 3, "color": colour} if "open" in symbol else {"width": 1, "color": "white"}
    return {
        "type": "scatter", "mode": "markers", "name": words.t(f"whatif.map.{name}"),
        "x": [], "y": [],
        "marker": {"color": colour, "symbol": symbol, "size": size, "line": edge},
        "hovertemplate": "%{x:,} · %{y:,}<extra></extra>",
    }  # fmt: skip


def _placed(outcome: Mapping[str, Any]) -> tuple[list[Any], list[Any]]:
    return ([], []) if pd.isna(outcome["rank"]) else ([outcome["rank"]], [outcome["score"]])


def _limit(rank: int, words: Words) -> dict[str, Any]:
    return {
        "type": "line", "xref": "x2", "yref": "y2 domain", "x0": rank + 0.5, "x1": rank + 0.5,
        "y0": 0, "y1": 1, "line": {"color": GREEN, "width": 1.5, "dash": "dash"},
        "label": {"text": words.unit(rank, "rank"), "textposition": "end", "textangle": 0,
                  "xanchor": "left", "yanchor": "top", "font": {"size": 12, "color": GREEN}},
    }  # fmt: skip
