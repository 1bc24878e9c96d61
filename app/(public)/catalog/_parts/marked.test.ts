import { describe, expect, it } from "vitest";
import { partsOf } from "./marked.tsx";

describe("what was searched for", () => {
  const marked = (text: string, query: string) =>
    partsOf(text, query)
      .map(({ part, isFound }) => (isFound ? `[${part}]` : part))
      .join("");

  it("is marked in what was found, in any case and order, also within a word", () => {
    expect(marked("vm_create_image", "Create vm")).toBe("[vm]_[create]_image");
    expect(marked("createVmImage", "vm_image")).toBe("create[Vm][Image]");
  });

  it("is text, not a pattern", () => {
    expect(marked("a.*b (c", "(c .*b")).toBe("a.[*b] [(c]");
    expect(marked("aaa", "")).toBe("aaa");
  });
});
