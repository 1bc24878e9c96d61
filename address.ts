// Which of other people's addresses may be dialled: upstreams by the gateway, webhooks by the web. Asked at every connect, so a
// name that later resolves elsewhere is caught as well.
import { type LookupAddress, lookup } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import ipaddr from "ipaddr.js";

/** Why a connect was not tried: the address is not one that may be dialled. */
export class AddressRefused extends Error {
  readonly code = "ADDRESS_REFUSED";
}

export type UpstreamTarget = { ok: true; origin: string; path: string } | { ok: false; message: string };

/**
 * Reads the URL of an HTTP upstream. A host that is an address already is vetted here, because connecting to one asks no
 * resolver; a name is vetted by `vettedLookup` each time it is resolved.
 */
export function readUpstreamUrl(text: string, allowPrivate: boolean): UpstreamTarget {
  if (!URL.canParse(text)) return { ok: false, message: "The server's URL cannot be read." };
  const url = new URL(text);
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    return { ok: false, message: "The server's URL must start with https:// or http://." };
  }
  if (url.username || url.password) {
    return { ok: false, message: "The server's URL must not hold a user name or password; use a header." };
  }
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (isIP(host) && !allowPrivate && !isPublicAddress(host)) return { ok: false, message: refusal(url.hostname) };
  return { ok: true, origin: url.origin, path: url.pathname + url.search };
}

/** Whether an address is on the public internet: unicast, and in no range set aside for anything else. */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  // An IPv4-mapped IPv6 address reaches the IPv4 one, so that is the one to judge.
  const parsed = ipaddr.process(address);
  if (parsed.range() !== "unicast") return false;
  return parsed.kind() === "ipv4" || parsed.match(ipaddr.parseCIDR("2000::/3"));
}

type Resolve = (
  host: string,
  options: { all: true; family?: number; hints?: number },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * A `lookup` for `net.connect` that answers with vetted addresses only, so what was checked is what is dialled. Refuses with
 * `AddressRefused` when none is left.
 */
export function vettedLookup(allowPrivate: boolean, resolve: Resolve = lookup): LookupFunction {
  return (host, options, done) => {
    const family = options.family === "IPv4" ? 4 : options.family === "IPv6" ? 6 : options.family;
    resolve(host, { all: true, family, hints: options.hints }, (error, addresses) => {
      if (error) return done(error, []);
      const vetted = allowPrivate ? addresses : addresses.filter(({ address }) => isPublicAddress(address));
      const first = vetted[0];
      if (!first) return done(new AddressRefused(refusal(host)), []);
      if (options.all) done(null, vetted);
      else done(null, first.address, first.family);
    });
  };
}

function refusal(host: string): string {
  return `\`${host}\` is not on the public internet, and no connection is made to private addresses.`;
}
