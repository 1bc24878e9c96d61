"use client";
import { Search } from "lucide-react";
import { type KeyboardEvent as Key, type RefObject, useEffect, useRef } from "react";
import { cn } from "./cn.ts";
import { Input } from "./input.tsx";

/** A search field that `/` jumps to from anywhere on the page where nothing is being typed. */
export function SearchInput({
  value,
  onChange,
  label,
  placeholder = label,
  className,
  inputClassName,
  inputRef,
  name,
  onKeyDown,
}: {
  value: string;
  onChange: (value: string) => void;
  label: string;
  placeholder?: string;
  className?: string;
  inputClassName?: string;
  inputRef?: RefObject<HTMLInputElement | null>;
  /** For a form that is sent without a script. */
  name?: string;
  /** Besides Escape, which clears the field. */
  onKeyDown?: (event: Key<HTMLInputElement>) => void;
}) {
  const own = useRef<HTMLInputElement>(null);
  const input = inputRef ?? own;

  useEffect(() => {
    function focusOnSlash(event: KeyboardEvent) {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const target = event.target instanceof HTMLElement ? event.target : null;
      if (target?.closest("input, textarea, select, [contenteditable=true], [role=dialog], [role=menu]")) return;
      event.preventDefault();
      input.current?.focus();
      input.current?.select();
    }
    document.addEventListener("keydown", focusOnSlash);
    return () => document.removeEventListener("keydown", focusOnSlash);
  }, [input]);

  return (
    <div className={cn("group relative", className)}>
      <Search
        aria-hidden="true"
        className="pointer-events-none absolute top-1/2 left-2.5 size-4 -translate-y-1/2 text-ink-faint"
      />
      <Input
        ref={input}
        type="search"
        name={name}
        aria-label={label}
        aria-keyshortcuts="/"
        placeholder={placeholder}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") onChange("");
          onKeyDown?.(event);
        }}
        className={cn("pr-8 pl-8", inputClassName)}
      />
      {value === "" && (
        <span
          aria-hidden="true"
          className="-translate-y-1/2 pointer-events-none absolute top-1/2 right-2 rounded border bg-raised px-1.5 font-mono text-2xs text-ink-muted group-focus-within:hidden pointer-coarse:hidden"
        >
          /
        </span>
      )}
    </div>
  );
}
