import { Table, Td, Th, Tr } from "@/components/ui/table.tsx";
import type { ToolParameter } from "../../../../../catalog/facts.ts";
import { parametersMax } from "../../../../../catalog/parameters.ts";
import { Name } from "../../_parts/say.tsx";

const rowsShownMax = 12;

/** What a call may carry, as the tool's schema names it, and what its code reads besides. */
export function ArgumentsTable({ parameters, tool }: { parameters: readonly ToolParameter[]; tool: string }) {
  const label = `Arguments of ${tool}`;
  if (parameters.length === 0) {
    return <p className="text-ink-muted">Its definition names no arguments.</p>;
  }
  const rest = parameters.slice(rowsShownMax);
  return (
    <div className="overflow-hidden rounded-lg border bg-surface">
      <Rows parameters={parameters.slice(0, rowsShownMax)} label={label} />
      {rest.length > 0 && (
        <details className="border-t">
          <summary className="px-4 py-2.5 font-medium text-sm hover:bg-raised">
            Show {rest.length} more {rest.length === 1 ? "argument" : "arguments"}
          </summary>
          <Rows parameters={rest} label={`${label}, continued`} />
        </details>
      )}
      {parameters.length >= parametersMax && (
        <p className="border-t px-4 py-2.5 text-ink-muted text-xs">
          The catalog keeps the first {parametersMax}; its definition names more.
        </p>
      )}
    </div>
  );
}

function Rows({ parameters, label }: { parameters: readonly ToolParameter[]; label: string }) {
  return (
    <Table label={label}>
      <thead>
        <tr>
          <Th>Argument</Th>
          <Th>Type</Th>
          <Th>Needed</Th>
          <Th>Values</Th>
        </tr>
      </thead>
      <tbody>
        {parameters.map((parameter, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a hostile schema may name an argument twice
          <Tr key={index}>
            <Td className="min-w-36">
              <Name text={parameter.name} />
            </Td>
            <Td className="text-ink-muted">{parameter.types?.join(" or ") ?? "any"}</Td>
            <Td className="text-ink-muted">{neededWords(parameter)}</Td>
            <Td className="text-ink-muted">{choiceWords(parameter)}</Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  );
}

function neededWords({ required, declared }: ToolParameter): string {
  if (!declared) return "not declared";
  return required ? "required" : "optional";
}

const choicesShownMax = 8;

function choiceWords({ choices }: ToolParameter) {
  if (choices === undefined) return "any";
  const shown = choices.slice(0, choicesShownMax);
  return (
    <span className="flex flex-wrap gap-x-1.5">
      {shown.map((choice) => (
        <Name key={JSON.stringify(choice)} text={typeof choice === "string" ? choice : JSON.stringify(choice)} />
      ))}
      {choices.length > shown.length && <span>and {choices.length - shown.length} more</span>}
    </span>
  );
}
