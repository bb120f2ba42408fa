"use strict";
// The table of figures: columns by benchmark, measure and convention; a row a method.

(() => {
  const { ALL, CHOICES, MEASURED, element, measures, number } = view;
  const form = document.getElementById("filters"), said = document.getElementById("said");
  const PLACES = ["first", "second", "third"], FEW = 3;
  const META = [
    { key: "year", title: "Year", value: (method) => method.year, show: String },
    { key: "supervision", title: "Supervision", value: (method) => method.supervision },
    { key: "backbone", title: "Backbone", value: (method) => method.backbone || null },
    { key: "parameters", title: "Parameters", value: (method) => method.parameters, show: (n) => n.toLocaleString("en") },
  ];
  let table = null, columns = [], away = [], metas = [], rows = [], shownColumns = "";

  // Of equal worth in both directions: what is not there comes last.
  const last = (compare) => (a, b) => (a === null) - (b === null) || (a === null ? 0 : compare(a, b));
  const compare = (a, b) => (typeof a === "string" ? a.localeCompare(b) : a - b);
  DataTable.type("known", { order: { asc: last(compare), desc: last((a, b) => compare(b, a)) } });

  const plain = { ...view.settle({}), q: "", supervision: "", backbone: "", from: "", to: "", parameters: "" };
  let state = shared();

  function shared() {
    const said = view.read();
    return { ...plain, ...said, ...view.settle(said) };
  }

  function fillForm() {
    const methods = board.methods, any = [["", "any"]];
    const backbones = [...new Set(methods.map((one) => one.backbone))].filter(Boolean).sort((a, b) => a.localeCompare(b));
    view.fill(form.benchmark, [...view.benchmarkOptions, [ALL, "all, side by side"]]);
    view.fill(form.measure, [[ALL, "all"], ...view.measureOptions]);
    view.fill(form.convention, [...view.conventionOptions, [ALL, "all, side by side"]]);
    view.fill(form.supervision, [...any, ...board.supervisions
      .filter((name) => methods.some((one) => one.supervision === name)).map((name) => [name, name])]);
    view.fill(form.backbone, [...any, ...backbones.map((name) => [name, name])]);
  }

  function toForm() {
    for (const name of Object.keys(plain)) form.elements[name].value = state[name];
    form.measured.checked = state.convention === MEASURED;
  }

  function fromForm(event) {
    const wanted = Object.fromEntries(Object.keys(plain).map((name) => [name, form.elements[name].value]));
    if (event.target === form.measured) wanted.convention = form.measured.checked ? MEASURED : plain.convention;
    const chosen = event.target === form.measured ? "convention" : event.target.name;
    state = view.settle({ ...state, ...wanted }, CHOICES.includes(chosen) ? chosen : undefined);
    if (event.target.tagName === "SELECT" || event.target === form.measured) toForm();
    show();
  }

  const keyOf = (column) => [column.measure, column.benchmark,
    ...(state.convention === ALL ? [column.convention] : [])].join("*");

  function rowsOf() {
    const found = new Map();
    columns.forEach((column, i) => column.standings.forEach((packed) => {
      const standing = standingOf(packed), { title } = standing.figure.method;
      if (!found.has(title)) found.set(title, { method: standing.figure.method, standings: [] });
      found.get(title).standings[i] = standing;
    }));
    return [...found.values()].sort((a, b) => a.method.title.localeCompare(b.method.title));
  }

  function heading(column) {
    const measure = measures.get(column.measure), many = new Set(columns.map((one) => one.benchmark)).size > 1;
    const lines = [many && column.benchmark,
      (state.convention === ALL || view.family(column.convention) === MEASURED && masks(column)) && convention(column)];
    const cell = element("th", { scope: "col", className: "figure", title: `${measure.summary}; ${measure.better} is better` },
      element("span", {}, `${measure.title} `, element("span", { textContent: measure.arrow, ariaHidden: "true" }),
        ...lines.filter(Boolean).map((line) => element("small", { textContent: ` ${line}` }))));
    return cell;
  }

  // Two copies of a benchmark's masks give two columns, which only their names tell apart.
  const masks = (column) => columns.some((one) => one !== column && keyOf(one) === keyOf(column));
  const convention = (column) => column.convention;

  function figureCell(standing, column) {
    if (!standing) return "";
    const { figure, rank, tied } = standing, link = linkOf(figure);
    link.title = [figure.source, figure.place].filter(Boolean).join(", ");
    link.append(figure.suspect ? element("s", { className: "suspect", textContent: number(figure.value) }) : number(figure.value));
    if (rank !== null && rank <= 3) {
      link.className = `mark${rank}`;
      link.append(element("span", { className: "unseen", textContent: `, ${PLACES[rank - 1]}${tied ? ", tied" : ""}` }));
    }
    const interval = figure.interval &&
      element("small", { className: "interval", textContent: figure.interval.map(number).join("–") });
    const cell = element("div", { className: "cell" }, link, more.button(standing, column));
    if (interval) cell.append(interval);
    return cell;
  }

  function methodCell({ method }) {
    const published = [method.venue, method.year].filter(Boolean).join(" ");
    return element("div", {}, element("a", { href: method.page, textContent: method.title }),
      element("small", { textContent: published }));
  }

  function figureColumn(column, i) {
    const value = ({ standings }) => (standings[i] && standings[i].rank !== null ? standings[i].figure.value : null);
    return {
      name: keyOf(column), type: "known", className: "figure", searchable: false,
      orderSequence: bestFirst(column) === "asc" ? ["asc", "desc"] : ["desc", "asc"],
      render: (_, use, row) => (use === "display" ? figureCell(row.standings[i], column) : value(row)),
    };
  }

  function metaColumn({ key, value, show = (text) => text }) {
    return {
      name: key, type: "known", className: `meta ${key}`, orderSequence: ["asc", "desc"],
      render: (_, use, { method }) => {
        const found = value(method);
        if (use === "sort" || use === "type") return found;
        return found === null ? "" : use === "display" ? element("span", { textContent: show(found) }) : String(found);
      },
    };
  }

  const RANK = { name: "rank", orderable: false, searchable: false, className: "rank", render: () => "" };
  const METHOD = {
    name: "method", type: "known", cellType: "th", className: "method", orderSequence: ["asc", "desc"],
    render: (_, use, row) => (use === "display" ? methodCell(row)
      : use === "filter" ? `${row.method.title} ${row.method.venue}` : row.method.title),
  };

  // Where all measures are asked for, those of hardly any method would take the room of the others.
  function enough(found) {
    const kept = found.filter((column) => state.measure !== ALL || column.standings.length >= FEW);
    return kept.length ? kept : found;
  }

  function build() {
    const found = view.columnsOf(state);
    columns = enough(found);
    away = found.filter((column) => !columns.includes(column));
    rows = rowsOf();
    metas = META.filter(({ value }) => rows.some(({ method }) => value(method) !== null));
    table?.destroy();
    const head = (title, className, label = title) =>
      element("th", { scope: "col", className, title: label === title ? "" : label }, element("span", { textContent: title }));
    const node = element("table", { id: "figures" }, element("caption", { className: "unseen" }),
      element("thead", {}, element("tr", {}, head("#", "rank", "Rank in the column that sorts"), head("Method", "method"),
        ...columns.map(heading), ...metas.map(({ title, key }) => head(title, `meta ${key}`)))),
      element("tbody"));
    document.getElementById("figures").replaceWith(node);
    table = new DataTable(node, {
      data: rows, columns: [RANK, METHOD, ...columns.map(figureColumn), ...metas.map(metaColumn)]
        .map((column) => ({ data: null, ...column })),
      order: orderOf(), paging: false, info: false, autoWidth: false, orderMulti: false,
      layout: { topStart: null, topEnd: null, bottomStart: null, bottomEnd: null },
      language: { zeroRecords: "No method passes the filters.", emptyTable: "No figures." },
    });
    for (const cell of node.querySelectorAll("tbody th")) cell.scope = "row";
    table.on("order", keepOrder);
    table.on("draw", tell);
    table.search.fixed("filters", (_, row) => passes(row));
  }

  const bestFirst = (column) => (measures.get(column.measure).better === "lower" ? "asc" : "desc");
  const names = () => ["rank", "method", ...columns.map(keyOf), ...metas.map(({ key }) => key)];

  function orderOf() {
    const place = names().indexOf(state.sort);
    if (place > 0) return [[place, state.order === "desc" ? "desc" : "asc"]];
    return [[2, bestFirst(columns[0])]];
  }

  function keepOrder() {
    const [[place, order]] = table.order(), same = place === 2 && order === bestFirst(columns[0]);
    state = { ...state, sort: same ? "" : names()[place], order: same ? "" : order };
    view.write(state, plain);
  }

  function passes({ method }) {
    const limit = (name) => (state[name] === "" || Number.isNaN(Number(state[name])) ? null : Number(state[name]));
    const within = (value, low, high) => (low === null && high === null) ||
      (value !== null && (low === null || value >= low) && (high === null || value <= high));
    const millions = limit("parameters");
    return (!state.supervision || method.supervision === state.supervision) &&
      (!state.backbone || method.backbone === state.backbone) &&
      within(method.year, limit("from"), limit("to")) &&
      within(method.parameters, null, millions === null ? null : millions * 1e6);
  }

  // After each drawing: the ranks of the column that sorts, and what is shown, for eyes and for ears.
  function tell() {
    const [[place, order]] = table.order(), column = columns[place - 2], shown = table.rows({ search: "applied" });
    shown.every(function () {
      const standing = this.data().standings[place - 2];
      this.node().cells[0].textContent = standing?.rank ? `${standing.rank}${standing.tied ? "=" : ""}` : "";
    });
    const name = column ? `${measures.get(column.measure).title} on ${column.benchmark}` : table.column(place).title();
    const unknown = state.parameters === "" ? "" : " Methods whose parameters are not known are left out.";
    const way = column && order === bestFirst(column) ? "the best first" : { asc: "ascending", desc: "descending" }[order];
    const few = away.length
      ? ` Not shown, as fewer than ${FEW} methods have it: ${away.map((one) => measures.get(one.measure).title).join(", ")}.` : "";
    said.textContent = `${shown.count()} of ${rows.length} methods, by ${name}, ${way}.${unknown}${few}`;
    table.table().node().caption.textContent = `Figures under the convention ${view.words(state.convention)}`;
  }

  function show() {
    const wanted = JSON.stringify([state.benchmark, state.measure, state.convention]);
    if (wanted !== shownColumns) build();
    shownColumns = wanted;
    table.order(orderOf());
    table.search(state.q ?? "").draw();
    view.write(state, plain);
  }

  fillForm();
  toForm();
  show();
  form.addEventListener("input", fromForm);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    state = { ...plain };
    toForm();
    show();
  });
  addEventListener("hashchange", () => {
    state = shared();
    toForm();
    show();
  });
})();
