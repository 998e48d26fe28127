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
// length, a label. Each kind first reads all its fields ("malformed" if they are not as asked
// for) and hands back a function that checks its relations ("rejected" if one fails).

import { createReadStream } from 'node:fs';
import { createHash } from 'node:crypto';

// ---------------------------------------------------------------------------------------------
// Verdicts

class Malformed extends Error {}
class Rejected extends Error {}

const malformed = (why) => { throw new Malformed(why); };
const demand = (holds, why) => holds || malformed(why);
const need = (holds, relation) => {
  if (!holds) throw new Rejected(`it does not hold that ${relation}`);
};

/** Runs a reader, and says in what place it was if it finds something malformed. */
function within(place, read) {
  try {
    return read();
  } catch (error) {
    if (error instanceof Malformed) error.message = `${place}: ${error.message}`;
    throw error;
  }
}

// ---------------------------------------------------------------------------------------------
// JSON. `JSON.parse` would lose a key given twice and the digits of long integers, and take 1.0.
// Objects become Maps; an integer becomes a number if that is safe, and a BigInt otherwise, so
// that equal integers are always `===`.

const MOST_CHARACTERS = 200_000_000;
const MOST_DIGITS = 100_000;
const DEEPEST = 500;
// White space, then a mark, a string, an integer or a word; and no more digits or a fraction.
const TOKEN = new RegExp([
  '[ \\t\\n\\r]*(?:([{}\\[\\],:])',
  '("[^"\\\\\\u0000-\\u001f]*(?:\\\\(?:["\\\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\\\\u0000-\\u001f]*)*")',
  '(-?(?:0|[1-9][0-9]*)(?![0-9.eE]))',
  '(true|false|null))',
].join('|'), 'y');
const WORDS = { true: true, false: false, null: null };

function parse(text) {
  demand(text.length <= MOST_CHARACTERS, 'the document is too long');
  let at = 0;
  let token;
  const fail = (what) => malformed(`not the JSON asked for: ${what} at character ${at}`);

  function next() {
    TOKEN.lastIndex = at;
    token = TOKEN.exec(text) ?? fail('something else than a mark, string, integer or word');
    at = TOKEN.lastIndex;
  }

  /** The items up to the closing bracket, with the commas between them. */
  function items(close, item) {
    next();
    if (token[1] === close) return;
    for (;;) {
      item();
      next();
      if (token[1] === close) return;
      if (token[1] !== ',') fail(`no comma or ${close}`);
      next();
    }
  }

  /** The value that starts with the current token. */
  function value(depth) {
    const [, mark, string, integer, word] = token;
    if (string) return stringOf(string);
    if (integer) {
      if (integer.length > MOST_DIGITS) fail('too long an integer');
      return plain(BigInt(integer));
    }
    if (word) return WORDS[word];
    if (depth >= DEEPEST) fail('too deep nesting');
    if (mark === '[') {
      const entries = [];
      items(']', () => entries.push(value(depth + 1)));
      return entries;
    }
    if (mark !== '{') fail(`a ${mark} in place of a value`);
    const map = new Map();
    items('}', () => {
      const key = token[2] ? stringOf(token[2]) : fail('no key');
      if (map.has(key)) fail(`the key ${JSON.stringify(key.slice(0, 50))} a second time`);
      next();
      if (token[1] !== ':') fail('no colon');
      next();
      map.set(key, value(depth + 1));
    });
    return map;
  }

  next();
  const document = value(0);
  if (/[^ \t\n\r]/.test(text.slice(at))) fail('something after the document');
  return document;
}

/** What a string token means; its escapes are known to be well formed. */
const stringOf = (token) => (token.includes('\\') ? JSON.parse(token) : token.slice(1, -1));

/** A BigInt as a number if that loses nothing (and -0 as 0). */
function plain(big) {
  const number = Number(big);
  return Number.isSafeInteger(number) ? number : big;
}

/** SHA-256 of the canonical text, and its length. Sorting by UTF-16 units is enough: the keys that a certificate
    may have are ASCII, and one with other keys is malformed anyway. */
function canonical(value) {
  const hash = createHash('sha256');
  let text = '';
  let length = 0;
  function put(piece) {
    text += piece;
    length += piece.length;
    if (text.length > 65_536) {
      hash.update(text);
      text = '';
    }
  }
  function walk(part) {
    if (typeof part === 'string') {
      put(canonicalString(part));
    } else if (Array.isArray(part)) {
      put('[');
      part.forEach((entry, i) => { if (i) put(','); walk(entry); });
      put(']');
    } else if (part instanceof Map) {
      put('{');
      [...part.keys()].sort().forEach((key, i) => {
        put(`${i ? ',' : ''}${canonicalString(key)}:`);
        walk(part.get(key));
      });
      put('}');
    } else {
      put(String(part));
    }
  }
  walk(value);
  return { hash: hash.update(text).digest('hex'), length };
}

const SHORT = new Map([
  ['"', '\\"'], ['\\', '\\\\'], ['\b', '\\b'], ['\t', '\\t'], ['\n', '\\n'], ['\f', '\\f'],
  ['\r', '\\r'],
]);

function canonicalString(string) {
  const long = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return `"${string.replace(/["\\]|[^ -~]/g, (unit) => SHORT.get(unit) ?? long(unit))}"`;
}

// ---------------------------------------------------------------------------------------------
// Rational numbers: pairs [numerator, denominator], the denominator positive. Arithmetic gives them
// in lowest terms; inner products do not, as comparing does not ask for it and reducing is slow.

const ZERO = [0n, 1n];
const ONE = [1n, 1n];

const abs = (n) => (n < 0n ? -n : n);

function gcd(a, b) {
  [a, b] = [abs(a), abs(b)];
  while (b > LONG && a > LONG) [a, b] = lehmerStep(a, b);
  while (b) [a, b] = [b, a % b];
  return a;
}

const LONG = 1n << 1024n;

/** Several steps of Euclid on long numbers at once (Lehmer): those that their leading digits
    decide. All numbers here are integers below 2^53, and whatever the digits say, the new pair
    comes of the old one by a matrix of determinant 1 or -1, so that the divisor is the same. */
function lehmerStep(a, b) {
  const shift = BigInt(Math.max(bits(a), bits(b)) - 50);
  let [x, y] = [Number(a >> shift), Number(b >> shift)];
  let [p, q, r, s] = [1, 0, 0, 1];
  while (y + r > 0 && y + s > 0 && Math.max(Math.abs(r), Math.abs(s)) < 2 ** 24) {
    const quotient = floorDivide(x + p, y + r);
    if (quotient !== floorDivide(x + q, y + s) || quotient > 2 ** 24) break;
    [p, q, r, s] = [r, s, p - quotient * r, q - quotient * s];
    [x, y] = [y, x - quotient * y];
  }
  if (q === 0) return [b, a % b];
  const [P, Q, R, S] = [p, q, r, s].map(BigInt);
  return [abs(P * a + Q * b), abs(R * a + S * b)];
}

const floorDivide = (n, d) => (n - (n % d)) / d;

function ratio(n, d) {
  if (d === 1n) return [n, d];
  const g = d < 0n ? -gcd(n, d) : gcd(n, d);
  return [n / g, d / g];
}

const whole = (n) => [BigInt(n), 1n];
const negative = ([n, d]) => [-n, d];
const times = (a, b) => ratio(a[0] * b[0], a[1] * b[1]);
const over = (a, b) => ratio(a[0] * b[1], a[1] * b[0]);
const plus = (a, b) => (a[1] === b[1]
  ? ratio(a[0] + b[0], a[1])
  : ratio(a[0] * b[1] + b[0] * a[1], a[1] * b[1]));
const minus = (a, b) => plus(a, negative(b));

const sign = ([n]) => (n > 0n ? 1 : n < 0n ? -1 : 0);
const equal = (a, b) => (a[1] === b[1] ? a[0] === b[0] : a[0] * b[1] === b[0] * a[1]);
const less = (a, b) => a[0] * b[1] < b[0] * a[1];
const order = (a, b) => (less(a, b) ? -1 : equal(a, b) ? 0 : 1);

/** The length of an integer in bits (0 for 0). */
function bits(n) {
  if (n === 0n) return 0;
  const digits = abs(n).toString(16);
  return 4 * digits.length - Math.clz32(Number.parseInt(digits[0], 16)) + 28;
}

// ---------------------------------------------------------------------------------------------
// Vectors: a positive rational unit times integers, so that an inner product is one of integers

const MOST_BITS_OF_A_VECTOR = 4_000_000_000;

class Vector {
  constructor(ints, unit = ONE, written = undefined) {
    this.ints = ints;
    this.unit = unit;
    this.written = written;
  }

  static of(numbers) {
    const unit = commonUnit(numbers);
    return new Vector(numbers.map((number) => inUnits(number, unit)), unit);
  }

  get length() { return this.ints.length; }

  at(i) { return ratio(this.ints[i] * this.unit[0], this.unit[1]); }

  signAt(i) { return sign([this.ints[i]]); }

  numbers() { return this.ints.map((_, i) => this.at(i)); }

  total() {
    return ratio(this.ints.reduce((sum, n) => sum + n, 0n) * this.unit[0], this.unit[1]);
  }

  isZero() { return this.ints.every((n) => n === 0n); }

  isNonNegative() { return this.ints.every((n) => n >= 0n); }
}

