// One picture of the plane as SVG with handles that are dragged, or moved with the arrow keys.
//
// Everything drawn is made anew at each change; handles stay, so that focus and a drag in progress
// survive.

const SVG = "http://www.w3.org/2000/svg";
const EDGE = { left: 30, right: 8, top: 8, bottom: 38 }; // pixels around the plotted area
const WIDEST = 540;
const REACH = 26; // pixels within which a press takes the nearest handle

function element(name, attributes = {}, ...children) {
  const svg = [
    "svg",
    "g",
    "path",
    "line",
    "circle",
    "rect",
    "text",
    "title",
    "defs",
    "pattern",
    "clipPath",
  ].includes(name);
  const made = svg ? document.createElementNS(SVG, name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes))
    if (value !== undefined && value !== null) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** Write a number with at most two decimals, as people do: −0.5, 3, ∞. */
function number(x) {
  if (!Number.isFinite(x)) return "∞";
  const text = String(Number(Math.abs(x).toFixed(2)));
  return x < 0 && text !== "0" ? `−${text}` : text;
}

const pair = (p) => `(${number(p[0])},\u00a0${number(p[1])})`; // never broken over two lines
const sign = (y) => (y > 0 ? "+1" : y < 0 ? "−1" : "0");
const path = (points) => points.map((p, i) => `${i ? "L" : "M"}${p[0]} ${p[1]}`).join("");

// Outlines of markers and handles around the origin, in pixels.
const SHAPES = {
  disc: "M8 0A8 8 0 1 1 -8 0A8 8 0 1 1 8 0Z",
  square: "M-7.5 -7.5H7.5V7.5H-7.5Z",
  diamond: "M0 -9.5L9.5 0L0 9.5L-9.5 0Z",
  ring: "M6 0A6 6 0 1 1 -6 0A6 6 0 1 1 6 0Z",
  triangle: "M0 -8L8 6H-8Z",
};
const HATCHES = {
  1: "M-2 2L2 -2M0 10L10 0M8 12L12 8",
  2: "M-2 8L2 12M0 0L10 10M8 -2L12 2",
  3: "M0 5H10",
  4: "M5 0V10",
};

