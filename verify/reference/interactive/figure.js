// The figure around a picture: controls, words, table, legend.
//
// A figure is described by an object: `view`, `step`, `axes`, `drawn`, `legend`, `controls` and
// `draw(plane, state)`, which draws the state and returns {handles, text, table}. The state starts
// as the data that the page brings along, and Reset makes it that again.

const FIGURES = {}; // filled by the files of the single figures

function swatch(id, kind) {
  const svg = element("svg", { width: 34, height: 18, "aria-hidden": "true", class: "i-swatch" });
  if (kind in SHAPES)
    svg.append(
      element("path", { d: SHAPES[kind], class: "i-glyph", transform: "translate(17 9)" }),
    );
  else if (kind.startsWith("region-"))
    for (const fill of [null, `url(#${id}-hatch-${kind.slice(7)})`])
      svg.append(
        element("path", {
          d: "M2 1.5H32V16.5H2Z",
          fill,
          class: fill
            ? `i-outline i-series-${kind.slice(7)}`
            : `i-region i-series-${kind.slice(7)}`,
        }),
      );
  else svg.append(element("path", { d: "M1 9H33", class: `i-line ${kind}` }));
  return svg;
}

function legend(id, entries) {
  const list = element("ul", { class: "i-legend" });
  for (const [kind, text, series = 0] of entries)
    list.append(
      element(
        "li",
        { class: `i-${kind} i-series-${series}` },
        swatch(id, kind),
        element("span", {}, text),
      ),
    );
  return list;
}

function table({ caption, head, rows }) {
  const line = (cells, first) =>
    element(
      "tr",
      {},
      ...cells.map((text, i) =>
        i || !first
          ? element(first ? "td" : "th", first ? {} : { scope: "col" }, text)
          : element("th", { scope: "row" }, text),
      ),
    );
  return [
    element("caption", {}, caption),
    element("thead", {}, line(head, false)),
    element("tbody", {}, ...rows.map((cells) => line(cells, true))),
  ];
}

/** Return a control and a function that shows the state in it. */
function control(id, given, state, changed) {
  const name = `${id}-${given.key}`;
  if (given.kind === "button") {
    const button = element("button", { type: "button" }, given.label);
    button.addEventListener("click", () => {
      given.act(state);
      changed();
    });
    return [button, () => (button.disabled = given.spent(state))];
  }
  if (given.kind === "choice") {
    const list = element(
      "select",
      { id: name },
      ...given.options(state).map((text, i) => element("option", { value: i }, text)),
    );
    list.addEventListener("change", () => {
      given.act(state, Number(list.value));
      changed();
    });
    const label = element("label", { for: name }, given.label);
    return [
      element("p", { class: "i-control" }, label, list),
      () => (list.value = state[given.key]),
    ];
  }
  const check = given.kind === "check";
  const input = element("input", {
    id: name,
    type: check ? "checkbox" : "range",
    min: given.min,
    max: given.max,
    step: given.step,
  });
  input.addEventListener("input", () => {
    state[given.key] = check ? input.checked : Number(input.value);
    changed();
  });
  const value = element("output", { for: name });
  const label = element("label", { for: name }, given.label);
  const order = check ? [input, label] : [label, input, value];
  const show = () => {
    if (check) input.checked = state[given.key];
    else {
      input.value = state[given.key];
      value.textContent = number(state[given.key]);
    }
  };
  return [element("p", { class: "i-control" }, ...order), show];
}

function bind(figure) {
  const description = FIGURES[figure.dataset.interactive];
  const find = (part) => figure.querySelector(`.i-${part}`);
  const start = JSON.parse(figure.querySelector("script[type='application/json']").textContent);
  const state = structuredClone(start);
  const plane = new Plane(find("plot"), figure.id, description);
  const shows = [];

  const update = () => {
    plane.clear();
    const { handles, text, table: rows } = description.draw(plane, state);
    plane.finish(handles);
    const live = find("live");
    if (live.textContent !== text) live.textContent = text;
    find("table").replaceChildren(...table(rows));
    for (const show of shows) show();
  };
  plane.changed = update;
  // While a handle is held, readers wait for where it comes to rest.
  plane.busy = (held) => find("live").setAttribute("aria-busy", String(held));

  const controls = find("controls");
  for (const given of description.controls) {
    const [node, show] = control(figure.id, given, state, update);
    controls.append(node);
    shows.push(show);
  }
  const reset = element("button", { type: "button", class: "i-reset" }, "Reset");
  reset.addEventListener("click", () => {
    for (const key of Object.keys(state)) delete state[key];
    Object.assign(state, structuredClone(start));
    update();
  });
  controls.append(reset);
  find("key").append(legend(figure.id, description.legend));

  let room = 0;
  new ResizeObserver(() => {
    const width = Math.floor(find("plot").clientWidth);
    if (!width || width === room) return;
    room = width;
    plane.fit(room);
    update();
  }).observe(find("plot"));
}
