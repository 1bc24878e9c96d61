import { cn } from "@/components/ui/cn.ts";
import { Say, sayTicked } from "../../catalog/_parts/say.tsx";

/** Our sentences as a list, with the names in them as code. */
export function Sentences({
  of,
  numbered,
  className,
}: {
  of: readonly string[];
  numbered?: boolean;
  className?: string;
}) {
  const items = of.map((sentence, index) => (
    <li key={sentence} className={cn("flex gap-3", !numbered && "pl-0.5")}>
      {numbered ? (
        <span
          aria-hidden="true"
          className="w-5 shrink-0 text-right font-mono text-accent text-sm leading-6 tabular-nums"
        >
          {index + 1}
        </span>
      ) : (
        <span aria-hidden="true" className="mt-2.5 size-1.5 shrink-0 rounded-full bg-line-strong" />
      )}
      <span className="min-w-0 text-pretty [overflow-wrap:anywhere]">
        <Say said={sayTicked(sentence)} />
      </span>
    </li>
  ));
  const style = cn("grid max-w-3xl gap-2.5", className);
  return numbered ? <ol className={style}>{items}</ol> : <ul className={style}>{items}</ul>;
}