/** The greatest unit of which all the given numbers are integer multiples (1 if all are 0). */
function commonUnit(numbers) {
  let [n, d] = [0n, 1n];
  for (const [numerator, denominator] of numbers) {
    if (n !== 1n) n = gcd(n, numerator);
    if (d % denominator !== 0n) d *= denominator / gcd(d, denominator);
  }
  demand(bits(d) * numbers.length <= MOST_BITS_OF_A_VECTOR, 'too long a common denominator');
  return n === 0n ? ONE : [n, d];
}

const inUnits = ([n, d], unit) => (n / unit[0]) * (unit[1] / d);

const zeros = (n) => new Vector(Array(n).fill(0n));
const ones = (n) => new Vector(Array(n).fill(1n));

function intDot(a, b) {
  let sum = 0n;
  for (let i = 0; i < a.length; i += 1) sum += a[i] * b[i];
  return sum;
}

function dot(v, w) {
  const sum = intDot(v.ints, w.ints);
  return sum ? [sum * v.unit[0] * w.unit[0], v.unit[1] * w.unit[1]] : ZERO;
}

/** The sum of c_i v_i, of the given length: coefficients as a vector, v as a list of vectors. */
function combine(coefficients, vectors, length) {
  const unit = commonUnit(vectors.map((v) => v.unit));
  const sums = Array(length).fill(0n);
  vectors.forEach((v, i) => {
    const factor = coefficients.ints[i] * inUnits(v.unit, unit);
    if (factor) v.ints.forEach((n, j) => { sums[j] += factor * n; });
  });
  return new Vector(sums, times(coefficients.unit, unit));
}

const subtract = (v, w) => combine(new Vector([1n, -1n]), [v, w], v.length);
const along = (x, c, u) => combine(Vector.of([ONE, c]), [x, u], x.length);
const scaleBy = (c, v) => combine(Vector.of([c]), [v], v.length);
const same = (v, w) => subtract(v, w).isZero();
const append = (v, number) => Vector.of([...v.numbers(), number]);
const head = (v) => new Vector(v.ints.slice(0, -1), v.unit);

/** Whether a is a multiple of b, which is not 0. */
function isMultiple(a, b) {
  const k = b.ints.findIndex((n) => n !== 0n);
  return a.ints.every((n, i) => n * b.ints[k] === a.ints[k] * b.ints[i]);
}

/** Matrices are objects of `rows`, vectors, and `width`, their length. */
const matrixOf = (rows, width) => ({ rows, width });

function transpose({ rows, width }) {
  const unit = commonUnit(rows.map((row) => row.unit));
  const factors = rows.map((row) => inUnits(row.unit, unit));
  const column = (j) => new Vector(rows.map((row, i) => row.ints[j] * factors[i]), unit);
  return matrixOf(Array.from({ length: width }, (_, j) => column(j)), rows.length);
}

const apply = (matrix, x) => matrix.rows.map((row) => dot(row, x));
const applyTransposed = (matrix, y) => combine(y, matrix.rows, matrix.width);
const satisfies = (matrix, x, bounds) => (
  apply(matrix, x).every((left, i) => !less(bounds.at(i), left)));
const solves = (matrix, x, right) => apply(matrix, x).every((left, i) => equal(left, right.at(i)));

// ---------------------------------------------------------------------------------------------
// Types: functions from a JSON value to what it means, or an error

const integer = (least, most = Infinity) => (value) => {
  demand(typeof value === 'number' || typeof value === 'bigint', 'not an integer');
  demand(value >= least && value <= most, 'an integer out of range');
  return value;
};
const index = (n) => integer(0, n - 1);

function truth(value) {
  demand(typeof value === 'boolean', 'not true or false');
  return value;
}

const oneOf = (...values) => (value) => {
  demand(values.includes(value), `not one of ${values.join(', ')}`);
  return value;
};

const list = (type, length) => (value) => {
  demand(Array.isArray(value), 'not a list');
  demand(value.length === (length ?? value.length), `a length of ${value.length}, not ${length}`);
  return value.map((entry, i) => within(`entry ${i}`, () => type(entry)));
};

/** At least one entry, of a list, a vector, or a matrix and its rows. */
const filled = (type) => (value) => {
  const read = type(value);
  demand((read.rows ?? read).length > 0 && read.width !== 0, 'no entries');
  return read;
};

const indices = (n, length) => (value) => {
  const read = list(index(n), length)(value);
  demand(new Set(read).size === read.length, 'an index twice');
  return read;
};

const NUMERAL = /^(?:0|-?[1-9][0-9]*(?:\/(?:[2-9]|[1-9][0-9]+))?)$/;

function numeral(value) {
  demand(typeof value === 'string', 'not a numeral (a string)');
  const parts = value.split('/', 3);
  demand(parts.every((part) => part.length <= MOST_DIGITS), 'too long a numeral');
  demand(NUMERAL.test(value), 'not a numeral');
  if (parts.length === 1) return [BigInt(value), 1n];
  const [n, d] = parts.map(BigInt);
  demand(gcd(n, d) === 1n, 'a numeral that is not in lowest terms');
  return [n, d];
}

function integerEntry(value) {
  if (typeof value !== 'string') return BigInt(integer(-Infinity)(value));
  const [n, d] = numeral(value);
  demand(d === 1n, 'a fraction among integers');
  return n;
}

/** What the text of numbers says of their length: their common denominator, the bits of their
    longest numerator, and the power of two that scales them. */
const writtenAs = (numerators, denominator, power = 0) => ({
  denominator, power, longest: numerators.reduce((most, n) => Math.max(most, bits(n)), 0),
});

/** The length of a table of such vectors, of one power, in bits. */
function tableLength(vectors) {
  const common = vectors.reduce((d, { written: { denominator } }) => (
    d % denominator === 0n ? d : (d / gcd(d, denominator)) * denominator), 1n);
  const longest = vectors.reduce((most, v) => Math.max(most, v.written.longest), 0);
  return bits(common) + longest + (vectors[0]?.written.power ?? 0);
}

const vector = (length) => (value) => {
  const numbers = list(numeral, length)(value);
  const { ints, unit } = Vector.of(numbers);
  return new Vector(ints, unit, writtenAs(numbers.map(([n]) => n), unit[1]));
};
const integers = (length) => (value) => {
  const ints = list(integerEntry, length)(value);
  return new Vector(ints, ONE, writtenAs(ints, 1n));
};

const matrixWith = (row) => (height, width) => (value) => {
  const columns = width ?? (Array.isArray(value?.[0]) ? value[0].length : 0);
  return matrixOf(list(row(columns), height)(value), columns);
};
const matrix = matrixWith(vector);
const integerMatrix = matrixWith(integers);

/** The fields of an object. Every field that is there has to be asked for. */
class Fields {
  constructor(value) {
    demand(value instanceof Map, 'not an object');
    this.map = value;
    this.asked = new Set();
    this.budget = 0;
  }

  /** Counts work that may grow faster than the document. */
  spend(work) {
    this.budget -= work;
    demand(this.budget >= 0, 'more work than a document of this length may ask for');
  }

  has(name) { return this.map.has(name); }

  get(name, type) {
    demand(this.map.has(name), `the field ${name} is missing`);
    this.asked.add(name);
    return within(name, () => type(this.map.get(name)));
  }

  close() {
    for (const name of this.map.keys()) {
      demand(this.asked.has(name), `an unknown field ${JSON.stringify(name.slice(0, 50))}`);
    }
  }
}

const record = (read) => (value) => {
  const fields = new Fields(value);
  const meaning = read(fields);
  fields.close();
  return meaning;
};

/** An object whose field `name` says which reader of a table reads the rest. */
const variant = (name, table) => record((fields) => {
  const which = fields.get(name, oneOf(...Object.keys(table)));
  return table[which](fields);
});

const exponent = (fields) => fields.get('exponent', integer(-10_000, 10_000));
const powerOfTwo = (e) => (e < 0 ? [1n, 2n ** BigInt(-e)] : [2n ** BigInt(e), 1n]);
const timesPower = ({ ints, written }, e) => (
  new Vector(ints, powerOfTwo(e), { ...written, power: Math.abs(e) }));

const scaledVector = (length) => (value) => (value instanceof Map
  ? record((fields) => {
    const e = exponent(fields);
    const scaled = timesPower(fields.get('integers', integers(length)), e);
    scaled.shift = Math.max(e, 0);
    return scaled;
  })(value)
  : vector(length)(value));

const scaledMatrix = (height, width, withUnit = true) => (value) => (value instanceof Map
  ? record((fields) => {
    const e = withUnit ? exponent(fields) : exponent(fields) && 0;
    const { rows, width: columns } = fields.get('integers', integerMatrix(height, width));
    return matrixOf(rows.map((row) => timesPower(row, e)), columns);
  })(value)
  : matrix(height, width)(value));

// ---------------------------------------------------------------------------------------------
// Minors and null bases

const readMinor = (fields, { rows, width }) => ({
  prime: BigInt(fields.get('prime', integer(2, 2n ** 64n - 1n))),
  rows: fields.get('rows', indices(rows.length)),
  columns: fields.get('columns', indices(width)),
});

const modulo = (n, p) => ((n % p) + p) % p;

/** The inverse of n modulo p, or nothing if there is none. */
function inverse(n, p) {
  let [r, s] = [p, modulo(n, p)];
  let [x, y] = [0n, 1n];
  while (s) [r, s, x, y] = [s, r % s, y, x - (r / s) * y];
  return r === 1n ? modulo(x, p) : undefined;
}

