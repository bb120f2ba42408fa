"use strict";
// Curves of measured entries. Lines differ by colour and by dashes.

const draw = (() => {
  const DASHES = ["", "7 3", "2 3", "9 3 2 3", "1 4", "12 4"];
  const KINDS = {
    pr: { x: "Recall", y: "Precision", title: "Precision against recall", point: (curve, i) => [curve.recall[i], curve.precision[i]] },
    f: { x: "Threshold", y: "F", title: "F against threshold", point: (curve, i, n) => [255 * (1 - i / (n - 1)), curve.F[i]] },
  };
  const colour = (i) => Plot.scale({ color: { type: "categorical", domain: d3.range(10) } }).apply(i % 10);
  const dash = (i) => DASHES[i % DASHES.length];

  // As wide as its place, so that words keep their size on a phone.
  const widthOf = (box, most) => Math.max(280, Math.min(most, box.clientWidth || most));

  function curvesPlot(kind, entries, label, box) {
    const { x, y, title, point } = KINDS[kind];
    const lines = entries.map((entry, i) => Plot.line(
      entry.F.map((_, k, all) => point(entry, k, all.length)),
      { stroke: colour(i), strokeDasharray: dash(i), strokeWidth: 2 }));
    const ends = { pr: [0, 1], f: [0, 255] }[kind];
    return Plot.plot({
      ariaLabel: `${title}: ${label}`, width: widthOf(box, 480), height: 330, marginLeft: 44,
      x: { label: `${x} →`, domain: ends, nice: true }, y: { label: `↑ ${y}`, domain: [0, 1], grid: true, tickFormat: short },
      marks: [...lines, Plot.ruleY([0])],
    });
  }

  // As many decimals as there is something in, three at most.
  const short = (value) => value.toFixed(3).replace(/0{1,2}$/, "").replace(/^0(?=\.)/, "");

  // Whose masks are no copy that we know comes last, and its name says so.
  const strange = (entry) => entry.unknownMasks !== "";
  const named = (entry) => entry.method + (strange(entry) ? ` (unknown masks ${entry.unknownMasks})` : "");

  // The names of lines, as text beside a sample of each.
  function legend(entries) {
    const list = document.createElement("ul");
    list.className = "legend-lines";
    entries.forEach((entry, i) => {
      const sample = d3.create("svg").attr("width", 34).attr("height", 8).attr("aria-hidden", "true");
      sample.append("line").attr("x2", 34).attr("y1", 4).attr("y2", 4).attr("stroke", colour(i))
        .attr("stroke-width", 2).attr("stroke-dasharray", dash(i));
      const item = document.createElement("li");
      item.append(sample.node(), named(entry));
      list.append(item);
    });
    return list;
  }

  return { curvesPlot, legend, named, short, strange, widthOf };
})();
