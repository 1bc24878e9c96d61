/** A policy ready to be evaluated. Made by `parsePolicy` only; opaque to everyone but `evaluate`. */
export type Policy = { readonly default: "allow" | "deny" | "hide" };
