// Whose tasks are whose. A server answers a call with a task id, and whoever has the id has the answer: so an id is good only for
// the grant whose call it came from, as long as that may still use the tool. All others are answered as ids that never were.
import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { applied, elementsOf, objectAt, onlyMember, signsOf, skipSpace } from "./json-walk.ts";
import type { Log } from "./log.ts";
import type { ExchangeRequest } from "./upstream/upstream.ts";

export type Task = { serverId: string; taskId: string; grantId: string; tool: string; at: number };

export type Tasks = {
  /** The first grant that was given an id keeps it. */
  note(task: Task): void;
  find(serverId: string, taskId: string): Task | null;
};

/** Of one server, so that one that makes up tasks costs no other its own. */
const tasksMax = 5_000;
const keptMs = 7 * 24 * 60 * 60 * 1_000;
const taskIdLengthMax = 256;

export type TasksOptions = {
  /** Where tasks are written down, so that they outlive this process; null to keep them in memory only. */
  file: string | null;
  /** Such files of others that are not there any more: they are taken over, and removed. */
  leftOver?: readonly string[];
  now(): number;
  log: Log;
};

export function openTasks({ file, leftOver = [], now, log }: TasksOptions): Tasks {
  /** By server and by id. */
  const servers = new Map<string, Map<string, Task>>();
  const find = (serverId: string, taskId: string) => servers.get(serverId)?.get(taskId) ?? null;

  function keep(task: Task): void {
    const tasks = servers.get(task.serverId) ?? new Map<string, Task>();
    servers.set(task.serverId, tasks);
    for (const oldest of tasks.keys()) {
      if (tasks.size < tasksMax) break;
      tasks.delete(oldest);
    }
    tasks.set(task.taskId, task);
  }

  if (file !== null) {
    for (const task of [file, ...leftOver].flatMap(readTasks)) {
      if (task.at > now() - keptMs && !find(task.serverId, task.taskId)) keep(task);
    }
    try {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      writeFileSync(`${file}.new`, [...servers.values()].flatMap((tasks) => [...tasks.values()].map(lineOf)).join(""), {
        mode: 0o600,
      });
      renameSync(`${file}.new`, file);
      for (const other of leftOver) rmSync(other, { force: true });
    } catch (cause) {
      log.warn({ cause: String(cause) }, "the file of tasks cannot be written");
    }
  }

  return {
    note(task) {
      if (task.taskId.length > taskIdLengthMax || find(task.serverId, task.taskId)) return;
      keep(task);
      if (file === null) return;
      try {
        // Few, short and before the client hears of the id: a file that cannot take it costs the task its next restart only.
        appendFileSync(file, lineOf(task), { mode: 0o600 });
      } catch (cause) {
        log.warn({ cause: String(cause) }, "a task cannot be written down; it will be unknown after a restart");
      }
    },
    find,
  };
}

const lineOf = (task: Task) => `${JSON.stringify(task)}\n`;

function readTasks(file: string): Task[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return [];
  }
  return text.split("\n").flatMap((line) => {
    try {
      const task: unknown = JSON.parse(line);
      return typeof task === "object" && task !== null && "taskId" in task ? [task as Task] : [];
    } catch {
      return []; // cut off in the middle
    }
  });
}

/** Whether a text may hold a task's id. */
export const mayHoldTask = signsOf("taskId");

/** The id of the task that an answer to a call is; null when it is none. `text` is sound JSON. @throws Ambiguous */
export function taskIn(text: string): string | null {
  const result = objectAt(text, skipSpace(text, 0), "result");
  if (result === null) return null;
  const legacy = objectAt(text, result, "task");
  const id = onlyMember(text, legacy ?? result, "taskId");
  const value: unknown = id && JSON.parse(text.slice(id.from, id.to));
  return typeof value === "string" ? value : null;
}

/** The id of the task that a notification is about. `text` is sound JSON. @throws Ambiguous */
export function taskOfNotice(text: string): string | null {
  const params = objectAt(text, skipSpace(text, 0), "params");
  const id = params === null ? null : onlyMember(text, params, "taskId");
  const value: unknown = id && JSON.parse(text.slice(id.from, id.to));
  return typeof value === "string" ? value : null;
}

/** Stands for every task that the caller does not have. */
const nobodysTask = "no-such-task";

/**
 * The request with the id of a task that nobody has in the place of its own: the server's answer to it is the answer to ids of
 * others, ids that never were and those whose tool is not allowed any more, and says of none which of them it is.
 */
export function askingForNobodys(request: ExchangeRequest): ExchangeRequest {
  const text = request.body?.toString("utf8") ?? "";
  const params = objectAt(text, skipSpace(text, 0), "params");
  const id = params === null ? null : onlyMember(text, params, "taskId");
  if (id === null) return request;
  const isNamed = request.headers["mcp-name"] !== undefined;
  return {
    ...request,
    headers: isNamed ? { ...request.headers, "mcp-name": nobodysTask } : request.headers,
    body: Buffer.from(applied(text, [{ ...id, put: JSON.stringify(nobodysTask) }])),
  };
}

/** A list of tasks without those of others. `text` is sound JSON. @throws Ambiguous */
export function withoutForeignTasks(text: string, isOurs: (taskId: string) => boolean): string {
  const result = objectAt(text, skipSpace(text, 0), "result");
  const list = result === null ? null : onlyMember(text, result, "tasks");
  if (list === null || text[list.from] !== "[") return text;
  const elements = elementsOf(text, list.from);
  const kept = elements.filter(({ from }) => {
    const id = text[from] === "{" ? onlyMember(text, from, "taskId") : null;
    const value: unknown = id && JSON.parse(text.slice(id.from, id.to));
    return typeof value === "string" && isOurs(value);
  });
  if (kept.length === elements.length) return text;
  const put = kept.map(({ from, to }) => text.slice(from, to)).join(",");
  return applied(text, [{ from: list.from + 1, to: list.to - 1, put }]);
}
