// A second, independent checker of certificates, written from FORMAT.md alone. It shares no
// code with the Python one: its JSON reader, its rational numbers and its relations are its own.
//
//   node second_checker.mjs -         a document on each line of standard input; for each, one
//                                     line of output: accepted, or a verdict, a tab and a reason
//   node second_checker.mjs PATH...   files, `.jsonl` with a document on each line; exit code 0
//                                     all accepted, 1 some refused, 2 nothing to check or a file
//                                     that cannot be read
//
// All decisions are made with BigInt. A plain number occurs only as a safe integer: an index, a
// length, a label. FIELDS says of each kind what its instance, statement and evidence consist of
// ("malformed" if they are otherwise), RELATIONS what is required of them, each relation with its
// name ("rejected" at the first that does not hold). All fields are read before the first relation.

import { createReadStream } from 'node:fs';
import { createHash } from 'node:crypto';
import { once } from 'node:events';

class Malformed extends Error {}
class Rejected extends Error {}
Error.stackTraceLimit = 0; // which nobody reads, and costs more than a small document
const malformed = (why) => { throw new Malformed(why); };
const demand = (holds, why) => holds || malformed(why);

/** The error, with the place at which a reader found it. */
function placed(place, error) {
  if (error instanceof Malformed) error.message = `${place}: ${error.message}`;
  return error;
}

// ---- JSON. `JSON.parse` would lose a key given twice and the digits of long integers, and take
// 1.0. Objects become Maps; an integer becomes a number if that is safe, and a BigInt otherwise, so
// that equal integers are always `===`.

const MOST_CHARACTERS = 200_000_000;
const MOST_DIGITS = 100_000;
const DEEPEST = 500;
const WORDS = { true: true, false: false, null: null };
// White space, then a mark, a string, an integer (no digits or fraction after it), or a word.
const TOKEN = new RegExp(String.raw`[ \t\n\r]*([{}[\],:]|${
  String.raw`"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"`
}|-?(?:0|[1-9][0-9]*)(?![0-9.eE])|true|false|null)`, 'y');

function parse(text) {
  demand(text.length <= MOST_CHARACTERS, 'the document is too long');
  let [at, token] = [0];
  const fail = (what) => malformed(`not the JSON asked for: ${what} at character ${at}`);
  const next = () => {
    at = TOKEN.lastIndex;
    token = TOKEN.exec(text)?.[1] ?? fail('no mark, string, integer or word');
  };
  const pass = (mark) => (token === mark ? next() : fail(`no ${mark}`));
  const string = () => (token.includes('\\') ? JSON.parse(token) : token.slice(1, -1));
  function integer() {
    if (token.length > MOST_DIGITS) fail('too long an integer');
    return Number.isSafeInteger(Number(token)) ? Number(token) || 0 : BigInt(token);
  }
  /** The value that starts with the current token; its last one is the current token then. */
  function value(depth) {
    if (token[0] === '"') return string();
    if (token in WORDS) return WORDS[token];
    if (/[-0-9]/.test(token[0])) return integer();
    const close = { '[': ']', '{': '}' }[token] ?? fail(`a ${token} in place of a value`);
    if (depth >= DEEPEST) fail('too deep nesting');
    const entries = close === ']' ? [] : new Map();
    next();
    for (let first = true; token !== close; first = false, next()) {
      if (!first) pass(',');
      if (close === ']') {
        entries.push(value(depth + 1));
      } else {
        const key = token[0] === '"' ? string() : fail('no key');
        if (entries.has(key)) fail(`the key ${JSON.stringify(key.slice(0, 50))} a second time`);
        next();
        pass(':');
        entries.set(key, value(depth + 1));
      }
    }
    return entries;
  }
  TOKEN.lastIndex = 0;
  next();
  const document = value(0);
  at = TOKEN.lastIndex;
  return /[^ \t\n\r]/.test(text.slice(at)) ? fail('something after the document') : document;
}

/** The canonical text. Sorting by UTF-16 units is enough: the keys that a certificate may have
    are ASCII, and one with other keys is malformed anyway. */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (value instanceof Map) {
    const keys = [...value.keys()].sort();
    return `{${keys.map((key) => `${canonical(key)}:${canonical(value.get(key))}`).join()}}`;
  }
  if (typeof value !== 'string') return String(value);
  const long = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return /["\\]|[^ -~]/.test(value) ? JSON.stringify(value).replace(/[^ -~]/g, long) : `"${value}"`;
}

// ---- Rational numbers: pairs [numerator, denominator], the denominator positive; in lowest terms
// only where that is said, as comparing does not ask for it and reducing is slow

const [ZERO, ONE] = [[0n, 1n], [1n, 1n]];
const [SAFE, LONG] = [1n << 53n, 1n << 1024n];

const abs = (n) => (n < 0n ? -n : n);
const signOf = (n) => (n > 0n) - (n < 0n);
const lcm = (a, b) => (b === 1n || a % b === 0n ? a : (a / gcd(a, b)) * b);

function gcd(a, b) {
  [a, b] = [abs(a), abs(b)];
  for (let shift = 0n; b > LONG && a > LONG; [a, b] = lehmerStep(a, b, shift)) {
    const most = a > b ? a : b;
    if (most >> shift === 0n) shift = 0n;
    shift += BigInt(bits(most >> shift) - 50);
  }
  while (b > SAFE) [a, b] = [b, a % b];
  if (b === 0n) return a;
  let [x, y] = [Number(b), Number(a % b)];
  while (y) [x, y] = [y, x % y];
  return BigInt(x);
}

/** Several steps of Euclid on long numbers at once (Lehmer): those that their digits above the
    shift decide. All numbers here are integers below 2^53; whatever the digits say, the new pair
    comes of the old one by a matrix of determinant 1 or -1, so that the divisor is the same. */
function lehmerStep(a, b, shift) {
  const divide = (n, d) => (n - (n % d)) / d;
  let [x, y, p, q, r, s] = [Number(a >> shift), Number(b >> shift), 1, 0, 0, 1];
  while (y + r > 0 && y + s > 0 && Math.max(Math.abs(r), Math.abs(s)) < 2 ** 24) {
    const quotient = divide(x + p, y + r);
    if (quotient !== divide(x + q, y + s) || quotient > 2 ** 24) break;
    [x, y, p, q, r, s] = [y, x - quotient * y, r, s, p - quotient * r, q - quotient * s];
  }
  const [P, Q, R, S] = [p, q, r, s].map(BigInt);
  return Q ? [abs(P * a + Q * b), abs(R * a + S * b)] : [b, a % b];
}

/** The length of an integer in bits (0 for 0). */
function bits(n) {
  const digits = abs(BigInt(n)).toString(16);
  return 4 * digits.length - Math.clz32(Number.parseInt(digits[0], 16)) + 28;
}

/** The same number in lowest terms. */
function reduced([n, d]) {
  const divisor = d === 1n ? d : gcd(n, d);
  return divisor === 1n ? [n, d] : [n / divisor, d / divisor];
}

const negative = ([a, b]) => [-a, b];
const plus = ([a, b], [c, d]) => (b === d ? [a + c, b] : [a * d + c * b, b * d]);
const minus = (p, q) => plus(p, negative(q));
const times = ([a, b], [c, d]) => [a * c, b * d];
const over = ([a, b], [c, d]) => (c < 0n ? [-a * d, -b * c] : [a * d, b * c]);
const sign = ([n]) => signOf(n);
const compare = ([a, b], [c, d]) => (b === d ? signOf(a - c) : signOf(a * d - c * b));
const larger = (p, q) => (compare(p, q) < 0 ? q : p);

const COMPARISONS = {
  '=': (c) => c === 0, '<': (c) => c < 0, '<=': (c) => c <= 0,
  '!=': (c) => c !== 0, '>': (c) => c > 0, '>=': (c) => c >= 0,
};

/** Whether a relation holds of all numbers on the left and the one, or those, on the right. A side
    is a vector, a list of numbers, one, or an integer. */
function related(left, comparison, right) {
  const [all, others] = [left, right].map((side) => {
    if (side instanceof Vector) return side.numbers();
    if (!Array.isArray(side)) return [[BigInt(side), 1n]];
    return typeof side[0] === 'bigint' ? [side] : side;
  });
  const holds = COMPARISONS[comparison];
  if (others.length === 1) return all.every((p) => holds(compare(p, others[0])));
  demand(others.length === all.length, 'two sides of different lengths');
  return all.every((p, i) => holds(compare(p, others[i])));
}

// ---- Vectors and matrices: integers times a positive unit n / d, one for each vector, so that an
// inner product is one of integers. `longest` is the longest numerator as written.

const MOST_BITS_OF_A_TABLE = 4_000_000_000;

const range = (n) => Array.from({ length: n }, (_, i) => i);
const longestOf = (ints) => ints.reduce((most, n) => (abs(n) > most ? abs(n) : most), 0n);

/** One unit n / d for some units, each as [n, d], in a table with so many entries. */
function commonUnit(units, entries) {
  const n = units.reduce((common, [own]) => (common === 1n ? common : gcd(common, own)), 0n);
  const d = units.reduce((common, [, own]) => lcm(common, own), 1n);
  demand(bits(d) * entries <= MOST_BITS_OF_A_TABLE, 'too long a common denominator');
  return [n || 1n, d];
}

class Vector {
  constructor(ints, [n, d] = ONE, longest = undefined) {
    Object.assign(this, { ints, longest, unit: n === 1n ? [n, d] : reduced([n, d]) });
  }

  static of(numbers) {
    const [, d] = commonUnit([ONE, ...numbers], numbers.length);
    const ints = numbers.map(([n, own]) => (own === d ? n : n * (d / own)));
    return new Vector(ints, [1n, d], longestOf(numbers.map(([n]) => n)));
  }

  get length() { return this.ints.length; }
  at(i) { return [this.ints[i] * this.unit[0], this.unit[1]]; }
  signAt(i) { return signOf(this.ints[i]); }
  numbers() { return this.ints.map((_, i) => this.at(i)); }
  total() { return times([this.ints.reduce((sum, n) => sum + n, 0n), 1n], this.unit); }
  isZero() { return this.ints.every((n) => n === 0n); }
  map(change) { return new Vector(this.ints.map(change), this.unit); }
  pick(indices) { return new Vector(indices.map((i) => this.ints[i]), this.unit); }

  scaled(e) {
    const power = 2n ** BigInt(Math.abs(e));
    return new Vector(this.ints, e < 0 ? [1n, power] : [power, 1n], this.longest);
  }

  dot({ ints, unit }) {
    let sum = 0n;
    for (let i = 0; i < ints.length; i += 1) sum += this.ints[i] * ints[i];
    return times([sum, 1n], times(this.unit, unit));
  }
}

/** The sum of c_i v_i, for a vector c and as many vectors of the given length. */
function combine(c, vectors, length) {
  const used = range(vectors.length).filter((i) => c.ints[i] !== 0n);
  const unit = commonUnit(used.map((i) => vectors[i].unit), length);
  const sums = Array(length).fill(0n);
  for (const i of used) {
    const [factor, { ints }] = [c.ints[i] * inUnit(vectors[i], unit), vectors[i]];
    for (let j = 0; j < length; j += 1) sums[j] += factor * ints[j];
  }
  return new Vector(sums, times(c.unit, unit));
}
const inUnit = ({ unit: [n, d] }, [common, denominator]) => (n / common) * (denominator / d);

const add = (...vectors) => combine(new Vector(vectors.map(() => 1n)), vectors, vectors[0].length);
const subtract = (v, w) => combine(new Vector([1n, -1n]), [v, w], v.length);
const along = (x, c, u) => combine(Vector.of([ONE, c]), [x, u], x.length);
const multiple = (c, v) => combine(Vector.of([c]), [v], v.length);
const append = (v, number) => Vector.of([...v.numbers(), number]);
const zeros = (n) => new Vector(Array(n).fill(0n));

class Matrix {
  constructor(rows, width) { Object.assign(this, { rows, width, raised: 0 }); }
  get length() { return this.rows.length; }
  scaled(e) {
    const rows = this.rows.map((row) => row.scaled(e));
    return Object.assign(new Matrix(rows, this.width), { raised: Math.abs(e) });
  }

  times(x) { return this.rows.map((row) => row.dot(x)); }
  affine(x, offsets) { return this.times(x).map((q, i) => plus(q, offsets.at(i))); }
  combine(c) { return combine(c, this.rows, this.width); }

