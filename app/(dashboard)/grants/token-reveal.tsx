"use client";
import type * as z from "zod";
import type { grantCreated } from "@/app/api/v1/schemas.ts";
import { Callout } from "@/components/ui/callout.tsx";
import { CodeBlock } from "@/components/ui/code-block.tsx";
import { CopyButton } from "@/components/ui/copy-button.tsx";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs.tsx";

export type GrantCreated = z.infer<typeof grantCreated>;

/** The token, shown this once, and how to enter it into each client. */
export function TokenReveal({ created }: { created: GrantCreated }) {
  const [first] = created.clientConfigs;
  return (
    <div className="grid gap-4 pb-2">
      <Callout tone="warn" title="This token is shown once">
        Whoever has it can make the calls its policy allows. Keep it out of repositories and chats.
      </Callout>
      <dl className="grid gap-2">
        <Row term="Token" text={created.token} copyLabel="Copy token" />
        <Row term="Gateway URL" text={created.gatewayUrl} copyLabel="Copy URL" />
      </dl>
      {first && (
        <div className="min-w-0">
          <h3 className="mb-1 font-medium text-sm">Add it to your client</h3>
          <Tabs defaultValue={first.client}>
            <TabsList aria-label="Client" className="mb-3">
              {created.clientConfigs.map((config) => (
                <TabsTrigger key={config.client} value={config.client}>
                  {config.title}
                </TabsTrigger>
              ))}
            </TabsList>
            {created.clientConfigs.map((config) => (
              <TabsContent key={config.client} value={config.client}>
                <CodeBlock
                  text={config.text}
                  label={config.place}
                  copyLabel={config.language === "shell" ? "Copy command" : "Copy configuration"}
                  wrap={config.language === "shell"}
                />
              </TabsContent>
            ))}
          </Tabs>
        </div>
      )}
    </div>
  );
}

function Row({ term, text, copyLabel }: { term: string; text: string; copyLabel: string }) {
  return (
    <div className="flex flex-wrap items-center gap-x-3 rounded-md border bg-canvas py-1 pr-1.5 pl-3">
      <dt className="w-24 shrink-0 font-medium text-sm">{term}</dt>
      <dd className="flex min-w-0 flex-1 basis-60 items-center gap-2">
        <code className="min-w-0 flex-1 break-all font-mono text-xs">{text}</code>
        <CopyButton text={text} label={copyLabel} variant="ghost" />
      </dd>
    </div>
  );
}
