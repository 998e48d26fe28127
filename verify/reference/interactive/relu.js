// A rule of class R, +1 where some unit is active, and the directions that leave its -1 region.

const unitOf = ({ at, tip }) => ({ w: minus(tip, at), b: -dot(minus(tip, at), at) });
const SUBSCRIPTS = ["₁", "₂", "₃", "₄"];

/** Draw x + c v: up to the edge of the region, which is marked, and on as an arrow. */
function drawRay(plane, x, v, last, kind) {
  if (last !== Infinity) plane.mark(along(x, last, v), "M-4 -4L4 4M-4 4L4 -4", "i-cross");
  return plane.endless(x, v, kind);
}

function drawCone(plane, x, cone, series) {
  plane.region(
    clip(
      [turned(cone.left), times(-1, turned(cone.right))].map((n) => ({ n, h: dot(n, x) })),
      plane.view,
    ),
    series,
  );
  for (const v of [cone.left, cone.right]) {
    const ends = plane.across(x, v, 0);
    if (ends) plane.segment(...ends, "i-guide");
  }
}

function reluHandles(state, units, view) {
  const { points, labels } = state;
  const count = { 1: 0, "-1": 0 };
  const handles = points.map((at, i) => ({
    key: `point-${i}`,
    label: `Point ${++count[labels[i]]} labelled ${sign(labels[i])}`,
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
    at: state.query,
    move: (to) => (state.query = to),
  });
  handles.push({
    key: "free",
    label: "Tip of the free direction d, seen from x",
    shape: "triangle",
    at: plus(state.query, state.free),
    move(to) {
      if (length(minus(to, state.query)) > TINY) state.free = minus(to, state.query);
    },
  });
  units.forEach((u, i) => {
    handles.push({
      key: `foot-${i}`,
      label: `Hyperplane ${i + 1}: where it stands`,
      shape: "ring",
      at: u.at,
      move(to) {
        const tip = plus(to, minus(u.tip, u.at));
        const [left, right, bottom, top] = view;
        if (tip[0] > left && tip[0] < right && tip[1] > bottom && tip[1] < top)
          Object.assign(u, { at: to, tip });
      },
    });
    handles.push({
      key: `tip-${i}`,
      label: `Hyperplane ${i + 1}: tip of its normal, on the side where the unit is active`,
      shape: "triangle",
      at: u.tip,
      move(to) {
        if (length(minus(to, u.at)) > TINY) u.tip = to;
      },
    });
  });
  return handles;
}

/** Return the points that the rule gets wrong. */
const wrongPoints = (units, points, labels) =>
  points.filter((x, i) => (networkValue(units, x) > TINY ? 1 : -1) !== labels[i]);

/** Say what the theorems need and the state lacks; empty when nothing is missing. */
function missing(state, units, positive, negative) {
  const wrong = wrongPoints(units, state.points, state.labels);
  if (positive.some((x) => inHull(x, hull(negative))))
    return (
      "A point labelled +1 is a mixture of points labelled −1: no rule of the class is " +
      "right on these points, and the theorems speak of none."
    );
  if (wrong.length)
    return (
      `The rule is wrong at ${wrong.map(pair).join(" and ")}, so the theorems do not speak ` +
      "of it."
    );
  if (networkValue(units, state.query) > TINY)
    return (
      "The rule is right on all points, but it labels x +1; the theorems speak of points " +
      "labelled −1."
    );
  return "";
}

FIGURES.relu = {
  view: [-3, 3, -3, 3],
  step: 0.1,
  axes: "first and second coordinate, in units of the data",
  drawn: "Plane with a two-layer ReLU rule whose hyperplanes, points and directions can be moved",
  legend: [
    ["disc", "point labelled +1", 1],
    ["square", "point labelled −1", 2],
    ["diamond", "the point x from which the rays start", 0],
    ["i-best", "hyperplane of a unit; its arrow shows where the unit is active"],
    ["region-2", "the rule says −1 (no unit active): a convex region"],
    ["region-3", "x + (x₊ − z), z a mixture of −1 points: directions that always work"],
    ["i-step", "ray along x₊ − x₋ from x"],
    ["i-never", "ray along the free direction d from x"],
  ],
  controls: [{ kind: "check", key: "third", label: "A third unit" }],

  draw(plane, state) {
    const { points, labels, query, free } = state;
    const [positive, negative] = [1, -1].map((y) => withLabel(points, labels, y));
    const shown = state.units.slice(0, state.third ? 3 : 2);
    const units = shown.map(unitOf);
    const rows = sublevel(units, 0);
    plane.region(clip(rows, plane.view), 2);
    const cones = positive.map((x) => wedge(x, negative)).filter(Boolean);
    for (const cone of cones) drawCone(plane, query, cone, 3);
    units.forEach((u, i) => {
      plane.line(u, "i-best");
      plane.arrow(shown[i].at, shown[i].tip, "i-best", { before: 6 });
      plane.name(shown[i].at, `unit ${i + 1}`);
    });

    for (const x of wrongPoints(units, points, labels)) {
      plane.mark(x, "M-13 -13L13 13M-13 13L13 -13", "i-cross");
      plane.name(x, "wrong", "i-strong");
    }

    const v = minus(positive[0], negative[0]);
    const within = networkValue(units, query) <= TINY;
    const last = (d) => (within ? lastStep(rows, query, d) : NaN);
    const ends = [
      ["i-step", v, "x₊ − x₋"],
      ["i-never", free, "d"],
    ];
    for (const [kind, d, name] of ends)
      if (within) plane.name(along(drawRay(plane, query, d, last(d), kind), -0.5, unit(d)), name);

    const differences = positive.flatMap((x, i) =>
      negative.map((z, j) => [`x₊${SUBSCRIPTS[i]} − x₋${SUBSCRIPTS[j]}`, minus(x, z)]),
    );
    const told = [...differences, ["d", free]].map(([name, d]) => [
      `${name} = ${pair(d)}`,
      cones.some((cone) => inWedge(cone, d)) ? "every accurate rule" : "not every one",
      within ? (last(d) === Infinity ? "never" : number(last(d))) : "x is not in it",
    ]);
    const way = (d) =>
      last(d) === Infinity
        ? "stays in the −1 region for ever"
        : `leaves the −1 region at step ${number(last(d))}, at ${pair(along(query, last(d), d))}`;
    const always = cones.some((cone) => inWedge(cone, free));
    const text =
      missing(state, units, positive, negative) ||
      `The rule is right on all points. From x = ${pair(query)}, labelled −1, the ray along ` +
        `x₊ − x₋ = ${pair(v)} ${way(v)}. The ray along d = ${pair(free)} ${way(free)}; ` +
        (always
          ? "d turns every accurate rule."
          : "some accurate rule keeps all its labels −1 along d for ever.");
    return {
      handles: reluHandles(state, shown, plane.view),
      text,
      table: {
        caption: "Directions from x, steps in multiples of the direction",
        head: ["direction", "turns", "leaves this region at step"],
        rows: told,
      },
    };
  },
};
