import type * as z from "zod";
import type { freezeAnswer } from "@/app/api/v1/schemas.ts";
import { Callout } from "@/components/ui/callout.tsx";

/** How long it took until each gateway said that it holds to a change. */
export function InForce({ title, gateways, each }: z.infer<typeof freezeAnswer> & { title: string }) {
  const { live, of, ms } = gateways;
  const where =
    of === 0 ? "No gateway is running." : `In force on ${live} of ${of} gateways after ${Math.round(ms)} ms.`;
  return (
    <Callout tone={live === of ? "ok" : "warn"} role="status" title={title}>
      <p>{where}</p>
      {each.length > 0 && (
        <ul className="mt-1.5 grid gap-0.5 text-xs">
          {each.map((gateway) => (
            <li key={gateway.id} className="flex justify-between gap-3">
              <span>
                Gateway <span className="font-mono">{gateway.id.slice(0, 8)}</span>
              </span>
              <span className="tabular-nums">
                {gateway.ms === null ? "has not acknowledged it yet" : `${Math.round(gateway.ms)} ms`}
              </span>
            </li>
          ))}
        </ul>
      )}
      {live < of && (
        <p className="mt-1.5">A gateway that does not hear of it stops answering within ten seconds by itself.</p>
      )}
    </Callout>
  );
}
