"use strict";
// What else there is to know of a figure, in a popover: other sources and their spread, the interval, notes.

const more = (() => {
  const { element, number, measures } = view;
  const box = document.getElementById("more");

  // The sign of the button beside a figure, and what it is called; nothing where there is nothing to know.
  function sign(standing) {
    const { figure, others } = standing;
    if (figure.suspect) return ["?", `suspect: ${figure.suspect}`];
    const spread = spreadOf(standing);
    if (spread) return ["≠", `sources disagree: ${spread.map(number).join(" to ")}`];
    if (others.length || figure.note) return ["i", others.length ? "other sources" : "a note"];
    return null;
  }

  function spreadOf({ figure, others }) {
    const sound = [figure, ...others].filter((one) => !one.suspect).map((one) => one.value);
    const ends = [Math.min(...sound), Math.max(...sound)];
    return number(ends[0]) === number(ends[1]) ? null : ends;
  }

  function button(standing, column) {
    const [mark, words] = sign(standing) ?? [];
    if (!mark) return "";
    const made = element("button", { type: "button", className: "sign", textContent: mark, title: words });
    made.setAttribute("aria-label", `${standing.figure.method.title}, ${measures.get(column.measure).title}: ${words}`);
    made.setAttribute("aria-haspopup", "dialog");
    made.addEventListener("click", () => open(made, standing, column));
    return made;
  }

  function open(at, standing, column) {
    const { figure, others } = standing;
    const title = element("h2", {
      id: "more-title", tabIndex: -1, autofocus: true,
      textContent: `${figure.method.title}: ${measures.get(column.measure).title} on ${column.benchmark}`,
    });
    const close = element("button", { type: "button", textContent: "Close", className: "close" });
    close.addEventListener("click", () => box.hidePopover());
    box.replaceChildren(title, element("p", { textContent: rankWords(standing, column) }),
      element("ul", {}, ...[figure, ...others].map(item)), close);
    box.showPopover();
    place(at.getBoundingClientRect(), box.getBoundingClientRect());
  }

  function rankWords(standing, column) {
    const ranked = column.standings.filter(([rank]) => rank !== null).length;
    const rank = standing.rank === null ? "Not ranked." :
      `Rank ${standing.rank} of ${ranked}${standing.tied ? ", tied" : ""}.`;
    const spread = spreadOf(standing);
    const said = spread ? ` Sources disagree: ${spread.map(number).join(" to ")}.` : "";
    return `Convention: ${column.told}. ${rank}${said}`;
  }

  function item(figure) {
    const source = linkOf(figure);
    source.textContent = figure.source;
    const value = element(figure.suspect ? "s" : "b", { textContent: number(figure.value) });
    const interval = figure.interval ? ` (${figure.interval.map(number).join("–")} at 95 %)` : "";
    const place = figure.place ? `, ${figure.place}` : "";
    const notes = [figure.suspect && `suspect: ${figure.suspect}`, figure.note].filter(Boolean);
    return element("li", {}, value, interval, " ", source, place,
      element("small", { textContent: `${board.origins[figure.origin]}${notes.map((note) => `; ${note}`).join("")}` }));
  }

  // Below the button where there is room, and always on the screen.
  function place(at, size) {
    const left = Math.max(8, Math.min(at.left, innerWidth - size.width - 8));
    const below = at.bottom + 6, above = at.top - size.height - 6;
    const top = below + size.height < innerHeight - 8 ? below : Math.max(8, above);
    Object.assign(box.style, { left: `${left}px`, top: `${top}px` });
  }

  return { button };
})();
