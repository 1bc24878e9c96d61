// The web process: Next.js behind an HTTP server of our own, which answers only to our own names, says `ready` to whoever
// started it, and ends cleanly on SIGTERM or when the starter is gone.
import http from "node:http";
import path from "node:path";
import next from "next";
import { withPageStatus } from "./app/_server/page-status.ts";
import { isEverybodys } from "./app/_server/pages.ts";
import { report } from "./app/_server/report.ts";
import { receiveSecrets } from "./prisma/handed-secrets.ts";
import { isAllowedHost, readSettings } from "./settings.ts";

const stopGraceMs = 1_500;

await receiveSecrets();
const settings = readSettings(process.env);
const dev = process.argv.includes("--dev");
// From dist/ as from the root itself: the project is where the start was.
const app = next({ dev, dir: path.resolve("."), hostname: settings.bind, port: settings.webPort });
await app.prepare();
const handle = app.getRequestHandler();
ignoreHangUps();

const server = http.createServer((request, response) => {
  // A page on another site may have made its own name resolve to this machine (DNS rebinding): for a browser we would then be that
  // site. Asked for by a name that is not ours, we are not there.
  if (!isAllowedHost(settings, request.headers.host)) {
    response.writeHead(403, { "content-type": "text/plain; charset=utf-8" });
    response.end("This address is not served here. See ALLOWED_HOSTS in the README.\n");
    return;
  }
  if (!isWellFormed(request.url ?? "/")) {
    response.writeHead(400, { "content-type": "text/plain; charset=utf-8" });
    response.end("This address is not written as addresses are.\n");
    return;
  }
  keepNoFault(response);
  if (isEverybodys(request.method ?? "", pathOf(request.url))) sendInOnePiece(response);
  // The attempts to sign in are counted by address. What a client says of its own is believed only where a proxy of the operator's
  // writes this header.
  if (process.env.TRUST_PROXY !== "1") request.headers["x-forwarded-for"] = request.socket.remoteAddress;
  withPageStatus((status) => {
    const writeHead = response.writeHead.bind(response) as (code: number, ...rest: unknown[]) => http.ServerResponse;
    response.writeHead = (code: number, ...rest: unknown[]) =>
      writeHead(code === 200 ? (status() ?? code) : code, ...rest);
    void handle(request, response);
  });
});

server.on("upgrade", (request, socket, head) => {
  if (!dev || !isAllowedHost(settings, request.headers.host)) socket.destroy();
  else void app.getUpgradeHandler()(request, socket, head);
});

server.on("error", (error) => {
  report("the web cannot listen", error);
  process.exit(1);
});

server.listen(settings.webPort, settings.bind, () => process.send?.("ready"));

let stopping = false;
function stop(): void {
  if (stopping) return;
  stopping = true;
  server.close(() => process.exit(0));
  server.closeIdleConnections();
  // Open event streams never end by themselves.
  setTimeout(() => process.exit(0), stopGraceMs).unref();
}
process.on("SIGTERM", stop);
process.on("SIGINT", stop);
process.on("disconnect", stop);

function pathOf(url = "/"): string {
  return url.split("?", 1)[0] ?? "/";
}

/** Next would call an address that cannot be decoded, like `/%ff`, a fault of its own. */
function isWellFormed(url: string): boolean {
  try {
    decodeURIComponent(pathOf(url));
    return true;
  } catch {
    return false;
  }
}

/** Whether a page may be kept is decided before it is made. When that goes wrong, no cache in front must repeat it. */
function keepNoFault(response: http.ServerResponse): void {
  const writeHead = response.writeHead.bind(response) as (...args: unknown[]) => http.ServerResponse;
  response.writeHead = (...args: unknown[]) => {
    if (Number(args[0]) >= 500) response.setHeader("cache-control", "no-store");
    return writeHead(...args);
  };
}

/** A page that comes in one piece is laid out once. React would send it in several, a moment apart; nothing in it waits for anything slow. */
function sendInOnePiece(response: http.ServerResponse): void {
  const pieces: Buffer[] = [];
  const keep = (piece: unknown, ...rest: unknown[]) => {
    const encoding = typeof rest[0] === "string" ? (rest[0] as BufferEncoding) : "utf8";
    if (typeof piece === "string") pieces.push(Buffer.from(piece, encoding));
    else if (piece instanceof Uint8Array) pieces.push(Buffer.from(piece));
    return [piece, ...rest].find((one) => typeof one === "function") as (() => void) | undefined;
  };
  const end = response.end.bind(response);
  response.write = (...given: [unknown, ...unknown[]]) => {
    keep(...given)?.();
    return true;
  };
  response.end = (...given: unknown[]) => end(Buffer.concat(pieces), keep(given[0], ...given.slice(1)));
}

/**
 * Next takes a client that hangs up in the middle of its request for an uncaught exception and prints a stack each time.
 * Everything else that nobody caught goes to the log; the process goes on, as it does under `next start`.
 */
function ignoreHangUps(): void {
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", (error: NodeJS.ErrnoException) => {
    if (error.code !== "ECONNRESET" || error.message !== "aborted") report("nobody caught this", error);
  });
}