/** Checks that a minor is invertible modulo its prime, and returns its size. */
function checkMinor(m, { prime: p, rows, columns }) {
  need(rows.length === columns.length, 'the minor is square');
  const block = rows.map((i) => columns.map((j) => {
    const [n, d] = m.rows[i].at(j);
    const unit = inverse(d, p);
    need(unit !== undefined, 'the denominators in the minor are invertible modulo the prime');
    return modulo(n * unit, p);
  }));
  for (let k = 0; k < block.length; k += 1) {
    const found = block.findIndex((row, i) => i >= k && row[k] !== 0n);
    need(found >= 0, 'the minor has a pivot in each column');
    [block[k], block[found]] = [block[found], block[k]];
    const pivots = block[k];
    const unit = inverse(pivots[k], p);
    need(unit !== undefined, 'the pivots of the minor are invertible modulo the prime');
    for (const row of block.slice(k + 1).filter((below) => below[k])) {
      const factor = p - ((row[k] * unit) % p);
      for (let j = k; j < row.length; j += 1) row[j] = (row[j] + factor * pivots[j]) % p;
    }
  }
  return rows.length;
}

function checkNullBasis(m, { rows: basis }, free, rank) {
  need(basis.length === free.length, 'there are as many free indices as vectors');
  need(basis.length + rank === m.width, 'the size of the basis and the rank add up');
  basis.forEach((v, i) => {
    const isUnit = free.every((j, k) => equal(v.at(j), i === k ? ONE : ZERO));
    need(isUnit, 'each basis vector is 1 at its free index and 0 at the others');
    need(solves(m, v, zeros(m.rows.length)), 'the matrix takes each basis vector to 0');
  });
}

// ---------------------------------------------------------------------------------------------
// Linear programs and polyhedra

function readProgram(fields) {
  const objective = fields.get('objective', vector());
  const n = objective.length;
  const constraints = record((part) => {
    const bounds = part.get('right_side', vector());
    return { bounds, matrix: part.get('matrix', matrix(bounds.length, n)) };
  });
  return {
    n,
    objective,
    upper: fields.get('inequalities', constraints),
    exact: fields.get('equalities', constraints),
    nonnegative: fields.get('nonnegative', indices(n)),
  };
}

function checkFeasible({ upper, exact, nonnegative }, x) {
  need(satisfies(upper.matrix, x, upper.bounds), 'x satisfies the inequalities');
  need(solves(exact.matrix, x, exact.bounds), 'x satisfies the equalities');
  need(nonnegative.every((j) => x.signAt(j) >= 0), 'x is not negative where asked');
}

const readBound = (fields, { upper, exact }) => ({
  y: fields.get('inequality_multipliers', vector(upper.bounds.length)),
  z: fields.get('equality_multipliers', vector(exact.bounds.length)),
});

/** The bound that multipliers show of an objective. */
function checkedBound({ n, upper, exact, nonnegative }, objective, { y, z }) {
  need(y.isNonNegative(), 'the inequality multipliers are not negative');
  const parts = [objective, applyTransposed(upper.matrix, y), applyTransposed(exact.matrix, z)];
  const slack = combine(ones(3), parts, n);
  const signed = new Set(nonnegative);
  const fits = (j) => (signed.has(j) ? slack.signAt(j) >= 0 : slack.signAt(j) === 0);
  need(slack.ints.every((_, j) => fits(j)), 'the multipliers leave no wrong slack');
  return negative(plus(dot(upper.bounds, y), dot(exact.bounds, z)));
}

function readPolyhedron(fields) {
  const a = fields.get('matrix', filled(matrix()));
  return { matrix: a, bounds: fields.get('right_side', vector(a.rows.length)) };
}

const readBoundedness = (fields, a) => ({
  combination: fields.get('combination', vector(a.rows.length)),
  minor: readMinor(fields, a),
});

/** A combination of rows that is positive, adds up to 0 and spans: no ray is possible. */
function checkBounded(a, { combination, minor }) {
  need(combination.isNonNegative(), 'the combination is not negative');
  need(applyTransposed(a, combination).isZero(), 'the combination of the rows is 0');
  const rows = a.rows.map((row, i) => (combination.signAt(i) > 0 ? row : zeros(a.width)));
  need(checkMinor(matrixOf(rows, a.width), minor) === a.width, 'the minor is as large as can be');
}

function checkRay(a, ray) {
  need(!ray.isZero(), 'the ray is not 0');
  need(satisfies(a, ray, zeros(a.rows.length)), 'the matrix takes the ray to nothing positive');
}

// ---------------------------------------------------------------------------------------------
// Labelled sets

function readSet(fields) {
  const labels = fields.get('labels', filled(list(oneOf(-1, 1))));
  const points = fields.get('points', filled(scaledMatrix(labels.length)));
  return { labels, points, size: labels.length, d: points.width };
}

const readRule = (d) => (fields) => ({
  normal: fields.get('normal', vector(d)),
  offset: fields.get('offset', numeral),
});

const margins = ({ labels, points }, { normal, offset }) => (
  apply(points, normal).map((value, i) => times(whole(labels[i]), plus(value, offset))));

function checkSeparator(set, rule) {
  need(margins(set, rule).every((margin) => sign(margin) > 0), 'the separator separates');
}

/** The sums of a_i y_i x_i and of a_i y_i. */
function signedSums({ labels, points }, a) {
  const signed = new Vector(a.ints.map((n, i) => n * BigInt(labels[i])), a.unit);
  return { sum: applyTransposed(points, signed), balance: signed.total() };
}

function checkMultipliers(set, a, u, t) {
  need(a.isNonNegative(), 'the multipliers are not negative');
  need(!a.isZero(), 'some multiplier is not 0');
  const { sum, balance } = signedSums(set, a);
  need(equal(balance, t), 'the signed multipliers have the stated sum');
  need(same(sum, u), 'the multipliers combine the points to the stated vector');
}

function readClasses(fields) {
  const classes = fields.get('classes', integer(2));
  const labels = fields.get('labels', filled(list(index(Number(classes)))));
  const points = fields.get('points', filled(matrix(labels.length)));
  return { classes, labels, points, d: points.width };
}

const readGaps = (fields, { classes, labels }) => fields.get('gaps', list(record((gap) => ({
  point: gap.get('point', index(labels.length)),
  class: gap.get('class', index(Number(classes))),
  multiplier: gap.get('multiplier', numeral),
}))));

/** The row T_k of each class that has a term. */
function gapRows({ labels, points, d }, gaps, spend) {
  need(gaps.every((gap) => gap.class !== labels[gap.point]), 'each gap is to another class');
  need(gaps.every((gap) => sign(gap.multiplier) >= 0), 'the multipliers are not negative');
  need(gaps.some((gap) => sign(gap.multiplier) > 0), 'some multiplier is positive');
  const extended = points.rows.map((x) => append(x, ONE));
  const terms = new Map();
  const put = (k, factor, v) => {
    if (!terms.has(k)) terms.set(k, { factors: [], vectors: [] });
    terms.get(k).factors.push(factor);
    terms.get(k).vectors.push(v);
  };
  for (const gap of gaps) {
    put(labels[gap.point], gap.multiplier, extended[gap.point]);
    put(gap.class, negative(gap.multiplier), extended[gap.point]);
  }
  spend(3 * terms.size * (d + 1));
  const sums = new Map();
  for (const [k, { factors, vectors }] of terms) {
    sums.set(k, combine(Vector.of(factors), vectors, d + 1));
  }
  return sums;
}

// ---------------------------------------------------------------------------------------------
// Softmax layers: the columns of the weights, a vector W_k for each class

function readColumns(fields, type = matrix()) {
  const columns = transpose(fields.get('weights', filled(type)));
  return { columns: columns.rows, m: columns.rows.length, n: columns.width };
}

function readLayer(fields) {
  const layer = readColumns(fields);
  return { ...layer, bias: fields.get('bias', vector(layer.m)) };
}

const differences = ({ columns, n }) => (
  matrixOf(columns.slice(0, -1).map((column) => subtract(column, columns.at(-1))), n));

const logits = ({ columns, bias }, h) => columns.map((w, k) => plus(dot(w, h), bias.at(k)));

function checkInvariant(layer, direction) {
  need(!direction.isZero(), 'the direction is not 0');
  const d = differences(layer);
  need(solves(d, direction, zeros(d.rows.length)), 'the direction changes no logit difference');
}

/** The polyhedron in which class i has a largest logit. */
function regionOf({ columns, bias, n }, i) {
  const others = columns.map((_, j) => j).filter((j) => j !== i);
  const rows = others.map((j) => subtract(columns[j], columns[i]));
  const bounds = Vector.of(others.map((j) => minus(bias.at(i), bias.at(j))));
  return { matrix: matrixOf(rows, n), bounds };
}

function checkAdjacent(layer, [i, j], point) {
  const z = logits(layer, point);
  need(equal(z[i], z[j]), 'the two logits are equal at the point');
  need(!same(layer.columns[i], layer.columns[j]), 'the two classes have different weights');
  const below = z.every((value, k) => k === i || k === j || less(value, z[i]));
  need(below, 'all other logits are smaller at the point');
}

function checkNotAdjacent({ columns, bias, m, n }, [i, j], s, t) {
  need(s.isNonNegative(), 'the combination is not negative');
  need(s.signAt(i) === 0 && s.signAt(j) === 0, 'the combination leaves out the two classes');
  need(equal(s.total(), ONE), 'the combination has sum 1');
  const forms = columns.map((w, k) => append(w, bias.at(k)));
  const mixed = combine(Vector.of([t, minus(ONE, t)]), [forms[i], forms[j]], n + 1);
  const gap = subtract(combine(s, forms, n + 1), mixed);
  need(head(gap).isZero(), 'the combination has the weights of the two classes mixed');
  need(gap.signAt(n) >= 0, 'the combination has no smaller bias');
  if (gap.signAt(n) > 0) return;
  need(!same(columns[i], columns[j]), 'the two classes have different weights');
  const edge = subtract(forms[i], forms[j]);
  const leaves = (k) => !isMultiple(subtract(forms[k], forms[i]), edge);
  const some = Array.from({ length: m }, (_, k) => k).some((k) => s.signAt(k) > 0 && leaves(k));
  need(some, 'a class of the combination is off the line of the two');
}

