"""Everything that a what-if sends to the browser, as text."""

import json
from typing import Any

import ipywidgets as widgets

from merchantkit.present.whatif.panel import Panel


def sent(panel: Panel) -> str:
    """The state of every widget of a panel, and its figure, without plotly.js itself."""
    states = [_state(widget) for widget in _below(panel.root)]
    figure = [widget.to_plotly_json() for widget in _below(panel.root) if hasattr(widget, "data")]
    bundle = panel._repr_mimebundle_()
    return json.dumps([states, figure, bundle], default=str, ensure_ascii=False)


def observers(panel: Panel) -> int:
    """How many functions listen to the controls of a panel."""
    controls = [w for dial in panel.dials.values() for w in (dial.slider, dial.box)]
    return sum(
        len(functions)
        for control in [*controls, *panel._watched]
        for by_type in control._trait_notifiers.values()
        for functions in by_type.values()
    )


def _below(widget: Any) -> list[Any]:
    children = getattr(widget, "children", ())
    return [widget, *(found for child in children for found in _below(child))]


def _state(widget: widgets.Widget) -> dict[str, Any]:
    return {name: value for name, value in widget.get_state().items() if name != "_esm"}
