import { describe, expect, it } from "vitest";
import { classify } from "./classify.ts";
import { deedWords, kinOf, kinship } from "./kin.ts";

function tool(name: string, more: object = {}) {
  const { category, signals } = classify({ name, ...more });
  return { name, category, signals };
}

describe("what a tool does to what", () => {
  it.each([
    ["delete_file", "deletes files"],
    ["removeFiles", "removes files"],
    ["getUserById", "gets users"],
    ["list_pull_requests", "lists requests"],
    ["search_repositories", "searches repositories"],
    ["copy_entry", "copies entries"],
    ["get_status", "gets status"],
    ["renewSubscriptionV1", "renews subscriptions"],
    ["vm_create_image", "creates images"],
    ["setup_repository", "sets up repositories"],
    ["convert_ids", "converts ids"],
    ["forward-message", "forwards messages"],
    // What stands before the verb is where, not what: nothing is sent to be a discord.
    ["discord_send", "sends"],
    ["jira_delete", "deletes"],
    ["mark_task_done", "marks"],
  ])("%s %s", (name, words) => {
    expect(deedWords(tool(name))).toBe(words);
  });

  it("is said in general where the name does not say it", () => {
    expect(deedWords(tool("读取文件"))).toBe("only reads");
    expect(deedWords({ name: "x", category: "Other", signals: [] })).toBe("says nothing of what it does");
    const shell = { inputSchema: { type: "object", properties: { command: { type: "string" } } } };
    expect(deedWords(tool("thing", shell))).toBe("takes `command`");
    expect(deedWords(tool("new_page"))).toBe("makes changes");
    expect(deedWords(tool("user-info"))).toBe("only reads");
  });
});

describe("kin", () => {
  const [deleteFile, removeFiles] = [tool("delete_file"), tool("removeFiles")];

  it("is the same for the same deed, however it is spelled", () => {
    expect(kinOf(deleteFile)).toBe("Destructive verb.delete file delete");
    expect(kinOf(tool("DeleteFiles"))).toBe(kinOf(deleteFile));
  });

  it("is closer the more is shared: category, signal, object, verb", () => {
    const to = (other: ReturnType<typeof tool>) => kinship(kinOf(deleteFile), kinOf(other));
    expect(
      [tool("read_file"), tool("empty_trash"), tool("delete_user"), removeFiles, tool("file_delete")].map(to),
    ).toEqual([0, 1, 2, 3, 4]);
  });

  it("stays short whatever the name", () => {
    expect(kinOf(tool(`delete_${"x".repeat(5_000)}`)).length).toBeLessThan(120);
    expect(kinOf(tool(""))).toBe("Other - - -");
  });
});
