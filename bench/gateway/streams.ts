// Streams that only listen, as many as are asked for.
import { connect, type Socket } from "node:net";

/** Opens `count` event streams, some hundred at a time. @throws Error when one is not answered with 200. */
export async function holdStreams(url: string, token: string, count: number): Promise<{ close(): void }> {
  const { hostname, port, pathname, host } = new URL(url);
  const head = `GET ${pathname} HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${token}\r\naccept: text/event-stream\r\n\r\n`;
  const sockets: Socket[] = [];
  while (sockets.length < count) {
    const size = Math.min(200, count - sockets.length);
    sockets.push(...(await Promise.all(Array.from({ length: size }, () => open(Number(port), hostname, head)))));
  }
  return { close: () => sockets.forEach((socket) => void socket.destroy()) };
}

function open(port: number, hostname: string, head: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, hostname, () => socket.write(head));
    socket.once("error", reject);
    socket.once("data", (data) => {
      const text = data.toString("latin1");
      if (text.startsWith("HTTP/1.1 200")) resolve(socket);
      else reject(new Error(`a stream was answered ${text.slice(0, 200)}`));
      socket.resume();
    });
  });
}
