"use client";
import { Download } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button.tsx";
import { Card, CardBody, CardHeader } from "@/components/ui/card.tsx";
import { Field } from "@/components/ui/field.tsx";
import { Input } from "@/components/ui/input.tsx";

/** Days as the person's own clock has them; both ends are whole days. */
export function ExportCard() {
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const isBackwards = from !== "" && to !== "" && from > to;
  const query = new URLSearchParams();
  if (from) query.set("from", new Date(`${from}T00:00:00`).toISOString());
  if (to) query.set("to", new Date(`${to}T23:59:59.999`).toISOString());
  const href = `/api/v1/evidence/export${query.size > 0 ? `?${query}` : ""}`;
  return (
    <Card>
      <CardHeader
        title="Export"
        description="JSON lines: the records and the signed links that hold them. Whole links are exported, so some records from before and after come along. Calls that are no longer kept leave their hashes."
      />
      <CardBody>
        <div className="flex flex-wrap items-start gap-3">
          <Field label="From" optional className="w-44">
            {(control) => (
              <Input {...control} type="date" value={from} onChange={(event) => setFrom(event.target.value)} />
            )}
          </Field>
          <Field label="To" optional className="w-44" error={isBackwards ? "The last day is before the first." : null}>
            {(control) => <Input {...control} type="date" value={to} onChange={(event) => setTo(event.target.value)} />}
          </Field>
          {isBackwards ? (
            <Button disabled className="mt-6.5">
              <Download aria-hidden="true" />
              Export
            </Button>
          ) : (
            <Button asChild className="mt-6.5">
              <a href={href} download>
                <Download aria-hidden="true" />
                Export
              </a>
            </Button>
          )}
        </div>
      </CardBody>
    </Card>
  );
}
