"use strict";
// The table of figures: columns by benchmark, measure and convention; a row a method.

(() => {
  const { ALL, CHOICES, MEASURED, element, measures } = view;
  const { bestFirst } = columns;
  const FEW = 3, FIRST = 2; // fewer methods are few; the first column of figures
  const NUMBERS = ["from", "to", "parameters"];
  const form = document.getElementById("filters"), said = document.getElementById("said");
  const plain = { ...view.settle({}), q: "", supervision: "", backbone: "", from: "", to: "", parameters: "" };
  let state = shared(), table = null, shown = [], away = [], rows = [], names = [], built = "";
  let step = false, typed = ""; // whether a change is one that Back undoes; the field that is written in

  function shared() {
    const said = view.read();
    for (const name of NUMBERS) if (!Number.isFinite(Number(said[name]))) delete said[name];
    return { ...plain, ...said, ...view.settle(said) };
  }

  function fillForm() {
    const { methods } = board, any = [["", "any"]], some = (name) => [name, name];
    const backbones = [...new Set(methods.map((one) => one.backbone))].filter(Boolean);
    const supervisions = board.supervisions.filter((name) => methods.some((one) => one.supervision === name));
    view.fill(form.benchmark, [...view.benchmarkOptions, [ALL, "all, side by side"]]);
    view.fill(form.measure, [[ALL, "all"], ...view.measureOptions]);
    view.fill(form.convention, [...view.conventionOptions, [ALL, "all, side by side"]]);
    view.fill(form.supervision, [...any, ...supervisions.map(some)]);
    view.fill(form.backbone, [...any, ...backbones.sort((a, b) => a.localeCompare(b)).map(some)]);
  }

  function toForm() {
    for (const name of Object.keys(plain)) form.elements[name].value = state[name];
    form.measured.checked = state.convention === MEASURED;
  }

  function fromForm({ target }) {
    const wanted = Object.fromEntries(Object.keys(plain).map((name) => [name, form.elements[name].value]));
    if (target === form.measured) wanted.convention = target.checked ? MEASURED : plain.convention;
    const chosen = target === form.measured ? "convention" : target.name;
    state = { ...state, ...wanted };
    if (CHOICES.includes(chosen)) {
      state = view.settle(state, chosen);
      toForm(); // what had no figures has changed
    }
    const more = typed === target.name; // letters of one word are one step
    typed = target.matches("[type=search], [type=number]") ? target.name : "";
    show(!more);
  }

  function build() {
    const found = view.columnsOf(state);
    shown = enough(found);
    away = found.filter((column) => !shown.includes(column));
    rows = rowsOf(shown);
    const all = [columns.rank, columns.method,
      ...shown.map((column, i) => columns.figure(column, i, keyOf(column), linesOf(column))), ...columns.metas(rows)];
    names = all.map(({ options }) => options.name);
    table?.destroy();
    const node = element("table", { id: "figures" }, element("caption", { className: "unseen" }),
      element("thead", {}, element("tr", {}, ...all.map(({ head }) => head()))), element("tbody"));
    document.getElementById("figures").replaceWith(node);
    table = new DataTable(node, {
      data: rows, columns: all.map(({ options }) => ({ data: null, searchable: false, ...options })), order: orderOf(),
      paging: false, info: false, autoWidth: false, orderMulti: false,
      layout: { topStart: null, topEnd: null, bottomStart: null, bottomEnd: null },
      language: { zeroRecords: "No method passes the filters.", emptyTable: "No figures." },
    });
    for (const cell of node.querySelectorAll("tbody th")) cell.scope = "row";
    table.on("order", keepOrder);
    table.on("draw", tell);
    table.search.fixed("filters", (_, row) => passes(row));
  }

  // Where all measures are asked for, those of hardly any method would take the room of the others.
  function enough(found) {
    const kept = found.filter((column) => state.measure !== ALL || column.standings.length >= FEW ||
      view.family(column.convention) === MEASURED); // of few methods, and all of them are asked for
    return kept.length ? kept : found;
  }

  function rowsOf(taken) {
    const found = new Map();
    taken.forEach((column, i) => column.standings.map(standingOf).forEach((standing) => {
      const { method } = standing.figure;
      if (!found.has(method.title)) found.set(method.title, { method, standings: [] });
      found.get(method.title).standings[i] = standing;
    }));
    return [...found.values()].sort((a, b) => a.method.title.localeCompare(b.method.title));
  }

  // What a column is called in the address, short where that is enough.
  const keyOf = (column) => [column.measure, column.benchmark, ...(sideBySide(column) ? [column.convention] : [])].join("*");

  // Whether conventions stand side by side: all are asked for, or a benchmark was measured on two copies of its masks.
  const sideBySide = (column) => state.convention === ALL || shown.some((one) =>
    one !== column && one.measure === column.measure && one.benchmark === column.benchmark);

  const linesOf = (column) => [
    ...(new Set(shown.map((one) => one.benchmark)).size > 1 ? [column.benchmark] : []),
    ...(sideBySide(column) || column.unknownMasks ? [toldShort(column)] : [])];

  // Where only masks differ, they alone: a head is as wide as its column.
  const toldShort = ({ told }) => {
    const protocols = new Set(shown.map((column) => column.told.split(", ")[0]));
    return state.convention === MEASURED && protocols.size === 1 ? told.split(", ")[1] : told;
  };

  function orderOf() {
    const place = names.indexOf(state.sort);
    return place > 0 ? [[place, state.order === "desc" ? "desc" : "asc"]] : [[FIRST, bestFirst(shown[0])]];
  }

  function keepOrder() {
    const [[place, order]] = table.order(), usual = place === FIRST && order === bestFirst(shown[0]);
    state = { ...state, sort: usual ? "" : names[place], order: usual ? "" : order };
    view.write(state, plain, step);
  }

  function passes({ method }) {
    const limit = (name) => (state[name] === "" ? null : Number(state[name]));
    const within = (value, low, high) => (low === null && high === null) ||
      (value !== null && (low === null || value >= low) && (high === null || value <= high));
    const millions = limit("parameters");
    const named = `${method.title} ${method.published}`.toLowerCase();
    return state.q.toLowerCase().split(" ").every((word) => named.includes(word)) && (!state.supervision || method.supervision === state.supervision) &&
      (!state.backbone || method.backbone === state.backbone) &&
      within(method.year, limit("from"), limit("to")) &&
      within(method.parameters, null, millions === null ? null : millions * 1e6);
  }

  // After each drawing: the ranks of the column that sorts, and what is shown, for eyes and for ears.
  function tell() {
    const [[place, order]] = table.order(), column = shown[place - FIRST], passed = table.rows({ search: "applied" });
    passed.every(function () {
      const standing = this.data().standings[place - FIRST];
      this.node().cells[0].textContent = standing?.rank ? `${standing.rank}${standing.tied ? "=" : ""}` : "";
    });
    const masks = column?.unknownMasks ? `, unknown masks ${column.unknownMasks}` : "";
    const name = column ? `${measures.get(column.measure).title} on ${column.benchmark}${masks}` : names[place];
    const way = column && order === bestFirst(column) ? "the best first" : { asc: "ascending", desc: "descending" }[order];
    const secondHand = passed.data().toArray().some(({ standings }) =>
      standings.some((one) => one?.figure.origin === board.secondHand));
    said.textContent = [`${passed.count()} of ${rows.length} methods, by ${name}, ${way}.`, ...notes(secondHand)].join(" ");
    table.table().node().caption.textContent = `Figures under the convention ${view.words(state.convention)}`;
  }

  function notes(secondHand) {
    const few = away.map((column) => [measures.get(column.measure).title,
      ...(sideBySide(column) ? [`(${column.told})`] : [])].join(" ")).join(", ");
    const masks = [...new Set(shown.filter((column) => column.unknownMasks)
      .map((column) => `${column.unknownMasks} of ${column.benchmark}`))].join(", ");
    return [
      ...(secondHand ? [`§: ${board.origins[board.secondHand]}.`] : []),
      ...(masks ? [`Unknown masks ${masks} are no copy that we know: ranked apart, in the last columns.`] : []),
      ...(few ? [`Not shown, as fewer than ${FEW} methods have it: ${few}.`] : []),
      ...(state.parameters ? ["Methods whose parameters are not known are left out."] : []),
      ...(state.from || state.to ? ["Methods whose year is not known are left out."] : []),
    ];
  }

  function show(undoable) {
    step = undoable;
    const wanted = JSON.stringify(CHOICES.map((name) => state[name]));
    if (wanted !== built) build();
    built = wanted;
    table.order(orderOf());
    table.draw();
    view.write(state, plain, step);
    step = true; // whoever sorts
  }

  function restart(to, undoable = false) {
    state = to;
    typed = "";
    toForm();
    show(undoable);
  }

  fillForm();
  restart(state);
  form.addEventListener("input", fromForm);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    restart({ ...plain }, true);
  });
  addEventListener("hashchange", () => restart(shared()));
})();