  /** All entries as integers in one unit. */
  inOneUnit() {
    const unit = commonUnit(this.rows.map((row) => row.unit), this.length * this.width);
    const factors = this.rows.map((row) => inUnit(row, unit));
    return [this.rows.map(({ ints }, i) => ints.map((n) => n * factors[i])), unit];
  }

  transposed() {
    const [rows, unit] = this.inOneUnit();
    const column = (j) => new Vector(rows.map((row) => row[j]), unit);
    return new Matrix(range(this.width).map(column), this.length);
  }
}

/** Some entries of a vector, a vector of their own, at their places; all others are 0. */
class Entries {
  constructor(values, places, length) { Object.assign(this, { values, places, length }); }
  get unit() { return this.values.unit; }
  dot({ ints, unit }) {
    return new Vector(this.places.map((j) => ints[j]), unit).dot(this.values);
  }

  whole() {
    const ints = Array(this.length).fill(0n);
    this.places.forEach((j, i) => { ints[j] = this.values.ints[i]; });
    return new Vector(ints, this.unit, this.values.longest);
  }
}

class SparseMatrix {
  constructor(rows, width) { Object.assign(this, { rows, width }); }
  times(x) { return this.rows.map((row) => row.dot(x)); }
  combine(c) {
    const used = range(this.rows.length).filter((i) => c.ints[i] !== 0n);
    const unit = commonUnit(used.map((i) => this.rows[i].unit), this.width);
    const sums = Array(this.width).fill(0n);
    for (const { factor, values, places } of used.map((i) => (
      { factor: c.ints[i] * inUnit(this.rows[i], unit), ...this.rows[i] }))) {
      places.forEach((j, i) => { sums[j] += factor * values.ints[i]; });
    }
    return new Vector(sums, times(c.unit, unit));
  }
}

// ---- Shapes. A type is a function of a JSON value, and of what was read around it, to what the
// value means; a plain object of types stands for an object with just these fields. A size is a
// number, a function of what was read, or a name, whose first use says what it is. Names that are
// first used in an object of types are not known outside of it; in a `part` they are.

function sizeOf(wanted, actual, around) {
  if (typeof wanted === 'string') return (around.sizes[wanted] ??= actual);
  return (typeof wanted === 'function' ? wanted(around) : wanted) ?? actual;
}

const inside = (around, own) => Object.assign(Object.create(around), own);
const inner = (around) => inside(around, { sizes: Object.create(around.sizes) });
const part = (types) => (value, around) => readFields(value, types, inside(around));
const read = (type, value, around) => (
  typeof type === 'function' ? type(value, around) : readFields(value, type, inner(around)));

/** The fields of an object, put into `into`; whatever is there has to be asked for. */
function readFields(map, types, into) {
  demand(map instanceof Map, 'not an object');
  const asked = [];
  for (const [name, type] of Object.entries(types)) {
    if (type.when && !type.when(into, map.has(name))) continue;
    asked.push(name);
    if (!map.has(name)) malformed(`the field ${name} is missing`);
    try {
      into[name] = read(type, map.get(name), into);
    } catch (error) {
      throw placed(name, error);
    }
  }
  if (asked.length === map.size) return into;
  const other = [...map.keys()].find((name) => !asked.includes(name));
  return malformed(`an unknown field: ${other.slice(0, 50)}`);
}

/** Fields that are there in some cases only. */
const when = (holds, types) => Object.fromEntries(Object.entries(types).map(([name, type]) => (
  [name, Object.assign((value, around) => read(type, value, around), { when: holds })])));

/** An object whose field `name` says which entry of a table, types and a function of the fields
    that are read with them, says what it means. */
const variant = (name, table, which = oneOf(...Object.keys(table))) => (value, around) => {
  const [types, meaning] = table[which(value?.get?.(name))];
  return meaning(readFields(value, { [name]: which, ...types }, inner(around)));
};

/** A type whose meaning has to be such that something holds. */
const such = (type, holds, why) => (value, around) => {
  const meaning = read(type, value, around);
  return holds(meaning, around) ? meaning : malformed(why);
};
const optional = (types) => when((_, there) => there, types);

const anything = (value) => value;
const oneOf = (...values) => (
  such(anything, (value) => values.includes(value), `not one of ${values.join(', ')}`));
const truth = oneOf(true, false);
const anInteger = such(anything, (value) => /number|bigint/.test(typeof value), 'not an integer');
const integer = (least, most = Infinity) => such(anInteger, (value, around) => (
  value >= least && value <= sizeOf(most, undefined, around)), 'an integer out of range');
const index = (n) => integer(0, (around) => Number(sizeOf(n, undefined, around)) - 1);

const list = (type, size) => (value, around) => {
  demand(Array.isArray(value), 'not a list');
  const length = sizeOf(size, value.length, around);
  if (value.length !== length) malformed(`a length of ${value.length}, not ${length}`);
  const entries = [];
  try {
    for (const entry of value) entries.push(read(type, entry, around));
  } catch (error) {
    throw placed(`entry ${entries.length}`, error);
  }
  return entries;
};

/** At least one entry, or so many, of a list, a vector, or a matrix and its rows. */
const filled = (type, least = 1) => (
  such(type, ({ length, width }) => length >= least && width !== 0, 'too few entries'));
const some = (type, size) => filled(list(type, size));
const indices = (n, size) => (
  such(list(index(n), size), (all) => new Set(all).size === all.length, 'an index twice'));

const NUMERAL = /^(0|-?[1-9][0-9]*)(?:\/([2-9]|[1-9][0-9]+))?$/;

const text = such(anything, (value) => typeof value === 'string', 'not a string');

function numeral(value) {
  const [, n, d = '1'] = NUMERAL.exec(text(value)) ?? malformed('not a numeral');
  demand(n.length <= MOST_DIGITS && d.length <= MOST_DIGITS, 'too long a numeral');
  const number = [BigInt(n), BigInt(d)];
  return d === '1' || gcd(...number) === 1n ? number : malformed('not in lowest terms');
}

/** An integer, also one in a string, as a rational number. */
function whole(value) {
  if (typeof value !== 'string') return [BigInt(anInteger(value)), 1n];
  return value.includes('/') ? malformed('a fraction among integers') : numeral(value);
}

const vectorOf = (entry) => (size) => (value, around) => (
  Vector.of(list(entry, size)(value, around)));
const matrixOf = (entry) => (height, width) => (value, around) => {
  const columns = sizeOf(width, value?.[0]?.length ?? 0, around);
  return new Matrix(list(vectorOf(entry)(columns), height)(value, around), columns);
};

/** What may be written with an exponent, too, if its entries are integers. With `unit` false, the
    exponent is asked for and left out. */
const scaled = (tableOf, unit = true) => (...sizes) => (value, around) => {
  if (!(value instanceof Map)) return tableOf(numeral)(...sizes)(value, around);
  const types = { exponent: integer(-10_000, 10_000), integers: tableOf(whole)(...sizes) };
  const { exponent, integers } = part(types)(value, around);
  return unit ? integers.scaled(exponent) : integers;
};

const [vector, scaledVector] = [vectorOf(numeral), scaled(vectorOf)];
const [matrix, scaledMatrix] = [matrixOf(numeral), scaled(matrixOf)];

const WRITTEN = {
  length: integer(0, 1_000_000), indices: indices((e) => e.length),
  values: vector((e) => e.indices.length),
};

/** A vector as a list of all entries, or as an object with those that are not left out. */
const entriesOf = (size) => (value, around) => {
  if (!(value instanceof Map)) {
    const all = vector(size)(value, around);
    return new Entries(all, range(all.length), all.length);
  }
  const { length, indices: places, values } = readFields(value, WRITTEN, inner(around));
  const wanted = sizeOf(size, length, around);
  return wanted === length
    ? new Entries(values, places, length) : malformed(`a length of ${length}, not ${wanted}`);
};
const sparseVector = (size) => (value, around) => entriesOf(size)(value, around).whole();
const sparseMatrix = (height, width) => (value, around) => new SparseMatrix(
  list(entriesOf(width), height)(value, around), sizeOf(width, undefined, around));

// ---- What several kinds require: generators of relations. A relation is its name and whether it
// holds, or its name, a left side, a comparison and a right side.

const modulo = (n, p) => ((n % p) + p) % p;

/** The inverse of n modulo p, or nothing if there is none. */
function inverse(n, p) {
  let [r, s, x, y] = [p, modulo(n, p), 0n, 1n];
  while (s) [r, s, x, y] = [s, r % s, y, x - (r / s) * y];
  return r === 1n ? modulo(x, p) : undefined;
}

/** A minor is invertible modulo its prime; returns its size. */
function* minor({ rows: all }, { prime, rows, columns }) {
  const p = BigInt(prime);
  yield ['the minor is square', rows.length, '=', columns.length];
  const block = rows.map((i) => columns.map((j) => {
    const [n, d] = reduced(all[i].at(j));
    const unit = inverse(d, p);
    return unit && modulo(n * unit, p);
  }));
  yield ['its denominators are invertible', block.every((row) => !row.includes(undefined))];
  for (let k = 0; k < block.length; k += 1) {
    const found = block.findIndex((row, i) => i >= k && row[k] !== 0n);
    yield [`it has a pivot in column ${k}`, found >= 0];
    [block[k], block[found]] = [block[found], block[k]];
    const unit = inverse(block[k][k], p);
    yield [`its pivot in column ${k} is invertible`, unit !== undefined];
    for (const row of block.slice(k + 1).filter((below) => below[k])) {
      const factor = p - ((row[k] * unit) % p);
      for (let j = k; j < row.length; j += 1) row[j] = (row[j] + factor * block[k][j]) % p;
    }
  }
  return rows.length;
}

function* nullBasis(m, { rows: basis }, free, rank) {
  yield ['there are as many free indices as vectors', basis.length, '=', free.length];
  yield ['k + r = n', basis.length + rank, '=', m.width];
  for (const [i, v] of basis.entries()) {
    const unit = new Vector(free.map((_, k) => (k === i ? 1n : 0n)));
    yield ['v_i is 1 at the i-th free index and 0 at the others', v.pick(free), '=', unit];
    yield ['M v_i = 0', m.times(v), '=', 0];
  }
}

function* feasible({ inequalities, equalities, nonnegative, x }) {
  yield ['A x <= b', inequalities.matrix.times(x), '<=', inequalities.right_side];
  yield ['C x = d', equalities.matrix.times(x), '=', equalities.right_side];
  yield ['x_j >= 0 for j in S', x.pick(nonnegative), '>=', 0];
}

/** Returns the bound that the multipliers show of an objective. */
function* bound({ inequalities, equalities, nonnegative, ...e }, objective) {
  const [y, z] = [e.inequality_multipliers, e.equality_multipliers];
  const s = add(objective, inequalities.matrix.combine(y), equalities.matrix.combine(z));
  const signed = new Set(nonnegative);
  yield ['y >= 0', y, '>=', 0];
  yield ['s_j >= 0 for j in S', s.pick(nonnegative), '>=', 0];
  yield ['s_j = 0 for other j', s.ints.every((n, j) => n === 0n || signed.has(j))];
  return negative(plus(inequalities.right_side.dot(y), equalities.right_side.dot(z)));
}

/** A combination of rows that is positive, adds up to 0 and spans: no ray is possible. */
function* bounded(a, { combination: s, ...chosen }) {
  yield ['s >= 0', s, '>=', 0];
  yield ['A^T s = 0', a.combine(s), '=', 0];
  const rows = a.rows.map((row, i) => (s.signAt(i) > 0 ? row : zeros(a.width)));
  yield ['the minor has size n', yield* minor({ rows }, chosen), '=', a.width];
}

function* isRay(a, ray) {
  yield ['the ray is not 0', !ray.isZero()];
  yield ['A ray <= 0', a.times(ray), '<=', 0];
}

const margins = ({ labels, points }, { normal, offset }) => points.times(normal).map((q, i) => (
  labels[i] === 1 ? plus(q, offset) : negative(plus(q, offset))));

/** The sums of a_i y_i and of a_i y_i x_i. */
function sums({ labels, points, multipliers: a }) {
  const signed = a.map((n, i) => (labels[i] === 1 ? n : -n));
  return [signed.total(), points.combine(signed)];
}

