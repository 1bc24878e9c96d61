import type { MetadataRoute } from "next";

/** The dashboard, for those who put it beside their programs. */
export default function manifest(): MetadataRoute.Manifest {
  return {
    name: "PolicyLayer",
    short_name: "PolicyLayer",
    description: "Rules for the tool calls of AI agents.",
    start_url: "/overview",
    display: "minimal-ui",
    background_color: "#f8f9fa",
    theme_color: "#0c5c66",
    icons: [
      { src: "/icon.svg", type: "image/svg+xml", sizes: "any" },
      { src: "/icon-192.png", type: "image/png", sizes: "192x192", purpose: "maskable" },
      { src: "/icon-512.png", type: "image/png", sizes: "512x512", purpose: "maskable" },
    ],
  };
}
