import { cn } from "./ui/cn.ts";

/** Three layers; the middle one has a gate in it. */
export function LogoMark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" className={cn("size-6 shrink-0", className)}>
      <rect width="32" height="32" rx="7" className="fill-[#0c5c66] dark:fill-[#11707b]" />
      <path d="M6 10.5h20M6 21.5h20" stroke="#fff" strokeWidth="2.6" strokeLinecap="round" opacity=".45" />
      <path d="M6 16h6.5M19.5 16H26" stroke="#fff" strokeWidth="2.6" strokeLinecap="round" />
      <circle cx="16" cy="16" r="2.3" fill="#7fe3e0" />
    </svg>
  );
}

export function Logo({ className }: { className?: string }) {
  return (
    <span className={cn("inline-flex items-center gap-2 font-semibold text-ink text-lg tracking-tight", className)}>
      <LogoMark />
      PolicyLayer
    </span>
  );
}
