// A softmax head on two features: its regions, and the direction that no probability notices.

const KINDS = ["empty", "bounded", "unbounded"];
const WORDS = { 2: "two", 3: "three", 4: "four" };

const middle = (corners) => times(1 / corners.length, corners.reduce(plus, [0, 0]));

/** Return where to go from h: an invariant direction, or a ray of its region, or nowhere. */
function wayFrom(weights, shapes, winner) {
  const { dimension, direction } = invariant(weights);
  if (dimension) return { v: direction, kept: true };
  return { v: shapes[winner].ray, kept: false };
}

/** Say why some direction leaves all differences of logits alone. */
function reason(weights) {
  if (invariant(weights).dimension === 2) return "All weight vectors are the same";
  return weights.length === 2
    ? "There is one difference of weights for two features"
    : "The differences of weights are parallel";
}

function describeHead(state, shapes, z, winner, way, moved) {
  const count = state.weights.length;
  const list = (kind) => shapes.flatMap((s, i) => (s.kind === kind ? [i + 1] : []));
  const said = KINDS.filter((kind) => list(kind).length).map(
    (kind) => `${kind}: ${list(kind).length > 1 ? "classes" : "class"} ${list(kind).join(", ")}`,
  );
  const regions = `Two features, ${WORDS[count]} classes; regions ${said.join("; ")}.`;
  const [best, next] = [...z].sort((a, b) => b - a);
  const second = z.findIndex((v, i) => i !== winner && v === next);
  const at =
    `h = ${pair(state.point)} belongs to class ${winner + 1}, whose logit is ` +
    `${number(best - next)} above that of class ${second + 1}.`;
  if (way.kept)
    return (
      `${regions} ${at} ${reason(state.weights)}, so along d = ${pair(way.v)} every ` +
      `difference of logits is constant: at h + θd = ${pair(moved)} the probabilities are the same.`
    );
  const none = "No direction leaves all differences of logits alone.";
  if (!way.v) return `${regions} ${at} ${none} The region of h ends in every direction.`;
  return (
    `${regions} ${at} ${none} Along d = ${pair(way.v)} the region of h has no end, but the ` +
    "differences change."
  );
}

FIGURES.softmax = {
  view: [-3, 3, -3, 3],
  step: 0.25,
  axes: "first and second feature; weights in the same plane",
  drawn: "Plane of two features with decision regions and weight vectors that can be moved",
  legend: [
    ["region-1", "region of class 1"],
    ["region-2", "region of class 2"],
    ["region-3", "region of class 3"],
    ["region-4", "region of class 4"],
    ["disc", "tip of the weight vector of the class with this number"],
    ["i-first", "hull of the weight vectors: a class strictly inside is bounded, if it has points"],
    ["diamond", "features h; the cross is h + θd"],
    ["i-step", "d: all differences of logits stay"],
    ["i-never", "d: the region goes on, the differences change"],
  ],
  controls: [
    {
      kind: "choice",
      key: "chosen",
      label: "Start from",
      options: (state) => state.heads.map((head) => head.name),
      act(state, i) {
        const { weights, bias } = structuredClone(state.heads[i]);
        Object.assign(state, { chosen: i, weights, bias, first: bias[0] });
      },
    },
    { kind: "range", key: "first", label: "Bias of class 1", min: -3, max: 3, step: 0.25 },
    { kind: "range", key: "theta", label: "θ", min: -4, max: 4, step: 0.25 },
  ],

  draw(plane, state) {
    const { weights, point } = state;
    const bias = [state.first, ...state.bias.slice(1)];
    const regions = weights.map((_, i) => regionOf(weights, bias, i));
    const shapes = regions.map(shape);
    regions.forEach((rows, i) => {
      const corners = clip(rows, plane.view);
      plane.region(corners, i + 1);
      if (corners.length > 2) plane.name(middle(corners), `class ${i + 1}`, "i-strong");
    });
    plane.polygon(hull(weights), "i-first");
    for (const w of weights) plane.arrow([0, 0], w, "i-best", { before: 9 });

    const z = logits(weights, bias, point);
    const winner = z.indexOf(Math.max(...z));
    const way = wayFrom(weights, shapes, winner);
    const moved = way.v ? along(point, state.theta, way.v) : point;
    const after = logits(weights, bias, moved);
    if (way.v) {
      const kind = way.kept ? "i-step" : "i-never";
      const ends = plane.across(point, way.v, way.kept ? -Infinity : 0);
      if (ends && way.kept) plane.segment(...ends, kind);
      const end = plane.endless(point, way.v, kind);
      plane.name(along(end, -0.4, way.v), "d", "i-strong");
      const [left, right, bottom, top] = plane.view;
      if (moved[0] > left && moved[0] < right && moved[1] > bottom && moved[1] < top) {
        plane.mark(moved, "M-5 -5L5 5M-5 5L5 -5", "i-cross");
        if (state.theta) plane.name(moved, "h + θd");
      }
    }

    const handles = weights.map((at, i) => ({
      key: `weight-${i}`,
      label: `Weight vector of class ${i + 1}`,
      more: `, region ${shapes[i].kind}`,
      shape: "disc",
      series: i + 1,
      text: String(i + 1),
      at,
      move: (to) => (weights[i] = to),
    }));
    handles.push({
      key: "point",
      label: "Features h",
      more: `, class ${winner + 1}`,
      shape: "diamond",
      text: "h",
      at: point,
      move: (to) => (state.point = to),
    });
    const m = weights.length;
    const change = (a, b) => (way.v ? `${number(a)} → ${number(b)}` : number(a));
    const [before, later] = [softmax(z), softmax(after)];
    const rows = weights.map((_, i) => [
      String(i + 1),
      number(bias[i]),
      shapes[i].kind,
      change(z[i] - z[m - 1], after[i] - after[m - 1]),
      change(before[i], later[i]),
    ]);
    return {
      handles,
      text: describeHead(state, shapes, z, winner, way, moved),
      table: {
        caption: way.v ? "At h → at h + θd" : "At h",
        head: ["class", "bias", "region", `logit minus that of class ${m}`, "probability"],
        rows,
      },
    };
  },
};
