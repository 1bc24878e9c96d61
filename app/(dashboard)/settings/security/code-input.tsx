import type { FieldControl } from "@/components/ui/field.tsx";
import { Input } from "@/components/ui/input.tsx";

/** A code of an authenticator app, or a recovery code. */
export function CodeInput({
  value,
  onChange,
  ...control
}: Partial<FieldControl> & { value: string; onChange: (value: string) => void }) {
  return (
    <Input
      {...control}
      className="font-mono tracking-wider"
      name="code"
      inputMode="text"
      autoComplete="one-time-code"
      autoCapitalize="none"
      spellCheck={false}
      maxLength={40}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
