"use client";
import Link from "next/link";
import { useEffect, useRef } from "react";
import type { CallStory } from "@/app/api/v1/call-schemas.ts";
import { placeOf } from "@/components/policy-editor/place-of.ts";
import { Badge } from "@/components/ui/badge.tsx";
import { Button } from "@/components/ui/button.tsx";
import { Card, CardBody, CardHeader } from "@/components/ui/card.tsx";
import { ColouredJson } from "@/components/ui/coloured-json.tsx";

/** Of the place in the document that decided. */
export const placeId = "deciding-rule";

/** The version that decided, with the rule that decided marked. */
export function PolicyCard({
  story: { call, policy },
  version,
}: {
  story: CallStory;
  version: NonNullable<CallStory["version"]>;
}) {
  const { document } = version;
  const box = useRef<HTMLElement>(null);
  const mark = useRef<HTMLElement>(null);
  const place = call.rule.startsWith("/") ? placeOf(document, call.rule) : null;

  // Inside of its box only: the page stays where it is.
  useEffect(() => {
    if (!box.current || !mark.current) return;
    box.current.scrollTop = Math.max(0, mark.current.offsetTop - box.current.clientHeight / 3);
  }, []);

  return (
    <Card>
      <CardHeader
        title={
          <span className="flex flex-wrap items-center gap-2">
            {policy?.name ?? "A policy that was deleted"}
            <Badge tone="outline" className="tabular-nums">
              version {version.version}
            </Badge>
            {policy && policy.activeVersion !== version.version && (
              <Badge tone="warn" className="tabular-nums">
                now version {policy.activeVersion}
              </Badge>
            )}
          </span>
        }
        description={`Published ${new Date(version.publishedAt).toLocaleString("en-GB", { dateStyle: "long", timeStyle: "short" })}${version.author ? ` by ${version.author}` : ""}${version.note ? `: ${version.note}` : "."}`}
        actions={
          policy && (
            <Button asChild size="sm">
              <Link href={`/policies/${policy.id}?tab=versions`}>All versions</Link>
            </Button>
          )
        }
      />
      <CardBody>
        <section
          ref={box}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
          tabIndex={0}
          aria-label="The document of the version that decided"
          className="relative max-h-96 overflow-auto whitespace-pre rounded-md border bg-canvas p-3 font-mono text-ink text-xs"
        >
          {place === null ? (
            <ColouredJson text={document} />
          ) : (
            <>
              <ColouredJson text={document.slice(0, place.from)} />
              <mark ref={mark} id={placeId} className="rounded-sm bg-warn-soft text-ink outline-1 outline-warn-line">
                <ColouredJson text={document.slice(place.from, place.to)} />
              </mark>
              <ColouredJson text={document.slice(place.to)} />
            </>
          )}
        </section>
      </CardBody>
    </Card>
  );
}
