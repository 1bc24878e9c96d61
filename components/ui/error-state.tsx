import { RotateCw } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "./button.tsx";
import { Callout } from "./callout.tsx";

/** What a part of a page shows when it could not be loaded. */
export function ErrorState({
  title,
  detail,
  onRetry,
  more,
}: {
  title: string;
  detail: string;
  onRetry?: () => void;
  /** Other ways out. */
  more?: ReactNode;
}) {
  return (
    <div className="p-4">
      <Callout
        tone="danger"
        role="alert"
        title={title}
        actions={
          (onRetry || more) && (
            <>
              {onRetry && (
                <Button size="sm" onClick={onRetry}>
                  <RotateCw aria-hidden="true" />
                  Try again
                </Button>
              )}
              {more}
            </>
          )
        }
      >
        {detail}
      </Callout>
    </div>
  );
}
