/** The test's end of `instrumented.mjs`. */
import { request } from "./http.mjs";

/** @param {string} origin of a Worker that was started with `instrumented: true` */
export function instruments(origin) {
  /** @param {object} order of `instrumented.mjs` */
  const control = async (order) => {
    const reply = await request(origin, "/__instruments", { method: "POST", body: JSON.stringify(order) });
    if (reply.status !== 200) throw new Error(`the Worker is not instrumented: ${reply.status}`);
    return reply.json();
  };
  return {
    /** Lets time pass for the Worker, in seconds. Alarms do not go off by it: see `wake`. */
    pass: (/** @type {number} */ seconds) => control({ pass: seconds * 1_000 }),

    /** KV's reads: "work", "fail", or "miss" as where KV has looked before and still says so. */
    reads: (/** @type {"work" | "fail" | "miss"} */ get) => control({ get }),

    /** KV's writes: "work", "fail", or "late" as where they are not seen yet. */
    writes: (/** @type {"work" | "fail" | "late"} */ put) => control({ put }),

    /** Lets the alarm of an image's maker go off, and waits until it is done. */
    wake: (/** @type {string} */ id) => control({ wake: id }),

    /** When the alarm of an image's maker goes off, in unix milliseconds; `null` where none is set. */
    alarm: async (/** @type {string} */ id) => (await control({ alarmOf: id })).alarm,

    /** The calls of KV and of the objects since `forget`: `["get image:v1:…", "ask KeyRing", "put image:v1:…"]`. */
    operations: async () => /** @type {string[]} */ ((await control({})).operations),

    /** Forgets the operations so far. */
    forget: () => control({ forget: true }),
  };
}