class Plane {
  constructor(holder, id, description) {
    this.id = id;
    this.view = description.view;
    this.step = description.step;
    this.axes = description.axes;
    this.svg = element("svg", { class: "i-svg", role: "group", "aria-label": description.drawn });
    this.svg.append(this.#patterns());
    this.back = element("g", { "aria-hidden": "true" });
    this.front = element("g", { "aria-hidden": "true" });
    this.held = element("g");
    this.svg.append(this.back, this.front, this.held);
    this.made = new Map();
    holder.append(this.svg);
    this.svg.addEventListener("pointerdown", (event) => this.#press(event));
    this.svg.addEventListener("pointermove", (event) => this.#move(event));
    for (const name of ["pointerup", "pointercancel"])
      this.svg.addEventListener(name, (event) => this.#release(event));
  }

  #patterns() {
    const defs = element("defs");
    for (const [series, d] of Object.entries(HATCHES))
      defs.append(
        element(
          "pattern",
          {
            id: `${this.id}-hatch-${series}`,
            width: 10,
            height: 10,
            patternUnits: "userSpaceOnUse",
          },
          element("path", { d, class: `i-hatch i-series-${series}` }),
        ),
      );
    this.area = element("rect");
    defs.append(element("clipPath", { id: `${this.id}-area` }, this.area));
    return defs;
  }

  /** Fit the picture into the room; one unit is one pixel, so that text keeps its size. */
  fit(room) {
    const [left, right, bottom, top] = this.view;
    this.width = Math.max(240, Math.min(room, WIDEST));
    this.scale = (this.width - EDGE.left - EDGE.right) / (right - left);
    this.height = (top - bottom) * this.scale + EDGE.top + EDGE.bottom;
    for (const [key, value] of Object.entries({ width: this.width, height: this.height }))
      this.svg.setAttribute(key, value);
    this.svg.setAttribute("viewBox", `0 0 ${this.width} ${this.height}`);
    const [x, y] = this.pixel([left, top]);
    const sizes = { x, y, width: (right - left) * this.scale, height: (top - bottom) * this.scale };
    for (const [key, value] of Object.entries(sizes)) this.area.setAttribute(key, value);
  }

  pixel([x, y]) {
    return [
      EDGE.left + (x - this.view[0]) * this.scale,
      EDGE.top + (this.view[3] - y) * this.scale,
    ];
  }

  #place([x, y]) {
    return [
      this.view[0] + (x - EDGE.left) / this.scale,
      this.view[3] - (y - EDGE.top) / this.scale,
    ];
  }

  // --- drawing -------------------------------------------------------------------------------

  clear() {
    const clipped = `url(#${this.id}-area)`;
    this.regions = element("g", { "clip-path": clipped });
    this.lines = element("g", { "clip-path": clipped });
    this.marks = element("g");
    this.names = element("g");
    this.back.replaceChildren(this.regions, this.#grid());
    this.front.replaceChildren(this.lines, this.marks, this.names);
    this.wanted = []; // names to be written, once it is known what they must not cover
    this.taken = []; // rectangles and short pieces of lines that are covered
  }

  #grid() {
    const [left, right, bottom, top] = this.view;
    const grid = element("g", { class: "i-axes" });
    const tick = (x, y, text, anchor) =>
      grid.append(element("text", { x, y, "text-anchor": anchor }, text));
    for (let x = Math.ceil(left); x <= right; x++) {
      const [[px, py], [, high]] = [this.pixel([x, bottom]), this.pixel([x, top])];
      grid.append(element("path", { d: `M${px} ${py + 4}V${high}`, class: x ? "" : "i-zero" }));
      tick(px, py + 16, number(x), "middle");
    }
    for (let y = Math.ceil(bottom); y <= top; y++) {
      const [[px, py], [far]] = [this.pixel([left, y]), this.pixel([right, y])];
      grid.append(element("path", { d: `M${px - 4} ${py}H${far}`, class: y ? "" : "i-zero" }));
      tick(px - 6, py + 4, number(y), "end");
    }
    const [middle, low] = [(EDGE.left + this.width - EDGE.right) / 2, this.height - 5];
    tick(middle, low, this.axes, "middle");
    return grid;
  }

  region(corners, series) {
    if (corners.length < 3) return;
    this.#coverSides(corners);
    const d = `${path(corners.map((p) => this.pixel(p)))}Z`;
    const paint = `url(#${this.id}-hatch-${series})`;
    this.regions.append(
      element("path", { d, class: `i-region i-series-${series}` }),
      element("path", { d, fill: paint, class: `i-outline i-series-${series}` }),
    );
  }

  polygon(corners, kind) {
    if (!corners.length) return;
    this.#coverSides(corners);
    const d = `${path(corners.map((p) => this.pixel(p)))}Z`;
    this.lines.append(element("path", { d, class: `i-line ${kind}` }));
  }

  segment(from, to, kind) {
    this.#cover(this.pixel(from), this.pixel(to));
    const d = path([this.pixel(from), this.pixel(to)]);
    this.lines.append(element("path", { d, class: `i-line ${kind}` }));
  }

  /** Draw {w.x + b = 0} and return its two ends in the view. */
  line(rule, kind) {
    const ends = this.across(times(-rule.b / dot(rule.w, rule.w), rule.w), turned(rule.w));
    if (ends) this.segment(...ends, kind);
    return ends;
  }

  /** Return the first and the last point of x + t v in the view, t from `start` on. */
  across(x, v, start = -Infinity) {
    let [low, high] = [start, Infinity];
    for (const k of [0, 1]) {
      const bounds = [this.view[2 * k], this.view[2 * k + 1]];
      if (Math.abs(v[k]) < TINY) {
        if (x[k] < bounds[0] || x[k] > bounds[1]) return null;
        continue;
      }
      const [first, last] = bounds.map((c) => (c - x[k]) / v[k]).sort((a, b) => a - b);
      [low, high] = [Math.max(low, first), Math.min(high, last)];
    }
    return low < high ? [along(x, low, v), along(x, high, v)] : null;
  }

  /** Draw an arrow, `aside` pixels to its right, so that two opposite ones lie side by side. */
  arrow(from, to, kind, { aside = 0, before = 0 } = {}) {
    let [a, b] = [this.pixel(from), this.pixel(to)];
    const size = length(minus(b, a));
    if (size < 2) return;
    const v = unit(minus(b, a));
    const right = times(aside, turned(v));
    [a, b] = [plus(a, right), plus(along(b, -Math.min(before, size / 2), v), right)];
    const base = along(b, -Math.min(10, size / 2), v);
    const head = [b, along(base, 4.5, turned(v)), along(base, -4.5, turned(v))];
    this.#cover(a, b);
    this.marks.append(
      element("path", { d: path([a, base]), class: `i-line ${kind}` }),
      element("path", { d: `${path(head)}Z`, class: `i-head ${kind}` }),
    );
  }

  /** Draw an arrow from x along v to the edge of the view, for what has no end. */
  endless(x, v, kind, options) {
    const ends = this.across(x, v, 0);
    if (ends) this.arrow(x, ends[1], kind, options);
    return ends ? ends[1] : x;
  }

  mark(at, outline, kind = "") {
    const [x, y] = this.pixel(at);
    const place = `translate(${x} ${y})`;
    this.marks.append(element("path", { d: outline, transform: place, class: `i-mark ${kind}` }));
    this.#block(x - 6, y - 6, 12, 12);
  }

  name(at, text, kind = "") {
    this.wanted.push({ at, text, kind });
  }

  #block(x, y, width, height) {
    this.taken.push({ x, y, width, height });
  }

  #cover(a, b) {
    const count = Math.min(60, Math.ceil(length(minus(b, a)) / 10));
    for (let i = 0; i <= count; i++) {
      const [x, y] = along(a, i / count || 0, minus(b, a));
      this.#block(x - 2, y - 2, 4, 4);
    }
  }