/** The multipliers are some for (u, t), or for u and any t if it is `null`. */
function* multipliersFor(e, u, t = 0) {
  const [balance, sum] = sums(e);
  yield ['a >= 0', e.multipliers, '>=', 0];
  yield ['a is not 0', !e.multipliers.isZero()];
  yield ['sum a_i y_i = t', balance, '=', t ?? balance];
  yield ['sum a_i y_i x_i = u', sum, '=', u];
}

function* separates(set, separator) {
  yield ['all margins of the separator are > 0', margins(set, separator), '>', 0];
}

/** x_k is a mix of points with another label, whose sum is 1 with some more, and of c u. */
function* mixed({ labels, points, combination: s }, label, k, c, u, more = ZERO) {
  yield ['y_k is the other label', labels[k] !== label];
  yield ['c > 0', c, '>', 0];
  yield ['s >= 0', s, '>=', 0];
  yield ['the sum is 1', plus(s.total(), more), '=', 1];
  yield ['s_i = 0 at other labels', labels.every((y, i) => y === label || s.signAt(i) === 0)];
  yield ['sum s_i x_i + c u = x_k', along(points.combine(s), c, u), '=', points.rows[k]];
}

/** Returns the row T_k of each class that has a term. */
function* gapRows({ labels, points, gaps, spend }) {
  const multipliers = gaps.map((gap) => gap.multiplier);
  yield ['the class is not the label', gaps.every((gap) => gap.class !== labels[gap.point])];
  yield ['a >= 0', multipliers, '>=', 0];
  yield ['some a is > 0', multipliers.some(([n]) => n > 0n)];
  const [extended, terms] = [points.rows.map((x) => append(x, ONE)), new Map()];
  for (const { point, class: other, multiplier: a } of gaps) {
    for (const [k, factor] of [[labels[point], a], [other, negative(a)]]) {
      if (!terms.has(k)) terms.set(k, []);
      terms.get(k).push([factor, extended[point]]);
    }
  }
  const length = points.width + 1;
  spend(3 * terms.size * length);
  const sum = (pairs) => combine(Vector.of(pairs.map(([c]) => c)), pairs.map(([, v]) => v), length);
  return new Map([...terms].map(([k, pairs]) => [k, sum(pairs)]));
}

/** The weights of a softmax layer are read as the matrix with a row W_k for each class. */
const differences = ({ rows, width }) => (
  new Matrix(rows.slice(0, -1).map((w) => subtract(w, rows.at(-1))), width));

function* invariant({ weights, direction }) {
  yield ['v is not 0', !direction.isZero()];
  yield ['D v = 0', differences(weights).times(direction), '=', 0];
}

/** A text that two vectors, not 0, have in common when they are multiples, and only then. */
function directionKey({ ints }) {
  const content = ints.reduce((g, n) => (g === 1n ? g : gcd(g, n)), 0n);
  const divisor = ints.find((n) => n !== 0n) < 0n ? -content : content;
  return ints.map((n) => n / divisor).join();
}

/** The bound of a leaf that is not empty is positive. */
function* positive({ bits: b, box, c, d, part, last }, { path, weights, slopes, ties = [], curve }) {
  const [scale, open] = [2n ** BigInt(b), box.openOn(part, curve)];
  yield ['there are as many slopes as entries', !slopes || slopes.length === open.flat().length];
  const weight = new Vector(weights?.map(BigInt) ?? c.rows.map(() => scale), [1n, scale]);
  let constant = down(negative(weight.dot(d)), 2n * box.g);
  const coefficients = c.combine(weight).numbers().map((number, k) => {
    const [n, whole] = floor(number, box.g);
    if (!whole && part.l[last][k] < 0n) constant += part.l[last][k];
    return n;
  });
  const tied = path.map((h, k) => ({ ...h, tie: (BigInt(ties[k] ?? 0) << box.g) / scale }));
  let used = 0;
  const own = slopes && open.map((entries) => {
    const found = [];
    for (const i of entries) found[i] = [BigInt(slopes[used++]), scale];
    return found;
  });
  yield ['the bound is > 0', box.bound(coefficients, last, constant, part, tied, own, curve), '>', 0];
}

function* allHold({ facts }) {
  for (const [i, [name, holds]] of facts.entries()) yield [`fact ${i}, ${name}`, holds()];
}

// ---- Rules: `forms`, which have the dimension of the rule, the `label` of a point, and `keeps`:
// whether x has a label and x + c u has the same for every c > 0

function linear({ normal, offset, zero }) {
  const label = (x) => sign(plus(normal.dot(x), offset)) || zero;
  const keeps = (x, u) => [0, label(x)].includes(sign(normal.dot(u)));
  return { forms: [normal], label, keeps };
}

function argmax({ bias, weights, lowest }) {
  function label(x) {
    const z = weights.affine(x, bias);
    const most = z.reduce(larger);
    const tied = range(z.length).filter((k) => compare(z[k], most) === 0);
    return lowest || tied.length === 1 ? tied[0] : null;
  }
  function keeps(x, u) {
    const [own, slopes] = [label(x), weights.times(u)];
    return own !== null && related(slopes, '<=', slopes[own]);
  }
  return { forms: weights.rows, label, keeps };
}

/** Places on the line of the c: before a number, on it or after it. */
const order = (a, b) => compare(a.at, b.at) || a.side - b.side;
const BEHIND_ZERO = { at: ZERO, side: 1 };
const INFINITE = { at: [1n, 0n], side: 0 };

function cellular({ cells, inside: own, outside }) {
  const slacks = ({ matrix, right_side: b }, x) => matrix.times(x).map((q, i) => minus(b.at(i), q));
  const holds = ({ strict }, i, slack) => sign(slack) > (strict[i] ? 0 : -1);
  const has = (cell, x) => slacks(cell, x).every((slack, i) => holds(cell, i, slack));
  const label = (x) => (cells.some((cell) => has(cell, x)) ? own : outside);
  /** The c > 0 with x + c u in a cell: all those between two places. */
  function interval(cell, x, u) {
    const slopes = cell.matrix.times(u);
    let [from, to] = [BEHIND_ZERO, INFINITE];
    for (const [i, slack] of slacks(cell, x).entries()) {
      const rising = sign(slopes[i]);
      if (!rising && !holds(cell, i, slack)) return [from, from];
      const side = cell.strict[i] ? -rising : rising;
      const place = rising && { at: over(slack, slopes[i]), side };
      if (rising > 0 && order(place, to) < 0) to = place;
      if (rising < 0 && order(from, place) < 0) from = place;
    }
    return [from, to];
  }
  function keeps(x, u) {
    const full = cells.map((cell) => interval(cell, x, u)).filter(([a, b]) => order(a, b) < 0);
    if (own === outside || label(x) === outside) return own === outside || full.length === 0;
    let covered = BEHIND_ZERO;
    for (const [from, to] of full.sort(([a], [b]) => order(a, b))) {
      if (order(from, covered) > 0) return false;
      if (order(covered, to) < 0) covered = to;
    }
    return covered === INFINITE;
  }
  return { forms: cells.flatMap((cell) => cell.matrix.rows), cells: cells.length, label, keeps };
}

function twoLayer({ output, weights, biases, threshold, strict }) {
  const side = (excess) => (sign(excess) || (strict ? -1 : 1));
  const excess = (z) => minus(output.dot(Vector.of(z.map((q) => larger(q, ZERO)))), threshold);
  const label = (x) => side(excess(weights.affine(x, biases)));
  /** f is affine between the c at which a unit is 0: its labels there and last slope say all. */
  function keeps(x, u) {
    const [values, slopes] = [weights.affine(x, biases), weights.times(u)];
    const shares = (numbers) => Vector.of(numbers.map((q, i) => times(output.at(i), q)));
    const [heights, rises] = [shares(values), shares(slopes)];
    const awake = (i) => (sign(values[i]) || sign(slopes[i])) > 0;
    const [active, here] = [range(values.length).filter(awake), label(x)];
    let [height, rise] = [heights.pick(active).total(), rises.pick(active).total()];
    const corners = range(values.length).filter((i) => sign(values[i]) * sign(slopes[i]) < 0)
      .map((i) => ({ i, c: over(negative(values[i]), slopes[i]) }));
    for (const { i, c } of corners.sort((p, q) => compare(p.c, q.c))) {
      if (side(minus(plus(height, times(rise, c)), threshold)) !== here) return false;
      const change = awake(i) ? minus : plus;
      [height, rise] = [change(height, heights.at(i)), change(rise, rises.at(i))];
    }
    return [0, here].includes(sign(rise));
  }
  return { forms: weights.rows, convex: related(output, '>=', 0), label, keeps };
}

const TWO_LAYER = {
  output: filled(vector('u')), weights: matrix('u', 'd'), biases: vector('u'), threshold: numeral,
  strict: truth,
};
const CELL = { right_side: vector('r'), matrix: matrix('r'), strict: list(truth, 'r') };
const RULES = {
  linear: [{ normal: vector(), offset: numeral, zero: integer(-1, 1) }, linear],
  argmax: [{ bias: filled(vector('k')), weights: matrix('k'), lowest: truth }, argmax],
  cells: [{ cells: list(CELL), inside: integer(-1), outside: integer(-1) }, cellular],
  'two-layer': [TWO_LAYER, twoLayer],
};

function dimensionOf(rules) {
  const [d = 0, ...all] = rules.flatMap((rule) => rule.forms).map((form) => form.length);
  demand(d > 0, 'no rule defines the dimension, or it is 0');
  return all.every((own) => own === d) ? d : malformed('the rules have different dimensions');
}

/** The work of one label. */
const effort = ({ forms, cells = 0 }, d) => forms.length * (d + 10) + 50 * cells;
const accurate = ({ label }, { labels, points: { rows } }) => (
  labels.every((y, i) => label(rows[i]) === y));

/** Facts: what they consist of, what to look at when they are read, and whether they hold. */
const fact = (types, look, holds) => [types, (e) => {
  look(e);
  return [e.fact, () => holds(e)];
}];

/** Facts on a rule: how many labels they spend, their fields, and whether they hold. */
const ruleFact = (labelsOf, types, holds) => fact(
  { rule: index((e) => e.rules.length), ...types },
  (e) => e.spend(effort(e.rules[e.rule], e.sizes.d) * labelsOf(e)),
  (e) => holds(e.rules[e.rule], e),
);
const [POINT, DIRECTION] = [{ point: vector('d') }, { direction: vector('d') }];
const LABEL_OR_NONE = (value) => (value === null ? value : integer(-1)(value));
const RULE_FACTS = {
  accurate: ruleFact(({ labels }) => labels.length || malformed('no points'), {}, accurate),
  convex: ruleFact(() => 2, {}, (rule) => rule.convex),
  label: ruleFact(() => 2, { ...POINT, label: LABEL_OR_NONE }, (rule, fact) => (
    rule.label(fact.point) === fact.label)),
  changes: ruleFact(() => 2, { ...POINT, ...DIRECTION, step: numeral }, (rule, fact) => {
    const { point: x, step: c, direction: u } = fact;
    return sign(c) > 0 && rule.label(x) !== rule.label(along(x, c, u));
  }),
  keeps: ruleFact(() => 6, { ...POINT, ...DIRECTION }, (rule, { point, direction }) => (
    rule.keeps(point, direction))),
};

// ---- Networks. A node has a `size`, the number of `values` in its windows, what bits it `adds`
// to the length of values, its `rows` of weights, and a function to `run` on the vectors it reads;
// `straight` tells of two vectors between which nodes are affine whether this one is, too.

const MOST_VALUES = 1_000_000;
const MOST_IN_WINDOWS = 10_000_000;
const LONGEST_VALUE = 100_000;
const MOST_BITS_OF_A_NODE = 500_000_000;
const MOST_BITS_OF_ALL_NODES = 4_000_000_000;

function demandSize(size, length, copies = 1) {
  demand(size >= 1 && size <= MOST_VALUES, 'no or too many values');
  demand(length <= LONGEST_VALUE, 'too long values');
  demand(size * length * copies <= MOST_BITS_OF_A_NODE, 'too many long values');
}

/** The length in bits of a table that was read: of its denominators and its longest numerator, and
    of the power of two that scales it. */
function tableLength(vectors) {
  const d = vectors.reduce((common, { unit }) => lcm(common, unit[1]), 1n);
  const power = bits(vectors[0]?.unit[0] ?? ONE[0]) - 1;
  return bits(d) + bits(longestOf(vectors.map((v) => v.longest))) + power;
}

