"use client";
import { usePathname } from "next/navigation";
import { type FormEvent, useActionState, useEffect, useRef, useState } from "react";
import { Button } from "@/components/ui/button.tsx";
import { Callout } from "@/components/ui/callout.tsx";
import { Field } from "@/components/ui/field.tsx";
import { Input } from "@/components/ui/input.tsx";
import { Textarea } from "@/components/ui/textarea.tsx";
import { type ContactState, emptyState } from "./contact-state.ts";
import { sendMessage } from "./send-message.ts";

const unreachable = "PolicyLayer cannot be reached. Your text is still here: try again in a moment.";

/**
 * Without JavaScript the browser posts it and shows the contact page with the outcome. With it the page stays, and what was
 * typed stays through whatever happens on the way.
 */
export function ContactForm() {
  const page = usePathname();
  // Another page has a form of its own.
  return <Form key={page} page={page} />;
}

function Form({ page }: { page: string }) {
  const [posted, post] = useActionState(sendMessage, emptyState, "/contact#message");
  const [answered, setAnswered] = useState<ContactState | null>(null);
  const [pending, setPending] = useState(false);
  const outcome = useRef<HTMLDivElement>(null);
  const form = useRef<HTMLFormElement>(null);
  const state = answered ?? posted;

  useEffect(() => {
    if (answered === null) return;
    const wrong = form.current?.querySelector<HTMLElement>("[aria-invalid]");
    (wrong ?? outcome.current)?.focus();
  }, [answered]);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (pending) return;
    const data = new FormData(event.currentTarget);
    const typed = (name: string) => String(data.get(name) ?? "");
    setPending(true);
    try {
      setAnswered(await sendMessage(state, data));
    } catch {
      // Also when this page is older than the program that now runs.
      setAnswered({
        kind: "refused",
        typed: { name: typed("name"), email: typed("email"), message: typed("message") },
        errors: {},
        trouble: unreachable,
      });
    }
    setPending(false);
  }

  if (state.kind === "sent") {
    return (
      <div ref={outcome} tabIndex={-1} role="status" className="rounded-lg border border-ok-line bg-ok-soft px-5 py-6">
        <p className="font-semibold text-lg">Message sent.</p>
        <p className="mt-1 text-ink-muted">We'll get back to you soon.</p>
      </div>
    );
  }
  const { typed, errors, trouble } = state.kind === "refused" ? state : { typed: null, errors: {}, trouble: null };
  return (
    <form
      ref={form}
      action={post}
      onSubmit={(event) => void submit(event)}
      noValidate
      className="grid items-start gap-4 sm:grid-cols-2"
      aria-label="Get in touch"
    >
      <input type="hidden" name="page" value={page} />
      <Field label="Name" optional error={errors.name}>
        {(control) => (
          <Input
            {...control}
            className="h-10"
            name="name"
            autoComplete="name"
            maxLength={500}
            defaultValue={typed?.name}
          />
        )}
      </Field>
      <Field label="Email" error={errors.email}>
        {(control) => (
          <Input
            {...control}
            className="h-10"
            type="email"
            name="email"
            autoComplete="email"
            required
            maxLength={500}
            defaultValue={typed?.email}
          />
        )}
      </Field>
      <Field label="Message" error={errors.message} className="sm:col-span-2">
        {(control) => (
          // More than is taken, so that what is too long is told instead of cut; and no more than a request may hold.
          <Textarea {...control} name="message" required rows={5} maxLength={20_000} defaultValue={typed?.message} />
        )}
      </Field>
      {/* Nobody sees or reaches it. Programs that fill every field fill this one too. */}
      <div aria-hidden="true" className="absolute h-px w-px overflow-hidden opacity-0">
        <label>
          Leave this empty
          <input name="homepage" tabIndex={-1} autoComplete="off" />
        </label>
      </div>
      <div ref={outcome} tabIndex={-1} className="grid gap-4 outline-none sm:col-span-2">
        {trouble && (
          <Callout tone="danger" role="alert">
            {trouble}
          </Callout>
        )}
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
          <Button type="submit" variant="primary" size="lg" loading={pending}>
            {pending ? "Sending" : "Send message"}
          </Button>
          <p className="text-ink-muted text-xs">
            Read by the people who run this site. Used to answer you, nothing else.
          </p>
        </div>
      </div>
    </form>
  );
}
