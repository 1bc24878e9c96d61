/** Documents to start a policy from. Each is complete and can be published as it is. */
export type StartingPoint = { id: string; title: string; about: string; document: string };

const perMinute = (counter: string, max: number) => ({
  limits: [{ counter, window: "minute", max, scope: "grant" }],
});

const text = (document: object) => `${JSON.stringify(document, null, 2)}\n`;

export const startingPoints: readonly StartingPoint[] = [
  {
    id: "read_only",
    title: "Read only",
    about: "Tools that only read are allowed. Everything else is denied.",
    document: text({ version: "1", description: "Read only", default: "deny", categories: { Read: {} } }),
  },
  {
    id: "limits",
    title: "Allow with limits",
    about:
      "Reading is free, writing and running are limited, money and the unknown ask a person, destruction is hidden.",
    document: text({
      version: "1",
      description: "Allow with limits",
      default: "deny",
      categories: {
        Read: {},
        Write: perMinute("writes", 30),
        Execute: perMinute("executions", 10),
        Destructive: { action: "hide" },
        Financial: { action: "require_approval" },
        Other: { action: "require_approval" },
      },
    }),
  },
  {
    id: "deny_all",
    title: "Deny all",
    about: "Nothing is allowed until you allow it, tool by tool.",
    document: text({ version: "1", default: "deny", tools: {} }),
  },
];
