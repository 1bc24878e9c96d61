import type { Source } from "./attack.ts";

const practices = "https://modelcontextprotocol.io/docs/2026-07-28/tutorials/security/security_best_practices";
const practicesLegacy = "https://modelcontextprotocol.io/docs/2025-11-25/tutorials/security/security_best_practices";
const specification = "https://modelcontextprotocol.io/specification/2026-07-28";

/** A section of the MCP project's own security guidance, of the newest revision. */
function guidance(section: string, anchor: string): Source {
  return { title: `MCP security best practices: ${section}`, url: `${practices}#${anchor}`, date: "2026-07-28" };
}

/** What several patterns stand on. */
export const sources = {
  mcpConfusedDeputy: guidance("confused deputy problem", "confused-deputy-problem"),
  mcpTokenPassthrough: guidance("token passthrough", "token-passthrough"),
  mcpSsrf: guidance("server-side request forgery", "server-side-request-forgery-ssrf"),
  mcpLocalServer: guidance("local MCP server compromise", "local-mcp-server-compromise"),
  mcpStateHandles: guidance("state handle hijacking", "state-handle-hijacking"),
  mcpScopes: guidance("scope minimization", "scope-minimization"),
  mcpSessions: {
    title: "MCP security best practices: session hijacking (revision with sessions)",
    url: `${practicesLegacy}#session-hijacking`,
    date: "2025-11-25",
  },
  mcpTools: {
    title: "MCP specification: tools, with untrusted annotations and a human in the loop",
    url: `${specification}/server/tools`,
    date: "2026-07-28",
  },
  mcpAuthorization: {
    title: "MCP specification: authorization, security considerations",
    url: `${specification}/basic/authorization/security-considerations`,
    date: "2026-07-28",
  },
  invariantPoisoning: {
    title: "Invariant Labs: MCP security notification, tool poisoning attacks",
    url: "https://invariantlabs.ai/blog/mcp-security-notification-tool-poisoning-attacks",
    date: "2025-04",
  },
  invariantWhatsapp: {
    title: "Invariant Labs: WhatsApp MCP exploited",
    url: "https://invariantlabs.ai/blog/whatsapp-mcp-exploited",
    date: "2025-04-07",
  },
  invariantGithub: {
    title: "Invariant Labs: GitHub MCP exploited, accessing private repositories via MCP",
    url: "https://invariantlabs.ai/blog/mcp-github-vulnerability",
    date: "2025-05-26",
  },
  koiPostmark: {
    title: "Koi Security: the backdoor in the npm package postmark-mcp",
    url: "https://www.koi.security/blog/postmark-mcp-npm-malicious-backdoor-email-theft",
    date: "2025-09-25",
  },
  trifecta: {
    title: "Simon Willison: the lethal trifecta for AI agents",
    url: "https://simonwillison.net/2025/Jun/16/the-lethal-trifecta/",
    date: "2025-06-16",
  },
  greshake: {
    title: "Greshake et al.: Not what you've signed up for, indirect prompt injection (arXiv:2302.12173)",
    url: "https://arxiv.org/abs/2302.12173",
    date: "2023-02",
  },
  camel: {
    title: "Debenedetti et al.: Defeating prompt injections by design, CaMeL (arXiv:2503.18813)",
    url: "https://arxiv.org/abs/2503.18813",
    date: "2025-03",
  },
  owaspInjection: {
    title: "OWASP LLM01:2025, prompt injection",
    url: "https://genai.owasp.org/llmrisk/llm01-prompt-injection/",
    date: "2025",
  },
  owaspAgency: {
    title: "OWASP LLM06:2025, excessive agency",
    url: "https://genai.owasp.org/llmrisk/llm062025-excessive-agency/",
    date: "2025",
  },
  owaspConsumption: {
    title: "OWASP LLM10:2025, unbounded consumption",
    url: "https://genai.owasp.org/llmrisk/llm102025-unbounded-consumption/",
    date: "2025",
  },
  hardy: {
    title: "Hardy: The confused deputy, ACM SIGOPS Operating Systems Review 22(4)",
    url: "https://doi.org/10.1145/54289.871709",
    date: "1988",
  },
  rfc8707: {
    title: "RFC 8707: resource indicators for OAuth 2.0",
    url: "https://www.rfc-editor.org/rfc/rfc8707",
    date: "2020-02",
  },
  rfc9700: {
    title: "RFC 9700: best current practice for OAuth 2.0 security",
    url: "https://www.rfc-editor.org/rfc/rfc9700",
    date: "2025-01",
  },
  rfc9728: {
    title: "RFC 9728: OAuth 2.0 protected resource metadata",
    url: "https://www.rfc-editor.org/rfc/rfc9728",
    date: "2025-04",
  },
} as const satisfies Record<string, Source>;

/** An entry of the Common Weakness Enumeration. */
export function cwe(number: number, name: string): Source {
  return { title: `CWE-${number}: ${name}`, url: `https://cwe.mitre.org/data/definitions/${number}.html` };
}

/** A reviewed advisory of GitHub's database. */
export function advisory(id: string, title: string, date?: string): Source {
  return { title, url: `https://github.com/advisories/${id}`, ...(date === undefined ? {} : { date }) };
}
