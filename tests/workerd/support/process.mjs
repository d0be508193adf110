/** The runtime's process. */
import { execFileSync } from "node:child_process";

/** The process id of this process's own workerd. */
export function workerd() {
  const processes = execFileSync("ps", ["-A", "-o", "pid=,ppid=,comm="], { encoding: "utf8" }).trim().split("\n");
  const own = processes.map((line) => line.trim().split(/\s+/)).filter(([, parent]) => Number(parent) === process.pid);
  const pids = own.filter(([, , name]) => name.includes("workerd")).map(([pid]) => Number(pid));
  if (pids.length !== 1) throw new Error(`${pids.length} workerd processes are running`);
  return pids[0];
}

/** Kills it, as a machine that fails would. */
export const killWorkerd = () => process.kill(workerd(), "SIGKILL");
