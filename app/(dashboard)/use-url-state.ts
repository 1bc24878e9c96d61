"use client";
import { useSearchParams } from "next/navigation";
import { useCallback } from "react";

/** One search parameter of the page's address. An empty value is left out. The page does not reload and Back is not littered. */
export function useUrlState(name: string): [string, (value: string) => void] {
  const params = useSearchParams();
  const set = useCallback((value: string) => replaceParams({ [name]: value }), [name]);
  return [params.get(name) ?? "", set];
}

export function replaceParams(changes: Record<string, string>): void {
  const params = new URLSearchParams(window.location.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === "") params.delete(name);
    else params.set(name, value);
  }
  const query = params.toString();
  window.history.replaceState(null, "", `${window.location.pathname}${query && `?${query}`}`);
}
