"use client";
import { useQueryClient } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useId, useState } from "react";
import { fieldError, send, type Trouble } from "@/app/_client/api.ts";
import type { CatalogJobAnswer } from "@/app/api/v1/schemas.ts";
import { readHarvestTarget } from "@/catalog/harvest.ts";
import { Button } from "@/components/ui/button.tsx";
import { Callout } from "@/components/ui/callout.tsx";
import { ChoiceCards } from "@/components/ui/choice-cards.tsx";
import { Field } from "@/components/ui/field.tsx";
import { Input } from "@/components/ui/input.tsx";
import { Textarea } from "@/components/ui/textarea.tsx";
import { toast } from "@/components/ui/toaster.tsx";
import { useUrlState } from "../use-url-state.ts";

type Kind = "server" | "registry" | "list";

const choices = [
  { value: "server", title: "A server", about: "An npm package, or the address of a server that runs somewhere." },
  { value: "registry", title: "A registry", about: "Every server that an MCP registry names, page by page." },
  { value: "list", title: "A registry’s list as a file", about: "A page of /v0/servers that you have as JSON." },
] as const;

const officialRegistry = "https://registry.modelcontextprotocol.io/v0/servers";
/** What the API takes, with room for the request around it. */
const listBytesMax = 1_900_000;

export function NewJobForm({ mayStartCommands }: { mayStartCommands: boolean }) {
  const client = useQueryClient();
  // A page of the catalog leads here with the server to list anew.
  const [wanted] = useUrlState("target");
  const [kind, setKind] = useState<Kind>("server");
  const [server, setServer] = useState(wanted.replace(/^(?:npm|url):/, ""));
  const [registry, setRegistry] = useState(officialRegistry);
  const [list, setList] = useState<{ name: string; text: string }>({ name: "", text: "" });
  const [pending, setPending] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [tried, setTried] = useState(false);

  const body = bodyOf(kind, { server, registry, list });
  const missing = missingIn(kind, { server, registry, list }, mayStartCommands);

  async function submit(): Promise<void> {
    setTried(true);
    setTrouble(null);
    if (missing !== null || pending) return;
    setPending(true);
    const answer = await send<CatalogJobAnswer>("POST", "/catalog/jobs", body);
    setPending(false);
    await client.invalidateQueries({ queryKey: ["catalog-jobs"] });
    if (!answer.ok) return setTrouble(answer.trouble);
    toast.success("In line", { description: "It goes on by itself, also when you leave this page." });
    setTried(false);
    if (kind === "server") setServer("");
    if (kind === "list") setList({ name: "", text: "" });
  }

  const fieldTrouble = fieldError(trouble, "target") ?? fieldError(trouble, "document");
  const error = (tried && missing) || fieldTrouble || null;
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <ChoiceCards
        label="What to add"
        columns={3}
        value={kind}
        onChange={(value) => {
          setKind(value as Kind);
          setTried(false);
          setTrouble(null);
        }}
        choices={choices}
      />
      {kind === "server" && (
        <Field
          label="Package or address"
          hint="Like @modelcontextprotocol/server-everything, a-package@1.2.3 or https://mcp.example.com/mcp. A package is installed and started with no network, no keys of yours and a time limit. What it lists, and the address, become public here."
          error={error}
        >
          {(control) => (
            <Input
              {...control}
              autoComplete="off"
              spellCheck={false}
              className="font-mono"
              value={server}
              onChange={(event) => setServer(event.target.value)}
            />
          )}
        </Field>
      )}
      {kind === "registry" && (
        <Field
          label="Address of the list"
          hint="It is read page by page, a restart goes on where it was, and reading it again changes only what is new. Servers that are only named here have no tools until they are listed."
          error={error}
        >
          {(control) => (
            <Input
              {...control}
              autoComplete="off"
              spellCheck={false}
              className="font-mono"
              value={registry}
              onChange={(event) => setRegistry(event.target.value)}
            />
          )}
        </Field>
      )}
      {kind === "list" && <ListField list={list} onChange={setList} error={error} />}
      {trouble && !fieldTrouble && (
        <Callout tone="danger" role="alert" title="That did not work">
          {trouble.detail}
        </Callout>
      )}
      <div>
        <Button type="submit" variant="primary" loading={pending}>
          {!pending && <Download aria-hidden="true" />}
          {kind === "server" ? "List its tools" : "Import"}
        </Button>
      </div>
    </form>
  );
}

function ListField({
  list,
  onChange,
  error,
}: {
  list: { name: string; text: string };
  onChange: (list: { name: string; text: string }) => void;
  error: string | null;
}) {
  const fileId = useId();
  return (
    <div className="grid gap-3">
      <div className="grid gap-1">
        <label htmlFor={fileId} className="font-medium text-sm">
          File
        </label>
        <input
          id={fileId}
          type="file"
          accept="application/json,.json"
          className="text-sm file:mr-3 file:h-8 file:cursor-pointer file:rounded-md file:border file:border-line-strong file:bg-surface file:px-3 file:font-medium file:text-ink hover:file:bg-raised"
          onChange={async (event) => {
            const file = event.target.files?.[0];
            if (file) onChange({ name: file.name, text: await file.text() });
          }}
        />
      </div>
      <Field label="Or paste it" hint="JSON, 1.9 MB at most." error={error}>
        {(control) => (
          <Textarea
            {...control}
            rows={6}
            spellCheck={false}
            className="font-mono text-xs"
            placeholder={'{ "servers": [ … ] }'}
            value={list.text.length > shownMax ? `${list.text.slice(0, shownMax)}…` : list.text}
            onChange={(event) => onChange({ name: list.name || "pasted list", text: event.target.value })}
          />
        )}
      </Field>
    </div>
  );
}

/** A text field with megabytes in it is slow. */
const shownMax = 100_000;

type Given = { server: string; registry: string; list: { name: string; text: string } };

function bodyOf(kind: Kind, { server, registry, list }: Given): object {
  if (kind === "registry") return { kind: "registry", target: registry };
  if (kind === "list") return { kind: "registry", target: list.name || "pasted list", document: list.text };
  const target = readHarvestTarget(server);
  return { kind: target?.kind ?? "npm", target: server.trim() };
}

/** What keeps it from being sent, in words. */
function missingIn(kind: Kind, { server, registry, list }: Given, mayStartCommands: boolean): string | null {
  if (kind === "registry") return registry.trim() === "" ? "Enter the address of the list." : null;
  if (kind === "list") {
    if (list.text.trim() === "") return "Choose a file, or paste the list.";
    const isTooLong = new Blob([list.text]).size > listBytesMax;
    return isTooLong ? "It is longer than 1.9 MB. Cut it into several, or give the address of the list." : null;
  }
  if (server.trim() === "") return "Enter a package or an address.";
  const target = readHarvestTarget(server);
  if (target === null) return "This is neither a package of npm nor an http or https address.";
  return target.kind === "npm" && !mayStartCommands
    ? "Listing a package starts a program, and this installation starts none: ALLOW_STDIO is not set."
    : null;
}
