"use strict";
// The curves of a method's own entries.

for (const place of document.querySelectorAll("[data-curves]")) {
  const entry = curves[place.dataset.curves];
  if (!entry) continue;
  const label = `${draw.named(entry)} on ${entry.benchmark}`;
  for (const kind of ["pr", "f"]) {
    const box = document.createElement("div");
    place.append(box);
    box.append(draw.curvesPlot(kind, [entry], label, box));
  }
}
