/** What the gateway's rooms log to: the part of a pino logger that they use. */
export type Log = Record<"debug" | "info" | "warn" | "error", (fields: object, message: string) => void>;
