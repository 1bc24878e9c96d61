import { visible } from "./visible.ts";

/** From here to a policy that is enforced. `hasPolicy`: one stands on this page. */
export function Steps({ server, hasPolicy = true }: { server: string; hasPolicy?: boolean }) {
  const steps = [
    <>Create a free account and register {visible(server)}. Nothing is installed beside the agent or the server.</>,
    hasPolicy ? (
      <>Add this policy: paste it, or open it in the builder and change it by dragging.</>
    ) : (
      <>Its tools are listed and classified then. Start from the policy that is recommended for them.</>
    ),
    <>Point your MCP client (Claude, Cursor or any other) at your gateway URL.</>,
  ];
  return (
    <ol className="grid gap-x-6 gap-y-4 sm:grid-cols-3">
      {steps.map((step, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the steps never move
        <li key={index} className="border-t pt-3 text-pretty text-sm">
          <span aria-hidden="true" className="mb-1 block font-mono text-accent tabular-nums">
            {index + 1}
          </span>
          {step}
        </li>
      ))}
    </ol>
  );
}
