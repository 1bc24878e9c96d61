import type { LookupAddress } from "node:dns";
import { describe, expect, it } from "vitest";
import { AddressRefused, isPublicAddress, readUpstreamUrl, vettedLookup } from "./address.ts";

describe("the addresses a hosted gateway dials", () => {
  it.each(["93.184.216.34", "8.8.8.8", "2606:2800:220:1::1", "::ffff:8.8.8.8"])("include %s", (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    ["127.0.0.1", "loopback"],
    ["0.0.0.0", "this host"],
    ["10.1.2.3", "private"],
    ["172.16.0.1", "private"],
    ["192.168.1.1", "private"],
    ["169.254.169.254", "cloud metadata"],
    ["100.64.0.1", "carrier-grade NAT"],
    ["192.0.2.1", "documentation"],
    ["198.18.0.1", "benchmarks"],
    ["224.0.0.1", "multicast"],
    ["255.255.255.255", "broadcast"],
    ["240.0.0.1", "reserved"],
    ["::", "unspecified"],
    ["::1", "loopback"],
    ["::ffff:127.0.0.1", "IPv4-mapped loopback"],
    ["::ffff:a9fe:a9fe", "IPv4-mapped metadata"],
    ["::127.0.0.1", "IPv4-compatible loopback"],
    ["fe80::1", "link-local"],
    ["fec0::1", "site-local"],
    ["fc00::1", "unique local"],
    ["fd00:ec2::254", "cloud metadata"],
    ["64:ff9b::7f00:1", "NAT64 of loopback"],
    ["2002:7f00:1::", "6to4 of loopback"],
    ["2001:db8::1", "documentation"],
    ["4000::1", "outside global unicast"],
    ["not an address", "no address"],
  ])("do not include %s (%s)", (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

describe("the URL of an upstream", () => {
  it("is split into origin and path", () => {
    expect(readUpstreamUrl("https://mcp.example.com:8443/a/b?c=d#e", false)).toEqual({
      ok: true,
      origin: "https://mcp.example.com:8443",
      path: "/a/b?c=d",
    });
  });

  it.each([
    "ftp://example.com/",
    "file:///etc/passwd",
    "https://ada:secret@example.com/mcp",
    "no url",
    "http://127.0.0.1/mcp",
    "http://127.1/mcp",
    "http://2130706433/mcp",
    "http://0x7f000001/mcp",
    "http://0177.0.0.1/mcp",
    "http://[::1]/mcp",
    "http://[::ffff:10.0.0.1]/mcp",
    "http://169.254.169.254/latest/meta-data",
  ])("is refused when it is %s", (url) => {
    const target = readUpstreamUrl(url, false);
    expect(target.ok).toBe(false);
    expect(JSON.stringify(target)).not.toContain("secret");
  });

  it("may be a loopback one where private addresses are allowed", () => {
    expect(readUpstreamUrl("http://127.0.0.1:3001/mcp", true).ok).toBe(true);
  });
});

describe("resolving an upstream's name", () => {
  const resolvesTo =
    (...addresses: string[]) =>
    (_host: string, _options: unknown, done: (error: null, addresses: LookupAddress[]) => void) =>
      done(
        null,
        addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
      );
  const dial = (allowPrivate: boolean, addresses: string[], all: boolean) =>
    new Promise((settle) =>
      vettedLookup(allowPrivate, resolvesTo(...addresses))("mcp.example.com", { all }, (error, found) =>
        settle(error ?? found),
      ),
    );

  it("answers with the public addresses only", async () => {
    expect(await dial(false, ["127.0.0.1", "93.184.216.34"], true)).toEqual([{ address: "93.184.216.34", family: 4 }]);
    expect(await dial(false, ["::1", "93.184.216.34"], false)).toBe("93.184.216.34");
  });

  it("refuses a name that points inside", async () => {
    expect(await dial(false, ["169.254.169.254", "::1"], true)).toBeInstanceOf(AddressRefused);
    expect(await dial(false, [], true)).toBeInstanceOf(AddressRefused);
  });

  it("answers with anything where private addresses are allowed", async () => {
    expect(await dial(true, ["127.0.0.1"], false)).toBe("127.0.0.1");
  });
});
