import { describe, expect, it } from "vitest";
import { crimesOf } from "./law.ts";

const arrival = (body: string | Buffer, headers: [string, string][] = []) => ({
  line: "POST /mcp HTTP/1.1",
  headers,
  body: Buffer.from(body as string),
  faults: [],
});
const call = (params: string) => `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`;

// A judge that finds nothing proves nothing: what it must find is written here.
describe("the judge of what arrived", () => {
  it.each([
    call('{"name":"drop"}'),
    call('{"name":"secret","arguments":{}}'),
    call('{"name":"echo","name":"drop"}'),
    call('{"name":"drop","name":"echo"}'),
    call('{"name":"echo","NAME":"drop"}'),
    call('{"name":"echo","n\\u0061me":"drop"}'),
    call('{"name":"echo","name\\u0000":"drop"}'),
    call('{"name":"echo","name\\u0000x":"drop"}'),
    call('{"name":"echo","ｎame":"drop"}'),
    call('{"name":"pay","arguments":{"to":"alice","amount":101}}'),
    call('{"name":"pay","arguments":{"to":"alice","amount":100.00000000000000000001}}'),
    call('{"name":"pay","arguments":{"to":"alice","amount":"1"}}'),
    call('{"name":"pay","arguments":{"to":"alice","amount":1,"Amount":1e9}}'),
    call('{"name":"pay","arguments":{"to":"mallory","amount":1}}'),
    call('{"name":"pay","arguments":{"to":"alice","amount":1},"Arguments":{"to":"mallory","amount":1}}'),
    call('{"name":"read","arguments":{"path":"/etc/passwd"}}'),
    call('{"name":"read","arguments":{"path":"/ok/\\u002e./x"}}'),
    `[${call('{"name":"drop"}')}]`,
    `{"jsonrpc":"2.0","id":1,"method":"ping","Method":"tools/call","params":{"name":"drop"}}`,
    `{"jsonrpc":"2.0","id":1,"method":"admin/everything"}`,
    `${call('{"name":"echo"}')}garbage`,
    `\ufeff${call('{"name":"echo"}')}`,
    Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
  ])("condemns %s", (body) => {
    expect(crimesOf(arrival(body))).not.toEqual([]);
  });

  it.each([
    [["authorization", "Bearer plg_x"]],
    [["cookie", "a=b"]],
    [["Mcp-Name", "drop"]],
    [["x-forwarded-for", "1"]],
    [["content-type", "application/json; charset=utf-16le"]],
  ] as [string, string][][])("condemns the header %j", (header) => {
    expect(crimesOf(arrival(call('{"name":"echo"}'), [header]))).not.toEqual([]);
  });

  it.each([
    call('{"name":"echo","arguments":{"name":"drop","method":"tools/call"}}'),
    call('{"name":"pay","arguments":{"to":"bob","amount":100.0}}'),
    call('{"name":"pay","arguments":{"to":"bob","amount":1.0E2}}'),
    call('{"name":"pay","arguments":{"to":"bob","amount":-5}}'),
    call('{"name":"read","arguments":{"path":"/ok/file"}}'),
    '{"jsonrpc":"2.0","id":1,"result":{"method":"tools/call","name":"drop"}}',
    '{"jsonrpc":"2.0","method":"notifications/initialized"}',
  ])("acquits %s", (body) => {
    expect(crimesOf(arrival(body))).toEqual([]);
  });
});
