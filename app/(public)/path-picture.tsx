import { Bot, Check, Server } from "lucide-react";
import type { ReactNode } from "react";
import { LogoMark } from "@/components/logo.tsx";

/** Agent, gateway, server, in the order a call passes them. */
export function PathPicture() {
  return (
    <ol
      aria-label="The way of a tool call"
      className="mt-8 grid items-stretch gap-2 md:grid-cols-[minmax(0,1fr)_2.5rem_minmax(0,1.35fr)_2.5rem_minmax(0,1fr)]"
    >
      <Stop icon={<Bot className="size-5" />} title="Agent" about="Claude, Cursor or any MCP client calls a tool." />
      <Line />
      <Stop icon={<LogoMark className="size-5" />} title="PolicyLayer" about="" isUs>
        <ul className="grid gap-1 text-sm">
          {[
            "Whose token, which policy",
            "Is the tool known and allowed",
            "Is there room in the limits",
            "On record, then forwarded",
          ].map((check) => (
            <li key={check} className="flex items-center gap-2 text-ink-muted">
              <Check aria-hidden="true" className="size-3.5 text-accent" />
              {check}
            </li>
          ))}
        </ul>
      </Stop>
      <Line />
      <Stop icon={<Server className="size-5" />} title="MCP server" about="Sees only the calls that passed." />
    </ol>
  );
}

function Stop({
  icon,
  title,
  about,
  isUs,
  children,
}: {
  icon: ReactNode;
  title: string;
  about: string;
  isUs?: boolean;
  children?: ReactNode;
}) {
  return (
    <li
      className={`flex flex-col justify-center rounded-lg border px-4 py-4 ${isUs ? "border-accent bg-accent-soft/40" : "bg-canvas"}`}
    >
      <p className="flex items-center gap-2 font-semibold">
        <span aria-hidden="true" className="text-ink-muted">
          {icon}
        </span>
        {title}
      </p>
      {about && <p className="mt-1 text-pretty text-ink-muted text-sm">{about}</p>}
      {children && <div className="mt-2">{children}</div>}
    </li>
  );
}

function Line() {
  return (
    <li aria-hidden="true" className="relative mx-auto h-6 w-px bg-line-strong md:my-auto md:h-px md:w-full">
      <span className="absolute bottom-0 left-1/2 size-2 -translate-x-1/2 rotate-45 border-line-strong border-r border-b md:top-1/2 md:right-0 md:bottom-auto md:left-auto md:translate-x-0 md:-translate-y-1/2 md:-rotate-45" />
    </li>
  );
}
