import { RotateCw } from "lucide-react";
import { Button } from "./button.tsx";
import { Callout } from "./callout.tsx";

/** What a part of a page shows when it could not be loaded. */
export function ErrorState({ title, detail, onRetry }: { title: string; detail: string; onRetry?: () => void }) {
  return (
    <div className="p-4">
      <Callout
        tone="danger"
        role="alert"
        title={title}
        actions={
          onRetry && (
            <Button size="sm" onClick={onRetry}>
              <RotateCw aria-hidden="true" />
              Try again
            </Button>
          )
        }
      >
        {detail}
      </Callout>
    </div>
  );
}