const SIDE = integer(1, MOST_IN_WINDOWS);
const READS = { reads: index((e) => e.nodes.length) };
const SEVERAL = { reads: filled(list(READS.reads), 2) };
const sizeRead = ({ nodes, reads }) => nodes[reads].size;
const sizesRead = ({ nodes, reads }) => reads.map((k) => nodes[k].size);

const lazy = (make) => { let made; return () => (made ??= make()); };

/** The integers of some vectors, one after another, in one unit. */
function joined(vectors) {
  const unit = commonUnit(vectors.map((v) => v.unit), vectors.length * vectors[0].length);
  return [vectors.flatMap((v) => v.ints.map((n) => n * inUnit(v, unit))), unit];
}

/** An affine node: weights, in a unit, times the values of all vectors that it reads, one after
    another, and offsets. For each of its values `gather(low, high)` sums weights times entries of
    `low`, or of `high` where the weight is negative; `spread(a)` sums a times weights for each
    value that it reads. */
function affine(gather, spread, unit = () => ONE, offsets = () => undefined) {
  function run(...vectors) {
    const [x, common] = joined(vectors);
    const sums = new Vector(gather(x, x), times(common, unit()));
    return offsets() ? add(sums, offsets()) : sums;
  }
  return { gather, spread, unit, offsets, run };
}

/** Weighted sums, each row of a group times each of some windows on the `seen` values of the group,
    in the order of the rows. A window is a list of places among these values, NaN for a 0. */
function weighted({ weights, biases, spend }, perWindow, windows, groups, seen, window) {
  const length = tableLength(weights.rows);
  spend(Math.floor((weights.length * perWindow * length) / 64));
  const table = lazy(() => weights.inOneUnit());
  const rows = weights.length / groups;
  /** Calls visit with each row, the number of each sum with it, and the places of its values. */
  function each(visit) {
    for (let place = 0; place < windows; place += 1) {
      const at = window(place);
      for (const [o, row] of table()[0].entries()) {
        const first = Math.floor(o / rows) * seen;
        visit(row, o * windows + place, at.map((i) => first + i));
      }
    }
  }
  function gather(low, high) {
    const found = Array(weights.length * windows);
    each((row, k, at) => {
      found[k] = row.reduce((sum, weight, j) => (
        at[j] >= 0 ? sum + weight * (weight > 0n ? low : high)[at[j]] : sum), 0n);
    });
    return found;
  }
  function spread(a) {
    const found = Array(seen * groups).fill(0n);
    each((row, k, at) => at.forEach((i, j) => { if (i >= 0) found[i] += a[k] * row[j]; }));
    return found;
  }
  const offsets = lazy(() => (
    biases.pick(range(weights.length).flatMap((o) => Array(windows).fill(o)))));
  return {
    size: weights.length * windows, values: perWindow * windows * groups, rows,
    windows: windows * groups,
    adds: length + tableLength([biases]) + bits(perWindow),
    ...affine(gather, spread, () => table()[1], offsets),
  };
}

function dense(e) {
  const n = sizeRead(e);
  return { ...weighted(e, n, 1, 1, n, () => range(n)), matrix: e.weights };
}

const STEP = integer(1, 1_000_000);
const PLACEMENT = {
  strides: list(STEP, 2), dilations: list(STEP, 2), padding: list(integer(0, 1_000_000), 4),
  groups: STEP,
};
const PLAIN = { strides: [1, 1], dilations: [1, 1], padding: [0, 0, 0, 0], groups: 1 };
const placement = (e, name) => e[name] ?? PLAIN[name];

/** How many values of an image the windows of one group take. */
function perWindow(e) {
  const [[c, h, w], [p, q], groups] = [e.shape, e.window, placement(e, 'groups')];
  demand(c * h * w === sizeRead(e), 'the shape is not that of the vector that is read');
  return c % groups === 0 ? (c / groups) * p * q : malformed('groups of different sizes');
}

/** How many places a window has along one side, and where on the side its entries are at each. */
function side(length, entries, stride, dilation, before, after) {
  const count = Math.floor((before + length + after - dilation * (entries - 1) - 1) / stride) + 1;
  demand(count > 0, 'a window larger than the image');
  const inside = (at) => (at >= 0 && at < length ? at : NaN);
  return [count, (i) => range(entries).map((a) => inside(i * stride + a * dilation - before))];
}

function convolution(e) {
  const [[c, h, w], [p, q]] = [e.shape, e.window];
  const [strides, dilations, padding, groups] = Object.keys(PLAIN).map((k) => placement(e, k));
  const [lines, across] = [[h, p], [w, q]].map(([length, entries], k) => (
    side(length, entries, strides[k], dilations[k], padding[k], padding[k + 2])));
  demand(e.weights.length % groups === 0, 'groups of different sizes');
  function window(place) {
    const ys = lines[1](Math.floor(place / across[0]));
    const zs = across[1](place % across[0]);
    return range(c / groups).flatMap((k) => ys.flatMap((y) => zs.map((z) => (k * h + y) * w + z)));
  }
  const windows = lines[0] * across[0];
  return weighted(e, perWindow(e), windows, groups, (c / groups) * h * w, window);
}

function sum(e) {
  const [size, ...others] = sizesRead(e);
  demand(others.every((own) => own === size), 'vectors of different lengths');
  const [values, each] = [size * e.reads.length, e.reads.map((_, k) => k * size)];
  const gather = (x) => range(size).map((i) => each.reduce((all, k) => all + x[k + i], 0n));
  const spread = (a) => each.flatMap(() => a);
  return { size, values, adds: bits(e.reads.length), joins: true, ...affine(gather, spread) };
}

function concatenation(e) {
  const size = sizesRead(e).reduce((all, own) => all + own, 0);
  return { size, values: size, joins: true, ...affine(anything, anything) };
}

function maximum({ lists }) {
  const top = ({ ints }, entries) => entries.reduce((best, i) => (ints[i] > ints[best] ? i : best));
  const run = (x) => x.pick(lists.map((entries) => top(x, entries)));
  const straight = (x, y) => lists.every((entries) => {
    const [most, other] = [x.ints[top(x, entries)], y.ints[top(y, entries)]];
    return entries.some((i) => x.ints[i] === most && y.ints[i] === other);
  });
  return { size: lists.length, values: lists.flat().length, lists, run, straight };
}

function relu(e) {
  const run = (x) => x.map((n) => (n > 0n ? n : 0n));
  const straight = (x, y) => x.ints.every((_, i) => x.signAt(i) * y.signAt(i) >= 0);
  return { size: sizeRead(e), values: sizeRead(e), positive: true, run, straight };
}

function selection(e) {
  const most = sizeRead(e);
  demand(e.entries.every((i) => i < most), 'an index out of range');
  const gather = (x) => e.entries.map((i) => (i < 0 ? 0n : x[i]));
  function spread(a) {
    const found = Array(most).fill(0n);
    e.entries.forEach((i, k) => { if (i >= 0) found[i] += a[k]; });
    return found;
  }
  return { size: e.entries.length, values: e.entries.length, ...affine(gather, spread) };
}

function scale(e) {
  const { factors, offsets, sizes: { k }, spend } = e;
  const [size, length] = [sizeRead(e), tableLength([factors])];
  demand(size % k === 0, 'not as many factors as divide the number of values');
  spend(Math.floor((k * length) / 64));
  const own = lazy(() => range(size).map((i) => Math.floor(i / (size / k))));
  const each = lazy(() => factors.pick(own()).ints);
  const gather = (low, high) => each().map((n, i) => n * (n > 0n ? low : high)[i]);
  const spread = (a) => each().map((n, i) => n * a[i]);
  const sums = affine(gather, spread, () => factors.unit, lazy(() => offsets.pick(own())));
  return { size, values: size, adds: length + tableLength([offsets]) + 1, ...sums };
}

const NODES = {
  dense: [{ ...READS, biases: vector('o'), weights: scaledMatrix('o', sizeRead) }, dense],
  convolution: [{
    ...READS, shape: list(SIDE, 3), window: list(SIDE, 2), ...optional(PLACEMENT),
    biases: vector('o'), weights: scaledMatrix('o', perWindow),
  }, convolution],
  sum: [SEVERAL, sum],
  scale: [{ ...READS, factors: filled(vector('k')), offsets: vector('k') }, scale],
  relu: [READS, relu],
  maximum: [{ ...READS, lists: list(filled(indices(sizeRead))) }, maximum],
  selection: [{ ...READS, entries: some(integer(-1)) }, selection],
  concatenation: [SEVERAL, concatenation],
};

const ANY_NODE = variant('type', NODES);

const readPoints = such(some(scaledVector('c')), (points) => {
  for (const point of points) demandSize(point.length, tableLength([point]));
  const raised = points.reduce((all, { length, unit }) => all + length * (bits(unit[0]) - 1), 0);
  return raised <= MOST_BITS_OF_A_NODE;
}, 'points that are too long together');

const longest = (vectors) => vectors.reduce((most, v) => Math.max(most, tableLength([v])), 0);

/** The network on points, so many at once: `all` nodes, of which the first is the point; the `size`
    of its outputs; `allow`, which refuses too long values for points of a length; the function
    `outputs` of the index of a point; and `trace`, of any point: the outputs there, and whether
    all nodes are affine up to the point of another trace. */
const nodesOn = (pointsOf, copies) => (value, around) => {
  const [points, { spend }] = [pointsOf(around), around];
  const nodes = [{ size: points[0].length, reads: [] }];
  list((entry) => {
    const node = ANY_NODE(entry, inside(around, { nodes }));
    demand(node.values <= MOST_IN_WINDOWS, 'too many values in windows');
    demandSize(node.size, 0);
    nodes.push({ ...node, reads: [entry.get('reads')].flat() });
  })(value, around);
  const [{ size }, used] = [nodes.at(-1), new Set(nodes.flatMap((node) => node.reads))];
  demand(range(nodes.length - 1).every((k) => used.has(k)), 'a node that no later one reads');
  let work = 0;
  function allow(least) {
    let [length, held] = [Math.max(longest(points), least), 0];
    demandSize(points[0].length, length);
    work = 0;
    for (const node of nodes.slice(1)) {
      length += node.adds ?? 0;
      node.length = length;
      demandSize(node.size, length);
      work += node.values * (20 + (node.rows ?? 1) + (node.joins ? squares(length) : 0));
      held += node.size * length;
    }
    demandSize(size, length, copies ?? points.length);
    demand(held <= MOST_BITS_OF_ALL_NODES, 'too long values of all nodes');
  }
  const bent = nodes.filter((node) => node.straight);
  function trace(x, times = 1, more = 0) {
    spend(Math.floor((times * work + more) / 25));
    const values = [x];
    for (const { run, reads } of nodes.slice(1)) values.push(run(...reads.map((j) => values[j])));
    const read = bent.map(({ reads: [j] }) => values[j]);
    const straightTo = (other) => bent.every(({ straight }, i) => straight(read[i], other.read[i]));
    return { outputs: values.at(-1), read, straightTo };
  }
  const known = [];
  const outputs = (k) => (known[k] ??= trace(points[k]).outputs);
  allow(0);
  return { all: nodes, size, allow, outputs, trace };
};
const squares = (length) => Math.floor(length ** 2 / 100_000);

const KNOWN = index((e) => e.points.length);
const notThe = (name) => such(KNOWN, (k, e) => k !== e[name], 'the same point twice');
const OUTPUT = index((e) => e.nodes.size);
const AT = { point: KNOWN };
const networkFact = (types, holds) => [types, (e) => [e.fact, () => holds(e)]];

const alone = ({ ints }, label) => ints.every((n, i) => i === label || n < ints[label]);

/** The number m of classes with as many pairs as there are outputs. */
function classes({ nodes: { size } }) {
  const m = Math.round((1 + Math.sqrt(1 + 8 * size)) / 2);
  return (m * (m - 1)) / 2 === size ? m : malformed('not an output for each pair of classes');
}

function first({ nodes, point, label, ...e }) {
  const [m, { ints }] = [classes({ nodes, ...e }), nodes.outputs(point)];
  const votes = Array(m).fill(0);
  let pair = 0;
  for (let i = 0; i < m; i += 1) {
    for (let j = i + 1; j < m; j += 1, pair += 1) votes[ints[pair] > 0n ? i : j] += 1;
  }
  return votes.indexOf(Math.max(...votes)) === label;
}

