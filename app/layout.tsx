import type { Metadata, Viewport } from "next";
import type { ReactNode } from "react";
import { Providers } from "./_client/providers.tsx";
import { fontVariables } from "./_fonts/geist.ts";
import "./globals.css";

export const metadata: Metadata = {
  title: { default: "PolicyLayer", template: "%s · PolicyLayer" },
  description:
    "An MCP gateway that decides each tool call of your AI agents by rules you write, before it reaches the server.",
};

export const viewport: Viewport = {
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#f8f9fa" },
    { media: "(prefers-color-scheme: dark)", color: "#0e1113" },
  ],
};

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    // next-themes sets the class before hydration, so the server's markup differs on this one element.
    <html lang="en" suppressHydrationWarning className={fontVariables}>
      <body>
        <Providers>{children}</Providers>
      </body>
    </html>
  );
}
