// The floor: what any proxy of this platform pays. node:http in, undici's dispatch with a handler of its own out, nothing looked at.
import { createServer, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Dispatcher, Pool } from "undici";

const target = new URL(process.argv[2] ?? "");
const pool = new Pool(target.origin, { connections: 64, keepAliveTimeout: 60_000 });

class Relay implements Dispatcher.DispatchHandler {
  private readonly response: ServerResponse;

  constructor(response: ServerResponse) {
    this.response = response;
  }

  onRequestStart(): void {}

  onResponseStart(_controller: unknown, status: number, headers: Record<string, string | string[] | undefined>): void {
    const shown: OutgoingHttpHeaders = {};
    for (const name of ["content-type", "content-length"]) if (headers[name] !== undefined) shown[name] = headers[name];
    this.response.writeHead(status, shown);
  }

  onResponseData(_controller: unknown, chunk: Buffer): void {
    this.response.write(chunk);
  }

  onResponseEnd(): void {
    this.response.end();
  }

  onResponseError(): void {
    this.response.destroy();
  }
}

function relay(request: IncomingMessage, response: ServerResponse): void {
  const parts: Buffer[] = [];
  request.on("data", (part: Buffer) => parts.push(part));
  request.on("end", () => {
    const body = parts.length === 1 ? (parts[0] ?? Buffer.alloc(0)) : Buffer.concat(parts);
    const headers = {
      "content-type": request.headers["content-type"] ?? "application/json",
      accept: request.headers.accept ?? "application/json, text/event-stream",
    };
    pool.dispatch({ path: request.url ?? "/", method: "POST", headers, body }, new Relay(response));
  });
}

const server = createServer(relay);
server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on("disconnect", () => process.exit(0));
