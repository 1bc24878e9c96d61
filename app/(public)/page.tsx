import { ArrowRight, Ban, BookCheck, Gauge, KeyRound, Lock, Zap } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { Button } from "@/components/ui/button.tsx";
import { CallToAction } from "./_parts/call-to-action.tsx";
import { JsonLd } from "./_parts/json-ld.tsx";
import { absoluteUrl, pageMetadata } from "./_parts/page-metadata.ts";
import { ExampleDecision } from "./example-decision.tsx";
import { exampleCalls } from "./example-gateway.ts";
import { InTheCatalog } from "./in-the-catalog.tsx";
import { PathPicture } from "./path-picture.tsx";

const title = "PolicyLayer: rules for the tool calls of AI agents";
const description =
  "An MCP gateway between your AI agents and the servers they use. You write for each tool: allow, limit, approve, deny or hide. A refused call never reaches the server.";

export function generateMetadata(): Metadata {
  return { ...pageMetadata({ title, description, path: "/" }), title: { absolute: title } };
}

const steps = [
  {
    title: "Register a server",
    about:
      "By URL or by the command that starts it. Its tools are listed and sorted by what they can do, with the evidence.",
  },
  {
    title: "Write a policy",
    about:
      "For each tool: allow, limit, approve, deny or hide. With controls, or as JSON with problems shown at their line.",
  },
  {
    title: "Make a grant",
    about: "A token for one agent. Freeze, rotate or revoke it; it takes effect on the next call.",
  },
  {
    title: "Connect",
    about: "Paste the gateway URL into Claude, Cursor, VS Code, Gemini CLI, Codex or any client that speaks MCP.",
  },
] as const;

const promises = [
  {
    Icon: Ban,
    title: "Refused means not sent",
    about: "A refused call never reaches the server. The agent gets a sentence it can read and act on.",
  },
  {
    Icon: Lock,
    title: "Deny is the default",
    about: "What no rule names, what cannot be read and what cannot be counted is refused. Deny wins in any order.",
  },
  {
    Icon: Gauge,
    title: "Limits that hold",
    about: "Ten a minute means no 60 seconds ever hold an eleventh call, wherever the minute starts.",
  },
  {
    Icon: BookCheck,
    title: "Every decision on record",
    about:
      "Written down before the call leaves, with the rule and the policy version. Of argument values, only those that a policy asks about are kept, encrypted.",
  },
  {
    Icon: Zap,
    title: "Changes on the next call",
    about: "Publish, and the next call is decided by it. No client has to reconnect.",
  },
  {
    Icon: KeyRound,
    title: "Credentials stay with you",
    about:
      "Agents get a token of the gateway. The server's own credentials are encrypted at rest and never shown again.",
  },
] as const;

export default function HomePage() {
  return (
    <>
      <SiteData />
      <section className="mx-auto grid w-full max-w-6xl gap-x-12 gap-y-10 px-4 pt-12 pb-16 sm:px-6 sm:pt-18 lg:grid-cols-[minmax(0,5fr)_minmax(0,6fr)] lg:items-center">
        <div>
          <h1 className="font-semibold text-3xl text-ink leading-[1.1] tracking-tight sm:text-5xl">
            <span className="block">Your agents call tools.</span> <span className="block">You set the rules.</span>
          </h1>
          <p className="mt-5 max-w-lg text-pretty text-ink-muted text-lg">
            PolicyLayer is a gateway between AI agents and the MCP servers they use. It decides each tool call by a
            policy you write, before the call reaches the server.
          </p>
          <div className="mt-7 flex flex-wrap items-center gap-x-4 gap-y-3">
            <Button asChild variant="primary" size="lg">
              <Link prefetch={false} href="/signup">
                Create an account
                <ArrowRight aria-hidden="true" />
              </Link>
            </Button>
            <p className="text-ink-muted text-sm">No card. An e-mail address and a password.</p>
          </div>
        </div>
        <ExampleDecision before={exampleCalls(Date.now())} />
      </section>

      <section aria-labelledby="path" className="border-y bg-surface">
        <div className="mx-auto w-full max-w-6xl px-4 py-14 sm:px-6">
          <h2 id="path" className="font-semibold text-2xl tracking-tight">
            One URL in the client's settings changes
          </h2>
          <p className="mt-1.5 max-w-2xl text-pretty text-ink-muted">
            The client talks to the gateway as it would to the server. Agents, clients and servers stay as they are.
          </p>
          <PathPicture />
          <ol className="mt-10 grid gap-x-8 gap-y-6 sm:grid-cols-2 lg:grid-cols-4">
            {steps.map((step, index) => (
              <li key={step.title} className="border-t pt-3">
                <h3 className="flex items-baseline gap-2 font-semibold">
                  <span className="font-mono text-accent text-sm tabular-nums">{index + 1}</span>
                  {step.title}
                </h3>
                <p className="mt-1 text-pretty text-ink-muted text-sm">{step.about}</p>
              </li>
            ))}
          </ol>
        </div>
      </section>

      <InTheCatalog />

      <section aria-labelledby="promises" className="mx-auto w-full max-w-6xl px-4 py-16 sm:px-6">
        <h2 id="promises" className="font-semibold text-2xl tracking-tight">
          What you can rely on
        </h2>
        <ul className="mt-7 grid gap-px overflow-hidden rounded-lg border bg-line sm:grid-cols-2 lg:grid-cols-3">
          {promises.map(({ Icon, title, about }) => (
            <li key={title} className="bg-surface p-5">
              <Icon aria-hidden="true" className="size-5 text-accent" />
              <h3 className="mt-3 font-semibold">{title}</h3>
              <p className="mt-1 text-pretty text-ink-muted text-sm">{about}</p>
            </li>
          ))}
        </ul>
        <div className="mt-12">
          <CallToAction title="Put a policy on your first server">It takes the four steps above.</CallToAction>
        </div>
      </section>
    </>
  );
}

/** Who we are and how to search us, for programs. */
function SiteData() {
  const home = absoluteUrl("/");
  const organisation = {
    "@type": "Organization",
    "@id": `${home}#organization`,
    name: "PolicyLayer",
    url: home,
    logo: absoluteUrl("/icon-512.png"),
    contactPoint: { "@type": "ContactPoint", contactType: "customer support", url: absoluteUrl("/contact") },
  };
  return (
    <>
      <JsonLd data={organisation} />
      <JsonLd
        data={{
          "@type": "WebSite",
          name: "PolicyLayer",
          url: home,
          description,
          publisher: { "@id": organisation["@id"] },
          potentialAction: {
            "@type": "SearchAction",
            target: { "@type": "EntryPoint", urlTemplate: `${absoluteUrl("/catalog")}?q={search_term_string}` },
            "query-input": "required name=search_term_string",
          },
        }}
      />
    </>
  );
}
