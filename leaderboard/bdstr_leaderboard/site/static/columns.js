"use strict";
// The columns of the table: how each is headed, shown and sorted. None is searched by DataTables, which would read
// a name with "&" in it as HTML.

const columns = (() => {
  const { element, measures, number } = view;
  const PLACES = ["first", "second", "third"];
  const META = [
    { key: "year", title: "Year", value: (method) => method.year, show: String },
    { key: "supervision", title: "Supervision", value: (method) => method.supervision },
    { key: "backbone", title: "Backbone", value: (method) => method.backbone || null },
    { key: "parameters", title: "Parameters", value: (method) => method.parameters, show: (n) => n.toLocaleString("en") },
  ];

  // What is not known comes last, whichever way a column is sorted.
  const last = (compare) => (a, b) => (a === null) - (b === null) || (a === null ? 0 : compare(a, b));
  const compare = (a, b) => (typeof a === "string" ? a.localeCompare(b) : a - b);
  DataTable.type("known", { order: { asc: last(compare), desc: last((a, b) => compare(b, a)) } });

  const bestFirst = (column) => (measures.get(column.measure).better === "lower" ? "asc" : "desc");

  const rank = {
    head: () => head("#", "rank", "Rank in the column that sorts"),
    options: { name: "rank", orderable: false, className: "rank", render: () => "" },
  };

  const method = {
    head: () => head("Method", "method"),
    options: {
      name: "method", type: "known", cellType: "th", className: "method", orderSequence: ["asc", "desc"],
      render: (_, use, row) => (use === "display" ? methodCell(row) : row.method.title),
    },
  };

  function meta({ key, title, value, show = (text) => text }) {
    return {
      head: () => head(title, `meta ${key}`),
      options: {
        name: key, type: "known", className: `meta ${key}`, orderSequence: ["asc", "desc"],
        render: (_, use, row) => {
          const found = value(row.method);
          return use !== "display" ? found : found === null ? "" : element("span", { textContent: show(found) });
        },
      },
    };
  }

  // The figures of a column; the suspect ones have no rank, and no place among those that have.
  function figure(column, i, name, lines) {
    const worth = ({ standings }) => (standings[i] && standings[i].rank !== null ? standings[i].figure.value : null);
    return {
      head: () => figureHead(column, lines),
      options: {
        name, type: "known", className: "figure",
        orderSequence: bestFirst(column) === "asc" ? ["asc", "desc"] : ["desc", "asc"],
        render: (_, use, row) => (use === "display" ? figureCell(row.standings[i], column) : worth(row)),
      },
    };
  }

  function head(title, className, explained = "") {
    return element("th", { scope: "col", className, title: explained }, element("span", { textContent: title }));
  }

  function figureHead(column, lines) {
    const { title, arrow, summary, better } = measures.get(column.measure);
    return element("th", { scope: "col", className: "figure", title: `${summary}; ${better} is better` },
      element("span", {}, `${title} `, element("span", { textContent: arrow, ariaHidden: "true" }),
        ...lines.map((line) => element("small", { textContent: ` ${line}` }))));
  }

  function methodCell({ method: { page, title, published } }) {
    return element("div", {}, element("a", { href: page, textContent: title }), element("small", { textContent: published }));
  }

  function figureCell(standing, column) {
    if (!standing) return "";
    const { figure: shown } = standing;
    const interval = shown.interval
      ? element("small", { className: "interval", textContent: shown.interval.map(number).join("–") }) : "";
    return element("div", { className: "cell" }, figureLink(standing), more.button(standing, column), interval);
  }

  function figureLink({ figure: shown, rank: place, tied }) {
    const link = linkOf(shown), text = number(shown.value);
    link.title = [shown.source, shown.place].filter(Boolean).join(", ");
    if (tied && shown.interval) link.append(element("small", { textContent: "= ", ariaHidden: "true" })); // else they print alike
    if (shown.origin === board.secondHand) {
      link.append(element("small", { textContent: "§ ", title: board.origins[shown.origin], ariaHidden: "true" }));
    }
    link.append(shown.suspect ? element("s", { className: "suspect", textContent: text }) : text);
    if (place !== null && place <= PLACES.length) {
      link.className = `mark${place}`;
      link.append(element("span", { className: "unseen", textContent: `, ${PLACES[place - 1]}${tied ? ", tied" : ""}` }));
    }
    if (shown.origin === board.secondHand) {
      link.append(element("span", { className: "unseen", textContent: `, ${board.origins[shown.origin]}` }));
    }
    return link;
  }

  const metas = (rows) => META.filter(({ value }) => rows.some((row) => value(row.method) !== null)).map(meta);

  return { rank, method, metas, figure, bestFirst };
})();
