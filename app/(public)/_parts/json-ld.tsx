type Json = string | number | boolean | null | undefined | readonly Json[] | { readonly [key: string]: Json };

/** Facts of a page as schema.org data. `@context` is added; members that are undefined are left out. */
export function JsonLd({ data }: { data: { readonly "@type": string; readonly [key: string]: Json } }) {
  return (
    <script
      type="application/ld+json"
      // biome-ignore lint/security/noDangerouslySetInnerHtml: a script's text is not escaped by React as JSON needs it; scriptText does
      dangerouslySetInnerHTML={{ __html: scriptText({ "@context": "https://schema.org", ...data }) }}
    />
  );
}

/** JSON that stays inside its script element, whatever its strings say: no `</script>`, no `<!--`. */
export function scriptText(data: Json): string {
  return JSON.stringify(data).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