/** A segment from x to y, its points as long as both and the longest step together. */
function segment(e) {
  const { points, nodes, from, to, label, changes, steps } = e;
  const [x, y] = [points[from], points[to]];
  const ends = tableLength([x]) + tableLength([y]);
  const length = steps.reduce((most, c) => Math.max(most, ends + tableLength([Vector.of([c])])), 0);
  demandSize(x.length, length);
  e.lengths.push(length);
  return ['segment', () => {
    const way = subtract(y, x);
    if (way.isZero() || sign(steps[0]) !== 0 || compare(steps.at(-1), ONE) !== 0) return false;
    if (steps.some((c, i) => i > 0 && compare(steps[i - 1], c) >= 0)) return false;
    const work = x.length * (42 + squares(length));
    let [before, tied] = [undefined, []];
    for (const [i, c] of steps.entries()) {
      const here = nodes.trace(along(x, c, way), 2, work);
      if (before && !here.straightTo(before)) return false;
      before = here;
      const { ints } = here.outputs;
      if (i === 0 || !changes || i < steps.length - 2) {
        if (!alone(here.outputs, label)) return false;
      } else if (i === steps.length - 2) {
        tied = range(ints.length).filter((k) => k !== label && ints[k] === ints[label]);
        if (ints.some((n) => n > ints[label])) return false;
      } else if (!tied.some((k) => ints[k] > ints[label])) {
        return false;
      }
    }
    return true;
  }];
}

const NETWORK_FACTS = {
  label: networkFact({ ...AT, label: OUTPUT }, ({ nodes, point, label }) => (
    alone(nodes.outputs(point), label))),
  box: networkFact(AT, ({ points, point }) => (
    related(points[point], '>=', 0) && related(points[point], '<=', 1))),
  within: networkFact({ ...AT, of: notThe('point'), radius: numeral }, (e) => {
    e.spend(e.points[e.point].length);
    return related(subtract(e.points[e.point], e.points[e.of]).map(abs), '<=', e.radius);
  }),
  'same softmax': networkFact({ ...AT, as: notThe('point') }, ({ nodes, points, point, as }) => {
    if (subtract(points[point], points[as]).isZero()) return false;
    const { ints } = subtract(nodes.outputs(point), nodes.outputs(as));
    return ints.every((n) => n === ints[0]);
  }),
  votes: networkFact({ ...AT, label: index(classes) }, first),
  segment: [{
    from: KNOWN, to: notThe('from'), label: OUTPUT, changes: truth,
    steps: filled(list(numeral), 2),
  }, segment],
};

/** Facts, each once: one that is stated again costs nothing. */
function readFacts(value, around) {
  const different = Array.isArray(value) && new Map(value.map((fact) => [canonical(fact), fact]));
  const entries = different ? [...different.values()] : value;
  const lengths = [];
  const facts = some(variant('fact', NETWORK_FACTS))(entries, inside(around, { lengths }));
  around.nodes.allow(Math.max(0, ...lengths));
  return facts;
}

// ---- Boxes: bounds of the values of a network on parts of one. Bounds and coefficients are
// integers, which stand for multiples of 2^-g, and constants for multiples of 2^-2g.

const MOST_SPLITS = 100;
const MOST_OF_A_PROOF = 10 ** 10;
const SHARE = integer(0, 2n ** 1000n - 1n);
const NODE = (least) => integer(least, (e) => e.nodes.all.length - 1);

/** The largest integer that is not above a number times a power of two, and whether it is that. */
function floor([n, d], power = 0n) {
  const scaled = n << power;
  const [quotient, rest] = [scaled / d, scaled % d];
  return [rest < 0n ? quotient - 1n : quotient, rest === 0n];
}
const down = (number, power) => floor(number, power)[0];
const up = (number, power) => -down(negative(number), power);
const most = (numbers, indices) => (
  indices.reduce((all, i) => (numbers[i] > all ? numbers[i] : all), numbers[indices[0]]));

const REFINEMENTS = such(list((value, e) => {
  const [node, entries] = list(anything, 2)(value, e);
  const { size } = e.nodes.all[NODE(1)(node, e)];
  return [node, entries === null ? null : indices(size)(entries, e)];
}), (all) => all.every(([j], i) => i === 0 || all[i - 1][0] < j), 'nodes that do not increase');

const POSITIVE = integer(1, 2n ** 1000n - 1n);
const ofInput = ({ all }, [j]) => all[j].matrix && all[j].reads[0] === 0;
const ELLIPSOID = {
  node: such(NODE(1), (k, { nodes }) => (
    nodes.all[k].positive && ofInput(nodes, nodes.all[k].reads) && nodes.all[k].size <= 512
  ), 'no relu of a dense node of x, of at most 512 values'),
  spreads: list(POSITIVE, (e) => e.nodes.all[e.node].size),
  weights: list(POSITIVE, (e) => e.nodes.all[0].size),
};
const CURVE = such(
  list(integer(1n - 2n ** 1000n, 2n ** 1000n - 1n), (e) => 1 + e.ellipsoid.spreads.length),
  ([k]) => k > 0, 'a multiplier that is not > 0',
);

const SPLIT = {
  split: filled(list(integer(0)), 2), ...optional({ at: numeral }), parts: list(anything, 2),
};
const CUTS = { cuts: filled(list(SPLIT), 1), rest: anything };
const LEAF = optional({
  weights: list(SHARE, (e) => e.rows), slopes: list(integer(0, (e) => 2n ** BigInt(e.bits))),
  ties: list(SHARE, (e) => e.path.length),
});
const CURVED_LEAF = { ...LEAF, ...when(({ ellipsoid }, there) => ellipsoid && there, { curve: CURVE }) };
const MOST_HALFSPACES = 10 ** 7;

/** The two sides of a split: halfspaces z_r - z_s >= c, c an integer, of a node. In place of the
    number 0, r or s is not defined. */
function sidesOf({ split: [node, ...entries], at = ZERO }, e) {
  demand(entries.length <= 2, 'more than two entries');
  const [p, q] = indices(e.nodes.all[NODE(0)(node, e)].size)(entries, e);
  const [c, whole] = floor(at, BigInt(e.grid));
  demand(whole, 'not a multiple of the grid');
  return [{ node, r: q, s: p, c: -c }, { node, r: p, s: q, c }];
}

/** The leaves of a tree, each with its path of halfspaces; a cut is a split that goes on on the side
    of `null`, where its halfspace takes the place of those of the same difference. */
function leaves(tree, e, path, depth = 0) {
  const [split, cuts] = ['split', 'cuts'].map((name) => tree?.has?.(name));
  demand(!(split || cuts) || depth < MOST_SPLITS, 'too many splits');
  if (cuts) {
    const read = readFields(tree, CUTS, inside(e));
    const found = [];
    let own = path;
    for (const cut of read.cuts) {
      const [sides, goesOn] = [sidesOf(cut, e), cut.parts.indexOf(null)];
      const closed = cut.parts[1 - goesOn];
      demand(goesOn >= 0 && closed !== null, 'a cut that does not go on on one side alone');
      found.push(leaves(closed, e, [...own, sides[1 - goesOn]], depth + 1));
      const { node, r, s } = sides[goesOn];
      own = [...own.filter((h) => h.node !== node || h.r !== r || h.s !== s), sides[goesOn]];
    }
    found.push(leaves(read.rest, e, own, depth + 1));
    return found.flat();
  }
  if (split) {
    const read = readFields(tree, SPLIT, inside(e));
    const sides = sidesOf(read, e);
    return read.parts.flatMap((part, i) => leaves(part, e, [...path, sides[i]], depth + 1));
  }
  e.paths.beyond += Math.max(0, path.length - MOST_SPLITS);
  demand(e.paths.beyond <= MOST_HALFSPACES, 'too many halfspaces of long paths');
  return [{ path, ...readFields(tree, CURVED_LEAF, inside(e, { path })) }];
}
function TREES(value, e) {
  const paths = { beyond: 0 };
  return list(anything, e.properties.length)(value, e).map((tree, i) => (
    leaves(tree, inside(e, { rows: e.properties[i].right_side.length, paths }), [])));
}

/** The entry of a list with the largest upper bound, and the largest one of all others. */
function leading(entries, l, u) {
  const p = entries.reduce((best, i) => (u[i] > u[best] ? i : best));
  const others = entries.filter((i) => i !== p);
  return [p, others.length ? most(u, others) : l[p]];
}

/** What a maximum, with its lists, or a relu passes of coefficients to entries from `low` to
    `high`, and by how much that lowers the sum. */
function throughMaximum(lists, a, low, high) {
  const passes = low.map(() => 0n);
  let less = 0n;
  for (const [k, entries] of lists.entries()) {
    if (a[k] >= 0n) {
      passes[entries.reduce((best, i) => (low[i] > low[best] ? i : best))] += a[k];
    } else {
      const [p, other] = leading(entries, low, high);
      const h = low[p] >= other ? -a[k] : (-a[k] * (high[p] - other)) / (high[p] - low[p]);
      passes[p] -= h;
      less += (-a[k] - h) * high[p];
    }
  }
  return [passes, less];
}

function throughRelu(a, low, high, slopes = []) {
  let less = 0n;
  const passes = a.map((n, i) => {
    const [l, u] = [low[i], high[i]];
    if (l >= 0n) return n;
    if (u <= 0n) return 0n;
    if (n >= 0n) return slopes[i] ? down(times([n, 1n], slopes[i])) : n * BigInt(u >= -l);
    const h = (-n * u) / (u - l);
    less += (-n - h) * u;
    return -h;
  });
  return [passes, less];
}

/** Whether a symmetric matrix of integers, over q, is positive semidefinite: each time that entries
    are rounded down, the diagonal is lowered by as much as all others of the row may be. */
function semidefinite(matrix, q) {
  let [rest, divisor] = [matrix, q];
  while (rest.length) {
    const more = BigInt(rest.length - 1);
    const rounded = rest.map((row, i) => (
      row.map((n, j) => down([n, divisor]) - (i === j ? more : 0n))));
    const [first, ...others] = rounded;
    [divisor] = first;
    if (divisor <= 0n) return false;
    rest = others.map((row) => row.slice(1).map((n, j) => n * divisor - row[0] * first[j + 1]));
  }
  return true;
}

/** An ellipsoid, sum (z_i - c_i)^2 / s_i <= r, around the values z of a dense node of the input:
    whether it holds all of them, and what it says of the relu that reads them. */
function ellipsoidAround({ all, lower, upper, g, scale, ellipsoid }) {
  const { node, weights } = ellipsoid;
  const [dense, s] = [all[all[node].reads[0]], ellipsoid.spreads.map(BigInt)];
  const own = [s, weights.map(BigInt)].map((all) => bits(all.reduce((x, y) => (x > y ? x : y))));
  const longer = 1 + Math.floor((dense.length + 2 * Number(g) + own[0] + own[1]) ** 2 / 1e5);
  const { ints: c, unit: [n, q] } = dense.run(multiple([1n, 2n], add(lower, upper)));
  const centers = c.map((own) => (own * n) << g);
  const size = subtract(upper, lower).numbers().reduce((sum, [p, d], i) => (
    sum + up([p * p, 4n * d * d * BigInt(weights[i])], 3n * g)), 0n);

  function holds() {
    const [rows, [p, d]] = dense.matrix.inOneUnit();
    return semidefinite(rows.map((row, i) => {
      const times = row.map((own, k) => own * BigInt(weights[k]));
      return rows.map((other, j) => {
        const sum = times.reduce((all, own, k) => all + own * other[k], 0n);
        return ((i === j ? s[i] * d * d : 0n) - sum * p * p) << g;
      });
    }), d * d);
  }

  /** The least value of b z + k (z - c_i)^2 / s_i for z from one number to another. */
  function least(b, k, i, from, to) {
    const [slope, center] = [b * s[i] * q, centers[i]];
    const [first, last] = [from * q - center, to * q - center];
    const inner = 2n * k * first <= -slope && -slope <= 2n * k * last;
    if (inner) return down([4n * k * b * center - b * slope, 4n * k * q]);
    const y = 2n * k * first > -slope ? first : last;
    return down([slope * (y + center) + k * y * y, s[i] * q * q]);
  }

  function through(a, curve, low, high) {
    const [k, ...passes] = curve.map((own) => (BigInt(own) << g) / scale);
    let less = -down([-k * size, 1n << g]);
    for (const [i, e] of passes.entries()) {
      const [l, u] = [low[i], high[i]];
      const found = [];
      if (l <= 0n) found.push(least(-e, k, i, l, u < 0n ? u : 0n));
      if (u >= 0n) found.push(least(a[i] - e, k, i, l > 0n ? l : 0n, u));
      less -= found.reduce((all, own) => (own < all ? own : all));
    }
    return [passes, less];
  }

  const cost = 2 * s.length ** 2 * (s.length + weights.length) * longer;
  return { node, holds, through, cost, ofLeaf: 200 * s.length * longer };
}

