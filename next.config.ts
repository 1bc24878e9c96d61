import type { NextConfig } from "next";

const config: NextConfig = {
  poweredByHeader: false,
  // Native code, or code that loads files beside itself: left in node_modules instead of bundled.
  serverExternalPackages: ["@node-rs/argon2", "pg", "@prisma/client", "@prisma/adapter-pg"],
  // `npm test` checks the types. A start on somebody's machine need not do it again.
  typescript: { ignoreBuildErrors: true },
  devIndicators: false,
  // Next keeps a copy of every request body for the proxy. The API itself refuses more than 2 MiB; the default here is 10 MB.
  experimental: { proxyClientMaxBodySize: "3mb" },
};

export default config;
