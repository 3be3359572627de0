// The conformance script in TypeScript: the steps of tools/clients/README.md, made with the types that openapi-typescript
// reads from the contract. It prints one line a step, the same as the scripts in the other languages, and stops at the
// first that fails.
import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import createClient from "openapi-fetch";
import type { components, paths } from "./tbc-v1.js";

type Student = components["schemas"]["Student"];

const connect = (key: string | undefined) =>
  createClient<paths>({ baseUrl: `${process.env.TBC_URL}/api/v1`, headers: { Authorization: `Bearer ${key}` } });

const full = connect(process.env.TBC_KEY);
const reading = connect(process.env.TBC_READ_KEY);
const limited = connect(process.env.TBC_LIMITED_KEY);

// Nobody has made this student before.
let student: Student;
const body = { email: `ts-${randomUUID()}@example.com`, displayName: "Asha Nair", phone: "+919820012345" };

// unexpected is how a step fails: with what came instead.
const unexpected = (what: unknown) => new Error(JSON.stringify(what));

// walk follows the cursors to the end. It fails if a student comes twice.
async function walk(limit: number) {
  const seen = new Set<string>();
  const query: { limit: number; cursor?: string } = { limit };
  for (let pages = 1; ; pages++) {
    const { data, error } = await full.GET("/students", { params: { query } });
    if (!data) throw unexpected(error);
    for (const { id } of data.data) {
      if (seen.has(id)) throw unexpected(`${id} comes twice`);
      seen.add(id);
    }
    const { nextCursor } = data.pagination;
    if (!nextCursor) return { seen, pages };
    query.cursor = nextCursor;
  }
}

// Two walks in pages of ten and of a hundred must see the same.
async function list() {
  const small = await walk(10);
  const large = await walk(100);
  if (small.pages < 2 || small.seen.size !== large.seen.size) throw unexpected([small.pages, small.seen.size, large.seen.size]);
  return "every student once, on two pages or more";
}

async function create() {
  const first = await full.POST("/students", { body });
  const again = await full.POST("/students", { body });
  if (first.response.status !== 201 || again.response.status !== 200 || first.data?.data.id !== again.data?.data.id) {
    throw unexpected([first, again]);
  }
  if (!first.data) throw unexpected(first.error);
  student = first.data.data;
  return "201, then 200 with the same student";
}

// One member is cleared with null, the others are left out.
async function change() {
  const { data, error } = await full.PATCH("/students/{id}", { params: { path: { id: student.id } }, body: { phone: null } });
  if (!data) throw unexpected(error);
  if (data.data.phone !== null || data.data.displayName !== student.displayName) throw unexpected(data);
  return "null clears the phone, and the name stays";
}

async function enrol() {
  const courses = await full.GET("/courses");
  const course = courses.data?.data[0];
  if (!course) throw unexpected(courses.error ?? "no published course");
  const pair = { studentId: student.id, courseId: course.id };
  const first = await full.POST("/enrollments", { body: pair });
  const again = await full.POST("/enrollments", { body: pair });
  if (first.response.status !== 201 || again.response.status !== 200 || first.data?.data.id !== again.data?.data.id) {
    throw unexpected([first, again]);
  }
  return "201, then 200 with the same enrollment";
}

async function invalid() {
  const { response, error } = await full.POST("/students", { body: { email: "nobody", displayName: "" } });
  if (response.status !== 422 || !error?.error.details) throw unexpected(error);
  return `${error.error.code} at ${error.error.details.map((detail) => detail.field).sort().join(" and ")}`;
}

async function forbidden() {
  const { response, error } = await reading.POST("/students", { body: { email: "asha@example.com", displayName: "Asha" } });
  if (response.status !== 403 || !error?.error.message.includes("write:students")) throw unexpected(error);
  return `${error.error.code}, for want of write:students`;
}

async function missing() {
  const { response, error } = await full.GET("/students/{id}", { params: { path: { id: "stu_none" } } });
  if (response.status !== 404 || !error) throw unexpected(error);
  return error.error.code;
}

// A key of two calls a minute is refused with the fifth call at the latest, if the minute ends in between.
async function refused() {
  for (let call = 0; call < 5; call++) {
    const { response, error } = await limited.GET("/students");
    if (response.ok) continue;
    const header = (name: string) => Number(response.headers.get(name) ?? NaN);
    if (
      response.status !== 429 || !error || error.error.retryAfterSeconds !== header("Retry-After") ||
      header("X-RateLimit-Remaining") !== 0 || !(header("X-RateLimit-Limit") >= 1)
    ) {
      throw unexpected([[...response.headers], error]);
    }
    return `${error.error.code}, Retry-After is retryAfterSeconds, no call remains`;
  }
  throw unexpected("five calls passed: give TBC_LIMITED_KEY a limit of two a minute");
}

// verify is short, for one secret: server/docs/guides/verifying-signatures.md has the whole of it.
function verify(signature: string, body: Buffer, secret: string, now: number) {
  const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(signature) ?? [];
  if (!t || !v1) return "malformed";
  if (Math.abs(now - Number(t)) > 300) return "timestamp";
  const want = createHmac("sha256", secret).update(`${t}.`).update(body).digest();
  return timingSafeEqual(want, Buffer.from(v1, "hex")) ? "ok" : "mismatch";
}

async function webhook() {
  const { secret, body: text, signature, timestamp } = JSON.parse(readFileSync("signed-example.json", "utf8"));
  const body = Buffer.from(text);
  const changed = Buffer.from(body);
  changed.writeUInt8(body.readUInt8(body.length >> 1) ^ 1, body.length >> 1);
  const verdicts = [
    verify(signature, body, secret, timestamp),
    verify(signature, changed, secret, timestamp),
    verify(signature, body, secret, timestamp + 600),
  ];
  if (verdicts.join() !== "ok,mismatch,timestamp") throw unexpected(verdicts);
  return "taken as signed, refused with a byte changed, refused ten minutes later";
}

const steps = { list, create, change, enrol, "422": invalid, "403": forbidden, "404": missing, "429": refused, webhook };
for (const name of ["list", "create", "change", "enrol", "422", "403", "404", "429", "webhook"] as const) {
  try {
    console.log(`${name}: ${await steps[name]()}`);
  } catch (error) {
    console.error(`${name}: ${error instanceof Error ? error.message : error}`);
    process.exit(1);
  }
}
