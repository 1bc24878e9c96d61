/** Something that can be frozen. */
export type BrakeTarget = {
  scope: "organisation" | "server" | "grant";
  /** Not for an organisation. */
  id?: string | undefined;
  name: string;
  frozen: boolean;
};

/** What a freeze of it does. */
export const consequences: Record<BrakeTarget["scope"], string> = {
  organisation: "Every tool call of every agent of this organisation is refused",
  server: "Every tool call to this server is refused",
  grant: "Every tool call with this grant is refused",
};
