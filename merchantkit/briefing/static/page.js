// Draws a page's charts from the data in it, filters its lists, and readies it for paper.
// Nothing is fetched: the page works with the network off.
"use strict";

(() => {
  const charts = [];
  const PAPER_WIDTH = 670;

  const draw = (place) => {
    const figure = JSON.parse(place.querySelector("script").textContent);
    const layout = { ...figure.layout, autosize: true };
    delete layout.width;
    // A place of its own: plotly takes the frame's padding for room to draw in.
    const drawing = place.appendChild(document.createElement("div"));
    Plotly.newPlot(drawing, figure.data, layout, {
      displayModeBar: false,
      responsive: true,
      showTips: false,
      plotlyServerURL: "",
    }).then(() => place.classList.add("mk-drawn"));
    charts.push(drawing);
  };

  const filter = (box) => {
    const list = document.getElementById(box.dataset.mkFilter);
    const nothing = list.parentElement.querySelector("[data-mk-nothing]");
    const groups = list.querySelectorAll("tbody[data-mk-group]");
    const rows = [...(groups.length ? groups : list.tBodies[0].rows)];
    const texts = rows.map((row) => row.textContent.toLowerCase());
    box.addEventListener("input", () => {
      const wanted = box.value.trim().toLowerCase();
      let shown = 0;
      rows.forEach((row, i) => {
        row.hidden = !texts[i].includes(wanted);
        shown += row.hidden ? 0 : 1;
      });
      if (nothing) nothing.hidden = shown > 0;
    });
  };

  // Paper is narrower than the screen, and what is folded away there cannot be unfolded.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    folded.forEach((part) => { part.open = true; });
    charts.forEach((drawing) => Plotly.relayout(drawing, { autosize: false, width: PAPER_WIDTH }));
  });
  addEventListener("afterprint", () => {
    folded.forEach((part) => { part.open = false; });
    charts.forEach((drawing) => Plotly.relayout(drawing, { autosize: true, width: null }));
  });

  if (window.Plotly) document.querySelectorAll(".mk-chart").forEach(draw);
  document.querySelectorAll("[data-mk-filter]").forEach(filter);
})();
