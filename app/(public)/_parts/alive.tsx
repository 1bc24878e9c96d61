"use client";
import { useEffect } from "react";

/** Tells app/_client/hydrate-later.js that the page answers from now on. */
export function Alive() {
  useEffect(() => {
    dispatchEvent(new Event("policylayer:alive"));
  }, []);
  return null;
}
