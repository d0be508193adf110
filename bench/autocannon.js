/** The load where there is no wrk: `autocannon.js ORIGIN FILE CONNECTIONS SECONDS HEADERS`, with the figures of wrk.lua. */
import { readFileSync } from "node:fs";
import autocannon from "autocannon";

const [url, file, connections, seconds, headers] = process.argv.slice(2);
const paths = readFileSync(file, "utf8").trim().split("\n");
const result = await autocannon({
  url,
  connections: Number(connections),
  duration: Number(seconds),
  headers: JSON.parse(headers),
  requests: paths.map((path) => ({ path })),
});
const figures = {
  answers: result.requests.total,
  seconds: result.duration,
  bytes: result.throughput.total,
  failed: result.errors + result["4xx"] + result["5xx"],
};
console.log(JSON.stringify(figures));
