/** Shows how a command line was cut, one box for each argument. */
export function ArgvPreview({
  command,
  args,
  env,
}: {
  command: string;
  args: readonly string[];
  env: Record<string, string>;
}) {
  return (
    <figure className="-mt-2 grid gap-1.5 rounded-md border bg-canvas px-3 py-2.5">
      <figcaption className="text-ink-muted text-xs">
        This is what will be started
        {args.length > 0 && `, with ${args.length} ${args.length === 1 ? "argument" : "arguments"}`}
      </figcaption>
      <ol className="flex flex-wrap gap-1 font-mono text-xs">
        {Object.keys(env).map((name) => (
          <li key={name} className="rounded border border-dashed px-1.5 py-0.5 text-ink-muted">
            {name}=•••
          </li>
        ))}
        <li className="rounded bg-accent-soft px-1.5 py-0.5 font-medium text-accent">{command}</li>
        {args.map((arg, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: an argument's place is what it is
          <li key={index} className="max-w-full break-all rounded border bg-surface px-1.5 py-0.5 text-ink">
            {arg === "" ? <span className="text-ink-faint">empty</span> : arg}
          </li>
        ))}
      </ol>
    </figure>
  );
}
