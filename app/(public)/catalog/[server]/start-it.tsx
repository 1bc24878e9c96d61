import Link from "next/link";
import { Button } from "@/components/ui/button.tsx";
import { CodeBlock } from "@/components/ui/code-block.tsx";
import { openPath } from "../../../../catalog/address.ts";
import { addressOf, startLineOf } from "../../../../catalog/start-line.ts";
import type { ServerDetail } from "../../../api/v1/catalog-schemas.ts";
import { Section } from "../_parts/section.tsx";
import { Steps } from "../_parts/steps.tsx";
import { visible } from "../_parts/visible.ts";

/** How it is registered: the command or the address, filled in for who follows the link. */
export function StartIt({ server }: { server: ServerDetail }) {
  const command = startLineOf(server);
  const url = addressOf(server);
  return (
    <Section id="register" title={`Put ${visible(server.name)} behind the gateway`}>
      <div className="grid gap-5">
        <Steps server={server.name} hasPolicy={server.toolCount > 0} />
        {command !== null && <CodeBlock label="The command to register" text={command} />}
        {url !== null && <CodeBlock label="The URL to register" text={visible(url)} />}
        {command === null && url === null && (
          <p className="max-w-2xl text-pretty text-ink-muted">
            {server.evidence === "registry"
              ? "Where it runs is not known here: look it up in the registry, and register its address or the command that starts it."
              : "It is not published as a package: get its source, and register the command that starts it there."}
          </p>
        )}
        <div>
          <Button asChild variant="primary" size="lg">
            <Link href={openPath(server.slug)} prefetch={false} rel="nofollow">
              {server.toolCount === 0 ? "Register it" : "Register it with the recommended policy"}
            </Link>
          </Button>
        </div>
      </div>
    </Section>
  );
}

/** A server that a registry names and nobody has listed: what is known, and how to find out more. */
export function NotListedYet({ server }: { server: ServerDetail }) {
  const target = addressOf(server) ?? server.packageName;
  return (
    <Section id="harvest" title="Its tools are not known here yet">
      <div className="grid max-w-2xl gap-4">
        <p className="text-pretty">
          A registry names this server, and nothing more is known than what stands here. There is no recommendation for
          tools that nobody has seen: until it is listed, deny everything.
        </p>
        {target === null ? (
          <p className="text-pretty text-ink-muted">
            Its entry does not name one package of npm, so there is nothing to start here. Where it names an address,
            that can be listed and registered.
          </p>
        ) : (
          <>
            <p className="text-pretty">
              Whoever runs this installation can list its tools. A package is started cut off from the network, with
              dummy keys and a time limit, and stopped as soon as it has answered:
            </p>
            <CodeBlock label="On the command line" text={`policylayer scan ${visible(target)}`} />
          </>
        )}
        <p className="text-pretty text-ink-muted">
          Or register it as it is: PolicyLayer lists the tools of a server when it is registered, and classifies each
          one.
        </p>
      </div>
    </Section>
  );
}
