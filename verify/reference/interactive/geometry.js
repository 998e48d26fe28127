// Plane geometry in floats: hulls, separators, regions. Pure functions, no page, no state.
//
// A rule is {w, b}: its value at x is w.x + b. A half-plane is {n, h}: the x with n.x <= h.
// Handles stand on a coarse grid, so what is zero exactly differs from what is not by far more than
// TINY, which only absorbs rounding.

const TINY = 1e-9;

const plus = (p, q) => [p[0] + q[0], p[1] + q[1]];
const minus = (p, q) => [p[0] - q[0], p[1] - q[1]];
const times = (t, p) => [t * p[0], t * p[1]];
const along = (p, t, v) => [p[0] + t * v[0], p[1] + t * v[1]];
const dot = (p, q) => p[0] * q[0] + p[1] * q[1];
const cross = (p, q) => p[0] * q[1] - p[1] * q[0];
const length = (p) => Math.hypot(p[0], p[1]);
const unit = (p) => times(1 / length(p), p);
const turned = (p) => [-p[1], p[0]]; // a quarter turn to the left
const valueOf = (rule, x) => dot(rule.w, x) + rule.b;

/** Return the corners of the convex hull, anticlockwise; one or two when it is flat. */
function hull(points) {
  const sorted = [...points].sort((p, q) => p[0] - q[0] || p[1] - q[1]);
  const distinct = sorted.filter((p, i) => !i || length(minus(p, sorted[i - 1])) > TINY);
  if (distinct.length < 3) return distinct;
  const chain = (list) => {
    const kept = [];
    for (const p of list) {
      while (kept.length > 1) {
        const [a, b] = kept.slice(-2);
        if (cross(minus(b, a), minus(p, b)) > TINY) break;
        kept.pop();
      }
      kept.push(p);
    }
    return kept.slice(0, -1);
  };
  return [...chain(distinct), ...chain([...distinct].reverse())];
}

/** Return the sides of a hull as pairs of corners; a single point is its own side. */
function sides(corners) {
  if (corners.length < 3) return [[corners[0], corners[corners.length - 1]]];
  return corners.map((p, i) => [p, corners[(i + 1) % corners.length]]);
}

function nearestOnSegment(x, [a, b]) {
  const v = minus(b, a);
  const t = dot(v, v) > 0 ? dot(minus(x, a), v) / dot(v, v) : 0;
  return along(a, Math.min(1, Math.max(0, t)), v);
}

const inHull = (x, corners) =>
  corners.length < 3
    ? length(minus(x, nearestOnSegment(x, sides(corners)[0]))) <= TINY
    : sides(corners).every(([a, b]) => cross(minus(b, a), minus(x, a)) >= -TINY);

const withLabel = (points, labels, y) => points.filter((_, i) => labels[i] === y);

/**
 * Return the max-margin rule with |w| = 1, its margin, and the nearest points p and q of the hulls;
 * null when one label is missing or no line separates.
 *
 * Two disjoint hulls are nearest at a corner of one and a side of the other. The best such pair is
 * accepted only if both hulls lie beyond it, which no pair satisfies when the hulls meet.
 */
function maxMargin(points, labels) {
  const [positive, negative] = [1, -1].map((y) => hull(withLabel(points, labels, y)));
  if (!positive.length || !negative.length) return null;
  const pairs = [
    ...positive.flatMap((p) => sides(negative).map((s) => [p, nearestOnSegment(p, s)])),
    ...negative.flatMap((q) => sides(positive).map((s) => [nearestOnSegment(q, s), q])),
  ];
  const gap = ([p, q]) => length(minus(p, q));
  const [p, q] = pairs.reduce((best, pair) => (gap(pair) < gap(best) - TINY ? pair : best));
  if (gap([p, q]) <= TINY) return null;
  const w = unit(minus(p, q));
  const apart =
    positive.every((x) => dot(w, minus(x, p)) >= -TINY) &&
    negative.every((x) => dot(w, minus(x, q)) <= TINY);
  return apart ? { w, b: -dot(w, times(1 / 2, plus(p, q))), p, q, margin: gap([p, q]) / 2 } : null;
}

const normalised = (rule) => ({ w: unit(rule.w), b: rule.b / length(rule.w) });

