"use strict";
// What a reader looks at: the choices of the form, kept in the address after "#", so that a view can be shared.
// No server sees them, and they work from a disk.

const view = (() => {
  const ALL = "all", MEASURED = "measured", USUAL = "usual";
  const measured = new Set(board.conventions.filter((one) => one.measured).map((one) => one.name));
  const measures = new Map(board.measures.map((one) => [one.name, one]));
  const families = [...new Set(board.conventions.map((one) => family(one.name)))];
  const places = [board.benchmarks, [...measures.keys()], board.conventions.map((one) => one.name)];

  function family(convention) {
    return measured.has(convention) ? MEASURED : convention;
  }

  // The columns of a choice, benchmark by benchmark.
  function columnsOf({ benchmark, measure, convention }) {
    const taken = board.columns.filter((column) =>
      [ALL, column.benchmark].includes(benchmark) && [ALL, column.measure].includes(measure) &&
      [ALL, family(column.convention)].includes(convention));
    // What was measured on unknown masks comes behind all of the known ones, so that it leads nothing.
    const place = (column) => [places[0].indexOf(column.benchmark), Number(column.unknownMasks !== ""),
      places[1].indexOf(column.measure), places[2].indexOf(column.convention)];
    const apart = (a, b) => a.map((one, i) => one - b[i]).find((one) => one !== 0) ?? 0;
    return taken.map((column) => [place(column), column]).sort(([a], [b]) => apart(a, b)).map(([, column]) => column);
  }

  const CHOICES = ["convention", "benchmark", "measure"];
  const options = { benchmark: [...board.benchmarks], measure: [ALL, ...measures.keys()], convention: families };

  // The nearest choice that has figures. What was chosen last stays, and of the rest as much as can be.
  function settle(wanted, kept = CHOICES.find((name) => wanted[name]) ?? CHOICES[0]) {
    const known = {};
    for (const name of CHOICES) {
      known[name] = [...options[name], ALL].includes(wanted[name]) ? wanted[name] : options[name][0];
    }
    const [second, first] = CHOICES.filter((name) => name !== kept);
    const found = [[], [first], [second], [first, second], CHOICES]
      .flatMap((free) => variants(known, free)).find((one) => columnsOf(one).length) ?? known;
    if (found.benchmark === ALL && found.measure === ALL) found.measure = columnsOf(found)[0].measure;
    return { ...wanted, ...found };
  }

  // Every choice that differs in these alone.
  function variants(known, free) {
    return free.reduce((all, name) => all.flatMap((one) => options[name].map((value) => ({ ...one, [name]: value }))), [known]);
  }

  function read() {
    return Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
  }

  // Only what differs from the first view is said. A step is what the browser's Back undoes.
  function write(state, plain, step) {
    const said = Object.entries(state).filter(([name, value]) => value && value !== plain[name]);
    const hash = `#${new URLSearchParams(said)}`;
    if ((location.hash || "#") !== hash) history[step ? "pushState" : "replaceState"](null, "", hash);
    document.getElementById("share").href = hash;
    return hash;
  }

  function fill(select, options) {
    select.replaceChildren(...options.map(([value, words]) => new Option(words, value)));
  }

  function words(convention) {
    return { [USUAL]: "usual: as most papers print it", [MEASURED]: "measured here by sodeval" }[convention] ?? convention;
  }

  const some = (names) => names.map((name) => [name, name]);
  const benchmarkOptions = some(board.benchmarks);
  const measureOptions = board.measures
    .filter((one) => board.columns.some((column) => column.measure === one.name))
    .map((one) => [one.name, `${one.title} ${one.arrow}`]);
  const conventionOptions = families.map((name) => [name, words(name)]);

  // An element with its properties and children; text is never read as HTML.
  function element(name, properties = {}, ...children) {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  }

  const count = (n, one, many) => `${n.toLocaleString("en")} ${n === 1 ? one : many}`;

  const number = (value) => value.toFixed(3).replace(/^0/, "");

  return {
    ALL, CHOICES, MEASURED, measures, family, columnsOf, settle, read, write, fill, words, element, count, number,
    benchmarkOptions, measureOptions, conventionOptions,
  };
})();

// A figure as the table and the charts read it; `board.js` holds them as lists.
function figureOf([method, value, origin, address, source, place, note, suspect, low, high]) {
  const text = (i) => board.texts[i];
  return {
    method: board.methods[method], value, origin: text(origin), address: text(address), source: text(source),
    place: text(place), note: text(note), suspect: text(suspect), interval: low === undefined ? null : [low, high],
  };
}

function standingOf([rank, tied, figures]) {
  const [figure, ...others] = figures.map(figureOf);
  return { rank, tied: Boolean(tied), figure, others };
}

// Where a figure can be read up: its source, or the run of a measured one.
function linkOf(figure) {
  const { element } = view;
  return figure.origin === "measured"
    ? element("a", { href: `${figure.method.page}#main` })
    : element("a", { href: figure.address, target: "_blank", rel: "noopener" });
}
