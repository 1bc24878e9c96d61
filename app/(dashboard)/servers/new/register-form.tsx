"use client";
import { useQueryClient } from "@tanstack/react-query";
import { Globe, SquareTerminal } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { fieldError, send, type Trouble } from "@/app/_client/api.ts";
import { reloadAll, useMe } from "@/app/_client/queries.ts";
import type { ServerAnswer } from "@/app/api/v1/schemas.ts";
import { Button } from "@/components/ui/button.tsx";
import { Callout } from "@/components/ui/callout.tsx";
import { Card, CardBody } from "@/components/ui/card.tsx";
import { Field } from "@/components/ui/field.tsx";
import { Input } from "@/components/ui/input.tsx";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs.tsx";
import { Textarea } from "@/components/ui/textarea.tsx";
import { toast } from "@/components/ui/toaster.tsx";
import { PageHeader } from "../../page-header.tsx";
import { parseCommandLine } from "../argv.ts";
import { newSecret, type Secret, SecretFields, secretRecord } from "../secret-fields.tsx";
import { TroubleText } from "../trouble-text.tsx";
import { ArgvPreview } from "./argv-preview.tsx";
import { ConnectProgress } from "./connect-progress.tsx";
import { type Example, examples } from "./examples.ts";

type Transport = "http" | "stdio";

/** What the catalog knows of a server, and where to go on with it once it is registered. */
export type Suggested = { name: string; url: string | null; line: string | null; continueTo: string };