  #coverSides(corners) {
    corners.forEach((p, i) =>
      this.#cover(this.pixel(p), this.pixel(corners[(i + 1) % corners.length])),
    );
  }

  /** Write the names beside what they name, each where it covers least. */
  #write() {
    for (const { at, text, kind } of this.wanted) {
      const [x, y] = this.pixel(at);
      const [width, height] = [text.length * 6.6 + 4, 15];
      const tries = [];
      for (const away of [11, 22])
        for (let k = 0; k < 12; k++) {
          const [c, s] = [Math.cos((k * Math.PI) / 6), Math.sin((k * Math.PI) / 6)];
          const left = x + c * away + (c * width) / 2 - width / 2;
          const top = y - s * away - (s * height) / 2 - height / 2;
          tries.push({ x: left, y: top, width, height, away });
        }
      const best = tries.reduce((a, b) => (this.#cost(b) < this.#cost(a) ? b : a));
      this.#block(best.x, best.y, width, height);
      this.names.append(
        element(
          "text",
          { x: best.x + width / 2, y: best.y + 12, "text-anchor": "middle", class: kind },
          text,
        ),
      );
    }
  }

  #cost(box) {
    const shared = (a, b, start, size) =>
      Math.max(0, Math.min(a[start] + a[size], b[start] + b[size]) - Math.max(a[start], b[start]));
    const overlap = (a, b) => shared(a, b, "x", "width") * shared(a, b, "y", "height");
    const area = {
      x: EDGE.left,
      y: EDGE.top,
      width: this.width - EDGE.left - EDGE.right,
      height: this.height - EDGE.top - EDGE.bottom,
    };
    const outside = box.width * box.height - overlap(box, area);
    return 4 * outside + box.away + this.taken.reduce((sum, b) => sum + overlap(box, b), 0);
  }

  // --- handles -------------------------------------------------------------------------------

  /** Show the handles, each {key, label, at, move, shape, text, series}, and then the names. */
  finish(handles) {
    const keys = new Set(handles.map((h) => h.key));
    for (const [key, made] of this.made)
      if (!keys.has(key)) {
        made.node.remove();
        this.made.delete(key);
      }
    for (const handle of handles) {
      const made = this.made.get(handle.key) ?? this.#make(handle);
      made.handle = handle;
      const [x, y] = this.pixel(handle.at);
      made.node.setAttribute("transform", `translate(${x} ${y})`);
      made.node.setAttribute("aria-label", handle.label);
      made.node.setAttribute("aria-valuenow", Number(handle.at[0].toFixed(2)));
      made.node.setAttribute("aria-valuetext", `${pair(handle.at)}${handle.more ?? ""}`);
      this.#block(x - 10, y - 10, 20, 20);
    }
    this.#write();
  }

  #make(handle) {
    const node = element(
      "g",
      {
        class: `i-handle i-${handle.shape} i-series-${handle.series ?? 0}`,
        tabindex: 0,
        role: "slider",
        "data-key": handle.key,
        "aria-valuemin": this.view[0],
        "aria-valuemax": this.view[1],
      },
      element("circle", { r: 20, class: "i-hit" }),
      element("circle", { r: 14, class: "i-focus" }),
      element("path", { d: SHAPES[handle.shape], class: "i-glyph" }),
      element(
        "text",
        { y: 4.5, "text-anchor": "middle", "aria-hidden": "true" },
        handle.text ?? "",
      ),
    );
    const made = { node, handle };
    node.addEventListener("keydown", (event) => this.#key(event, made));
    this.made.set(handle.key, made);
    this.held.append(node);
    return made;
  }

  #moveTo(made, place) {
    const [left, right, bottom, top] = this.view;
    const onGrid = (value, low, high) => {
      const limited = Math.min(high - this.step, Math.max(low + this.step, value));
      return Number((Math.round(limited / this.step) * this.step).toFixed(6));
    };
    made.handle.move([onGrid(place[0], left, right), onGrid(place[1], bottom, top)]);
    this.changed();
  }

  #key(event, made) {
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] };
    const way = ways[event.key];
    if (!way || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    this.#moveTo(made, along(made.handle.at, this.step * (event.shiftKey ? 5 : 1), way));
  }

  #where(event) {
    const box = this.svg.getBoundingClientRect();
    const stretch = this.width / box.width; // differs from 1 when the page is zoomed by CSS
    return [(event.clientX - box.left) * stretch, (event.clientY - box.top) * stretch];
  }

  #press(event) {
    if (event.button !== 0 || this.drag) return;
    const at = this.#where(event);
    const far = (made) => length(minus(this.pixel(made.handle.at), at));
    const nearest = [...this.made.values()].sort((a, b) => far(a) - far(b))[0];
    if (!nearest || far(nearest) > REACH) return;
    event.preventDefault();
    const offset = minus(this.pixel(nearest.handle.at), at);
    this.drag = { made: nearest, offset, pointer: event.pointerId };
    this.svg.setPointerCapture(event.pointerId);
    nearest.node.focus({ preventScroll: true });
    this.busy(true);
  }

  #move(event) {
    if (this.drag?.pointer !== event.pointerId) return;
    this.#moveTo(this.drag.made, this.#place(plus(this.#where(event), this.drag.offset)));
  }

  #release(event) {
    if (this.drag?.pointer !== event.pointerId) return;
    this.drag = null;
    this.busy(false);
  }
}
