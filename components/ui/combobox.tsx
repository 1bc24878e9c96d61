"use client";
import { ChevronDown } from "lucide-react";
import { Popover } from "radix-ui";
import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import { cn } from "./cn.ts";
import { controlStyle } from "./input.tsx";

export type ComboboxOption = { value: string; label?: string; detail?: ReactNode; about?: string | undefined };

/** As many rows as anybody reads; more typing finds the rest. */
const shownMax = 100;

/** A text field that offers what fits the typed words: arrow keys choose, Enter takes, Escape closes the list and takes the typing back. */
export function Combobox({
  value,
  options,
  onTake,
  onFree,
  freeOnEnterOnly,
  placeholder,
  disabled,
  mono,
  className,
  ...control
}: {
  value: string;
  options: readonly ComboboxOption[];
  onTake: (value: string) => void;
  /** What happens with a typed text that is no option when the field is left; without it the text goes back. */
  onFree?: (text: string) => void;
  /** A text that is no option is taken only with Enter; leaving the field drops it. */
  freeOnEnterOnly?: boolean;
  placeholder?: string;
  disabled?: boolean;
  mono?: boolean;
  className?: string;
  id?: string;
  /** For a field that appears because it was asked for. */
  autoFocus?: boolean | undefined;
  "aria-label"?: string;
  "aria-describedby"?: string | undefined;
  "aria-invalid"?: true | undefined;
}) {
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  const [typed, setTyped] = useState<string | null>(null);
  const [active, setActive] = useState(-1);
  const list = useRef<HTMLDivElement>(null);
  const chosen = options.find((option) => option.value === value);
  const text = typed ?? chosen?.label ?? value;
  const found = isOpen ? matching(options, typed ?? "") : [];
  const shown = found.slice(0, shownMax);

  useEffect(() => {
    if (active >= 0) list.current?.children[active]?.scrollIntoView({ block: "nearest" });
  }, [active]);

  function open() {
    if (isOpen || disabled) return;
    setOpen(true);
    setActive(typed === null ? options.findIndex((option) => option.value === value) : -1);
  }
  function close() {
    setOpen(false);
    setActive(-1);
  }
  function take(option: ComboboxOption) {
    close();
    setTyped(null);
    if (option.value !== value) onTake(option.value);
  }
  /** What stands in the field when it is left. */
  function leave(isEnter: boolean) {
    close();
    if (typed === null) return;
    const exact = options.find((option) => (option.label ?? option.value) === typed.trim());
    if (exact) return take(exact);
    setTyped(null);
    if (onFree && (isEnter || !freeOnEnterOnly) && typed.trim() !== value) onFree(typed.trim());
  }

  return (
    <Popover.Root open={isOpen && shown.length > 0} onOpenChange={(next) => !next && close()}>
      <Popover.Anchor asChild>
        <div className={cn("relative", className)}>
          <input
            {...control}
            type="text"
            role="combobox"
            aria-expanded={isOpen && shown.length > 0}
            aria-controls={`${id}-list`}
            aria-autocomplete="list"
            aria-activedescendant={active >= 0 && active < shown.length ? `${id}-${active}` : undefined}
            autoComplete="off"
            spellCheck={false}
            disabled={disabled}
            placeholder={placeholder}
            className={cn(controlStyle, "h-8 truncate px-2 pr-7 text-sm", mono && "font-mono text-xs")}
            value={text}
            onFocus={(event) => event.target.select()}
            onClick={open}
            onChange={(event) => {
              setTyped(event.target.value);
              setOpen(true);
              setActive(event.target.value === "" || onFree ? -1 : 0);
            }}
            onBlur={() => leave(false)}
            onKeyDown={(event) => {
              if (event.key === "ArrowDown" || event.key === "ArrowUp") {
                event.preventDefault();
                if (!isOpen) return open();
                if (shown.length === 0) return;
                const step = event.key === "ArrowDown" ? 1 : -1;
                setActive((at) => (at < 0 && step < 0 ? shown.length - 1 : (at + step + shown.length) % shown.length));
              } else if (event.key === "Enter") {
                const option = isOpen ? shown[active] : undefined;
                if (option === undefined && typed === null) return;
                event.preventDefault();
                if (option) take(option);
                else leave(true);
              } else if (event.key === "Home" || event.key === "End") {
                setActive(-1);
              }
            }}
          />
          <ChevronDown
            aria-hidden="true"
            className="-translate-y-1/2 pointer-events-none absolute top-1/2 right-2 size-3.5 text-ink-muted"
          />
        </div>
      </Popover.Anchor>
      <Popover.Portal>
        <Popover.Content
          role="presentation"
          align="start"
          sideOffset={4}
          collisionPadding={8}
          onOpenAutoFocus={(event) => event.preventDefault()}
          onCloseAutoFocus={(event) => event.preventDefault()}
          onEscapeKeyDown={() => setTyped(null)}
          onInteractOutside={(event) => {
            if (event.target instanceof Element && event.target.closest(`[aria-controls="${id}-list"]`)) {
              event.preventDefault();
            }
          }}
          className="z-50 w-max min-w-(--radix-popover-trigger-width) max-w-[min(26rem,calc(100vw-1rem))] animate-fade overflow-hidden rounded-lg border bg-surface shadow-pop"
        >
          <div
            ref={list}
            id={`${id}-list`}
            role="listbox"
            aria-label={control["aria-label"] ?? "Suggestions"}
            className="max-h-[min(18rem,var(--radix-popover-content-available-height))] overflow-y-auto p-1"
          >
            {shown.map((option, index) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the field
              <div
                key={option.value}
                id={`${id}-${index}`}
                role="option"
                tabIndex={-1}
                aria-selected={index === active}
                // The field keeps its focus.
                onPointerDown={(event) => event.preventDefault()}
                onClick={() => take(option)}
                onPointerMove={() => setActive(index)}
                title={option.about}
                className={cn(
                  "flex min-h-7.5 cursor-pointer items-center justify-between gap-4 rounded-md px-2 py-1 text-sm",
                  index === active && "bg-raised",
                )}
              >
                <span className={cn("min-w-0 truncate text-ink", mono && "font-mono text-xs")}>
                  {option.label ?? option.value}
                </span>
                {option.detail && <span className="shrink-0 text-ink-muted text-xs">{option.detail}</span>}
              </div>
            ))}
            {found.length > shownMax && (
              <div role="presentation" className="px-2 py-1.5 text-ink-muted text-xs">
                {found.length - shownMax} more; type to find them
              </div>
            )}
          </div>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function matching(options: readonly ComboboxOption[], typed: string): readonly ComboboxOption[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return options;
  return options.filter(({ value, label = "", about = "" }) => {
    const text = `${value} ${label} ${about}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
