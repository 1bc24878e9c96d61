import type { NextConfig } from "next";
import { readSettings } from "./settings.ts";

const config: NextConfig = {
  poweredByHeader: false,
  // Native code, or code that loads files beside itself: left in node_modules instead of bundled.
  serverExternalPackages: ["@node-rs/argon2", "nodemailer", "pg", "@prisma/client", "@prisma/adapter-pg", "libsodium"],
  // `npm test` checks the types. A start on somebody's machine need not do it again.
  typescript: { ignoreBuildErrors: true },
  devIndicators: false,
  // Next keeps a copy of every request body for the proxy. The API itself refuses more than 2 MiB; the default here is 10 MB.
  experimental: {
    proxyClientMaxBodySize: "3mb",
    serverActions: {
      // The one there is takes a message of the contact form.
      bodySizeLimit: "64kb",
      // Behind an operator's proxy the Host header may be another than the address in the browser.
      allowedOrigins: [new URL(readSettings(process.env).publicUrl).host],
    },
  },
  // A page's title and addresses stand in its head for everybody, not only for search engines: without JavaScript nobody would
  // move them there.
  htmlLimitedBots: /.*/,
};

export default config;
