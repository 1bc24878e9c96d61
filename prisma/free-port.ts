import { randomInt } from "node:crypto";
import { once } from "node:events";
import net from "node:net";

// Below the ports that Linux, macOS and Windows give to outgoing connections: one of those can be taken by the next connection
// of any process between being found free and being listened on. Above the well-known ones of databases and web servers.
const first = 12_000;
const last = 32_000;
const triesMax = 100;

/**
 * A loopback port that nobody listens on now, drawn at random so that two who look at the same time find two.
 *
 * @param inARow How many after it are to be free besides, itself counted.
 */
export async function freePort(inARow = 1): Promise<number> {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const port = randomInt(first, last);
    const free = await Promise.all(Array.from({ length: inARow }, (_, n) => isFree(port + n)));
    if (free.every(Boolean)) return port;
  }
  throw new Error(`no port between ${first} and ${last} is free`);
}

async function isFree(port: number): Promise<boolean> {
  const server = net.createServer();
  try {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    server.close();
    await once(server, "close");
    return true;
  } catch {
    return false; // somebody's
  }
}