/** What can be said of the nodes on parts of a box; a part has bounds l and u of each node, and the
    lists of each maximum. */
function boxed({ nodes: { all }, lower, upper, refine, ...e }) {
  const [g, refined, costs] = [BigInt(e.grid), new Map(refine), []];
  const scale = 2n ** BigInt(e.bits);
  const { ellipsoid } = e;
  const ball = ellipsoid && ellipsoidAround({ all, lower, upper, g, scale, ellipsoid });
  for (const { values = 0, rows = 1, windows = 1, size, length, reads } of all) {
    const read = reads.reduce((sum, k) => sum + all[k].size, 0);
    const own = (
      (200 * windows + values * (20 + rows) + 20 * read) * (1 + Math.floor(length ** 2 / 1e6)));
    costs.push(values ? costs.at(-1) + own : 21 * size);
  }
  let spent = 0;
  function charge(work) {
    spent += work;
    demand(spent <= MOST_OF_A_PROOF, 'too long a proof');
  }
  const listed = (j) => all.reduce((sum, { lists, reads, values }) => (
    lists && reads[0] === j ? sum + values : sum), 0);
  const along = (path) => path.reduce((sum, { node }) => (
    sum + 10 * (all.length - 1 + listed(node))), 0);
  const readBy = ({ reads }, bounds) => reads.flatMap((k) => bounds[k]);

  /** The lists of all maxima, without entries that others exceed on a path. */
  const listsOn = (path) => all.map(({ lists, reads: [k] }) => lists && path.reduce(
    (left, { node, r, s, c }) => (node !== k || s === undefined || c < 0n ? left
      : left.map((own) => (own.includes(r) ? own.filter((i) => i !== s) : own))),
    lists,
  ));

  function reach(j, { l, u, lists }) {
    const node = all[j];
    if (j === 0) return [lower, upper].map((x, i) => x.numbers().map((n) => [down, up][i](n, g)));
    const [low, high] = [readBy(node, l), readBy(node, u)];
    if (node.positive) return [low, high].map((b) => b.map((n) => (n > 0n ? n : 0n)));
    if (node.lists) return [low, high].map((b) => lists[j].map((entries) => most(b, entries)));
    const [unit, offsets] = [node.unit(), node.offsets()];
    const sums = (one, other, round) => node.gather(one, other).map((n, i) => {
      const sum = times([n, 1n], unit);
      return round(offsets ? plus(sum, times(offsets.at(i), [1n << g, 1n])) : sum);
    });
    return [sums(low, high, down), sums(high, low, up)];
  }

  /** Cuts bounds of a node by the halfspaces of a path; whether something is left. */
  function cut(j, l, u, path) {
    for (const { r, s, c } of path.filter(({ node }) => node === j)) {
      const [least, largest] = [(l[s] ?? 0n) + c, (u[r] ?? 0n) - c];
      if (r === undefined ? least > 0n : s === undefined && largest < 0n) return false;
      if (r !== undefined && least > l[r]) l[r] = least;
      if (s !== undefined && largest < u[s]) u[s] = largest;
    }
    return l.every((n, i) => n <= u[i]);
  }

  /** The entries of a node of which what reads it asks more than it has bounds for. */
  function undecided(j, l, u, lists) {
    const found = new Set();
    for (const [k, node] of all.entries()) {
      if (node.reads[0] !== j) continue;
      if (node.positive) l.forEach((n, i) => n < 0n && u[i] > 0n && found.add(i));
      for (const entries of lists[k] ?? []) {
        const [[p, other], least] = [leading(entries, l, u), most(l, entries)];
        if (l[p] < other) for (const i of entries) if (u[i] > least) found.add(i);
      }
    }
    return [...found];
  }

  /** The part of a path, or nothing if it is empty. */
  function sweep(path) {
    charge(2 * costs.at(-1));
    const part = { l: [], u: [], lists: listsOn(path) };
    for (let j = 0; j < all.length; j += 1) {
      const [l, u] = [part.l[j], part.u[j]] = reach(j, part);
      if (!cut(j, l, u, path)) return undefined;
      const entries = refined.get(j) ?? (refined.has(j) ? undecided(j, l, u, part.lists) : []);
      charge(2 * entries.length * costs[j]);
      for (const i of entries) {
        const [low, high] = [1n, -1n].map((a) => (
          bound(l.map((_, k) => (k === i ? a << g : 0n)), j, 0n, part) >> g));
        if (low > l[i]) l[i] = low;
        if (-high < u[i]) u[i] = -high;
      }
      if (l.some((n, i) => n > u[i])) return undefined;
    }
    return part;
  }

  /** The same with no more than cuts of the bounds on the whole box. */
  function within(whole, path) {
    const [l, u] = [whole.l, whole.u].map((bounds) => bounds.map((own) => [...own]));
    const left = all.every((_, j) => cut(j, l[j], u[j], path));
    return left ? { l, u, lists: listsOn(path) } : undefined;
  }

  /** A bound of the sum of coefficients times values of a node, and of a constant. Halfspaces have
      ties, and slopes are those of the entries of each relu that have some. */
  function bound(
    coefficients, start, constant, { l, u, lists }, halfspaces = [], slopes = [], curve = undefined,
  ) {
    const passed = [];
    passed[start] = coefficients;
    let sum = constant;
    for (let j = start; j >= 0; j -= 1) {
      const [a, node] = [passed[j], all[j]];
      if (!a) continue;
      for (const { r, s, c, tie } of halfspaces.filter((h) => h.node === j)) {
        if (r !== undefined) a[r] -= tie;
        if (s !== undefined) a[s] += tie;
        sum += tie * c;
      }
      if (j === 0) return a.reduce((all, n, i) => all + n * (n > 0n ? l : u)[0][i], sum);
      const [low, high] = [readBy(node, l), readBy(node, u)];
      const [passes, less] = curve && j === ball.node ? ball.through(a, curve, low, high)
        : node.positive ? throughRelu(a, low, high, slopes[j])
        : node.lists ? throughMaximum(lists[j], a, low, high) : throughSums(node, a, low);
      sum -= less;
      let from = 0;
      for (const k of node.reads) {
        const own = passes.slice(from, from += all[k].size);
        passed[k] = passed[k] ? passed[k].map((n, i) => n + own[i]) : own;
      }
    }
    return sum;
  }

  function throughSums({ spread, unit, offsets }, a, low) {
    let less = offsets() ? -down(new Vector(a).dot(offsets()), g) : 0n;
    const passes = spread(a).map((n, i) => {
      const [own, whole] = floor(times([n, 1n], unit()));
      if (!whole && low[i] < 0n) less -= low[i];
      return own;
    });
    return [passes, less];
  }

  /** For each relu the places of its entries below and above 0. */
  const openOn = ({ l, u }, curve) => all.map((node, j) => {
    const straight = node.positive && !(curve && j === ball.node);
    const [low, high] = straight ? [readBy(node, l), readBy(node, u)] : [[], []];
    return range(low.length).filter((i) => low[i] < 0n && high[i] > 0n);
  });

  return { g, ball, charge, cost: costs.at(-1), along, sweep, within, bound, openOn };
}

// ---- Arithmetic

const MOST_WORK = 5 * 10 ** 11;
const DEEPEST_EXPRESSION = 100;

/** The sum of some numbers, over their common denominator. */
function total(...numbers) {
  const d = numbers.reduce((common, [, own]) => lcm(common, own), 1n);
  return reduced([numbers.reduce((all, [n, own]) => all + n * (d / own), 0n), d]);
}

/** How many parts an operation takes, at least and at most, and what it makes of them. */
const OPERATIONS = {
  '+': [0, Infinity, total],
  max: [1, Infinity, (...parts) => parts.reduce(larger)],
  abs: [1, 1, ([n, d]) => [abs(n), d]],
  '-': [2, 2, (a, b) => reduced(minus(a, b))],
  '*': [2, 2, (a, b) => reduced(times(a, b))],
  '/': [2, 2, (a, b) => (sign(b) ? reduced(over(a, b)) : malformed('a division by 0'))],
  '^': [2, 2, ([n, d], [e, f]) => (
    f === 1n && e >= 0n ? [n ** e, d ** e] : malformed('an exponent that is no integer >= 0'))],
};
const operation = oneOf(...Object.keys(OPERATIONS));
const comparison = oneOf('=', '!=', '<', '<=');
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;
const identifier = such(text, (name) => IDENTIFIER.test(name), 'no identifier');
const numbers = such(list({ name: identifier, value: numeral }), (all) => (
  new Set(all.map(({ name }) => name)).size === all.length), 'a name twice');

/** A function to the values of two expressions, which counts the cost of all of them. */
function evaluator(numbers) {
  let work = 0;
  const cost = (values) => values.reduce((all, [n, d]) => all + Math.max(bits(n), bits(d)), 0);
  function spend(own) {
    work += own ** 2;
    demand(work <= MOST_WORK, 'too long numbers');
  }
  function evaluate(expression, depth = 0) {
    if (!Array.isArray(expression)) return numbers.get(expression) ?? numeral(expression);
    demand(depth < DEEPEST_EXPRESSION, 'too deep an expression');
    const [name, ...parts] = expression;
    const [least, most, make] = OPERATIONS[operation(name)];
    demand(parts.length >= least && parts.length <= most, `a wrong number of parts of ${name}`);
    const values = parts.map((entry) => evaluate(entry, depth + 1));
    spend(name === '^' ? cost([values[0]]) * Math.max(Number(values[1][0]), 1) : cost(values));
    return make(...values);
  }
  return (...expressions) => {
    const values = expressions.map((expression) => evaluate(expression));
    spend(cost(values));
    return values;
  };
}

/** The sum of C(n, j) a^j c^(n - j) over j <= k. */
function lowerTail(n, k, a, c) {
  let [term, all] = [1n, 1n];
  for (let j = 1n; j <= k; j += 1n) {
    term = ((term * (n - j + 1n)) / j) * a;
    all = all * c + term;
  }
  return all * c ** (n - k);
}

// ---- The kinds. What their instance, statement and evidence consist of:

const SYSTEM = { matrix: filled(matrix('m', 'n')) };
const SIDED = { ...SYSTEM, right_side: vector('m') };
const minorOf = (height, width) => (
  { prime: integer(2, 2n ** 64n - 1n), rows: indices(height), columns: indices(width) });
const MINOR = minorOf('m', 'n');
const BASIS = { basis: matrix('k', 'n') };
const FREE = { free: indices('n') };
const constraints = (rows) => part({
  right_side: sparseVector(rows), matrix: sparseMatrix(rows, 'n'),
});
const PROGRAM = {
  objective: sparseVector('n'), inequalities: constraints('p'), equalities: constraints('q'),
  nonnegative: indices('n'),
};
const BOUND = {
  inequality_multipliers: sparseVector('p'), equality_multipliers: sparseVector('q'),
};
const PLACE = { x: sparseVector('n') };
const RAY = { ray: vector('n') };

const LABEL = oneOf(-1, 1);
const labelled = (n) => ({ labels: some(LABEL, n), points: filled(scaledMatrix(n, 'd')) });
const SET = labelled('n');
const RULE = { normal: vector('d'), offset: numeral };
const SEPARATOR = { separator: part(RULE) };
const HOMOGENEOUS = { homogeneous: truth };
const MULTIPLIERS = { multipliers: vector('n') };
const MIX = { combination: vector('n'), scale: numeral };
const FINITE = ({ infinite }) => !infinite;

const CLASS = index((e) => e.classes);
const CLASSES = {
  classes: integer(2), labels: some(CLASS, 'n'), points: filled(matrix('n', 'd')),
};
const GAPS = { gaps: list({ point: index('n'), class: CLASS, multiplier: numeral }) };