export function RegisterForm({ suggested }: { suggested: Suggested | null }) {
  const router = useRouter();
  const client = useQueryClient();
  const me = useMe().data;
  const [transport, setTransport] = useState<Transport>(
    suggested !== null && suggested.url === null ? "stdio" : "http",
  );
  const [name, setName] = useState(suggested?.name ?? "");
  const [url, setUrl] = useState(suggested?.url ?? "");
  const [line, setLine] = useState(suggested?.line ?? "");
  const [headers, setHeaders] = useState<Secret[]>([]);
  const [env, setEnv] = useState<Secret[]>([]);
  const [example, setExample] = useState<Example | null>(null);
  const [tried, setTried] = useState(false);
  const [connecting, setConnecting] = useState<AbortController | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const troubleBox = useRef<HTMLDivElement>(null);

  const argv = parseCommandLine(line);
  const urlMessage = url.trim() === "" ? "Enter the URL of the server's MCP endpoint." : notUrl(url.trim());
  const ready = name.trim() !== "" && (transport === "http" ? urlMessage === null : argv.ok);

  useEffect(() => {
    if (trouble) troubleBox.current?.scrollIntoView({ block: "nearest" });
  }, [trouble]);

  function changeTransport(value: string) {
    setTransport(value === "stdio" ? "stdio" : "http");
    setTried(false);
    setTrouble(null);
  }

  function choose(chosen: Example) {
    setTransport("stdio");
    setName(chosen.name);
    setLine(chosen.line);
    setExample(chosen);
    setTrouble(null);
  }

  async function submit(event: FormEvent) {
    event.preventDefault();
    setTried(true);
    setTrouble(null);
    if (!ready || connecting) return;
    const body =
      transport === "http"
        ? { name: name.trim(), transport, url: url.trim(), headers: secretRecord(headers) }
        : argv.ok && {
            name: name.trim(),
            transport,
            command: argv.command,
            args: argv.args,
            env: { ...argv.env, ...secretRecord(env) },
          };
    const abort = new AbortController();
    setConnecting(abort);
    const answer = await send<ServerAnswer>("POST", "/servers", body, abort.signal);
    setConnecting(null);
    if (answer.ok) {
      await reloadAll(client);
      toast.success(`${name.trim()} is registered`, {
        description: `${answer.value.tools.length} tools found.`,
      });
      router.push(suggested === null ? `/servers/${answer.value.id}` : `${suggested.continueTo}&to=${answer.value.id}`);
    } else if (answer.trouble.code === "cancelled") {
      toast.info("Stopped waiting", { description: "If the server still answers, it appears among your servers." });
    } else {
      setTrouble(answer.trouble);
    }
  }

  const refused = me?.mayStartCommands === false;

  return (
    <div className="mx-auto max-w-2xl">
      <PageHeader
        title="Register a server"
        trail={[{ href: "/servers", label: "Servers" }]}
        description="PolicyLayer connects to it once now, to list its tools. Nothing is called."
      />
      {suggested !== null && (
        <Callout className="mb-4" title={`Filled in from the catalog: ${suggested.name}`}>
          {suggested.url === null && suggested.line === null
            ? "It is not published as a package: get its source, and enter the command that starts it there."
            : "Look at what will be started or called, and add what the server needs: keys, folders, options."}{" "}
          The recommended policy comes next.
        </Callout>
      )}
      <form noValidate onSubmit={(event) => void submit(event)}>
        <Card>
          <CardBody className="grid gap-5 pt-4">
            <Tabs value={transport} onValueChange={changeTransport}>
              <TabsList aria-label="How the server is reached">
                <TabsTrigger value="http">
                  <Globe aria-hidden="true" className="size-4" />
                  Remote (HTTP)
                </TabsTrigger>
                <TabsTrigger value="stdio">
                  <SquareTerminal aria-hidden="true" className="size-4" />
                  Local (stdio)
                </TabsTrigger>
              </TabsList>
              <div className="mt-5">
                <Field
                  label="Name"
                  hint="What you call it here, for example its project's name."
                  error={
                    fieldError(trouble, "name") ?? (tried && name.trim() === "" ? "Give the server a name." : null)
                  }
                >
                  {(control) => (
                    <Input
                      {...control}
                      maxLength={100}
                      autoComplete="off"
                      value={name}
                      onChange={(event) => setName(event.target.value)}
                    />
                  )}
                </Field>
              </div>
              <TabsContent value="http" className="mt-5 grid gap-5">
                <Field
                  label="URL"
                  hint="The Streamable HTTP endpoint. Which revision of MCP it speaks is found out."
                  error={fieldError(trouble, "url") ?? (tried ? urlMessage : null)}
                >
                  {(control) => (
                    <Input
                      {...control}
                      type="url"
                      inputMode="url"
                      autoComplete="off"
                      spellCheck={false}
                      placeholder="https://mcp.example.com/mcp"
                      className="font-mono text-sm"
                      value={url}
                      onChange={(event) => setUrl(event.target.value)}
                    />
                  )}
                </Field>
                <SecretFields
                  kind="header"
                  secrets={headers}
                  onChange={setHeaders}
                  error={fieldError(trouble, "headers")}
                />
              </TabsContent>
              <TabsContent value="stdio" className="mt-5 grid gap-5">
                {refused && (
                  <Callout tone="warn" title="Commands cannot be registered here">
                    A command runs as a program on the machine of PolicyLayer. Here only some admins may do that; ask
                    the person who runs this installation, or register the server by URL.
                  </Callout>
                )}
                <div>
                  <p className="mb-1.5 text-ink-muted text-sm">Start from an example</p>
                  <div className="flex flex-wrap gap-1.5">
                    {examples.map((each) => (
                      <Button
                        key={each.name}
                        size="sm"
                        title={each.about}
                        disabled={refused}
                        onClick={() => choose(each)}
                      >
                        {each.name}
                      </Button>
                    ))}
                  </div>
                </div>
                <Field
                  label="Command"
                  hint="The program and its arguments, as you would type them. No shell runs it: nothing is expanded or piped."
                  error={
                    fieldError(trouble, "command") ??
                    fieldError(trouble, "args") ??
                    ((tried || line.trim() !== "") && !argv.ok ? argv.message : null)
                  }
                >
                  {(control) => (
                    <Textarea
                      {...control}
                      rows={2}
                      autoComplete="off"
                      spellCheck={false}
                      disabled={refused}
                      placeholder="npx -y @modelcontextprotocol/server-everything"
                      className="min-h-16 font-mono text-sm"
                      value={line}
                      onChange={(event) => setLine(event.target.value)}
                    />
                  )}
                </Field>
                {example?.prepare && line === example.line && <Callout>{example.prepare}</Callout>}
                {argv.ok && <ArgvPreview {...argv} />}
                <SecretFields kind="variable" secrets={env} onChange={setEnv} error={fieldError(trouble, "env")} />
              </TabsContent>
            </Tabs>

            <div ref={troubleBox} className="empty:hidden">
              {trouble && (
                <Callout tone="danger" role="alert" title="The server was not registered">
                  <TroubleText text={trouble.detail} />
                  <TroubleAdvice
                    code={trouble.code}
                    onAddHeader={() => setHeaders([...headers, newSecret("Authorization")])}
                  />
                </Callout>
              )}
            </div>
            {connecting && <ConnectProgress transport={transport} />}
            <div className="flex justify-end gap-2">
              {connecting ? (
                <Button onClick={() => connecting.abort()}>Stop waiting</Button>
              ) : (
                <Button asChild>
                  <Link href="/servers">Cancel</Link>
                </Button>
              )}
              <Button
                type="submit"
                variant="primary"
                loading={connecting !== null}
                disabled={transport === "stdio" && refused}
              >
                Register server
              </Button>
            </div>
          </CardBody>
        </Card>
      </form>
    </div>
  );
}

function TroubleAdvice({ code, onAddHeader }: { code: string; onAddHeader: () => void }) {
  switch (code) {
    case "upstream_unauthorized":
      return (
        <p className="mt-1.5">
          If it takes a token, send it as a header.{" "}
          <Button variant="link" onClick={onAddHeader}>
            Add an Authorization header
          </Button>
        </p>
      );
    case "upstream_not_mcp":
      return <p className="mt-1.5">Check the path: it often ends in /mcp.</p>;
    case "command_not_found":
      return <p className="mt-1.5">The gateway's own PATH is searched. A full path always works.</p>;
    default:
      return null;
  }
}

function notUrl(text: string): string | null {
  if (!URL.canParse(text)) return "Enter a full URL, like https://mcp.example.com/mcp.";
  return /^https?:$/.test(new URL(text).protocol) ? null : "Only http and https URLs can be registered.";
}
