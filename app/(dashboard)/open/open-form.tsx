"use client";
import { useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import type * as z from "zod";
import { fieldError, send, type Trouble } from "@/app/_client/api.ts";
import { reloadAll } from "@/app/_client/queries.ts";
import type { policyCreated } from "@/app/api/v1/schemas.ts";
import type { Candidate } from "@/catalog/registered.ts";
import { Button } from "@/components/ui/button.tsx";
import { Callout } from "@/components/ui/callout.tsx";
import { Card, CardBody } from "@/components/ui/card.tsx";
import { CodeBlock } from "@/components/ui/code-block.tsx";
import { Field } from "@/components/ui/field.tsx";
import { Input } from "@/components/ui/input.tsx";
import { toast } from "@/components/ui/toaster.tsx";
import { startingDocument } from "../../../policy/starting-points.ts";
import { PageHeader } from "../page-header.tsx";
import { ServerChoice } from "./server-choice.tsx";

const nameLengthMax = 100;

/** Chooses the server, names the policy, and opens it in the builder. */
export function OpenForm({
  catalogServer,
  catalogPath,
  tool,
  text,
  candidates,
  preferred,
  registerHref,
  role,
  organisation,
  mayEdit,
  mayRegister,
}: {
  catalogServer: string;
  catalogPath: string;
  /** Null: the policy is for the whole server. */
  tool: string | null;
  /** Null: the catalog knows no tools, so it recommends nothing. */
  text: string | null;
  candidates: readonly Candidate[];
  /** The server that was registered on the way here. */
  preferred: string | null;
  registerHref: string;
  role: string;
  organisation: string;
  mayEdit: boolean;
  mayRegister: boolean;
}) {
  const router = useRouter();
  const client = useQueryClient();
  const first = candidates.find(({ id }) => id === preferred) ?? candidates.find(({ match }) => match !== null);
  const [serverId, setServerId] = useState(first?.id ?? null);
  const [name, setName] = useState(`Recommended for ${tool ?? catalogServer}`.slice(0, nameLengthMax));
  const [tried, setTried] = useState(false);
  const [pending, setPending] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);

  async function submit(event: FormEvent) {
    event.preventDefault();
    setTried(true);
    setTrouble(null);
    if (pending || serverId === null || name.trim() === "" || text === null) return;
    setPending(true);
    const answer = await send<z.infer<typeof policyCreated>>("POST", `/servers/${serverId}/policies`, {
      name: name.trim(),
      document: startingDocument("deny_all", []),
      draft: text,
    });
    if (!answer.ok) {
      setTrouble(answer.trouble);
      setPending(false);
      return;
    }
    await reloadAll(client);
    toast.success("The recommended policy is in your draft", {
      description: "Nothing of it is enforced until you publish.",
    });
    router.push(`/policies/${answer.value.id}`);
  }

  const what = tool ?? catalogServer;
  return (
    <div className="mx-auto max-w-2xl">
      <PageHeader
        title="Open in the builder"
        trail={[
          { href: "/catalog", label: "Catalog" },
          { href: catalogPath, label: what },
        ]}
        description={
          <span className="[overflow-wrap:anywhere]">
            {tool === null ? "The policy we recommend for " : "The rule we recommend for "}
            <b className="font-medium text-ink">{what}</b>
            {tool !== null && ` of ${catalogServer}`}, as a draft that you can change before anything is enforced.
          </span>
        }
      />
      {!mayEdit && (
        <Callout tone="warn" className="mb-4" title={`Your role is ${role.replace("_", " ")}`}>
          Policies of {organisation} are made by its admins and policy managers: ask one of them, or copy the document
          below for them.
        </Callout>
      )}
      {text === null && (
        <Callout className="mb-4" title="There is nothing to recommend yet">
          Nobody has listed the tools of this server here. Register it: its tools are listed and classified then, and a
          new policy can start from our recommendation for them.
        </Callout>
      )}
      <form noValidate onSubmit={(event) => void submit(event)}>
        <Card>
          <CardBody className="grid grid-cols-[minmax(0,1fr)] gap-5 pt-4">
            <ServerChoice
              candidates={candidates}
              tool={tool}
              value={serverId}
              onChange={setServerId}
              error={tried && serverId === null ? "Choose one of your servers, or register this one." : null}
            />
            {mayRegister ? (
              <div>
                <Button asChild variant={candidates.length === 0 ? "primary" : "outline"}>
                  <Link href={registerHref}>
                    <Plus aria-hidden="true" />
                    Register {candidates.length === 0 ? "it" : "it as another server"}
                  </Link>
                </Button>
              </div>
            ) : (
              candidates.length === 0 && (
                <p className="text-ink-muted text-sm">
                  Only admins of {organisation} register servers: ask one of them.
                </p>
              )
            )}
            {text !== null && (
              <>
                <Field
                  label="Name of the policy"
                  error={
                    fieldError(trouble, "name") ?? (tried && name.trim() === "" ? "Give the policy a name." : null)
                  }
                >
                  {(control) => (
                    <Input
                      {...control}
                      maxLength={nameLengthMax}
                      autoComplete="off"
                      value={name}
                      onChange={(event) => setName(event.target.value)}
                    />
                  )}
                </Field>
                <details open={candidates.length === 0 || !mayEdit}>
                  <summary className="rounded font-medium text-sm">What the draft says</summary>
                  <CodeBlock label="policy.json" text={text} className="mt-2 [&_pre]:max-h-96" />
                </details>
              </>
            )}
            {trouble && !fieldError(trouble, "name") && (
              <Callout tone="danger" role="alert" title="The policy was not made">
                {trouble.detail}
              </Callout>
            )}
            {text !== null && (
              <div className="flex flex-wrap items-center justify-end gap-x-4 gap-y-2">
                <p className="mr-auto max-w-sm text-pretty text-ink-muted text-xs">
                  Version 1 denies everything. The recommendation waits in the draft, and no grant uses it yet.
                </p>
                <Button
                  type="submit"
                  variant="primary"
                  loading={pending}
                  disabled={!mayEdit || candidates.length === 0}
                >
                  Open in the builder
                </Button>
              </div>
            )}
          </CardBody>
        </Card>
      </form>
    </div>
  );
}
