import type { NextConfig } from "next";

const config: NextConfig = {
  poweredByHeader: false,
  // Native code, or code that loads files beside itself: left in node_modules instead of bundled.
  serverExternalPackages: ["@node-rs/argon2", "pg", "@prisma/client", "@prisma/adapter-pg"],
  // `npm test` checks the types. A start on somebody's machine need not do it again.
  typescript: { ignoreBuildErrors: true },
  devIndicators: false,
};

export default config;
