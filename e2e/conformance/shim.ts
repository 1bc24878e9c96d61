// The suite cannot send a token. This stands between it and the gateway, adds one, and changes nothing else.
import http from "node:http";
import type { AddressInfo } from "node:net";

export type Shim = { url: string; close(): void };

/** Listens on a free port of `localhost`, the name that the suite's check of Host and Origin expects. */
export async function openShim(gatewayUrl: string, token: string): Promise<Shim> {
  const target = new URL(gatewayUrl);
  const server = http.createServer((request, response) => {
    const upstream = http.request(
      {
        host: target.hostname,
        port: target.port,
        path: target.pathname,
        method: request.method,
        headers: { ...request.headers, authorization: `Bearer ${token}` },
      },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        response.flushHeaders();
        answer.pipe(response);
        answer.on("error", () => response.destroy());
      },
    );
    response.on("close", () => upstream.destroy());
    upstream.on("error", () => response.destroy());
    request.pipe(upstream);
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/mcp`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
