"""A chart as wide as its place, from its first moment on.

Plotly's widget is drawn before it has a place, 700 pixels wide, and looks at its place only when
the window changes its size. That shows half a chart where the place is narrower.
"""

from typing import Any

import anywidget


class Fit(anywidget.AnyWidget):
    """Nothing to see: put beside a chart, it has the chart drawn anew when the place's width does.

    It tells the window that its size has changed, which is what every chart listens to.
    """

    _esm: Any = """
    function render({ el }) {
      const refit = () => {
        if (!el.isConnected) return;
        const drawn = el.closest(".mk-wi-chart")?.querySelector(".main-svg");
        if (drawn) window.dispatchEvent(new Event("resize"));
        else setTimeout(refit, 50);
      };
      const watch = new ResizeObserver(refit);
      watch.observe(el);
      return () => watch.disconnect();
    }
    export default { render };
    """