/** A text that is the same for two vectors that are multiples of each other, and only then. */
function directionKey({ ints }) {
  const content = ints.reduce((g, n) => (g === 1n ? g : gcd(g, n)), 0n);
  const divisor = ints.find((n) => n !== 0n) < 0n ? -content : content;
  return ints.map((n) => n / divisor).join();
}

function checkNotParallel({ columns, m }) {
  const seen = new Set();
  for (let i = 0; i < m; i += 1) {
    for (let j = i + 1; j < m && m > 2; j += 1) {
      const difference = subtract(columns[i], columns[j]);
      need(!difference.isZero(), 'all classes have different weights');
      const key = directionKey(difference);
      need(!seen.has(key), 'no two differences are multiples of each other');
      seen.add(key);
    }
  }
}

// ---------------------------------------------------------------------------------------------
// Rules: `label` of a point; `keeps`, whether x + c u has the label of x for every c > 0; `fits`,
// whether a dimension is the rule's; `width`, its dimension if it defines one; `effort`, of a label

function linearRule(fields) {
  const normal = fields.get('normal', vector());
  const offset = fields.get('offset', numeral);
  const zero = fields.get('zero', integer(-1, 1));
  const label = (x) => sign(plus(dot(normal, x), offset)) || zero;
  return {
    width: normal.length,
    effort: normal.length + 10,
    fits: (d) => d === normal.length,
    label,
    keeps(x, u) {
      const slope = sign(dot(normal, u));
      return slope === 0 || slope === label(x);
    },
  };
}

function argmaxRule(fields) {
  const bias = fields.get('bias', filled(vector()));
  const weights = fields.get('weights', matrix(bias.length));
  const lowest = fields.get('lowest', truth);
  const largest = (values) => values.reduce((most, value) => (less(most, value) ? value : most));
  function label(x) {
    const z = apply(weights, x).map((value, k) => plus(value, bias.at(k)));
    const best = largest(z);
    const tied = z.flatMap((value, k) => (equal(value, best) ? [k] : []));
    return lowest || tied.length === 1 ? tied[0] : null;
  }
  return {
    width: weights.width,
    effort: bias.length * (weights.width + 10),
    fits: (d) => d === weights.width,
    label,
    keeps(x, u) {
      const own = label(x);
      need(own !== null, 'the point has a label to keep');
      const slopes = apply(weights, u);
      return !less(slopes[own], largest(slopes));
    },
  };
}

/** Places on the line of the c: `at` a number (nothing for infinity), before it, on it or after. */
const placeOrder = (a, b) => {
  if (!a.at || !b.at) return (a.at ? 0 : 1) - (b.at ? 0 : 1);
  return order(a.at, b.at) || a.side - b.side;
};
const BEHIND_ZERO = { at: ZERO, side: 1 };
const INFINITE = {};

function cellsRule(fields) {
  const cells = fields.get('cells', list(record((cell) => {
    const bounds = cell.get('right_side', vector());
    const rows = cell.get('matrix', matrix(bounds.length));
    return { bounds, matrix: rows, strict: cell.get('strict', list(truth, bounds.length)) };
  })));
  const inside = fields.get('inside', integer(-1));
  const outside = fields.get('outside', integer(-1));
  const all = cells.flatMap((cell) => cell.matrix.rows);
  const slacks = ({ matrix: a, bounds }, x) => (
    apply(a, x).map((left, i) => minus(bounds.at(i), left)));
  const holds = (cell, x) => (
    slacks(cell, x).every((slack, i) => sign(slack) > (cell.strict[i] ? 0 : -1)));
  const label = (x) => (cells.some((cell) => holds(cell, x)) ? inside : outside);

  /** The c > 0 with x + c u in a cell: all those between two places. */
  function interval(cell, x, u) {
    const slopes = apply(cell.matrix, u);
    let [from, to] = [BEHIND_ZERO, INFINITE];
    slacks(cell, x).forEach((slack, i) => {
      const strict = cell.strict[i];
      if (sign(slopes[i]) === 0) {
        if (sign(slack) < (strict ? 1 : 0)) to = BEHIND_ZERO;
        return;
      }
      const at = over(slack, slopes[i]);
      if (sign(slopes[i]) > 0) {
        const end = { at, side: strict ? -1 : 1 };
        if (placeOrder(end, to) < 0) to = end;
      } else {
        const start = { at, side: strict ? 1 : -1 };
        if (placeOrder(from, start) < 0) from = start;
      }
    });
    return [from, to];
  }

  return {
    width: all[0]?.length,
    effort: 50 * cells.length + all.length * ((all[0]?.length ?? 0) + 10),
    fits: (d) => all.every((row) => row.length === d),
    label,
    keeps(x, u) {
      if (inside === outside) return true;
      const filledOnes = cells.map((cell) => interval(cell, x, u))
        .filter(([from, to]) => placeOrder(from, to) < 0);
      if (label(x) === outside) return filledOnes.length === 0;
      filledOnes.sort(([a], [b]) => placeOrder(a, b));
      let covered = BEHIND_ZERO;
      for (const [from, to] of filledOnes) {
        if (placeOrder(from, covered) > 0) return false;
        if (placeOrder(covered, to) < 0) covered = to;
      }
      return covered === INFINITE;
    },
  };
}

function twoLayerRule(fields) {
  const output = fields.get('output', filled(vector()));
  const weights = fields.get('weights', matrix(output.length));
  const biases = fields.get('biases', vector(output.length));
  const threshold = fields.get('threshold', numeral);
  const strict = fields.get('strict', truth);
  const forms = (x) => apply(weights, x).map((value, i) => plus(value, biases.at(i)));
  const excess = (values) => {
    const units = Vector.of(values.map((value) => (sign(value) > 0 ? value : ZERO)));
    return minus(dot(output, units), threshold);
  };
  const side = (height) => (sign(height) || (strict ? -1 : 1));
  return {
    output, weights, biases, threshold, strict,
    width: weights.width,
    effort: output.length * (weights.width + 10),
    convex: output.isNonNegative(),
    fits: (d) => d === weights.width,
    label: (x) => side(excess(forms(x))),
    /** The output is affine between the corners, so that their labels and its last slope say all. */
    keeps(x, u) {
      const values = forms(x);
      const slopes = apply(weights, u);
      let height = excess(values);
      const here = side(height);
      const awake = (i) => (sign(values[i]) || sign(slopes[i])) > 0;
      let slope = range(output.length).filter(awake)
        .reduce((sum, i) => plus(sum, times(output.at(i), slopes[i])), ZERO);
      const corners = range(output.length).filter((i) => sign(values[i]) * sign(slopes[i]) < 0)
        .map((i) => ({
          c: negative(over(values[i], slopes[i])),
          change: times(output.at(i), [abs(slopes[i][0]), slopes[i][1]]),
        }));
      corners.sort((a, b) => order(a.c, b.c));
      let before = ZERO;
      for (const { c, change } of corners) {
        height = plus(height, times(slope, minus(c, before)));
        if (side(height) !== here) return false;
        slope = plus(slope, change);
        before = c;
      }
      return sign(slope) === 0 || sign(slope) === here;
    },
  };
}

const isAccurate = (rule, { labels, points }) => (
  points.rows.every((x, i) => rule.label(x) === labels[i]));

function readNetwork(fields, d) {
  const network = fields.get('network', record(twoLayerRule));
  demand(d === undefined || network.fits(d), 'the network has another dimension than the set');
  return network;
}

const RULES = {
  linear: linearRule, argmax: argmaxRule, cells: cellsRule, 'two-layer': twoLayerRule,
};

const labelOrNull = (value) => (value === null ? value : integer(-1)(value));

/** Readers of the facts on rules; each returns its relation as a function. */
const ruleFacts = (rules, set, d, spend) => {
  const reader = (read, points) => (fields) => {
    const rule = rules[fields.get('rule', index(rules.length))];
    spend(rule.effort * points);
    return read(rule, fields);
  };
  return {
    accurate: reader((rule) => {
      demand(set.labels.length > 0, 'no point to be accurate on');
      return () => need(isAccurate(rule, set), 'the rule is accurate');
    }, set.labels.length),
    convex: reader((rule) => () => need(rule.convex, 'the rule is two-layer and convex'), 2),
    label: reader((rule, fields) => {
      const x = fields.get('point', vector(d));
      const label = fields.get('label', labelOrNull);
      return () => need(rule.label(x) === label, 'the point has the stated label');
    }, 2),
    changes: reader((rule, fields) => {
      const x = fields.get('point', vector(d));
      const u = fields.get('direction', vector(d));
      const step = fields.get('step', numeral);
      return () => {
        need(sign(step) > 0, 'the step is positive');
        need(rule.label(x) !== rule.label(along(x, step, u)), 'the step changes the label');
      };
    }, 2),
    keeps: reader((rule, fields) => {
      const x = fields.get('point', vector(d));
      const u = fields.get('direction', vector(d));
      return () => need(rule.keeps(x, u), 'the direction keeps the label');
    }, 6),
  };
};

