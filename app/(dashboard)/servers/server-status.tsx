import { CircleAlert, CircleCheck, FileDiff, Snowflake } from "lucide-react";
import { Badge } from "@/components/ui/badge.tsx";

const troubles: Record<string, string> = {
  upstream_unreachable: "Unreachable",
  upstream_timed_out: "Timed out",
  upstream_unauthorized: "Wants credentials",
  upstream_not_mcp: "Not an MCP server",
  upstream_address_refused: "Address refused",
  upstream_failed: "Failed",
  command_not_found: "Command not found",
  command_exited: "Command ended",
  stdio_refused: "Commands not allowed",
  too_many_tools: "Too many tools",
};

export function ServerStatus({
  status,
  frozen,
  changeCount,
}: {
  status: string;
  frozen: boolean;
  /** Changes of definitions that nobody has looked at yet. */
  changeCount: number;
}) {
  return (
    <span className="inline-flex flex-wrap gap-1">
      {changeCount > 0 && (
        <Badge tone="warn" title="The server serves definitions that nobody accepted">
          <FileDiff aria-hidden="true" />
          {changeCount === 1 ? "1 change to review" : `${changeCount} changes to review`}
        </Badge>
      )}
      {frozen && (
        <Badge tone="hold">
          <Snowflake aria-hidden="true" />
          Frozen
        </Badge>
      )}
      {status === "connected" ? (
        <Badge tone="ok">
          <CircleCheck aria-hidden="true" />
          Connected
        </Badge>
      ) : (
        <Badge tone="danger" title={status}>
          <CircleAlert aria-hidden="true" />
          {troubles[status] ?? status.replaceAll("_", " ")}
        </Badge>
      )}
    </span>
  );
}
