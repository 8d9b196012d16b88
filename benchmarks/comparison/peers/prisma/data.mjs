// The rows of the comparison, as `data.py` makes them, and the calls of `workloads.py`. The checks before each measurement see to it that both
// agree.

export const QUIET_AUTHORS = 1900, AUTHORS = 2000, POSTS_EACH = 5, READINGS = 100_000, CATEGORIES = 25, NEW = 1_000_000;
const STATUSES = ["DRAFT", "ACTIVE", "ARCHIVED"];
const SENTENCE = "It says what was seen, by whom, and what came of it. ";

const mixed = (number, bound) => ((number * 7919 + 12_345) % 1_000_003) % bound;
const moment = (number) => new Date(Date.UTC(2024, 0, 1) + mixed(number, 500_000) * 60_000 + (number % 1000));
const hundredths = (number) => (number / 100).toFixed(2);

export const author = (number) => ({
  email: `author${number}@example.org`,
  name: `Author ${number}`,
  bio: number % 3 ? `Writes about subject ${number % 40}.` : null,
  logins: mixed(number, 1000),
  active: number % 4 !== 0,
  created_at: moment(number),
});

export const post = (number) => ({
  title: `Post ${number}`,
  body: SENTENCE.repeat(2 + (number % 5)),
  status: number <= QUIET_AUTHORS * POSTS_EACH ? STATUSES[mixed(number, 3)] : "DRAFT",
  views: mixed(number, 1000),
  rating: mixed(number, 50) / 10,
  published_at: number % 3 ? moment(number) : null,
});

export const product = (number) => ({
  sku: `SKU-${String(number).padStart(8, "0")}`,
  name: `Product ${number}`,
  description: SENTENCE.repeat(1 + (number % 4)),
  status: STATUSES[mixed(number, 3)],
  category: `category${String(number % CATEGORIES).padStart(2, "0")}`,
  price: hundredths(mixed(number, 100_000)),
  cost: number % 2 ? hundredths(mixed(number, 50_000)) : null,
  stock: mixed(number, 500),
  reserved: number % 20,
  views: 5_000_000_000n + BigInt(number),
  weight: mixed(number, 10_000) / 100,
  rating: number % 5 ? mixed(number, 50) / 10 : null,
  active: number % 4 !== 0,
  featured: number % 10 === 0,
  attributes: { colour: `colour${number % 7}`, sizes: [number % 3, number % 5], box: { open: number % 2 === 0 } },
  note: number % 3 === 0 ? `Note ${number}` : null,
  created_at: moment(number),
  updated_at: moment(number + 1),
  released_at: number % 2 ? moment(number + 2) : null,
});

export const reading = (number) => ({
  sensor: number % 50,
  value: mixed(number, 100_000) / 100,
  valid: number % 9 !== 0,
  note: number % 10 === 0 ? `Note ${number}` : null,
  taken_at: moment(number),
});

const quietAuthor = (call) => [1 + ((call * 7919) % QUIET_AUTHORS)];
const firstOf = (authors) => (call) => [(call * 53) % (QUIET_AUTHORS - authors)];
const readings = (rows) => (call) => [Array.from({ length: rows }, (_, place) => reading(NEW + call * rows + place))];
const category = (call) => [`category${String(call % CATEGORIES).padStart(2, "0")}`];
const active = (call) => ["ACTIVE", (call * 37) % 500];
const upsert = (call) => {
  const number = call % 2 ? NEW + call : QUIET_AUTHORS + 1 + (call % (AUTHORS - QUIET_AUTHORS));
  return [{ ...author(number), name: `Upserted ${call}`, logins: call }];
};
const nested = (call) => [author(NEW + call), [0, 1, 2].map((place) => post(NEW + 3 * call + place))];
const update = (call) => [QUIET_AUTHORS * POSTS_EACH + 1 + (call % 500), `Updated ${call}`, call];

// For each workload its method, what a call of some number is given, how many clients call at once.
export const WORKLOADS = {
  point_read: ["point_read", quietAuthor, 1],
  page: ["page", active, 1],
  wide: ["wide", category, 1],
  include_one: ["include_one", firstOf(50), 1],
  include_two: ["include_two", firstOf(20), 1],
  create: ["create", (call) => [product(NEW + call)], 1],
  nested_create: ["nested_create", nested, 1],
  update: ["update", update, 1],
  upsert: ["upsert", upsert, 1],
  create_many_1000: ["create_many", readings(1_000), 1],
  create_many_10000: ["create_many", readings(10_000), 1],
  count: ["count", active, 1],
  group_by: ["group_by", (call) => [call % 10], 1],
  stream: ["stream", () => [], 1],
  clients: ["point_read", quietAuthor, 64],
};