// ---------------------------------------------------------------------------------------------
// Networks of layers: each is read for a number of inputs, and has a `size` (of its output) and a
// function `run`

const MOST_OUTPUTS = 1_000_000;
const MOST_WINDOW_VALUES = 10_000_000;
const MOST_BITS_OF_A_LAYER = 500_000_000;
const LONGEST_VALUE = 100_000;
// For each value in a window, 20 and one for each row, as parts of one.
const [WINDOW_PARTS, PARTS] = [20, 25];

function demandSize(values, length, copies = 1) {
  demand(values >= 1 && values <= MOST_OUTPUTS, 'no or too many values');
  demand(length <= LONGEST_VALUE, 'too long values');
  demand(values * length * copies <= MOST_BITS_OF_A_LAYER, 'too many long values');
}

/** The affine map of each of some selections of inputs (one place each), output by output. */
function affineMap({ weights, biases }, places) {
  return (x) => {
    const units = weights.rows.map((row) => times(row.unit, x.unit));
    const unit = commonUnit([...units, biases.unit]);
    const factors = units.map((own) => inUnits(own, unit));
    const biasFactor = inUnits(biases.unit, unit);
    const inputs = places.map((place) => place.map((i) => x.ints[i]));
    const ints = weights.rows.flatMap((row, o) => inputs.map((window) => (
      intDot(row.ints, window) * factors[o] + biases.ints[o] * biasFactor)));
    return new Vector(ints, unit);
  };
}

/** Weights and biases, and by how many bits their products with values may be longer. */
function readAffine(fields, columns, spend) {
  const biases = fields.get('biases', vector());
  const weights = fields.get('weights', scaledMatrix(biases.length, columns));
  const length = tableLength(weights.rows);
  spend(Math.floor((biases.length * columns * length) / 64));
  return { biases, weights, longer: length + tableLength([biases]) + 32 - Math.clz32(columns) };
}

/** The shape and the window of a layer on images. */
function readWindow(fields, inputs) {
  const side = integer(1, MOST_OUTPUTS);
  const [c, h, w] = fields.get('shape', list(side, 3));
  demand(c * h * w === inputs, 'the shape is not that of the input');
  const [p, q] = fields.get('window', list(side, 2));
  demand(p <= h && q <= w, 'the window is larger than the image');
  return { c, h, w, p, q };
}

const range = (n) => Array.from({ length: n }, (_, i) => i);

/** The indices of the values in a window, for each of the channels, with its corner at (i, j). */
const windowAt = ({ h, w, p, q }, channels, i, j) => channels.flatMap((channel) => (
  range(p).flatMap((a) => range(q).map((b) => channel * h * w + (i + a) * w + j + b))));

/** Each reads a layer for some inputs: its `size`, the `effort` that it takes, by how many bits
    its outputs may be `longer` than its inputs, and how to `run` it. */
const LAYERS = {
  affine(fields, inputs, spend) {
    const map = readAffine(fields, inputs, spend);
    const size = map.biases.length;
    return {
      size, effort: inputs * (WINDOW_PARTS + size), longer: map.longer,
      run: affineMap(map, [range(inputs)]),
    };
  },

  relu: (fields, inputs) => ({
    size: inputs,
    effort: inputs * (WINDOW_PARTS + 1),
    longer: 0,
    run: (x) => new Vector(x.ints.map((n) => (n > 0n ? n : 0n)), x.unit),
  }),

  scale(fields, inputs, spend) {
    const [factor, offset] = [fields.get('factor', numeral), fields.get('offset', numeral)];
    const lengths = [factor, offset].map(([n, d]) => bits(n) + bits(d));
    spend(Math.floor(lengths[0] / 64));
    const run = (x) => {
      const slope = times(factor, x.unit);
      const unit = commonUnit([slope, offset]);
      const [a, b] = [inUnits(slope, unit), inUnits(offset, unit)];
      return new Vector(x.ints.map((n) => a * n + b), unit);
    };
    const effort = inputs * (WINDOW_PARTS + 1);
    return { size: inputs, effort, longer: lengths[0] + lengths[1] + 1, run };
  },

  convolution(fields, inputs, spend) {
    const shape = readWindow(fields, inputs);
    const { c, h, w, p, q } = shape;
    const map = readAffine(fields, c * p * q, spend);
    const [rows, columns] = [h - p + 1, w - q + 1];
    const size = map.biases.length * rows * columns;
    demandWindows(rows * columns * c * p * q);
    demandSize(size, 1);
    const places = () => range(rows).flatMap(
      (i) => range(columns).map((j) => windowAt(shape, range(c), i, j)),
    );
    const run = (x) => affineMap(map, places())(x);
    const effort = rows * columns * c * p * q * (WINDOW_PARTS + map.biases.length);
    return { size, effort, longer: map.longer, run };
  },

  'max-pool'(fields, inputs) {
    const shape = readWindow(fields, inputs);
    const { c, h, w, p, q } = shape;
    const [rows, columns] = [Math.floor(h / p), Math.floor(w / q)];
    const places = () => range(c).flatMap((channel) => range(rows).flatMap(
      (i) => range(columns).map((j) => windowAt(shape, [channel], i * p, j * q)),
    ));
    const largest = (ints) => ints.reduce((most, n) => (n > most ? n : most));
    const run = (x) => (
      new Vector(places().map((place) => largest(place.map((i) => x.ints[i]))), x.unit));
    const size = c * rows * columns;
    return { size, effort: size * p * q * (WINDOW_PARTS + 1), longer: 0, run };
  },
};

const demandWindows = (values) => (
  demand(values <= MOST_WINDOW_VALUES, 'a layer with too many values in its windows'));

/** Layers for inputs of a length in bits; the last one says how long the outputs may be. */
function readLayers(fields, inputs, length, spend) {
  let [size, bitsNow] = [inputs, length];
  return fields.get('layers', list(record((layer) => {
    const read = LAYERS[layer.get('type', oneOf(...Object.keys(LAYERS)))];
    const next = read(layer, size, spend);
    [size, bitsNow] = [next.size, bitsNow + next.longer];
    demandSize(size, bitsNow);
    return { ...next, length: bitsNow };
  })));
}

function readPoints(fields) {
  let length;
  let shifted = 0;
  return fields.get('points', filled(list((value) => {
    const point = scaledVector(length)(value);
    length = point.length;
    shifted += length * (point.shift ?? 0);
    demandSize(length, tableLength([point]));
    demand(shifted <= MOST_BITS_OF_A_LAYER, 'points that are too long together');
    return point;
  })));
}

/** Readers of the facts on a network; `outputOf` the k-th point, of the given size. */
const networkFacts = (points, outputOf, size) => {
  const pointOf = (fields) => fields.get('point', index(points.length));
  const another = (fields, name, k) => {
    const other = fields.get(name, index(points.length));
    demand(other !== k, 'the same point twice');
    return other;
  };
  return {
    label(fields) {
      const k = pointOf(fields);
      const label = fields.get('label', index(size));
      return () => {
        const { ints } = outputOf(k);
        const largest = ints.every((n, i) => i === label || n < ints[label]);
        need(largest, 'the output of the label is larger than all others');
      };
    },
    box(fields) {
      const { ints, unit: [n, d] } = points[pointOf(fields)];
      return () => need(ints.every((i) => i >= 0n && i * n <= d), 'the point is in the unit box');
    },
    within(fields) {
      const k = pointOf(fields);
      const other = another(fields, 'of', k);
      const radius = fields.get('radius', numeral);
      return () => {
        const { ints, unit: [n, d] } = subtract(points[k], points[other]);
        const near = ints.every((i) => abs(i) * n * radius[1] <= radius[0] * d);
        need(near, 'the two points are within the radius');
      };
    },
    'same softmax'(fields) {
      const k = pointOf(fields);
      const other = another(fields, 'as', k);
      return () => {
        need(!same(points[k], points[other]), 'the two points differ');
        const { ints } = subtract(outputOf(k), outputOf(other));
        need(ints.every((n) => n === ints[0]), 'the two outputs differ by one constant');
      };
    },
  };
};

// ---------------------------------------------------------------------------------------------
// Arithmetic

const MOST_BITS = 4_000_000;
const MOST_WORK = 5 * 10 ** 11;
const DEEPEST_EXPRESSION = 100;
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

const lengthOf = ([n, d]) => Math.max(bits(n), bits(d));

function power(base, e) {
  demand(e[1] === 1n && e[0] >= 0n, 'an exponent that is no integer >= 0');
  return [base[0] ** e[0], base[1] ** e[0]];
}

function divide(a, b) {
  demand(sign(b), 'a division by 0');
  return over(a, b);
}

/** The sum of some numbers, over their common denominator. */
function total(numbers) {
  const d = numbers.reduce((common, [, denominator]) => (
    common % denominator === 0n ? common : (common / gcd(common, denominator)) * denominator), 1n);
  return ratio(numbers.reduce((sum, [n, denominator]) => sum + n * (d / denominator), 0n), d);
}

/** How many parts an operation takes, at least and at most, and what it makes of them. */
const OPERATIONS = {
  '+': { least: 0, most: Infinity, make: (...parts) => total(parts) },
  max: {
    least: 1, most: Infinity, make: (...parts) => parts.reduce((a, b) => (less(a, b) ? b : a)),
  },
  abs: { least: 1, most: 1, make: ([n, d]) => [abs(n), d] },
  '-': { least: 2, most: 2, make: minus },
  '*': { least: 2, most: 2, make: times },
  '/': { least: 2, most: 2, make: divide },
  '^': { least: 2, most: 2, make: power },
};

