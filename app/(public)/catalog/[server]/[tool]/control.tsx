import { ArrowRight } from "lucide-react";
import Link from "next/link";
import { Button } from "@/components/ui/button.tsx";
import { openPath, serverPath } from "../../../../../catalog/address.ts";
import type { Recommendation, RecommendedPolicy } from "../../../../../policy/recommend.ts";
import type { ToolDetail } from "../../../../api/v1/catalog-schemas.ts";
import { PolicyPanel } from "../../_parts/policy-panel.tsx";
import { Say, sayTicked } from "../../_parts/say.tsx";
import { Section } from "../../_parts/section.tsx";
import { Steps } from "../../_parts/steps.tsx";
import { visible } from "../../_parts/visible.ts";

const calls: Record<Recommendation, string> = {
  allow: "Put a policy on this tool",
  limit: "Rate-limit this tool",
  approve: "Ask a person before each call",
  hide: "Hide this tool",
};

/** The recommended rule as a whole document, what it leaves possible, and the three steps to it. */
export function Control({ tool, policy }: { tool: ToolDetail; policy: RecommendedPolicy }) {
  const { name, server } = tool;
  const open = openPath(server.slug, name);
  return (
    <Section
      id="control"
      title={`How to control ${visible(name)}`}
      about={`PolicyLayer is an MCP gateway: it stands between your AI agents and ${visible(server.name)}, and nothing reaches the server without passing your rules. This is the rule we recommend for ${visible(name)}:`}
    >
      <div className="grid gap-5">
        <PolicyPanel text={policy.text} openHref={open} label={`Recommended policy for ${visible(name)}`} />
        <p className="max-w-2xl text-pretty [overflow-wrap:anywhere]">
          <Say said={sayTicked(visible(policy.remains))} />{" "}
          <Link
            prefetch={false}
            href={`${serverPath(server.slug)}#policy`}
            className="text-accent underline underline-offset-4 hover:no-underline"
          >
            The policy for the whole server
          </Link>
        </p>
        <Steps server={server.name} />
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
          <Button asChild variant="primary" size="lg">
            <Link href={open} prefetch={false} rel="nofollow">
              {calls[policy.kind]}
              <ArrowRight aria-hidden="true" />
            </Link>
          </Button>
          <p className="text-ink-muted text-sm">Free to start. No card required.</p>
        </div>
      </div>
    </Section>
  );
}
