// The management API as an outside script uses it: plain HTTP, nothing of the product imported.
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

export type ApiResponse = {
  status: number;
  body: Record<string, unknown> & { [key: string]: unknown };
  headers: Headers;
};

/** Sends one request to the management API. The answer's body is parsed JSON, `{}` when there is none. */
export async function api(
  web: string,
  apiKey: string | null,
  method: string,
  path: string,
  body?: unknown,
): Promise<ApiResponse> {
  const response = await fetch(`${web}/api/v1${path}`, {
    method,
    headers: {
      ...(apiKey ? { authorization: `Bearer ${apiKey}` } : {}),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, body: text ? JSON.parse(text) : {}, headers: response.headers };
}

/** Like `api`, but anything except the expected status is an error that shows what came back. */
export async function must<T>(
  expected: number,
  web: string,
  apiKey: string | null,
  method: string,
  path: string,
  body?: unknown,
): Promise<T> {
  const answer = await api(web, apiKey, method, path, body);
  if (answer.status !== expected) {
    throw new Error(`${method} ${path} answered ${answer.status}, not ${expected}: ${JSON.stringify(answer.body)}`);
  }
  return answer.body as T;
}

export type Account = { apiKey: string; email: string; password: string; organisationId: string };

export async function signUp(web: string, email = `ada-${randomUUID()}@example.com`): Promise<Account> {
  const password = "correct horse battery staple";
  const answer = await must<{ apiKey: string; organisation: { id: string } }>(201, web, null, "POST", "/signup", {
    email,
    password,
  });
  return { apiKey: answer.apiKey, email, password, organisationId: answer.organisation.id };
}

export type RegisteredServer = {
  id: string;
  gatewayUrl: string;
  status: string;
  tools: { name: string; category: string; severity: string; definitionHash: string; description: string | null }[];
};

/** Registers our tmux-claude as a command. Calls that really reach it are written to `recordFile`, a JSON line each. */
export function registerTmuxClaude(
  web: string,
  apiKey: string,
  recordFile: string,
  extraArgs: string[] = [],
): Promise<RegisteredServer> {
  return must<RegisteredServer>(201, web, apiKey, "POST", "/servers", {
    name: "tmux-claude",
    transport: "stdio",
    command: process.execPath,
    args: ["--import", import.meta.resolve("tsx"), tmuxClaudePath, `--record=${recordFile}`, ...extraArgs],
  });
}

export const tmuxClaudePath = fileURLToPath(new URL("../servers/tmux-claude.ts", import.meta.url));

export async function addPolicy(web: string, apiKey: string, serverId: string, document: unknown): Promise<string> {
  const { id } = await must<{ id: string }>(201, web, apiKey, "POST", `/servers/${serverId}/policies`, {
    name: "policy",
    document,
  });
  return id;
}

export type Granted = {
  id: string;
  token: string;
  gatewayUrl: string;
  clientConfigs: { client: string; text: string }[];
};

export function addGrant(web: string, apiKey: string, serverId: string, policyId?: string): Promise<Granted> {
  return must<Granted>(201, web, apiKey, "POST", `/servers/${serverId}/grants`, { label: "ci", policyId });
}

/** The calls that really arrived at a recording server. */
export async function arrivedCalls(
  recordFile: string,
): Promise<{ name: string; arguments: Record<string, unknown> }[]> {
  const text = await readFile(recordFile, "utf8").catch(() => "");
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

/** The policy of the page this product was asked for, as pasted by a reader. */
export const seedPolicy = `{
  "version": "1",
  "default": "deny",
  "tools": {
    "vm_create_image": {
      "limits": [
        {
          "counter": "vm_create_image_rate",
          "window": "minute",
          "max": 10,
          "scope": "grant"
        }
      ]
    }
  }
}`;