/** An evaluator of expressions; `spend` counts the work of all that it is given. */
function evaluator(numbers) {
  let work = 0;
  function spend(length) {
    demand(length <= MOST_BITS, 'too long numbers');
    work += Number(length) ** 2;
    demand(work <= MOST_WORK, 'too long numbers');
  }
  function evaluate(expression, depth = 0) {
    if (!Array.isArray(expression)) return numbers.get(expression) ?? numeral(expression);
    demand(depth < DEEPEST_EXPRESSION, 'too deep an expression');
    const [name, ...parts] = expression;
    const { least, most, make } = OPERATIONS[oneOf(...Object.keys(OPERATIONS))(name)];
    demand(parts.length >= least && parts.length <= most, `a wrong number of parts of ${name}`);
    const values = parts.map((part) => evaluate(part, depth + 1));
    const lengths = values.map(lengthOf);
    if (name === '^') {
      const [e] = values[1];
      spend(BigInt(lengths[0]) * (e > 1n ? e : 1n));
    } else {
      spend(lengths.reduce((sum, length) => sum + length, 0));
    }
    return make(...values);
  }
  return { evaluate, spend };
}

const COMPARISONS = {
  '=': equal,
  '!=': (a, b) => !equal(a, b),
  '<': less,
  '<=': (a, b) => !less(b, a),
};

/** The sum of C(n, j) a^j c^(n - j) over j <= k. */
function lowerTail(n, k, a, c) {
  let term = 1n;
  let sum = 1n;
  for (let j = 1n; j <= k; j += 1n) {
    term = ((term * (n - j + 1n)) / j) * a;
    sum = sum * c + term;
  }
  return sum * c ** (n - k);
}

// ---------------------------------------------------------------------------------------------
// The kinds: instance, statement and evidence to a function that checks the relations

const homogeneous = (fields) => fields.get('homogeneous', truth);
const filledMatrix = (fields) => fields.get('matrix', filled(matrix()));

const readSystem = (fields) => {
  const m = filledMatrix(fields);
  return { m, right: fields.get('right_side', vector(m.rows.length)) };
};

const LINEAR_ALGEBRA = {
  rank(instance, statement, evidence) {
    const m = filledMatrix(instance);
    const rank = statement.get('rank', integer(0));
    const minor = readMinor(evidence, m);
    const basis = evidence.get('basis', matrix(undefined, m.width));
    const free = evidence.get('free', indices(m.width));
    return () => {
      need(checkMinor(m, minor) === rank, 'the minor has the size of the rank');
      checkNullBasis(m, basis, free, rank);
    };
  },

  'null-space'(instance, statement, evidence) {
    const m = filledMatrix(instance);
    const basis = statement.get('basis', matrix(undefined, m.width));
    const minor = readMinor(evidence, m);
    const free = evidence.get('free', indices(m.width));
    return () => checkNullBasis(m, basis, free, checkMinor(m, minor));
  },

  'linear-system-solution'(instance, statement) {
    const { m, right } = readSystem(instance);
    const x = statement.get('solution', vector(m.width));
    return () => need(solves(m, x, right), 'the matrix takes the solution to the right side');
  },

  'linear-system-inconsistent'(instance, statement, evidence) {
    const { m, right } = readSystem(instance);
    const y = evidence.get('combination', vector(m.rows.length));
    return () => {
      need(applyTransposed(m, y).isZero(), 'the combination of the rows is 0');
      need(sign(dot(y, right)) !== 0, 'the combination of the right side is not 0');
    };
  },
};

const LINEAR_PROGRAMS = {
  'lp-optimal'(instance, statement, evidence) {
    const program = readProgram(instance);
    const x = statement.get('x', vector(program.n));
    const value = statement.get('value', numeral);
    const multipliers = readBound(evidence, program);
    return () => {
      checkFeasible(program, x);
      need(equal(dot(program.objective, x), value), 'x has the stated value');
      const bound = checkedBound(program, program.objective, multipliers);
      need(equal(bound, value), 'the bound is the stated value');
    };
  },

  'lp-infeasible'(instance, statement, evidence) {
    const program = readProgram(instance);
    const multipliers = readBound(evidence, program);
    return () => {
      const bound = checkedBound(program, zeros(program.n), multipliers);
      need(sign(bound) > 0, 'the bound of the objective 0 is positive');
    };
  },

  'lp-unbounded'(instance, statement) {
    const program = readProgram(instance);
    const x = statement.get('x', vector(program.n));
    const ray = statement.get('ray', vector(program.n));
    return () => {
      checkFeasible(program, x);
      const { upper, exact, nonnegative } = program;
      const [no, none] = [zeros(upper.bounds.length), zeros(exact.bounds.length)];
      need(satisfies(upper.matrix, ray, no), 'the ray keeps the inequalities');
      need(solves(exact.matrix, ray, none), 'the ray keeps the equalities');
      need(nonnegative.every((j) => ray.signAt(j) >= 0), 'the ray is not negative where asked');
      need(sign(dot(program.objective, ray)) < 0, 'the objective falls along the ray');
    };
  },
};

const LABELLED_SETS = {
  'max-margin'(instance, statement, evidence) {
    const set = readSet(instance);
    const central = homogeneous(statement);
    const rule = readRule(set.d)(statement);
    const squared = statement.get('margin_squared', numeral);
    const a = evidence.get('multipliers', vector(set.size));
    return () => {
      need(!central || sign(rule.offset) === 0, 'a homogeneous rule has the offset 0');
      need(a.isNonNegative(), 'the multipliers are not negative');
      const { sum, balance } = signedSums(set, a);
      need(same(sum, rule.normal), 'the multipliers combine the points to the normal');
      need(central || sign(balance) === 0, 'the signed multipliers have sum 0');
      margins(set, rule).forEach((margin, i) => {
        need(!less(margin, ONE), 'every margin is at least 1');
        need(a.signAt(i) === 0 || equal(margin, ONE), 'a point with a multiplier has margin 1');
      });
      const norm = dot(rule.normal, rule.normal);
      need(equal(times(squared, norm), ONE), 'the squared margin is 1 over that of the normal');
    };
  },

  'not-separable'(instance, statement, evidence) {
    const set = readSet(instance);
    const central = homogeneous(statement);
    const a = evidence.get('multipliers', vector(set.size));
    return () => {
      need(a.isNonNegative(), 'the multipliers are not negative');
      need(!a.isZero(), 'some multiplier is not 0');
      const { sum, balance } = signedSums(set, a);
      need(sum.isZero(), 'the multipliers combine the points to 0');
      need(central || sign(balance) === 0, 'the signed multipliers have sum 0');
    };
  },

  separable(instance, statement, evidence) {
    const set = readSet(instance);
    const central = homogeneous(statement);
    const rule = readRule(set.d)(evidence);
    return () => {
      checkSeparator(set, rule);
      need(!central || sign(rule.offset) === 0, 'a homogeneous rule has the offset 0');
    };
  },

  'every-separator'(instance, statement, evidence) {
    const set = readSet(instance);
    const { normal, offset } = readRule(set.d)(statement);
    const weak = statement.has('weak') ? statement.get('weak', filled(indices(set.size))) : [];
    const a = evidence.get('multipliers', vector(set.size));
    return () => {
      checkMultipliers(set, a, normal, offset);
      const strict = range(set.size).some((i) => a.signAt(i) > 0 && !weak.includes(i));
      need(strict, 'some point that is not weak has a multiplier');
    };
  },

  'separator-steps'(instance, statement, evidence) {
    const set = readSet(instance);
    const rule = instance.get('separator', record(readRule(set.d)));
    const queries = instance.get('queries', record(readSet));
    demand(queries.d === set.d, 'the queries have another dimension than the points');
    const u = statement.get('direction', vector(set.d));
    const steps = statement.get('steps', vector(queries.size));
    const a = evidence.get('multipliers', vector(set.size));
    return () => {
      checkSeparator(set, rule);
      checkMultipliers(set, a, u, ZERO);
      const speed = dot(rule.normal, u);
      margins(queries, rule).forEach((margin, i) => {
        need(sign(margin) >= 0, 'no query is on the wrong side');
        need(equal(times(steps.at(i), speed), margin), 'each step leads to the boundary');
      });
    };
  },

  'some-point-flips'(instance, statement, evidence) {
    const set = readSet(instance);
    const u = statement.get('direction', vector(set.d));
    const step = statement.get('step', numeral);
    const a = evidence.get('multipliers', vector(set.size));
    const rule = evidence.get('separator', record(readRule(set.d)));
    return () => {
      checkMultipliers(set, a, u, ZERO);
      need(equal(times(step, a.total()), ONE), 'step times the sum of the multipliers is 1');
      checkSeparator(set, rule);
      const reach = times(step, dot(rule.normal, u));
      const kept = margins(set, rule).every((margin) => !less(margin, reach));
      need(kept, 'all margins are at least what the step takes away');
    };
  },

  'universal-step'(instance, statement, evidence) {
    const set = readSet(instance);
    const u = statement.get('direction', vector(set.d));
    const k = statement.get('point', index(set.size));
    const infinite = statement.get('infinite', truth);
    const step = infinite ? undefined : statement.get('step', numeral);
    const rule = evidence.get('separator', record(readRule(set.d)));
    const limit = evidence.get('limit', record(readRule(set.d)));
    const a = infinite ? undefined : evidence.get('multipliers', vector(set.size));
    return () => {
      need(!u.isZero(), 'the direction is not 0');
      checkSeparator(set, rule);
      const limits = margins(set, limit);
      need(limits.every((margin) => sign(margin) >= 0), 'the limit rule has no negative margin');
      const speed = dot(limit.normal, u);
      if (infinite) {
        need(sign(speed) === 0, 'the limit rule does not change along the direction');
        need(sign(limits[k]) > 0, 'the limit rule has a positive margin at the point');
      } else {
        checkMultipliers(set, a, u, ZERO);
        need(equal(times(a.at(k), step), ONE), 'step times the multiplier of the point is 1');
        need(equal(speed, ONE), 'the limit rule has slope 1 along the direction');
        need(equal(limits[k], step), 'the limit rule has the step as margin at the point');
      }
    };
  },

  'every-model'(instance, statement, evidence) {
    const set = readClasses(instance);
    const form = statement.get('form', matrix(set.classes, set.d + 1));
    const gaps = readGaps(evidence, set);
    return () => {
      const rows = gapRows(set, gaps, (work) => instance.spend(work));
      const none = zeros(set.d + 1);
      const given = form.rows.every((row, k) => same(row, rows.get(k) ?? none));
      need(given, 'the gaps add up to the form');
    };
  },

  'class-left'(instance, statement, evidence) {
    const set = readClasses(instance);
    const left = statement.get('class', index(Number(set.classes)));
    const v = statement.get('direction', vector(set.d));
    const gaps = readGaps(evidence, set);
    const targets = evidence.get('targets', vector(set.classes));
    return () => {
      need(targets.isNonNegative(), 'the targets are not negative');
      need(!v.isZero(), 'the direction is not 0');
      const all = targets.total();
      const direction = append(v, ZERO);
      const rows = gapRows(set, gaps, (work) => instance.spend(work));
      for (let k = 0; k < targets.length; k += 1) {
        const share = k === left ? minus(targets.at(k), all) : targets.at(k);
        const row = rows.get(k);
        const fits = row ? same(row, scaleBy(share, direction)) : sign(share) === 0;
        need(fits, 'the gaps of each class add up to its share');
      }
    };
  },
};

