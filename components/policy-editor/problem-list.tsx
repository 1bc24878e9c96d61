import { CircleAlert, CircleCheck, TriangleAlert } from "lucide-react";
import type { Problem } from "../../policy/problems.ts";
import { SentenceText } from "../sentence-text.tsx";
import { EmptyState } from "../ui/empty-state.tsx";

/** What is wrong with the document; a click goes to the place. */
export function ProblemList({ problems, onGo }: { problems: readonly Problem[]; onGo: (problem: Problem) => void }) {
  if (problems.length === 0) {
    return (
      <EmptyState icon={<CircleCheck />} title="No problems">
        Mistakes and doubtful places show up here while you write.
      </EmptyState>
    );
  }
  return (
    <ul aria-label="Problems" className="divide-y">
      {problems.map((problem) => {
        const Icon = problem.severity === "error" ? CircleAlert : TriangleAlert;
        return (
          <li key={`${problem.pointer} ${problem.code} ${problem.message}`}>
            <button
              type="button"
              onClick={() => onGo(problem)}
              className="flex w-full items-start gap-2 px-3 py-2 text-left text-sm hover:bg-raised focus-visible:outline-offset-[-2px]"
            >
              <Icon
                aria-hidden="true"
                className={`mt-0.5 size-4 shrink-0 ${problem.severity === "error" ? "text-danger" : "text-warn"}`}
              />
              <span className="min-w-0 flex-1 break-words text-ink">
                <span className="sr-only">{problem.severity}: </span>
                <SentenceText text={problem.message} />
              </span>
              <span className="shrink-0 font-mono text-ink-muted text-xs tabular-nums">
                {problem.line === undefined ? problem.pointer : `line ${problem.line}`}
              </span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
