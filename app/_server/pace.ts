// How often one address may ask what costs little and tells nothing: counted in memory, by each web process for itself.

const minuteMs = 60_000;
/** Addresses that are kept in mind; the rest of the world has to share what is left. */
const addressesMax = 50_000;

type Bucket = { left: number; at: number };

/** A bucket of requests for each address, which fills up again within a minute. */
export class Pace {
  private readonly buckets = new Map<string, Bucket>();
  private readonly perMinute: number;
  private readonly now: () => number;

  constructor(perMinute: number, now: () => number = Date.now) {
    this.perMinute = perMinute;
    this.now = now;
  }

  /** Whole seconds until the address may ask again; 0 when it may. Takes nothing. */
  waitS(address: string, requests = 1): number {
    const { left } = this.bucketOf(address);
    const missing = Math.min(requests, this.perMinute) - left;
    return missing <= 0 ? 0 : Math.max(1, Math.ceil((missing / this.perMinute) * (minuteMs / 1_000)));
  }

  /** The same, and when it is 0 the requests are counted. */
  take(address: string, requests = 1): number {
    const waitS = this.waitS(address, requests);
    if (waitS > 0) return waitS;
    const bucket = this.bucketOf(address);
    this.buckets.delete(address);
    this.buckets.set(address, { ...bucket, left: bucket.left - requests });
    this.forgetOldest();
    return 0;
  }

  private bucketOf(address: string): Bucket {
    const at = this.now();
    const known = this.buckets.get(address) ?? { left: this.perMinute, at };
    // A clock that went back gives nothing.
    const refilled = known.left + (Math.max(0, at - known.at) / minuteMs) * this.perMinute;
    return { left: Math.min(this.perMinute, refilled), at };
  }

  /** In the order of their last request; whoever has been quiet longest is nearly full again. */
  private forgetOldest(): void {
    if (this.buckets.size <= addressesMax) return;
    const [oldest] = this.buckets.keys();
    if (oldest !== undefined) this.buckets.delete(oldest);
  }
}