const SOFTMAX_LAYERS = {
  'invariant-space'(instance, statement, evidence) {
    const layer = readColumns(instance);
    const d = differences(layer);
    const basis = statement.get('basis', matrix(undefined, layer.n));
    const dimension = statement.get('dimension', integer(0));
    const minor = readMinor(evidence, d);
    const free = evidence.get('free', indices(layer.n));
    return () => {
      checkNullBasis(d, basis, free, checkMinor(d, minor));
      need(dimension === basis.rows.length, 'the dimension is the number of vectors');
    };
  },

  'invariant-dimension'(instance, statement, evidence) {
    const layer = readColumns(instance, scaledMatrix(undefined, undefined, false));
    const d = differences(layer);
    const t = layer.n >= layer.m - 1 ? transpose(d) : d;
    const rank = statement.get('rank', integer(0));
    const dimension = statement.get('dimension', integer(0));
    const minor = readMinor(evidence, t);
    const dependencies = evidence.get('dependencies', matrix(undefined, t.width));
    const free = evidence.get('free', indices(t.width));
    return () => {
      const size = checkMinor(t, minor);
      checkNullBasis(t, dependencies, free, size);
      need(rank === size, 'the rank is the size of the minor');
      need(dimension === layer.n - size, 'dimension and rank add up to the number of features');
    };
  },

  'invariant-direction'(instance, statement) {
    const layer = readColumns(instance, scaledMatrix(undefined, undefined, false));
    const direction = statement.get('direction', vector(layer.n));
    return () => checkInvariant(layer, direction);
  },

  'invariant-regions'(instance, statement) {
    const layer = readLayer(instance);
    const direction = statement.get('direction', vector(layer.n));
    const regions = statement.get('regions', filled(list(record((region) => ({
      class: region.get('class', index(layer.m)),
      point: region.get('point', vector(layer.n)),
    })))));
    instance.spend(regions.length * layer.m * (layer.n + 10));
    return () => {
      checkInvariant(layer, direction);
      for (const region of regions) {
        const z = logits(layer, region.point);
        need(z.every((value) => !less(z[region.class], value)), 'no logit is larger at a point');
      }
    };
  },

  'decision-region'(instance, statement, evidence) {
    const layer = readLayer(instance);
    const i = statement.get('class', index(layer.m));
    const { matrix: a, bounds } = regionOf(layer, i);
    const region = statement.get('region', oneOf('empty', 'bounded', 'unbounded'));
    if (region === 'empty') {
      const s = evidence.get('combination', vector(a.rows.length));
      return () => {
        need(s.isNonNegative(), 'the combination is not negative');
        need(applyTransposed(a, s).isZero(), 'the combination of the rows is 0');
        need(sign(dot(s, bounds)) < 0, 'the combination of the bounds is negative');
      };
    }
    const point = statement.get('point', vector(layer.n));
    const ray = region === 'unbounded' ? statement.get('ray', vector(layer.n)) : undefined;
    const proof = region === 'bounded' ? readBoundedness(evidence, a) : undefined;
    return () => {
      need(satisfies(a, point, bounds), 'the point is in the region');
      if (ray) checkRay(a, ray);
      else checkBounded(a, proof);
    };
  },

  adjacency(instance, statement, evidence) {
    const layer = readLayer(instance);
    const pair = statement.get('classes', indices(layer.m, 2));
    if (statement.get('adjacent', truth)) {
      const point = statement.get('point', vector(layer.n));
      return () => checkAdjacent(layer, pair, point);
    }
    const s = evidence.get('combination', vector(layer.m));
    const t = evidence.get('parameter', numeral);
    return () => checkNotAdjacent(layer, pair, s, t);
  },

  parallel(instance, statement, evidence) {
    const layer = readColumns(instance);
    if (!statement.get('parallel', truth)) {
      instance.spend(5 * layer.m * (layer.m - 1) * layer.n);
      return () => checkNotParallel(layer);
    }
    const first = statement.get('first', indices(layer.m, 2));
    const second = statement.get('second', indices(layer.m, 2));
    demand(!first.every((k) => second.includes(k)), 'the same pair twice');
    const factor = evidence.get('factor', numeral);
    return () => {
      const [n, other] = [first, second].map(
        ([i, j]) => subtract(layer.columns[i], layer.columns[j]),
      );
      need(sign(factor) !== 0, 'the factor is not 0');
      need(!other.isZero(), 'the second difference is not 0');
      need(same(n, scaleBy(factor, other)), 'the first difference is factor times the second');
    };
  },
};

const RULES_AND_NETWORKS = {
  'convex-negative-region'(instance, statement) {
    const network = readNetwork(instance);
    const d = network.width;
    const bounds = statement.get('right_side', vector());
    const { rows } = statement.get('matrix', matrix(bounds.length, d));
    const segments = statement.get('segments', list(record((segment) => ({
      start: segment.get('start', vector(d)),
      end: segment.get('end', vector(d)),
      parameter: segment.get('parameter', numeral),
    }))));
    instance.spend(3 * segments.length * network.effort);
    return () => {
      need(network.convex, 'the network is convex');
      need(sign(network.threshold) === 0 && network.strict, 'the threshold is 0 and strict');
      const units = range(network.output.length).filter((i) => network.output.signAt(i) > 0);
      need(units.length === rows.length, 'there is a row for each unit with a positive output');
      units.forEach((i, k) => {
        need(same(rows[k], network.weights.rows[i]), 'each row has the weights of its unit');
        need(equal(bounds.at(k), negative(network.biases.at(i))), 'each bound is minus a bias');
      });
      for (const { start, end, parameter } of segments) {
        need(sign(parameter) >= 0 && !less(ONE, parameter), 'each parameter is in [0, 1]');
        const between = along(start, parameter, subtract(end, start));
        const points = [start, end, between];
        need(points.every((x) => network.label(x) === -1), 'the segments have the label -1');
      }
    };
  },

  'relu-universal-direction': reluKind('direction', 'scale', false),
  'relu-label-forced': reluKind('point', 'weight', true),

  'convex-direction'(instance, statement, evidence) {
    const set = readSet(instance);
    const label = statement.get('label', oneOf(-1, 1));
    const u = statement.get('direction', vector(set.d));
    const k = evidence.get('outside', index(set.size));
    const c = evidence.get('scale', numeral);
    const s = evidence.get('combination', vector(set.size));
    return () => {
      need(!u.isZero(), 'the direction is not 0');
      need(set.labels[k] !== label, 'the outside point has the other label');
      need(sign(c) > 0, 'the scale is positive');
      need(s.isNonNegative(), 'the combination is not negative');
      need(equal(s.total(), ONE), 'the combination has sum 1');
      const own = range(set.size).every((i) => s.signAt(i) === 0 || set.labels[i] === label);
      need(own, 'the combination uses points of the label only');
      const reached = along(applyTransposed(set.points, s), c, u);
      need(same(reached, set.points.rows[k]), 'the direction leads to the outside point');
    };
  },

  'network-flip'(instance, statement) {
    const set = readSet(instance);
    const network = readNetwork(instance, set.d);
    const u = statement.get('direction', vector(set.d));
    const flips = statement.get('flips', filled(list(record((flip) => ({
      point: flip.get('point', vector(set.d)),
      step: flip.get('step', numeral),
    })))));
    instance.spend((set.size + 2 * flips.length) * network.effort);
    return () => {
      need(network.convex, 'the network is convex');
      need(isAccurate(network, set), 'the network is accurate');
      for (const { point, step } of flips) {
        need(sign(step) > 0, 'each step is positive');
        need(network.label(point) === -1, 'each point has the label -1');
        need(network.label(along(point, step, u)) === 1, 'each step leads to the label +1');
      }
    };
  },

  bounded(instance, statement, evidence) {
    const { matrix: a } = readPolyhedron(instance);
    statement.get('bounded', oneOf(true));
    const proof = readBoundedness(evidence, a);
    return () => checkBounded(a, proof);
  },

  'unbounded-polyhedron'(instance, statement) {
    const { matrix: a, bounds } = readPolyhedron(instance);
    const point = statement.get('point', vector(a.width));
    const ray = statement.get('ray', vector(a.width));
    return () => {
      need(satisfies(a, point, bounds), 'the point is in the polyhedron');
      checkRay(a, ray);
    };
  },

  'rule-facts'(instance, statement) {
    const rules = instance.get('rules', list(variant('type', RULES)));
    const d = rules.find((rule) => rule.width !== undefined)?.width;
    demand(d > 0, 'no rule defines the dimension, or it is 0');
    demand(rules.every((rule) => rule.fits(d)), 'the rules have different dimensions');
    const labels = instance.get('labels', list(integer(-1)));
    const points = instance.get('points', matrix(labels.length, d));
    const spend = (work) => instance.spend(work);
    const readFact = variant('fact', ruleFacts(rules, { labels, points }, d, spend));
    const facts = statement.get('facts', filled(list(readFact)));
    return () => facts.forEach((holds) => holds());
  },

  'network-points'(instance, statement) {
    const points = readPoints(instance);
    const longest = points.reduce((most, point) => Math.max(most, tableLength([point])), 0);
    const layers = readLayers(instance, points[0].length, longest, (work) => instance.spend(work));
    const size = layers.at(-1)?.size ?? points[0].length;
    demandSize(size, layers.at(-1)?.length ?? longest, points.length);
    const effort = layers.reduce((sum, layer) => sum + layer.effort, 0);
    const outputs = new Map();
    const outputOf = (k) => {
      if (!outputs.has(k)) {
        instance.spend(Math.floor(effort / PARTS));
        outputs.set(k, layers.reduce((x, layer) => layer.run(x), points[k]));
      }
      return outputs.get(k);
    };
    const readFact = variant('fact', networkFacts(points, outputOf, size));
    const facts = statement.get('facts', filled(list(readFact)));
    return () => facts.forEach((holds) => holds());
  },
};

