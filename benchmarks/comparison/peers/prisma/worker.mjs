// Prisma Client 7 on Node, with a driver adapter: does what the lines of its standard input say, as `worker.py` describes it.
//
//     node worker.mjs PROVIDER URL CLIENT CONNECTIONS
//
// `CLIENT` is the folder of the generated client; its packages are found from there.

import { createRequire } from "node:module";
import fs from "node:fs";
import readline from "node:readline";
import { WORKLOADS } from "./data.mjs";

const [provider, url, client, connections] = process.argv.slice(2);
const require = createRequire(`${client}/index.js`);
const BATCH = 1000;
const TIMED_FROM = 10;

function adapter() {
  if (provider === "sqlite") {
    const { PrismaBetterSqlite3 } = require("@prisma/adapter-better-sqlite3");
    return new PrismaBetterSqlite3({ url });
  }
  if (provider === "postgresql") {
    const { PrismaPg } = require("@prisma/adapter-pg");
    return new PrismaPg({ connectionString: url, max: Number(connections) });
  }
  const { PrismaMariaDb } = require("@prisma/adapter-mariadb");
  const parts = new URL(url);
  return new PrismaMariaDb({
    host: parts.hostname,
    port: Number(parts.port || 3306),
    user: decodeURIComponent(parts.username),
    password: decodeURIComponent(parts.password) || undefined,
    database: parts.pathname.slice(1),
    connectionLimit: Number(connections),
  });
}

const { PrismaClient } = require(client);
const prisma = new PrismaClient({ adapter: adapter() });

const authors = (after, take, posts) =>
  prisma.author.findMany({ where: { id: { gt: after } }, orderBy: { id: "asc" }, take, include: { posts } });

const work = {
  point_read: (id) => prisma.author.findUnique({ where: { id } }),
  page: (status, views) =>
    prisma.post.findMany({
      where: { status, views: { gte: views } },
      orderBy: [{ views: "desc" }, { id: "desc" }],
      take: 50,
    }),
  wide: (category) => prisma.product.findMany({ where: { category }, orderBy: { id: "asc" }, take: 100 }),
  include_one: (after) => authors(after, 50, true),
  include_two: (after) => authors(after, 20, { include: { comments: true } }),
  create: (data) => prisma.product.create({ data }),
  nested_create: (author, posts) =>
    prisma.author.create({ data: { ...author, posts: { create: posts } }, include: { posts: true } }),
  update: (id, title, views) => prisma.post.update({ where: { id }, data: { title, views } }),
  upsert: (author) =>
    prisma.author.upsert({
      where: { email: author.email },
      create: author,
      update: { name: author.name, logins: author.logins },
    }),
  create_many: async (data) => (await prisma.reading.createMany({ data })).count,
  count: (status, views) => prisma.post.count({ where: { status, views: { gte: views } } }),
  group_by: (stock) =>
    prisma.product.groupBy({
      by: ["category"],
      where: { stock: { gte: stock } },
      _count: true,
      _sum: { stock: true, price: true },
      orderBy: { category: "asc" },
    }),
  // It has no stream: pages by a cursor are what its documentation has for many rows.
  stream: async () => {
    let total = 0;
    for (let cursor; ; ) {
      const page = await prisma.reading.findMany({
        take: BATCH,
        orderBy: { id: "asc" },
        ...(cursor && { cursor: { id: cursor }, skip: 1 }),
      });
      for (const reading of page) total += reading.sensor;
      if (page.length < BATCH) return total;
      cursor = page.at(-1).id;
    }
  },
};

// -- plain values, as `plain.py` makes them --------------------------------------------------------------------------------
function plain(value, ids, name) {
  if (value instanceof Date) return value.toISOString().replace("Z", "+00:00");
  if (typeof value === "bigint") return Number(value);
  if (name === "attributes") return value;
  if (value?.constructor?.name?.startsWith("Decimal")) return value.toFixed(2);
  if (Array.isArray(value)) {
    const rows = value.map((row) => plain(row, ids));
    return name ? rows.sort((one, other) => (ids ? one.id - other.id : one.title < other.title ? -1 : 1)) : rows;
  }
  if (value === null || typeof value !== "object") return value;
  const shown = Object.entries(value).filter(([key]) => ids || !(key === "id" || key.endsWith("_id")));
  return Object.fromEntries(shown.map(([key, item]) => [key, plain(item, ids, key)]));
}

const group = (row) => [row.category, row._count, row._sum.stock, plain(row._sum.price)];

// -- requests --------------------------------------------------------------------------------------------------------------
let nextCall = TIMED_FROM;

function nextArguments(workload, calls) {
  const numbers = Array.from({ length: calls }, (_, place) => nextCall + place);
  nextCall += calls;
  return numbers.map(WORKLOADS[workload][1]);
}

async function oneClient(method, calls) {
  for (const given of calls) await work[method](...given);
}

function resident(name) {
  const line = fs.readFileSync("/proc/self/status", "utf8").split("\n").find((item) => item.startsWith(name));
  return Number(line.split(/\s+/)[1]) * 1024;
}

const requests = {
  async answer({ workload, call, ids }) {
    const [method, given] = WORKLOADS[workload];
    const answer = await work[method](...given(call));
    return { answer: method === "group_by" ? answer.map(group) : plain(answer, ids) };
  },
  async run({ workload, calls }) {
    const [method, , clients] = WORKLOADS[workload];
    const given = nextArguments(workload, calls);
    const shares = Array.from({ length: clients }, (_, place) => given.filter((_, index) => index % clients === place));
    const clock = process.hrtime.bigint();
    const processor = process.cpuUsage();
    await Promise.all(shares.map((share) => oneClient(method, share)));
    const used = process.cpuUsage(processor);
    return { seconds: Number(process.hrtime.bigint() - clock) / 1e9, cpu: (used.user + used.system) / 1e6 };
  },
  async growth({ workload }) {
    const [method] = WORKLOADS[workload];
    const [given] = nextArguments(workload, 1);
    fs.writeFileSync("/proc/self/clear_refs", "5");
    const before = resident("VmRSS");
    await work[method](...given);
    return { bytes: resident("VmHWM") - before };
  },
  // V8 does not say.
  async allocations() {
    return { blocks: null, peak: null };
  },
};

const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
const told = (error) => ({ error: `${error.name}: ${error.message}`.trim() });

try {
  await prisma.$connect();
  say({ ready: true });
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const request = JSON.parse(line);
    if (request.do === "end") break;
    try {
      say(await requests[request.do](request));
    } catch (error) {
      say(told(error));
    }
  }
  await prisma.$disconnect();
} catch (error) {
  say(told(error));
}
process.exit(0);
