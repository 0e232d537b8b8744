"""The plane of GMV and quotes, coloured by tier, with the real point and the moved one."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from merchantkit.foresight.whatif import TierMap, Way
from merchantkit.present.evidence import share_percent
from merchantkit.present.figures import BLUE, GREY, Chart, figure
from merchantkit.present.words import Words
from merchantkit.programmes import rfq

_FILLS = ("#eef1f5", "#fbe0c2", "#bfe3cb")  # no tier, tier 1, tier 2
_PLANE, _PATH, _REAL, _NOW = range(4)

Point = tuple[float, int] | None


def empty(words: Words) -> Chart:
    """Return the chart with nothing on it yet; ``draw`` fills it in."""
    steps = len(_FILLS)
    scale = [[(n + end) / steps, fill] for n, fill in enumerate(_FILLS) for end in (0, 1)]
    plane = {
        "type": "heatmap", "colorscale": scale, "zmin": -0.5, "zmax": steps - 0.5,
        "showscale": False, "showlegend": False,
        "hovertemplate": "USD %{x:,.0f} · %{y}<br>%{text}<extra></extra>",
    }  # fmt: skip
    path = {
        "type": "scatter", "mode": "lines", "showlegend": False, "hoverinfo": "skip",
        "line": {"color": GREY, "width": 1.5, "dash": "dot"},
    }  # fmt: skip
    return figure(
        [plane, path, _marker("real", GREY, words), _marker("now", BLUE, words)],
        400,
        title={"text": words.t("whatif.map.title"), "x": 0, "font": {"size": 15}},
        margin={"l": 8, "r": 30, "t": 44, "b": 8},
        legend={"orientation": "h", "y": 1.0, "x": 1, "xanchor": "right", "yanchor": "bottom"},
        xaxis={"title": _title("whatif.map.gmv", words), "tickformat": ",.0f", "showgrid": False},
        yaxis={"title": _title("whatif.map.used", words), "showgrid": False},
        hovermode="closest",
    )  # fmt: skip


def draw(
    widget: go.FigureWidget, plane: TierMap, ways: list[Way], real: Point, now: Point, words: Words
) -> None:
    """Show a plane and the two points on the chart that ``empty`` made; no trace is added."""
    names = [_name(tier, ways, words) for tier in (0, *rfq.TIERS)]
    most_quotes = plane.quotes[-1]
    edges = [float(edge) for edge in plane.gmv_edges]
    # One trace at a time: a batch would unset in one trace what is set only in another.
    widget.data[_PLANE].update(
        x=edges, y=plane.quotes, z=plane.tiers,
        text=np.array(names, dtype=object)[plane.tiers],
    )  # fmt: skip
    for trace, points in ((_PATH, [real, now]), (_REAL, [real]), (_NOW, [now])):
        known = [point for point in points if point is not None]
        widget.data[trace].update(x=[gmv for gmv, _ in known], y=[used for _, used in known])
    ticks = _ticks(plane)
    shares = [words.percent(share_percent(used, most_quotes)) for used in ticks]
    widget.update_layout(
        annotations=[
            label for tier, name in enumerate(names) for label in _labels(plane, tier, name)
        ],
        xaxis_range=[0, edges[-1]],
        yaxis_range=[-0.6, most_quotes + 0.6],
        yaxis_tickvals=ticks,
        yaxis_ticktext=[f"{used} ({share})" for used, share in zip(ticks, shares, strict=True)],
    )


def _title(key: str, words: Words) -> dict[str, Any]:
    return {"text": words.t(key), "standoff": 10, "font": {"size": 13}}


def _marker(name: str, colour: str, words: Words) -> dict[str, Any]:
    ring = {"symbol": "circle-open", "size": 18, "line": {"width": 3, "color": colour}}
    disc = {"symbol": "circle", "size": 14, "line": {"width": 2, "color": "white"}}
    return {
        "type": "scatter", "mode": "markers", "name": words.t(f"whatif.map.{name}"),
        "x": [], "y": [],
        "marker": {"color": colour, **(ring if name == "real" else disc)},
        "hovertemplate": "USD %{x:,.2f} · %{y}<extra></extra>",
    }  # fmt: skip


def _name(tier: int, ways: list[Way], words: Words) -> str:
    name = words.t(f"rfq.tier.{tier}")
    points = next((way.points for way in ways if way.tier == tier), None)
    return name if points is None else f"{name} · +{words.unit(points, 'point')}"


def _labels(plane: TierMap, tier: int, name: str) -> list[dict[str, Any]]:
    # In the middle of the columns that the tier has, at the middle of its rows there.
    columns = np.flatnonzero((plane.tiers == tier).any(axis=0))
    if not len(columns):
        return []
    middle = (plane.gmv_edges[columns[0]] + plane.gmv_edges[columns[-1] + 1]) / 2
    column = next(i for i in columns[::-1] if plane.gmv_edges[i] <= middle)
    rows = np.flatnonzero(plane.tiers[:, column] == tier)
    return [
        {"x": float(middle), "y": float(np.mean(rows)), "text": name, "showarrow": False,
         "font": {"size": 12, "color": "#3a4656"}}
    ]  # fmt: skip


def _ticks(plane: TierMap) -> list[int]:
    # None, all, and where some column changes its tier.
    steps = np.flatnonzero((np.diff(plane.tiers, axis=0) != 0).any(axis=1)) + 1
    return sorted({0, plane.quotes[-1], *(int(step) for step in steps)})