/** The two kinds on all ReLU networks: x_k is a mix of negative points and a part of another
    vector, whose factor counts in the mix for one of them and does not for the other. */
function reluKind(vectorName, factorName, counted) {
  return (instance, statement, evidence) => {
    const set = readSet(instance);
    const u = statement.get(vectorName, vector(set.d));
    const k = evidence.get('positive', index(set.size));
    const c = evidence.get(factorName, numeral);
    const s = evidence.get('combination', vector(set.size));
    return () => {
      need(counted || !u.isZero(), 'the direction is not 0');
      need(set.labels[k] === 1, 'the positive point has the label 1');
      need(sign(c) > 0, `the ${factorName} is positive`);
      need(s.isNonNegative(), 'the combination is not negative');
      const apart = set.labels.every((label, i) => label === -1 || s.signAt(i) === 0);
      need(apart, 'the combination leaves out the positive points');
      need(equal(plus(s.total(), counted ? c : ZERO), ONE), 'the combination has sum 1');
      const sum = along(applyTransposed(set.points, s), c, u);
      need(same(sum, set.points.rows[k]), 'the combination is the positive point');
    };
  };
}

const NUMBERS = {
  arithmetic(instance, statement) {
    const numbers = new Map();
    instance.get('numbers', list(record((fields) => {
      const name = fields.get('name', (value) => value);
      demand(typeof name === 'string' && IDENTIFIER.test(name), 'a name that is no identifier');
      demand(!numbers.has(name), 'a name twice');
      numbers.set(name, fields.get('value', numeral));
    })));
    const { evaluate, spend } = evaluator(numbers);
    const relations = statement.get('relations', filled(list((relation) => {
      const [left, operator, right] = list((part) => part, 3)(relation);
      const compare = COMPARISONS[oneOf(...Object.keys(COMPARISONS))(operator)];
      const sides = { left: evaluate(left), compare, right: evaluate(right) };
      spend(lengthOf(sides.left) + lengthOf(sides.right));
      return sides;
    })));
    return () => relations.forEach(({ left, compare, right }, i) => {
      need(compare(left, right), `relation ${i} holds`);
    });
  },

  'binomial-tail'(instance, statement) {
    const n = instance.get('trials', integer(1, 200_000));
    const p = instance.get('probability', numeral);
    const k = statement.get('successes', integer(0, n));
    const bound = statement.get('bound', numeral);
    const atLeast = statement.get('at_least', truth);
    const terms = atLeast ? n - k + 1 : k + 1;
    const length = bits(p[1]);
    demand(length * n <= 4_000_000, 'too long a denominator for so many trials');
    demand(terms * n * Math.max(16, length) ** 2 <= 200_000_000_000, 'too long a sum');
    return () => {
      need(sign(p) >= 0 && !less(ONE, p), 'the probability is in [0, 1]');
      const [all, few] = [BigInt(n), BigInt(k)];
      const [a, c] = [p[0], p[1] - p[0]];
      // At least k successes are at most n - k failures.
      const sum = atLeast ? lowerTail(all, all - few, c, a) : lowerTail(all, few, a, c);
      need(sum * bound[1] <= bound[0] * p[1] ** all, 'the tail is at most the bound');
    };
  },
};

const KINDS = {
  ...LINEAR_ALGEBRA, ...LINEAR_PROGRAMS, ...LABELLED_SETS, ...SOFTMAX_LAYERS,
  ...RULES_AND_NETWORKS, ...NUMBERS,
};

// ---------------------------------------------------------------------------------------------
// Documents

const FREE_WORK = 1_000_000;
const WORK_FOR_A_CHARACTER = 50;

const part = (value) => new Fields(value);

function checkText(text) {
  const relations = record((certificate) => {
    certificate.get('format', oneOf('adversarial-geometry/certificate'));
    certificate.get('version', oneOf(1));
    const check = KINDS[certificate.get('kind', oneOf(...Object.keys(KINDS)))];
    const names = ['instance', 'statement', 'evidence'];
    const parts = names.map((name) => certificate.get(name, part));
    const { hash, length } = canonical(parts[0].map);
    certificate.get('instance_sha256', oneOf(hash));
    parts[0].budget = FREE_WORK + WORK_FOR_A_CHARACTER * (length + canonical(parts[1].map).length);
    const thunk = check(...parts);
    names.forEach((name, i) => within(name, () => parts[i].close()));
    return thunk;
  })(parse(text));
  relations();
}

/** The verdict on a document: `{ verdict, reason }`, the reason in printable ASCII. */
function judge(bytes) {
  try {
    demand(bytes, 'the document is too long');
    checkText(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
    return { verdict: 'accepted' };
  } catch (error) {
    // Whatever else JavaScript throws means that the document is beyond what can be computed.
    const verdict = error instanceof Rejected ? 'rejected' : 'malformed';
    return { verdict, reason: error.message.replace(/[^ -~]/g, '?').slice(0, 300) };
  }
}

/** The documents of a stream, as bytes (nothing in place of one that is too long), in batches
    as they arrive. With `byLine`, each line is one. */
async function* documents(stream, byLine) {
  let pieces = [];
  let length = 0;
  const keep = (piece) => {
    length += piece.length;
    if (length > 4 * MOST_CHARACTERS) pieces = [];
    else pieces.push(piece);
  };
  const finish = () => {
    const bytes = length > 4 * MOST_CHARACTERS ? undefined : Buffer.concat(pieces);
    pieces = [];
    length = 0;
    return bytes;
  };
  for await (const chunk of stream) {
    const batch = [];
    let from = 0;
    for (let end; byLine && (end = chunk.indexOf(10, from)) >= 0; from = end + 1) {
      keep(chunk.subarray(from, end));
      batch.push(finish());
    }
    keep(chunk.subarray(from));
    if (batch.length) yield batch;
  }
  if (length || !byLine) yield [finish()];
}

/** Waits until the text is taken, so that a slow reader does not fill the memory. */
const print = (text) => new Promise((done) => { process.stdout.write(text, done); });

async function answerLines() {
  for await (const batch of documents(process.stdin, true)) {
    const answers = batch.map(judge).map(
      ({ verdict, reason }) => (reason === undefined ? verdict : `${verdict}\t${reason}`),
    );
    await print(`${answers.join('\n')}\n`);
  }
  return 0;
}

async function checkFiles(paths) {
  let [checked, refused, unreadable] = [0, 0, 0];
  for (const path of paths) {
    const byLine = path.endsWith('.jsonl');
    let line = 0;
    try {
      for await (const batch of documents(createReadStream(path), byLine)) {
        for (const bytes of batch) {
          line += 1;
          checked += 1;
          const { verdict, reason } = judge(bytes);
          if (verdict === 'accepted') continue;
          refused += 1;
          await print(`${byLine ? `${path}:${line}` : path}: ${verdict}: ${reason}\n`);
        }
      }
    } catch (error) {
      unreadable += 1;
      await print(`${path}: unreadable: ${error.message}\n`);
    }
  }
  await print(`${checked} checked, ${checked - refused} accepted, ${refused} refused\n`);
  if (unreadable || !checked) return 2;
  return refused ? 1 : 0;
}

const paths = process.argv.slice(2);
process.exitCode = await (paths.join() === '-' ? answerLines() : checkFiles(paths));
