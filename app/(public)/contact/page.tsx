import type { Metadata } from "next";
import { JsonLd } from "../_parts/json-ld.tsx";
import { absoluteUrl, pageMetadata } from "../_parts/page-metadata.ts";
import { ContactForm } from "./contact-form.tsx";

const about = "Have a question or want to learn more? Send us a message.";

export function generateMetadata(): Metadata {
  return pageMetadata({ title: "Get in touch", description: `${about} No account needed.`, path: "/contact" });
}

export default function ContactPage() {
  return (
    <div className="mx-auto w-full max-w-2xl px-4 pt-12 pb-20 sm:px-6">
      <JsonLd data={{ "@type": "ContactPage", name: "Get in touch", url: absoluteUrl("/contact") }} />
      <h1 className="font-semibold text-3xl tracking-tight">Get in touch</h1>
      <p className="mt-2 mb-8 text-ink-muted text-lg">{about}</p>
      <div id="message" className="scroll-mt-20">
        <ContactForm />
      </div>
    </div>
  );
}
