import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { JsonLd } from "./json-ld.tsx";
import { absoluteUrl, pageMetadata } from "./page-metadata.ts";

describe("what a public page says of itself", () => {
  const metadata = pageMetadata({
    title: "vm_create_image",
    description: `Create an AMI.\n${"word ".repeat(200)}`,
    path: "/catalog/tmux-claude/vm_create_image",
  });

  it("has one address, under the public URL", () => {
    expect(metadata.alternates?.canonical).toBe(absoluteUrl("/catalog/tmux-claude/vm_create_image"));
    expect(metadata.openGraph).toMatchObject({ url: metadata.alternates?.canonical });
    expect(absoluteUrl("/")).toMatch(/^https?:\/\/[^/]+\/$/);
  });

  it("has a picture that is drawn for it", () => {
    const url = absoluteUrl("/og/catalog/tmux-claude/vm_create_image");
    expect(metadata.openGraph?.images).toEqual([expect.objectContaining({ url, width: 1200, height: 630 })]);
    expect(pageMetadata({ title: "t", description: "d", path: "/" }).openGraph?.images).toEqual([
      expect.objectContaining({ url: absoluteUrl("/og") }),
    ]);
  });

  it("has a description on one line that ends at a word", () => {
    expect(metadata.description).toMatch(/^Create an AMI\. (word )+word…$/);
    expect([...(metadata.description ?? "")].length).toBeLessThanOrEqual(300);
  });
});

describe("data in a page", () => {
  // Guards the promise that what a stranger's server calls its tools cannot run in our pages.
  it.each(["</script><script>alert(1)</script>", "<!--<script>", "]]>", "\u2028", "&lt;", '"\\'])(
    "stays inside its script element with %j in it",
    (hostile) => {
      const html = renderToStaticMarkup(<JsonLd data={{ "@type": "Thing", name: hostile }} />);
      const [, text = ""] = /^<script type="application\/ld\+json">([^<>]*)<\/script>$/.exec(html) ?? [];
      expect(JSON.parse(text)).toEqual({ "@context": "https://schema.org", "@type": "Thing", name: hostile });
    },
  );

  it("leaves out what is not known", () => {
    const html = renderToStaticMarkup(<JsonLd data={{ "@type": "Thing", url: undefined, name: null }} />);
    expect(html).not.toContain("url");
  });
});
