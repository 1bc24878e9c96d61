// One start of a package's command in the sandbox, and what it says of itself.
import type { HarvestTrouble, Isolation } from "../../catalog/harvest.ts";
import { clean } from "../inspect-tools.ts";
import {
  discover,
  type InspectAnswer,
  type InspectFailure,
  type Inspection,
  inspectLegacy,
  legacyVersion,
  listTools,
} from "../introduce.ts";
import { keepTail } from "../upstream/last-words.ts";
import type { CommandUser } from "../upstream/launch.ts";
import type { HarvestLimits } from "./limits.ts";
import { linkTo, type ProgramLink } from "./link.ts";
import { type SandboxEnd, startSandbox } from "./sandbox.ts";

export type Start = {
  folder: string;
  mountPoint: string;
  program: string;
  args: readonly string[];
  env: Record<string, string>;
};

export type Started =
  | { ok: true; inspection: Inspection; isolation: Isolation }
  | { ok: false; code: HarvestTrouble; message: string; complaint: string; isolation: Isolation };

/** What it wrote last may still be on its way when it has ended. */
const lastWordsMs = 300;
const discoverMs = 5_000;

/** Never rejects, and leaves no process behind. */
export async function startOnce(
  start: Start,
  user: CommandUser,
  limits: HarvestLimits,
  signal: AbortSignal,
  onStart: (pid: number) => void,
): Promise<Started> {
  const sandbox = startSandbox(start, user, { ...limits, timeMaxMs: limits.runMs });
  if (sandbox.pid !== undefined) onStart(sandbox.pid);
  const stderr = keepTail(64 * 1024);
  sandbox.stderr.on("data", stderr.add);
  const link = linkTo(sandbox.stdin, sandbox.stdout, Date.now() + limits.runMs);
  let end: SandboxEnd | null = null;
  void sandbox.over.then((how) => {
    end = how;
    const gone = () => link.close({ code: "command_exited", message: "It is gone.", sent: true });
    if (how.kind === "exited") setTimeout(gone, lastWordsMs);
    else gone();
  });
  const cancel = () => void sandbox.end();
  signal.addEventListener("abort", cancel);
  if (signal.aborted) cancel();

  const answer = await introduce(link, limits.firstAnswerMs);
  // Only now, because it looks at the interfaces once more and counts who is left.
  const isolation = await sandbox.end();
  signal.removeEventListener("abort", cancel);
  if (answer.ok) return { ok: true, inspection: answer, isolation };
  const complaint = clean(`${link.noise()}\n${stderr.text()}`);
  return { ok: false, ...troubleOf(answer, end, link, signal, complaint), complaint, isolation };
}

async function introduce(link: ProgramLink, firstAnswerMs: number): Promise<InspectAnswer> {
  const legacy = await inspectLegacy(link, legacyVersion, firstAnswerMs);
  if (legacy.ok || legacy.code !== "upstream_failed" || !link.hasSpoken()) return legacy;
  // It answers, but not to that: it may know only the newer way.
  const modern = await discover(link, discoverMs);
  return modern.ok ? listTools(link, modern) : legacy;
}

function troubleOf(
  failure: InspectFailure,
  end: SandboxEnd | null,
  link: ProgramLink,
  signal: AbortSignal,
  complaint: string,
): { code: HarvestTrouble; message: string } {
  if (signal.aborted) return { code: "cancelled", message: "It was called off." };
  if (end?.kind === "not_isolated") {
    const why = end.message === "" ? "" : ` (${clean(end.message)})`;
    const said = `This machine cannot cut a program off from the network${why}, so it was not started.`;
    return { code: "isolation_unavailable", message: said };
  }
  if (end?.kind === "out_of_memory") return { code: "out_of_memory", message: "It used more memory than it may." };
  if (link.isTooMuch()) return { code: "too_much_output", message: "It wrote more than anyone reads." };
  if (end?.kind === "exited")
    return { code: "exited", message: `It ended with code ${end.code}.${lastWords(complaint)}` };
  if (failure.code === "too_many_tools") return { code: "too_many_tools", message: failure.message };
  if (failure.code === "upstream_timed_out" || end?.kind === "timed_out") {
    if (link.hasSpoken()) return { code: "timed_out", message: "It answered, but did not list its tools in time." };
    return { code: "did_not_answer", message: `It runs, but never answered.${lastWords(complaint)}` };
  }
  if (failure.code === "upstream_not_mcp") return { code: "not_mcp", message: "What it answers is not MCP." };
  return { code: "failed", message: failure.message };
}

const lastWordsMax = 300;

/** The last whole lines of what it wrote, without colours. */
function lastWords(complaint: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are exactly what goes
  const plain = complaint.replace(/\u001b\[[0-9;]*[A-Za-z]/g, "").trim();
  if (plain === "") return "";
  const cut = plain.slice(-lastWordsMax);
  const whole = plain.length > lastWordsMax && cut.includes("\n") ? cut.slice(cut.indexOf("\n") + 1) : cut;
  return ` It said last:\n${whole}`;
}