/** Return the two lines that touch both hulls and have each on its own side: margins >= 0. */
function innerTangents(points, labels) {
  const [positive, negative] = [1, -1].map((y) => hull(withLabel(points, labels, y)));
  const found = [];
  for (const p of positive)
    for (const q of negative)
      for (const w of [turned(unit(minus(p, q))), turned(unit(minus(q, p)))]) {
        const rule = { w, b: -dot(w, p) };
        const right =
          positive.every((x) => valueOf(rule, x) >= -TINY) &&
          negative.every((x) => valueOf(rule, x) <= TINY);
        const known = found.some((r) => length(minus(r.w, w)) + Math.abs(r.b - rule.b) < 1e-6);
        if (right && !known) found.push(rule);
      }
  return found;
}

/** Return (1 - share) of one rule and share of the other: a separator while share < 1. */
const mixture = (separator, limit, share) =>
  normalised({
    w: plus(times(1 - share, separator.w), times(share, limit.w)),
    b: (1 - share) * separator.b + share * limit.b,
  });

/** Return the two extreme unit vectors of directions that lie in an open half-plane. */
function extremes(directions) {
  const units = directions.map(unit);
  const last = (better) => units.reduce((best, v) => (better(cross(best, v)) ? v : best));
  return { right: last((c) => c < 0), left: last((c) => c > 0) };
}

/**
 * Return the half-planes of conv(of) + cone(of - from).
 *
 * Exactly there every separator gives the label of the points in `of`: a point x = q + t (q - p)
 * with a mixture p of the others must get it, and a point outside need not.
 */
function shadow(of, from) {
  const { right, left } = extremes(of.flatMap((q) => from.map((p) => minus(q, p))));
  const normals = [turned(left), times(-1, turned(right)), times(-1, unit(plus(left, right)))];
  for (const [a, b] of sides(hull(of)))
    if (length(minus(b, a)) > TINY)
      for (const n of [turned(unit(minus(b, a))), turned(unit(minus(a, b)))])
        if (dot(n, left) <= TINY && dot(n, right) <= TINY) normals.push(n);
  return normals.map((n) => ({ n, h: Math.max(...of.map((x) => dot(n, x))) }));
}

/**
 * Return the step along -y w that point k needs over all separators: infinite when none is enough.
 *
 * It is the step at which the point reaches the shadow of the other class.
 */
function universalStep(points, labels, best, k) {
  const y = labels[k];
  const [own, others] = [y, -y].map((label) => withLabel(points, labels, label));
  const needed = shadow(others, own).map(({ n, h }) => {
    const missing = dot(n, points[k]) - h;
    const slope = y * dot(n, best.w);
    if (missing <= TINY) return 0;
    return slope > TINY ? missing / slope : Infinity;
  });
  return Math.max(...needed);
}

/** Return the label of a rule at x (0 on its line) and the step along -label v that changes it. */
function flip(rule, v, x) {
  const value = Math.abs(valueOf(rule, x)) <= TINY ? 0 : valueOf(rule, x);
  return { label: Math.sign(value), step: Math.abs(value) / dot(rule.w, v) };
}

const smallestMargin = (rule, points, labels) =>
  Math.min(...points.map((x, i) => labels[i] * valueOf(rule, x)));

/** Return f(x) = sum of relu(w.x + b) over the units. */
const networkValue = (units, x) => units.reduce((sum, u) => sum + Math.max(0, valueOf(u, x)), 0);

/**
 * Return the half-planes of {f <= level}, level >= 0.
 *
 * f is the largest of the sums over sets of units, so each set gives one of them.
 */
function sublevel(units, level) {
  let sets = [[]];
  for (const u of units) sets = [...sets, ...sets.map((s) => [...s, u])];
  return sets
    .filter((s) => s.length)
    .map((s) => ({
      n: s.reduce((n, u) => plus(n, u.w), [0, 0]),
      h: level - s.reduce((b, u) => b + u.b, 0),
    }));
}

/** Return the corners of the part of the half-planes in a view [left, right, bottom, top]. */
function clip(halfPlanes, [left, right, bottom, top]) {
  let corners = [
    [left, bottom],
    [right, bottom],
    [right, top],
    [left, top],
  ];
  for (const { n, h } of halfPlanes) {
    const kept = [];
    corners.forEach((p, i) => {
      const q = corners[(i + 1) % corners.length];
      const [before, after] = [dot(n, p) - h, dot(n, q) - h];
      if (before <= TINY) kept.push(p);
      if (before * after < 0 && Math.min(Math.abs(before), Math.abs(after)) > TINY)
        kept.push(along(p, before / (before - after), minus(q, p)));
    });
    corners = kept;
  }
  return corners;
}

