"use strict";
// The charts: marks are methods and lead to their pages.

(() => {
  const { element, measures, number } = view;
  const form = document.getElementById("filters"), said = document.getElementById("said");
  const NONE = {
    year: "Of no method with these figures the year is known.",
    parameters: "Of no method with these figures the parameters are known; of those measured here, they are of some.",
    benchmarks: "No method has both figures.",
  };
  const SYMBOLS = ["circle", "square", "triangle", "diamond", "star", "cross", "wye", "times"];
  const drawn = Object.values(curves).map((entry) => entry.benchmark);
  const plain = settle({ benchmark: board.benchmarks.find((name) => drawn.includes(name)) });
  let state = settle(shared());

  // One benchmark, one measure, one convention: what may be compared; and a second benchmark.
  function settle(wanted, kept) {
    const first = view.settle({ measure: "MAE", ...wanted }, kept);
    const column = view.columnsOf(first)[0];
    const others = board.benchmarks.filter((name) => name !== column.benchmark);
    const other = others.includes(wanted.other) ? wanted.other : others[0];
    const convention = first.convention === view.ALL ? view.family(column.convention) : first.convention;
    return { benchmark: column.benchmark, measure: column.measure, convention, other };
  }

  // What the address says; where it says nothing, the first view.
  function shared() {
    const said = view.read();
    return view.CHOICES.some((name) => said[name]) ? said : { ...plain, ...said };
  }

  function fillForm() {
    view.fill(form.benchmark, view.benchmarkOptions);
    view.fill(form.measure, view.measureOptions);
    view.fill(form.convention, view.conventionOptions);
    view.fill(form.other, view.benchmarkOptions);
  }

  // The sound figures of a column, each with its method.
  function figures(benchmark) {
    const [column] = view.columnsOf({ ...state, benchmark });
    return (column?.standings ?? []).map(standingOf).filter((one) => one.rank !== null).map((one) => ({ ...one.figure, rank: one.rank }));
  }

  const lower = () => measures.get(state.measure).better === "lower";
  const title = (benchmark) => `${measures.get(state.measure).title} on ${benchmark}`;
  const known = board.supervisions.filter((name) => board.methods.some((method) => method.supervision === name));
  const supervision = { color: { domain: known }, symbol: { domain: known, range: SYMBOLS, legend: true } };

  const kind = (one) => one.method.supervision; // the same for colour and symbol: one legend

  function dots(data, options, words) {
    return [
      Plot.dot(data, {
        ...options, stroke: kind, symbol: kind, r: 4, strokeWidth: 1.6,
        href: (one) => one.method.page, ariaLabel: (one) => `${one.method.title}: ${words(one)}`,
      }),
      Plot.tip(data, Plot.pointer({ ...options, title: (one) => `${one.method.title}\n${words(one)}`, fontSize: 12 })),
    ];
  }

  function plot(id, data, x, y, marks) {
    const box = document.getElementById(id);
    if (!data.length) return box.replaceChildren(element("p", {}, NONE[id], ...(id === "parameters" ? measuredHere() : [])));
    box.replaceChildren(Plot.plot({
      width: draw.widthOf(box, 620), height: 380, marginLeft: 48, marginRight: 16, ariaLabel: `${y.label} ${x.label}`,
      x, y: { grid: true, tickFormat: draw.short, inset: 8, reverse: lower(), ...y }, ...supervision, marks,
    }));
  }

  const best = (data) => {
    const years = d3.groups(d3.sort(data, (one) => one.method.year), (one) => one.method.year);
    let so_far = null;
    return years.map(([year, group]) => {
      const here = (lower() ? d3.min : d3.max)(group, (one) => one.value);
      so_far = so_far === null ? here : (lower() ? Math.min : Math.max)(so_far, here);
      return [year, so_far];
    });
  };

  function drawYears() {
    const data = figures(state.benchmark).filter((one) => one.method.year !== null);
    const words = (one) => `${one.method.year}, ${number(one.value)}, ${one.method.supervision}`;
    const years = d3.ticks(...d3.extent(data, (one) => one.method.year), 6).filter(Number.isInteger);
    plot("year", data, { label: "Year →", tickFormat: "d", ticks: years, inset: 12 }, { label: axis(state.benchmark) }, [
      Plot.line(best(data), { curve: "step-after", stroke: "currentColor", strokeOpacity: .45 }),
      ...dots(data, { x: (one) => one.method.year, y: "value" }, words),
    ]);
  }

  const axis = (benchmark) => `${lower() ? "↑ lower" : "↑ higher"} ${title(benchmark)}`;

  // Where some parameters are known: a link to the figures that were measured here.
  function measuredHere() {
    const chosen = { convention: view.MEASURED, measure: "MAE" };
    const known = ({ standings }) => standings.map(standingOf).some((one) => one.figure.method.parameters > 0);
    const benchmark = [state.benchmark, ...board.benchmarks].find((name) =>
      view.columnsOf({ ...chosen, benchmark: name }).slice(0, 1).some(known));
    if (!benchmark || state.convention === view.MEASURED) return [];
    const hash = `#${new URLSearchParams({ ...chosen, benchmark })}`;
    return [" ", element("a", { href: hash, textContent: `Show those measured on ${benchmark}` })];
  }

  function drawParameters() {
    const data = figures(state.benchmark).filter((one) => one.method.parameters > 0);
    const words = (one) => `${one.method.parameters.toLocaleString("en")} parameters, ${number(one.value)}`;
    plot("parameters", data, { label: "Parameters, log scale →", type: "log", tickFormat: "~s", inset: 24, nice: true }, { label: axis(state.benchmark), inset: 16 },
      [...dots(data, { x: (one) => one.method.parameters, y: "value" }, words),
        Plot.text(data, { x: (one) => one.method.parameters, y: "value", text: (one) => one.method.title, dy: -12 })]);
  }

  function drawBenchmarks() {
    const others = new Map(figures(state.other).map((one) => [one.method.title, one.value]));
    const data = figures(state.benchmark).filter((one) => others.has(one.method.title))
      .map((one) => ({ ...one, second: others.get(one.method.title) }));
    const words = (one) => `${state.benchmark} ${number(one.value)}, ${state.other} ${number(one.second)}`;
    plot("benchmarks", data, { label: `${lower() ? "lower" : "higher"} ${title(state.benchmark)} →`, grid: true, tickFormat: draw.short, inset: 8, reverse: lower() },
      { label: axis(state.other) }, dots(data, { x: "value", y: "second" }, words));
  }

  function drawCurves() {
    const entries = d3.sort(Object.values(curves).filter((entry) => entry.benchmark === state.benchmark), draw.strange);
    for (const kind of ["pr", "f"]) {
      const box = document.getElementById(kind);
      if (!entries.length) {
        box.replaceChildren(element("p", { textContent: `Nothing was measured on ${state.benchmark}; choose ${[...new Set(drawn)].join(" or ")}.` }));
      } else {
        box.replaceChildren(draw.curvesPlot(kind, entries, state.benchmark, box), draw.legend(entries));
      }
    }
  }

  // What is drawn, and what is not, since nothing compares it with that.
  function summary() {
    const [column, ...apart] = view.columnsOf(state);
    const told = column.told === state.convention ? view.words(state.convention) : column.told;
    const have = `${view.count(figures(state.benchmark).length, "method has", "methods have")} ${title(state.benchmark)}`;
    const others = apart.map((one) => `${one.standings.length} under ${one.told}`).join(", ");
    return `${have} under the convention ${told}.${others && ` Not drawn, as nothing compares them: ${others}.`}`;
  }

  function show(undoable = false) {
    const { benchmark, measure, convention } = state;
    for (const name of Object.keys(state)) form.elements[name].value = state[name];
    view.write(state, plain, undoable);
    document.getElementById("astable").href = `index.html#${new URLSearchParams({ benchmark, measure, convention })}`;
    said.textContent = summary();
    drawYears();
    drawParameters();
    drawBenchmarks();
    drawCurves();
  }

  fillForm();
  show();
  form.addEventListener("input", ({ target }) => {
    const wanted = Object.fromEntries(Object.keys(state).map((name) => [name, form.elements[name].value]));
    state = settle(wanted, target === form.other ? undefined : target.name);
    show(true);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", () => {
    state = settle(shared());
    show();
  });
})();
