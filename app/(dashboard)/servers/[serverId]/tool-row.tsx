"use client";
import { useId, useState } from "react";
import type { ToolAnswer } from "@/app/api/v1/schemas.ts";
import { RiskBadge, severityLabel } from "@/components/risk-badge.tsx";
import { Badge } from "@/components/ui/badge.tsx";
import { CodeBlock } from "@/components/ui/code-block.tsx";
import { CopyButton } from "@/components/ui/copy-button.tsx";
import { DisclosureButton } from "@/components/ui/disclosure.tsx";
import { CategoryControl, OwnCategoryBadge } from "./category-control.tsx";
import { Evidence } from "./evidence.tsx";

const states = {
  changed: { label: "changed", title: "The server now serves another definition than the one on record" },
  gone: { label: "gone", title: "The server stopped listing this tool" },
} as const;

/** One tool; opened, it shows what its category rests on and its definition. */
export function ToolRow({ serverId, tool }: { serverId: string; tool: ToolAnswer }) {
  const [open, setOpen] = useState(false);
  const detailsId = useId();
  return (
    <li className="[contain-intrinsic-size:auto_3.5rem] [content-visibility:auto]">
      <div className="relative grid gap-x-4 gap-y-1 px-3 py-2.5 hover:bg-raised/50 sm:grid-cols-[minmax(0,1fr)_auto] sm:items-center">
        <div className="min-w-0">
          <DisclosureButton
            open={open}
            aria-controls={detailsId}
            onClick={() => setOpen(!open)}
            className="max-w-full after:absolute after:inset-0"
          >
            <span className="truncate font-medium font-mono text-[0.8125rem] text-ink">{tool.name}</span>
          </DisclosureButton>
          <p className={`ml-5 text-ink-muted text-xs ${open ? "" : "truncate"}`}>
            {tool.description ?? "No description"}
          </p>
        </div>
        <div className="ml-5 flex flex-wrap items-center gap-1 sm:ml-0">
          <OwnCategoryBadge tool={tool} />
          {tool.state !== "accepted" && (
            <Badge tone="warn" title={states[tool.state].title}>
              {states[tool.state].label}
            </Badge>
          )}
          <span aria-hidden="true" className="mr-1 hidden text-ink-muted text-xs sm:inline">
            {severityLabel[tool.severity]}
          </span>
          <RiskBadge category={tool.category} severity={tool.severity} />
        </div>
      </div>
      {open && (
        <div id={detailsId} className="grid gap-5 border-t bg-canvas px-4 py-4 sm:px-8">
          <Evidence tool={tool} />
          <CategoryControl serverId={serverId} tool={tool} />
          <div className="grid gap-1.5">
            <h2 className="font-medium text-sm">Arguments</h2>
            <Arguments schema={tool.inputSchema} />
          </div>
          <div className="grid gap-1">
            <h2 className="font-medium text-sm">Definition hash</h2>
            <p className="flex items-center gap-1 text-ink-muted text-xs">
              <code className="min-w-0 break-all font-mono">{tool.definitionHash}</code>
              <CopyButton text={tool.definitionHash} label="Copy the hash" iconOnly />
            </p>
          </div>
        </div>
      )}
    </li>
  );
}

type Property = { name: string; type: string; required: boolean; description: string | null };

function Arguments({ schema }: { schema: unknown }) {
  const [raw, setRaw] = useState(false);
  const properties = propertiesOf(schema);
  return (
    <>
      {properties.length === 0 ? (
        <p className="text-ink-muted text-sm">The definition declares no arguments.</p>
      ) : (
        <dl className="grid gap-x-4 gap-y-1.5 text-sm sm:grid-cols-[minmax(8rem,auto)_minmax(0,1fr)]">
          {properties.map((property) => (
            <div key={property.name} className="contents">
              <dt className="font-mono text-[0.8125rem] text-ink">
                {property.name}
                {property.required && (
                  <span className="text-danger" title="required">
                    *<span className="sr-only"> required</span>
                  </span>
                )}
              </dt>
              <dd className="mb-1 text-ink-muted text-xs sm:mb-0">
                <span className="font-mono">{property.type}</span>
                {property.description && <> · {property.description}</>}
              </dd>
            </div>
          ))}
        </dl>
      )}
      {schema !== undefined && (
        <div className="mt-1 grid gap-2">
          <DisclosureButton
            open={raw}
            onClick={() => setRaw(!raw)}
            className="w-fit text-ink-muted text-xs hover:text-ink"
          >
            Input schema
          </DisclosureButton>
          {raw && <CodeBlock text={JSON.stringify(schema, null, 2)} label="inputSchema" />}
        </div>
      )}
    </>
  );
}

/** The top level of a JSON Schema, as far as it can be read. */
function propertiesOf(schema: unknown): Property[] {
  if (!isRecord(schema) || !isRecord(schema.properties)) return [];
  const required = Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(schema.properties).map(([name, value]) => ({
    name,
    type: typeWords(value),
    required: required.includes(name),
    description: isRecord(value) && typeof value.description === "string" ? value.description : null,
  }));
}

function typeWords(schema: unknown): string {
  if (!isRecord(schema)) return "any";
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (Array.isArray(schema.type)) return schema.type.join(" | ");
  if (schema.type === "array") return `${typeWords(schema.items)}[]`;
  return typeof schema.type === "string" ? schema.type : "any";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
