import { Card } from "@/components/ui/card.tsx";
import { Skeleton, SkeletonRows } from "@/components/ui/skeleton.tsx";

/** A page whose subject is on its way. */
export function LoadingPage({ label }: { label: string }) {
  return (
    <>
      <Skeleton className="mb-2 h-3.5 w-24" />
      <Skeleton className="mb-6 h-6 w-64" />
      <Card>
        <SkeletonRows label={label} rows={6} />
      </Card>
    </>
  );
}