const inside = (halfPlanes, x) => halfPlanes.every(({ n, h }) => dot(n, x) <= h + TINY);

/** Return the largest step c for which x + c v stays in the half-planes, from x inside. */
const lastStep = (halfPlanes, x, v) =>
  halfPlanes.reduce((least, { n, h }) => {
    const slope = dot(n, v);
    return slope > TINY ? Math.min(least, Math.max(0, h - dot(n, x)) / slope) : least;
  }, Infinity);

/** Return the extreme directions from mixtures of `negative` to x; null if x is one of them. */
function wedge(x, negative) {
  const corners = hull(negative);
  return inHull(x, corners) ? null : extremes(corners.map((z) => minus(x, z)));
}

const inWedge = ({ left, right }, v) =>
  cross(right, v) >= -TINY && cross(v, left) >= -TINY && dot(v, plus(left, right)) > TINY;

/** Whether v leads from a mixture of -1 points to some +1 point: it serves every accurate rule. */
const isUniversal = (positive, negative, v) =>
  positive.some((x) => {
    const found = wedge(x, negative);
    return found !== null && inWedge(found, v);
  });

/**
 * Return a unit with w.v = -slope, value 1 at x and at most 0 on all of `negative`; null if there
 * is none. |v| = 1. The part of w across v is as small as it can be.
 */
function unitWithSlope(x, negative, v, slope) {
  const across = times(-1, turned(v));
  let [least, most] = [-Infinity, Infinity];
  for (const z of negative) {
    const ahead = minus(x, z);
    const [side, needed] = [dot(across, ahead), 1 + slope * dot(v, ahead)];
    if (side > TINY) least = Math.max(least, needed / side);
    else if (side < -TINY) most = Math.min(most, needed / side);
    else if (needed > TINY) return null;
  }
  if (least > most + TINY) return null;
  const share = Math.min(Math.max(0, least), most);
  const w = along(times(-slope, v), share, across);
  return { w, b: 1 - dot(w, x) };
}

/** Return the half-planes of the region of class i of a softmax head. */
const regionOf = (weights, bias, i) =>
  weights
    .map((w, j) => ({ n: minus(w, weights[i]), h: bias[i] - bias[j] }))
    .filter((_, j) => j !== i);

/** Return "empty", "bounded" or "unbounded" for half-planes, with a ray that stays inside. */
function shape(halfPlanes) {
  const rows = halfPlanes.filter(({ n }) => length(n) > TINY);
  const places = [[0, 0], ...rows.map(({ n, h }) => times(h / dot(n, n), n))];
  for (const [i, r] of rows.entries())
    for (const s of rows.slice(i + 1)) {
      const area = cross(r.n, s.n);
      if (Math.abs(area) > TINY)
        places.push([(r.h * s.n[1] - s.h * r.n[1]) / area, (s.h * r.n[0] - r.h * s.n[0]) / area]);
    }
  if (!places.some((x) => inside(halfPlanes, x))) return { kind: "empty", ray: null };
  const open = (d) => rows.every(({ n }) => dot(n, d) <= TINY);
  const edges = rows.flatMap(({ n }) => [turned(unit(n)), turned(unit(times(-1, n)))]).filter(open);
  const middle = edges.reduce(plus, [0, 0]);
  const rays = [
    ...(length(middle) > 1e-6 ? [unit(middle)] : []),
    ...rows.map(({ n }) => unit(times(-1, n))),
    ...edges,
    ...(rows.length ? [] : [[1, 0]]),
  ].filter(open);
  return rays.length ? { kind: "unbounded", ray: rays[0] } : { kind: "bounded", ray: null };
}

/** Return the dimension of the directions that leave all logit differences alone, and one. */
function invariant(weights) {
  const last = weights[weights.length - 1];
  const steps = weights.map((w) => minus(w, last)).filter((v) => length(v) > TINY);
  if (!steps.length) return { dimension: 2, direction: [0, 1] };
  if (steps.some((v) => Math.abs(cross(v, steps[0])) > TINY))
    return { dimension: 0, direction: null };
  return { dimension: 1, direction: unit(turned(steps[0])) };
}

const logits = (weights, bias, h) => weights.map((w, i) => dot(w, h) + bias[i]);

function softmax(z) {
  const top = Math.max(...z);
  const powers = z.map((v) => Math.exp(v - top));
  const total = powers.reduce((sum, p) => sum + p, 0);
  return powers.map((p) => p / total);
}
