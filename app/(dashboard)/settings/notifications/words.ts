export const kindWords = { webhook: "Webhook", slack: "Slack", email: "E-mail" } as const;
export const eventWords = {
  "approval.created": "A call waits",
  "approval.decided": "It was decided",
  test: "A test",
} as const;
