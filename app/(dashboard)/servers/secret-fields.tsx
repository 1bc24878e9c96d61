"use client";
import { Plus, Trash2 } from "lucide-react";
import { Button } from "@/components/ui/button.tsx";
import { Input } from "@/components/ui/input.tsx";
import { SecretInput } from "@/components/ui/secret-input.tsx";

export type Secret = { key: number; name: string; value: string };

let lastKey = 0;

export function newSecret(name = "", value = ""): Secret {
  lastKey += 1;
  return { key: lastKey, name, value };
}

/** Rows without a name are left out. */
export function secretRecord(secrets: readonly Secret[]): Record<string, string> {
  return Object.fromEntries(
    secrets.filter(({ name }) => name.trim() !== "").map(({ name, value }) => [name.trim(), value]),
  );
}

/** Names and values that are kept encrypted: headers of a URL, variables of a command. */
export function SecretFields({
  kind,
  secrets,
  onChange,
  error,
}: {
  kind: "header" | "variable";
  secrets: readonly Secret[];
  onChange: (secrets: Secret[]) => void;
  error?: string | undefined;
}) {
  const noun = kind === "header" ? "Header" : "Variable";
  function change(key: number, part: Partial<Secret>) {
    onChange(secrets.map((secret) => (secret.key === key ? { ...secret, ...part } : secret)));
  }
  return (
    <fieldset className="grid gap-2">
      <legend className="mb-1.5 flex w-full items-baseline justify-between font-medium text-sm">
        {kind === "header" ? "Headers" : "Environment"}
        <span className="font-normal text-ink-faint text-xs">optional</span>
      </legend>
      {secrets.map((secret, index) => (
        <div key={secret.key} className="grid grid-cols-[minmax(0,2fr)_minmax(0,3fr)_auto] gap-2">
          <Input
            aria-label={`${noun} ${index + 1} name`}
            placeholder={kind === "header" ? "Authorization" : "API_KEY"}
            autoComplete="off"
            spellCheck={false}
            className="font-mono text-xs"
            value={secret.name}
            onChange={(event) => change(secret.key, { name: event.target.value })}
          />
          <SecretInput
            aria-label={`${noun} ${index + 1} value`}
            placeholder={kind === "header" ? "Bearer …" : "value"}
            autoComplete="off"
            spellCheck={false}
            className="font-mono text-xs"
            value={secret.value}
            onChange={(event) => change(secret.key, { value: event.target.value })}
          />
          <Button
            variant="ghost"
            size="icon"
            aria-label={`Remove ${noun.toLowerCase()} ${index + 1}`}
            onClick={() => onChange(secrets.filter(({ key }) => key !== secret.key))}
          >
            <Trash2 aria-hidden="true" />
          </Button>
        </div>
      ))}
      <div>
        <Button size="sm" onClick={() => onChange([...secrets, newSecret()])}>
          <Plus aria-hidden="true" />
          Add {noun.toLowerCase()}
        </Button>
      </div>
      {error && (
        <p role="alert" className="text-danger text-sm">
          {error}
        </p>
      )}
      <p className="text-ink-muted text-xs">Kept encrypted, sent only to this server, and never shown again.</p>
    </fieldset>
  );
}
