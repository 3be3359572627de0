import createClient from "openapi-fetch";
import type { paths } from "./tbc-v1.js";

const tbc = createClient<paths>({
  baseUrl: `${process.env.TBC_URL}/api/v1`,
  headers: { Authorization: `Bearer ${process.env.TBC_KEY}` },
});

const query: { cursor?: string } = {};
for (;;) {
  const { data, error } = await tbc.GET("/students", { params: { query } });
  if (error?.error.code === "rate_limited") {
    await new Promise((resolve) => setTimeout(resolve, error.error.retryAfterSeconds! * 1000));
    continue;
  }
  if (!data) throw new Error(`${error?.error.code}: ${error?.error.message}`);
  for (const student of data.data) console.log(student.email);
  if (!data.pagination.nextCursor) break;
  query.cursor = data.pagination.nextCursor;
}
