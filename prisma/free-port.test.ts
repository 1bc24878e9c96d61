import net from "node:net";
import { expect, it } from "vitest";
import { freePort } from "./free-port.ts";

it("a free port can be listened on, and is none that an outgoing connection could take", async () => {
  const ports = await Promise.all(Array.from({ length: 50 }, freePort));
  for (const port of ports) {
    expect(port).toBeLessThan(32_768);
    expect(port).toBeGreaterThan(1_024);
  }
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(ports[0], "127.0.0.1", resolve));
  await new Promise((resolve) => server.close(resolve));
});
