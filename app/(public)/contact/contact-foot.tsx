"use client";
import { usePathname } from "next/navigation";
import { ContactForm } from "./contact-form.tsx";

/** At the foot of every public page but the one that is this form. */
export function ContactFoot() {
  if (usePathname() === "/contact") return null;
  return (
    <section aria-labelledby="get-in-touch" className="border-t bg-surface">
      <div className="mx-auto grid w-full max-w-6xl gap-x-12 gap-y-6 px-4 py-14 sm:px-6 lg:grid-cols-[minmax(0,2fr)_minmax(0,3fr)]">
        <div>
          <h2 id="get-in-touch" className="font-semibold text-2xl tracking-tight">
            Get in touch
          </h2>
          <p className="mt-2 text-pretty text-ink-muted">Have a question or want to learn more? Send us a message.</p>
        </div>
        <ContactForm />
      </div>
    </section>
  );
}
