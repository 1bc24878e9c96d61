import type { Metadata } from "next";
import { settings } from "@/app/_server/environment.ts";
import { cut } from "@/app/_server/site/cut.ts";

/** More than this is cut by whoever shows it. */
const descriptionLengthMax = 300;

/**
 * What a public page says of itself to search engines and to those who link to it.
 *
 * @param title Without the product's name, which the layout adds.
 * @param path The page's one address: from `/`, encoded, without a query.
 * @param image Path of the picture for links. When left out, the one that `app/og` draws for this path.
 */
export function pageMetadata({
  title,
  description,
  path,
  image,
}: {
  title: string;
  description: string;
  path: string;
  image?: string;
}): Metadata {
  const url = absoluteUrl(path);
  const about = cut(description, descriptionLengthMax);
  const picture = {
    url: absoluteUrl(image ?? pictureOf(path)),
    width: 1200,
    height: 630,
    type: "image/png",
    alt: title,
  };
  return {
    title,
    description: about,
    alternates: { canonical: url },
    openGraph: {
      type: "website",
      siteName: "PolicyLayer",
      locale: "en",
      url,
      title,
      description: about,
      images: [picture],
    },
    twitter: { card: "summary_large_image", title, description: about, images: [picture] },
  };
}

/** The home page's address is the site's own. */
export function absoluteUrl(path: string): string {
  return `${settings().publicUrl}${path}`;
}

function pictureOf(path: string): string {
  return path === "/" ? "/og" : `/og${path}`;
}
