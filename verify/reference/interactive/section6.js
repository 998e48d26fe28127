// The max-margin direction against a ReLU rule that is right on the data: when does its ray stay?

/** Say why no rule with this slope is right on the data. */
const noRule = (universal, slope) =>
  universal && slope >= 0
    ? "A point labelled +1 lies beyond the hull of the −1 points, in the direction w*: so w* " +
      "turns every accurate rule, and none has units that are level or fall along w*. A slope " +
      "far enough below 0 makes one, whose rays come out."
    : "No unit with this slope separates each point labelled +1 from those labelled −1.";

FIGURES.section6 = {
  view: [-3, 3, -2, 4],
  step: 0.1,
  axes: "first and second coordinate, in units of the data",
  drawn: "Plane with labelled points that can be moved, a linear rule and a ReLU rule",
  legend: [
    ["disc", "point labelled +1", 1],
    ["square", "point labelled −1", 2],
    ["diamond", "another point x to start from", 0],
    ["i-first", "h₁, the max-margin separator, a linear rule"],
    ["region-2", "h₂ = −1: f < 1, one unit for each point labelled +1"],
    ["i-step", "ray along w* that leaves h₂ = −1, at the cross"],
    ["i-never", "ray along w* that stays in h₂ = −1 for ever"],
    ["i-second", "ray along x₊ − x₋, which leaves both"],
  ],
  controls: [
    {
      kind: "range",
      key: "slope",
      label: "How fast each unit falls along w* (below 0: rises)",
      min: -2,
      max: 2,
      step: 0.1,
    },
    { kind: "check", key: "more", label: "One more point labelled +1" },
  ],

  draw(plane, state) {
    const points = state.more ? [...state.points, state.extra] : state.points;
    const labels = points.map((_, i) => state.labels[i] ?? 1);
    const [positive, negative] = [1, -1].map((y) => withLabel(points, labels, y));
    const handles = points.map((at, i) => ({
      key: `point-${i}`,
      label: `Point ${i + 1}, labelled ${sign(labels[i])}`,
      shape: labels[i] > 0 ? "disc" : "square",
      series: labels[i] > 0 ? 1 : 2,
      text: labels[i] > 0 ? "+" : "−",
      at,
      move(to) {
        if (i < state.points.length) state.points[i] = to;
        else state.extra = to;
      },
    }));
    handles.push({
      key: "query",
      label: "The point x",
      shape: "diamond",
      text: "x",
      at: state.query,
      move: (to) => (state.query = to),
    });

    const caption = "Steps from points labelled −1";
    const head = [
      "from",
      "along w*: h₂ changes at",
      "along w*: h₁ changes at",
      "along x₊ − x₋: h₂ changes at",
    ];
    const best = maxMargin(points, labels);
    if (!best)
      return {
        handles,
        text:
          "Not separable: the hulls of the two labels meet, so there is no " +
          "max-margin direction.",
        table: { caption, head, rows: [] },
      };
    const normal = best.w;
    plane.line(best, "i-first");
    const units = positive.map((x) => unitWithSlope(x, negative, normal, state.slope));
    const universal = isUniversal(positive, negative, normal);
    const found = units.every(Boolean);
    const region = found ? sublevel(units, 1) : [];
    if (found) plane.region(clip(region, plane.view), 2);

    const v = minus(positive[0], negative[0]);
    const starts = [...negative, state.query].filter((x) => !found || networkValue(units, x) < 1);
    const last = (x, d) => (found ? lastStep(region, x, d) : NaN);
    for (const x of starts) {
      const stays = last(x, normal) === Infinity;
      if (found) {
        if (!stays)
          plane.mark(along(x, last(x, normal), normal), "M-4 -4L4 4M-4 4L4 -4", "i-cross");
        plane.name(
          along(plane.endless(x, normal, stays ? "i-never" : "i-step"), -0.4, normal),
          "w*",
        );
      } else plane.endless(x, normal, "i-guide");
    }
    const far = plane.endless(negative[0], v, "i-second");
    plane.name(along(far, -0.6, unit(v)), "x₊ − x₋");

    const told = (step) =>
      step === Infinity ? "never" : Number.isNaN(step) ? "no rule" : number(step);
    const rows = starts.map((x) => [
      pair(x),
      told(last(x, normal)),
      valueOf(best, x) < 0 ? number(flip(best, normal, x).step) : "already +1",
      told(last(x, v)),
    ]);
    const z = negative[0];
    const stays = last(z, normal) === Infinity;
    const text =
      `Max-margin direction w* = ${pair(normal)}. ` +
      (found
        ? `The ReLU rule is right on all points. From ${pair(z)} the ray along w* ` +
          (stays
            ? "stays in its −1 region for ever, although the linear rule changes at step "
            : `leaves its −1 region at step ${number(last(z, normal))}; the linear rule changes at `) +
          `${number(flip(best, normal, z).step)}. Along x₊ − x₋ = ${pair(v)} it leaves at ` +
          `${number(last(z, v))} times the difference.` +
          (universal || stays ? "" : " With a slope of 0 or more the ray never leaves.")
        : noRule(universal, state.slope));
    return { handles, text, table: { caption, head, rows } };
  },
};