const transposed = (type) => ({
  weights: (value, around) => filled(type)(value, around).transposed(),
});
const WEIGHTS = transposed(matrix('f', 'm'));
const UNSCALED = transposed(scaled(matrixOf, false)('f', 'm'));
const LAYER = { ...WEIGHTS, bias: vector('m') };
const SPOT = { point: vector('f') };
const CHANGE = { direction: vector('f') };
const others = ({ sizes }) => sizes.m - 1;
const fewer = ({ sizes }) => Math.min(sizes.m - 1, sizes.f);
const more = ({ sizes }) => Math.max(sizes.m - 1, sizes.f);
const PARALLEL = (e) => e.parallel;
const PAIR = indices('m', 2);
const ANOTHER_PAIR = such(PAIR, (pair, { first }) => (
  !first.every((k) => pair.includes(k))), 'the same pair twice');

const FIELDS = {
  rank: [SYSTEM, { rank: integer(0) }, { ...MINOR, ...BASIS, ...FREE }],
  'null-space': [SYSTEM, BASIS, { ...MINOR, ...FREE }],
  'linear-system-solution': [SIDED, { solution: vector('n') }],
  'linear-system-inconsistent': [SIDED, {}, { combination: vector('m') }],

  'lp-optimal': [PROGRAM, { ...PLACE, value: numeral }, BOUND],
  'lp-infeasible': [PROGRAM, {}, BOUND],
  'lp-unbounded': [PROGRAM, { ...PLACE, ray: sparseVector('n') }],

  'max-margin': [SET, { ...HOMOGENEOUS, ...RULE, margin_squared: numeral }, MULTIPLIERS],
  'not-separable': [SET, HOMOGENEOUS, MULTIPLIERS],
  separable: [SET, HOMOGENEOUS, RULE],
  'every-separator': [
    SET, { ...RULE, ...optional({ weak: filled(indices('n')) }) }, MULTIPLIERS,
  ],
  'separator-steps': [
    { ...SET, ...SEPARATOR, queries: part(labelled('q')) }, { ...DIRECTION, steps: vector('q') },
    MULTIPLIERS,
  ],
  'some-point-flips': [SET, { ...DIRECTION, step: numeral }, { ...MULTIPLIERS, ...SEPARATOR }],
  'universal-step': [
    SET, { ...DIRECTION, point: index('n'), infinite: truth, ...when(FINITE, { step: numeral }) },
    { ...SEPARATOR, limit: part(RULE), ...when(FINITE, MULTIPLIERS) },
  ],
  'every-model': [CLASSES, { form: matrix((e) => e.classes, (e) => e.sizes.d + 1) }, GAPS],
  'class-left': [
    CLASSES, { class: CLASS, ...DIRECTION }, { ...GAPS, targets: vector((e) => e.classes) },
  ],

  'invariant-space': [
    WEIGHTS, { basis: matrix('k', 'f'), dimension: integer(0) },
    { ...minorOf(others, 'f'), free: indices('f') },
  ],
  'invariant-dimension': [
    UNSCALED, { rank: integer(0), dimension: integer(0) },
    { ...minorOf(more, fewer), dependencies: matrix('k', fewer), free: indices(fewer) },
  ],
  'invariant-direction': [UNSCALED, CHANGE],
  'invariant-regions': [LAYER, { ...CHANGE, regions: some({ class: index('m'), ...SPOT }) }],
  'decision-region': [
    LAYER,
    {
      class: index('m'), region: oneOf('empty', 'bounded', 'unbounded'),
      ...when((e) => e.region !== 'empty', SPOT),
      ...when((e) => e.region === 'unbounded', { ray: vector('f') }),
    },
    {
      ...when((e) => e.region !== 'unbounded', { combination: vector(others) }),
      ...when((e) => e.region === 'bounded', minorOf(others, 'f')),
    },
  ],
  adjacency: [
    LAYER, { classes: indices('m', 2), adjacent: truth, ...when((e) => e.adjacent, SPOT) },
    when((e) => !e.adjacent, { combination: vector('m'), parameter: numeral }),
  ],
  parallel: [
    WEIGHTS,
    { parallel: truth, ...when(PARALLEL, { first: PAIR, second: ANOTHER_PAIR }) },
    when(PARALLEL, { factor: numeral }),
  ],

  'convex-negative-region': [
    { network: part(TWO_LAYER) },
    {
      right_side: vector('k'), matrix: matrix('k', 'd'),
      segments: list({ start: vector('d'), end: vector('d'), parameter: numeral }),
    },
  ],
  'relu-universal-direction': [SET, DIRECTION, { positive: index('n'), ...MIX }],
  'convex-direction': [SET, { label: LABEL, ...DIRECTION }, { outside: index('n'), ...MIX }],
  'relu-label-forced': [
    SET, POINT, { positive: index('n'), weight: numeral, combination: vector('n') },
  ],
  'network-flip': [
    { ...SET, network: part(TWO_LAYER) },
    { ...DIRECTION, flips: some({ ...POINT, step: numeral }) },
  ],
  bounded: [SIDED, { bounded: oneOf(true) }, { combination: vector('m'), ...MINOR }],
  'unbounded-polyhedron': [SIDED, { point: vector('n'), ...RAY }],

  'rule-facts': [
    {
      rules: list(variant('type', RULES)), labels: list(integer(-1), 'n'),
      points: matrix('n', (e) => sizeOf('d', dimensionOf(e.rules), e)),
    },
    { facts: some(variant('fact', RULE_FACTS)) },
  ],
  'network-points': [
    { points: readPoints, nodes: nodesOn(({ points }) => points) }, { facts: readFacts },
  ],
  'no-counterexample': [
    {
      lower: filled(scaledVector('n')), upper: scaledVector('n'),
      nodes: nodesOn(({ lower, upper }) => [lower, upper], 1),
    },
    {
      properties: some({
        matrix: filled(scaledMatrix('k', (e) => e.nodes.size)), right_side: vector('k'),
      }),
    },
    {
      grid: integer(0, 1000), bits: integer(0, (e) => e.grid), every: truth, refine: REFINEMENTS,
      ...optional({ ellipsoid: ELLIPSOID }), trees: TREES,
    },
  ],
  arithmetic: [{ numbers }, { relations: some(list(anything, 3)) }],
  'binomial-tail': [
    { trials: integer(1, 200_000), probability: numeral },
    { successes: integer(0, (e) => e.trials), bound: numeral, at_least: truth },
  ],
};

// What is required:

const RELATIONS = {
  * rank({ matrix: m, rank, basis, free, ...chosen }) {
    yield ['the minor has size r', yield* minor(m, chosen), '=', rank];
    yield* nullBasis(m, basis, free, rank);
  },
  * 'null-space'({ matrix: m, basis, free, ...chosen }) {
    yield* nullBasis(m, basis, free, yield* minor(m, chosen));
  },
  * 'linear-system-solution'({ matrix: m, right_side: b, solution: x }) {
    yield ['M x = right side', m.times(x), '=', b];
  },
  * 'linear-system-inconsistent'({ matrix: m, right_side: b, combination: y }) {
    yield ['M^T y = 0', m.combine(y), '=', 0];
    yield ['dot(y, right side) != 0', y.dot(b), '!=', 0];
  },

  * 'lp-optimal'(e) {
    yield* feasible(e);
    yield ['dot(c, x) = value', e.objective.dot(e.x), '=', e.value];
    yield ['the bound equals value', yield* bound(e, e.objective), '=', e.value];
  },
  * 'lp-infeasible'(e) {
    yield ['the bound is > 0', yield* bound(e, zeros(e.sizes.n)), '>', 0];
  },
  * 'lp-unbounded'(e) {
    yield* feasible(e);
    yield ['A ray <= 0', e.inequalities.matrix.times(e.ray), '<=', 0];
    yield ['C ray = 0', e.equalities.matrix.times(e.ray), '=', 0];
    yield ['ray_j >= 0 for j in S', e.ray.pick(e.nonnegative), '>=', 0];
    yield ['dot(c, ray) < 0', e.objective.dot(e.ray), '<', 0];
  },

  * 'max-margin'({ homogeneous, normal: w, offset: b, multipliers: a, ...e }) {
    const [balance, sum] = sums({ ...e, multipliers: a });
    const all = margins(e, { normal: w, offset: b });
    yield ['b = 0 if homogeneous', homogeneous ? b : ZERO, '=', 0];
    yield ['a >= 0', a, '>=', 0];
    yield ['sum a_i y_i x_i = w', sum, '=', w];
    yield ['sum a_i y_i = 0 unless homogeneous', homogeneous ? ZERO : balance, '=', 0];
    yield ['every margin >= 1', all, '>=', 1];
    yield ['margin = 1 where a_i != 0', all.filter((_, i) => a.signAt(i) !== 0), '=', 1];
    yield ['q |w|^2 = 1', times(e.margin_squared, w.dot(w)), '=', 1];
  },
  'not-separable': (e) => multipliersFor(e, 0, e.homogeneous ? null : 0),
  * separable(e) {
    yield* separates(e, e);
    yield ['b = 0 if homogeneous', e.homogeneous ? e.offset : ZERO, '=', 0];
  },
  * 'every-separator'({ normal: u, offset: t, weak = [], ...set }) {
    yield* multipliersFor(set, u, t);
    const strict = new Set(range(set.labels.length).filter((i) => set.multipliers.signAt(i) > 0));
    for (const i of weak) strict.delete(i);
    yield ['a_i > 0 for some i that is not weak', strict.size > 0];
  },
  * 'separator-steps'({ separator, queries, direction: u, steps, ...set }) {
    yield* separates(set, separator);
    yield* multipliersFor(set, u);
    const [all, speed] = [margins(queries, separator), separator.normal.dot(u)];
    yield ['the margin of each query is >= 0', all, '>=', 0];
    yield ['step dot(w, u) = margin', steps.numbers().map((step) => times(step, speed)), '=', all];
  },
  * 'some-point-flips'({ direction: u, step: s, separator, ...set }) {
    yield* multipliersFor(set, u);
    yield ['s sum a_i = 1', times(s, set.multipliers.total()), '=', 1];
    yield* separates(set, separator);
    const reach = times(s, separator.normal.dot(u));
    yield ['all margins are >= s dot(w, u)', margins(set, separator), '>=', reach];
  },
  * 'universal-step'({ direction: u, point: k, infinite, step: s, separator, limit, ...set }) {
    const [all, speed] = [margins(set, limit), limit.normal.dot(u)];
    yield ['u is not 0', !u.isZero()];
    yield* separates(set, separator);
    yield ['all margins of the limit rule are >= 0', all, '>=', 0];
    yield ['dot(w, u) = 0 or, if not infinite, 1', speed, '=', infinite ? 0 : 1];
    if (infinite) yield ['the margin of the limit rule at k is > 0', all[k], '>', 0];
    if (infinite) return;
    yield* multipliersFor(set, u);
    yield ['a_k s = 1', times(set.multipliers.at(k), s), '=', 1];
    yield ['the margin of the limit rule at k is s', all[k], '=', s];
  },
  * 'every-model'(e) {
    const rows = yield* gapRows(e);
    for (const [k, row] of e.form.rows.entries()) {
      yield [`row ${k} of the form is T_${k}`, row, '=', rows.get(k) ?? 0];
    }
  },
  * 'class-left'({ class: left, direction: v, targets: p, ...e }) {
    yield ['p >= 0', p, '>=', 0];
    yield ['v is not 0', !v.isZero()];
    const [rows, all] = [yield* gapRows(e), p.total()];
    for (let k = 0; k < p.length; k += 1) {
      const share = k === left ? minus(p.at(k), all) : p.at(k);
      const given = rows.has(k) ? append(multiple(share, v), ZERO) : share;
      yield [`share (v, 0) = T_${k}`, given, '=', rows.get(k) ?? 0];
    }
  },

  * 'invariant-space'({ weights, basis, dimension, free, ...chosen }) {
    const d = differences(weights);
    yield* nullBasis(d, basis, free, yield* minor(d, chosen));
    yield ['dimension is the number of vectors', dimension, '=', basis.length];
  },
  * 'invariant-dimension'({ weights, rank, dimension, dependencies, free, ...chosen }) {
    const d = differences(weights);
    const t = d.width >= d.length ? d.transposed() : d;
    const size = yield* minor(t, chosen);
    yield* nullBasis(t, dependencies, free, size);
    yield ['rank is the size of the minor', rank, '=', size];
    yield ['dimension = n - rank', dimension, '=', d.width - size];
  },
  'invariant-direction': invariant,
  * 'invariant-regions'(e) {
    e.spend(e.regions.length * e.sizes.m * (e.sizes.f + 10));
    yield* invariant(e);
    for (const { class: i, point } of e.regions) {
      const z = e.weights.affine(point, e.bias);
      yield ['no logit is larger than logit i', z, '<=', z[i]];
    }
  },
  * 'decision-region'({ weights: w, bias, class: i, region, point, ray, ...proof }) {
    const rest = range(w.length).filter((j) => j !== i);
    const a = new Matrix(rest.map((j) => subtract(w.rows[j], w.rows[i])), w.width);
    const b = Vector.of(rest.map((j) => minus(bias.at(i), bias.at(j))));
    if (region === 'empty') {
      yield ['s >= 0', proof.combination, '>=', 0];
      yield ['A^T s = 0', a.combine(proof.combination), '=', 0];
      yield ['dot(s, b) < 0', b.dot(proof.combination), '<', 0];
    } else {
      yield ['A point <= b', a.times(point), '<=', b];
      yield* region === 'bounded' ? bounded(a, proof) : isRay(a, ray);
    }
  },
  * adjacency({ weights, bias, classes: [i, j], adjacent, point, combination: s, parameter: t }) {
    const { rows: w } = weights;
    const form = (k, l) => append(subtract(w[k], w[l]), minus(bias.at(k), bias.at(l)));
    const different = ['W_i is not W_j', !subtract(w[i], w[j]).isZero()];
    if (adjacent) {
      const z = weights.affine(point, bias);
      yield ['z_i = z_j', z[i], '=', z[j]];
      yield different;
      yield ['z_k < z_i for other k', z.filter((_, k) => k !== i && k !== j), '<', z[i]];
      return;
    }
    const mix = { [i]: negative(t), [j]: minus(t, ONE) };
    const coefficients = Vector.of(s.numbers().map((own, k) => mix[k] ?? own));
    const excess = coefficients.dot(bias);
    yield ['s >= 0', s, '>=', 0];
    yield ['s_i = s_j = 0', s.pick([i, j]), '=', 0];
    yield ['sum s = 1', s.total(), '=', 1];
    yield ['P and Q agree in the first n entries', weights.combine(coefficients), '=', 0];
    yield ['e >= 0', excess, '>=', 0];
    if (sign(excess) > 0) return;
    yield different;
    const used = range(s.length).filter((k) => s.signAt(k) > 0).map((k) => form(k, i));
    const line = directionKey(form(i, j));
    yield ['L_k - L_i is not 0 and no multiple of L_i - L_j for some k with s_k > 0', (
      used.some((apart) => !apart.isZero() && directionKey(apart) !== line))];
  },
  * parallel({ weights: { rows }, parallel, first, second, factor, sizes: { m, f }, spend }) {
    if (parallel) {
      const [one, two] = [first, second].map(([i, j]) => subtract(rows[i], rows[j]));
      yield ['factor is not 0', factor, '!=', 0];
      yield ['N(second) is not 0', !two.isZero()];
      yield ['N(first) = factor N(second)', one, '=', multiple(factor, two)];
      return;
    }
    spend(5 * m * (m - 1) * f);
    const seen = new Set();
    for (let i = 0; i < m && m > 2; i += 1) {
      for (const other of rows.slice(i + 1)) {
        const difference = subtract(rows[i], other);
        yield ['no W_i - W_j is 0', !difference.isZero()];
        const key = directionKey(difference);
        yield ['no two of them are multiples of each other', !seen.has(key)];
        seen.add(key);
      }
    }
  },

  * 'convex-negative-region'({ network, right_side: b, matrix: { rows }, segments, sizes, spend }) {
    const [rule, { output, weights, biases, threshold, strict }] = [twoLayer(network), network];
    spend(3 * segments.length * effort(rule, sizes.d));
    const units = range(output.length).filter((i) => output.signAt(i) > 0);
    yield ['the network is convex', rule.convex];
    yield ['the threshold is 0 and strict', sign(threshold) === 0 && strict];
    yield ['there is a row and bound for each unit with v_i > 0', rows.length, '=', units.length];
    for (const [k, i] of units.entries()) yield ['row = w_i', rows[k], '=', weights.rows[i]];
    yield ['bound = -b_i', b, '=', biases.pick(units).map((n) => -n)];
    for (const { start, end, parameter: q } of segments) {
      yield ['0 <= q <= 1', sign(q) >= 0 && compare(q, ONE) <= 0];
      for (const x of [start, end, along(start, q, subtract(end, start))]) {
        yield ['the labels of each segment are -1', rule.label(x), '=', -1];
      }
    }
  },
  * 'relu-universal-direction'(e) {
    yield ['u is not 0', !e.direction.isZero()];
    yield* mixed(e, -1, e.positive, e.scale, e.direction);
  },
  * 'convex-direction'(e) {
    yield ['u is not 0', !e.direction.isZero()];
    yield* mixed(e, e.label, e.outside, e.scale, e.direction);
  },
  'relu-label-forced': (e) => mixed(e, -1, e.positive, e.weight, e.point, e.weight),
  * 'network-flip'({ network, direction: u, flips, ...set }) {
    const rule = twoLayer(network);
    set.spend((set.labels.length + 2 * flips.length) * effort(rule, set.sizes.d));
    yield ['the network is convex', rule.convex];
    yield ['the network is accurate', accurate(rule, set)];
    for (const { point, step: c } of flips) {
      yield ['c > 0', c, '>', 0];
      yield ['the label of each point is -1', rule.label(point), '=', -1];
      yield ['that of point + c u is +1', rule.label(along(point, c, u)), '=', 1];
    }
  },
  bounded: (e) => bounded(e.matrix, e),
  * 'unbounded-polyhedron'({ matrix: a, right_side: b, point, ray }) {
    yield ['A point <= b', a.times(point), '<=', b];
    yield* isRay(a, ray);
  },

  'rule-facts': allHold,
  'network-points': allHold,
  * 'no-counterexample'({ lower, upper, properties, trees, every, nodes, ...e }) {
    const rows = properties.flatMap(({ matrix }) => matrix.rows);
    nodes.allow(longest([lower, upper]) + e.grid + longest(rows));
    yield ['lower <= upper', lower, '<=', upper];
    const box = boxed({ ...e, nodes, lower, upper });
    if (box.ball) {
      box.charge(box.ball.cost);
      yield ['the ellipsoid holds all values', box.ball.holds()];
    }
    const [whole, last] = [every ? undefined : box.sweep([]), nodes.all.length - 1];
    for (const [i, { matrix: c, right_side: d }] of properties.entries()) {
      const length = c.rows.reduce((all, row) => all + tableLength([row]) - c.raised, c.raised);
      const own = 1 + Math.floor((length + tableLength([d])) ** 2 / 1e6);
      for (const leaf of trees[i]) {
        const part = every ? box.sweep(leaf.path) : box.within(whole, leaf.path);
        const curved = leaf.curve ? box.ball.ofLeaf : 0;
        box.charge(box.cost + box.along(leaf.path) + curved + c.length * (c.width + 1) * own);
        if (part) yield* positive({ ...e, box, c, d, part, last }, leaf);
      }
    }
  },
  * arithmetic({ numbers: given, relations }) {
    const evaluate = evaluator(new Map(given.map(({ name, value }) => [name, value])));
    const all = relations.map(([left, by, right]) => [comparison(by), ...evaluate(left, right)]);
    for (const [i, [by, left, right]] of all.entries()) yield [`relation ${i}`, left, by, right];
  },
  * 'binomial-tail'({ trials: n, probability: [a, d], successes: k, bound: [b, e], ...question }) {
    const upper = question.at_least;
    const [length, terms] = [bits(d), upper ? n - k + 1 : k + 1];
    demand(length * n <= 4_000_000, 'too long a denominator for so many trials');
    demand(terms * n * Math.max(16, length) ** 2 <= 200_000_000_000, 'too long a sum');
    yield ['0 <= p <= 1', a >= 0n && a <= d];
    // At least k successes are at most n - k failures.
    const [few, p, q] = upper ? [n - k, d - a, a] : [k, a, d - a];
    const sum = lowerTail(BigInt(n), BigInt(few), p, q);
    yield ['the sum is at most the bound', sum * e <= b * d ** BigInt(n)];
  },
};

// ---- Documents

const FREE_WORK = 1_000_000;
const WORK_FOR_A_CHARACTER = 50;
const CERTIFICATE = {
  format: oneOf('adversarial-geometry/certificate'), version: oneOf(2),
  kind: oneOf(...Object.keys(FIELDS)), instance: anything, instance_sha256: anything,
  statement: anything, evidence: anything,
};

function check(text) {
  const { kind, ...certificate } = readFields(parse(text), CERTIFICATE, {});
  const parts = [certificate.instance, certificate.statement, certificate.evidence];
  const [instance, statement] = parts.slice(0, 2).map(canonical);
  const hash = createHash('sha256').update(instance).digest('hex');
  demand(certificate.instance_sha256 === hash, 'instance_sha256: not that of the instance');
  let budget = FREE_WORK + WORK_FOR_A_CHARACTER * (instance.length + statement.length);
  function spend(work) {
    budget -= work;
    demand(budget >= 0, 'more work than a document of this length may ask for');
  }
  const fields = { sizes: {}, spend };
  parts.forEach((part, i) => readFields(part, FIELDS[kind][i] ?? {}, fields));
  for (const [name, left, comparedAs, right] of RELATIONS[kind](fields)) {
    const holds = comparedAs ? related(left, comparedAs, right) : left;
    if (!holds) throw new Rejected(`it does not hold that ${name}`);
  }
}

/** The verdict on a document, and for one that is refused a reason in printable ASCII. */
function judge(bytes) {
  try {
    demand(bytes, 'the document is too long');
    check(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
    return ['accepted'];
  } catch (error) {
    // Whatever else JavaScript throws means that the document is beyond what can be computed.
    const verdict = error instanceof Rejected ? 'rejected' : 'malformed';
    return [verdict, error.message.replace(/[^ -~]/g, '?').slice(0, 300)];
  }
}

/** The documents of a stream, as bytes (nothing in place of one that is too long). With `byLine`,
    each line is one. */
async function* documents(stream, byLine) {
  let [pieces, length] = [[], 0];
  function keep(piece) {
    length += piece.length;
    if (length > 4 * MOST_CHARACTERS) pieces = [];
    else pieces.push(piece);
  }
  function finish() {
    const bytes = length > 4 * MOST_CHARACTERS ? undefined : Buffer.concat(pieces);
    [pieces, length] = [[], 0];
    return bytes;
  }
  for await (const chunk of stream) {
    let from = 0;
    for (let end; byLine && (end = chunk.indexOf(10, from)) >= 0; from = end + 1) {
      keep(chunk.subarray(from, end));
      yield finish();
    }
    keep(chunk.subarray(from));
  }
  if (length || !byLine) yield finish();
}

/** Waits until the text is taken, so that a slow reader does not fill the memory. */
const print = (text) => process.stdout.write(`${text}\n`) || once(process.stdout, 'drain');

async function answerLines() {
  for await (const bytes of documents(process.stdin, true)) await print(judge(bytes).join('\t'));
  return 0;
}

async function checkFiles(paths) {
  let [checked, refused, unreadable] = [0, 0, 0];
  for (const path of paths) {
    const byLine = path.endsWith('.jsonl');
    let line = 0;
    try {
      for await (const bytes of documents(createReadStream(path), byLine)) {
        line += 1;
        const empty = byLine && bytes?.length === 0;
        const [verdict, reason] = empty ? ['no document'] : judge(bytes);
        checked += Number(!empty);
        refused += Number(reason !== undefined);
        if (reason) await print(`${path}${byLine ? `:${line}` : ''}: ${verdict}: ${reason}`);
      }
    } catch (error) {
      unreadable += 1;
      await print(`${path}: unreadable: ${error.message}`);
    }
  }
  await print(`${checked} checked, ${checked - refused} accepted, ${refused} refused`);
  return unreadable || !checked ? 2 : Number(refused > 0);
}

const paths = process.argv.slice(2);
process.exitCode = await (paths.join() === '-' ? answerLines() : checkFiles(paths));
