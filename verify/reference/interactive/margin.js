// Separators of labelled points and the step along the max-margin direction that each point needs.

const RULES = [
  ["h*", "i-best"],
  ["h₁", "i-first"],
  ["h₂", "i-second"],
];
const SPARE = {
  1: [
    [-1.5, 2],
    [2, 2],
    [-2.5, 1.5],
    [0.5, 2.5],
    [2.5, 1],
  ],
  "-1": [
    [-1, -1],
    [1, -2],
    [-2, -0.5],
    [0, -2.5],
    [2, -2.5],
  ],
};

const addPoint = (y) => ({
  kind: "button",
  key: `add${y}`,
  label: `Add a point labelled ${sign(y)}`,
  spent: (state) => state.labels.filter((label) => label === y).length > 4,
  act(state) {
    const free = (p) => state.points.every((q) => length(minus(p, q)) > 0.3);
    state.points.push([...(SPARE[y].find(free) ?? SPARE[y][0])]);
    state.labels.push(y);
  },
});

/** Draw the step of one point: an arrow of that length, or a dashed one that never arrives. */
function drawStep(plane, x, v, step) {
  if (step === Infinity) {
    const end = plane.endless(x, v, "i-never", { aside: 5 });
    plane.name(along(end, -0.4, v), "∞", "i-strong");
    return;
  }
  const end = along(x, step, v);
  const [left, right, bottom, top] = plane.view;
  const seen = end[0] > left && end[0] < right && end[1] > bottom && end[1] < top;
  if (seen) plane.arrow(x, end, "i-step", { aside: 5 });
  else plane.endless(x, v, "i-step", { aside: 5 });
  plane.name(along(x, seen ? step / 2 : 0.8, v), number(step), "i-strong");
}

/** Draw w* where it stands on the max-margin line, at the end that is farther from the points. */
function drawNormal(plane, best, ends, points) {
  if (!ends) return;
  const room = (x) => Math.min(...points.map((p) => length(minus(p, x))));
  const feet = [0.12, 0.88].map((t) => along(ends[0], t, minus(ends[1], ends[0])));
  const foot = room(feet[0]) > room(feet[1]) ? feet[0] : feet[1];
  const tip = along(foot, 40 / plane.scale, best.w);
  plane.arrow(foot, tip, "i-best");
  plane.name(tip, "w*", "i-strong");
}

function drawQuery(plane, query, flips, best) {
  for (const y of [1, -1]) {
    const steps = flips.filter((f) => f.label === y).map((f) => f.step);
    if (steps.length)
      plane.segment(query, along(query, -y * Math.max(...steps), best.w), "i-guide");
  }
  flips.forEach(({ label, step }, i) => {
    const at = along(query, -label * step, best.w);
    const [left, right, bottom, top] = plane.view;
    if (at[0] < left || at[0] > right || at[1] < bottom || at[1] > top) return;
    plane.mark(at, "M-4 -4L4 4M-4 4L4 -4", "i-cross");
    plane.name(at, RULES[i][0]);
  });
}

function describeMargin(state, best, flips, steps) {
  const parts = flips.map(({ label, step }, i) =>
    label
      ? `${RULES[i][0]} says ${sign(label)} and changes at step ${number(step)}`
      : `${RULES[i][0]} passes through x`,
  );
  const finite = steps.filter(Number.isFinite);
  const never = state.points.filter((_, k) => steps[k] === Infinity).map(pair);
  const all = never.length
    ? `no step along w* is enough at ${never.join(", ")}` +
      (finite.length ? `; the other points need at most ${number(Math.max(...finite))}` : "")
    : `one step serves every point, ${number(Math.max(...finite))}`;
  return (
    `The margin is γ* = ${number(best.margin)}, in the direction w* = ${pair(best.w)}. ` +
    `At x = ${pair(state.query)}: ${parts.join("; ")}. Over all separators at once, ${all}.`
  );
}

FIGURES.margin = {
  view: [-3, 3, -3, 3],
  step: 0.1,
  axes: "first and second coordinate, in units of the data",
  drawn: "Plane with labelled points that can be moved, and their separators",
  legend: [
    ["disc", "point labelled +1", 1],
    ["square", "point labelled −1", 2],
    ["diamond", "the point x to ask about; crosses show where rules change", 0],
    ["i-best", "h*, the max-margin separator, with its direction w*"],
    ["i-first", "h₁, another separator"],
    ["i-second", "h₂, another separator"],
    ["region-1", "every separator says +1"],
    ["region-2", "every separator says −1"],
    ["i-step", "step that changes the label of a point for every separator"],
    ["i-never", "∞: however long the step, some separator keeps the label"],
  ],
  controls: [
    {
      kind: "range",
      key: "tilt",
      min: 0,
      max: 0.95,
      step: 0.05,
      label: "How far h₁ and h₂ turn to the last lines that separate",
    },
    addPoint(1),
    addPoint(-1),
  ],

  draw(plane, state) {
    const { points, labels, query, tilt } = state;
    const [positive, negative] = [1, -1].map((y) => withLabel(points, labels, y));
    const handles = points.map((at, i) => ({
      key: `point-${i}`,
      label: `Point ${i + 1}, labelled ${sign(labels[i])}`,
      shape: labels[i] > 0 ? "disc" : "square",
      series: labels[i] > 0 ? 1 : 2,
      text: labels[i] > 0 ? "+" : "−",
      at,
      move: (to) => (points[i] = to),
    }));
    handles.push({
      key: "query",
      label: "The point x",
      shape: "diamond",
      text: "x",
      at: query,
      move: (to) => (state.query = to),
    });
    for (const side of [positive, negative]) plane.polygon(hull(side), "i-guide");

    const best = maxMargin(points, labels);
    const caption = "Steps along the max-margin direction, in units of the data";
    const head = [
      "rule",
      "label of x",
      "x changes at",
      "bound of Theorem 5",
      "first point of the data changes at",
    ];
    if (!best) {
      const text =
        "Not separable: the hulls of the two labels meet, so no line separates the " +
        "points and there is no max-margin direction.";
      return { handles, text, table: { caption, head, rows: [] } };
    }
    const tangents = innerTangents(points, labels);
    const rules = [best, ...tangents.slice(0, 2).map((limit) => mixture(best, limit, tilt))];
    plane.region(clip(shadow(positive, negative), plane.view), 1);
    plane.region(clip(shadow(negative, positive), plane.view), 2);
    const ends = rules.map((rule, i) => plane.line(rule, RULES[i][1]));
    drawNormal(plane, best, ends[0], [...points, query]);
    const steps = points.map((_, k) => universalStep(points, labels, best, k));
    points.forEach((x, k) => drawStep(plane, x, times(-labels[k], best.w), steps[k]));
    const flips = rules.map((rule) => flip(rule, best.w, query));
    drawQuery(plane, query, flips, best);
    const rows = rules.map((rule, i) => {
      const smallest = smallestMargin(rule, points, labels);
      const first = Math.min(...points.map((x) => flip(rule, best.w, x).step));
      const bound = (best.margin * Math.abs(valueOf(rule, query))) / smallest;
      return [RULES[i][0], sign(flips[i].label), ...[flips[i].step, bound, first].map(number)];
    });
    return {
      handles,
      text: describeMargin(state, best, flips, steps),
      table: { caption: `${caption}; by Corollary 6 the last column is at most γ*`, head, rows },
    };
  },
};
