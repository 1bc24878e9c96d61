// Where servers of the catalog come from, by itself: a page that only names it needs no schemas.

export const sourceKinds = ["npm", "github", "registry", "url"] as const;
export type SourceKind = (typeof sourceKinds)[number];
/** Where what is known comes from: `snapshot` is shipped, `harvest` was listed by this installation, `registry` is only named there. */
export const evidences = ["harvest", "snapshot", "registry"] as const;
export type Evidence = (typeof evidences)[number];
