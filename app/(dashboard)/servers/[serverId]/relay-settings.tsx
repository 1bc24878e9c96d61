"use client";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { send } from "@/app/_client/api.ts";
import { reloadAll } from "@/app/_client/queries.ts";
import type { ServerAnswer } from "@/app/api/v1/schemas.ts";
import { Card, CardBody, CardHeader } from "@/components/ui/card.tsx";
import { ChoiceCards } from "@/components/ui/choice-cards.tsx";
import { Switch } from "@/components/ui/switch.tsx";
import { toast } from "@/components/ui/toaster.tsx";
import { type MethodGroup, methodGroups } from "@/policy/server-settings.ts";

const choices = [
  {
    value: "serve",
    title: "Let it through",
    about: "Agents get the new definition at once. The change is on record.",
  },
  {
    value: "hold",
    title: "Hold the tool",
    about: "The tool is hidden and its calls are denied until you have looked at the change. All others work.",
  },
  {
    value: "block",
    title: "Block the server",
    about: "Every call of this server is denied until you have looked at the change.",
  },
] as const;

/** What happens when the server serves something else than what was accepted. */
export function ChangeSetting({ server }: { server: ServerAnswer }) {
  const client = useQueryClient();
  const [wanted, setWanted] = useState<string | null>(null);

  async function change(value: string) {
    setWanted(value);
    const answer = await send("PATCH", `/servers/${server.id}`, { onDefinitionChange: value });
    if (answer.ok) toast.success("In force from the next call on");
    else toast.error("That did not work", { description: answer.trouble.detail });
    await reloadAll(client);
    setWanted(null);
  }

  return (
    <Card>
      <CardHeader
        title="When a definition changes"
        description="Tools, prompts and instructions are pinned as they were accepted, and held against every list that passes. New tools always wait to be accepted."
      />
      <CardBody>
        <ChoiceCards
          label="A changed definition"
          columns={3}
          value={wanted ?? server.onDefinitionChange}
          onChange={(value) => void change(value)}
          choices={choices}
        />
      </CardBody>
    </Card>
  );
}

const groups: Record<MethodGroup, { title: string; about: string }> = {
  prompts: { title: "Prompts", about: "Texts of the server that a person picks in the client." },
  resources: { title: "Resources", about: "Files and other data that the server offers to read." },
  completion: { title: "Completion", about: "Suggestions while arguments of prompts are typed." },
  logging: { title: "Logging", about: "Log messages of the server to the client." },
  tasks: { title: "Tasks", about: "Calls that go on in the background and are asked after." },
  sampling: { title: "Sampling", about: "The server asks the client's model to write something." },
  elicitation: { title: "Elicitation", about: "The server asks the person at the client for input." },
  roots: { title: "Roots", about: "The server asks which folders the client works in." },
};

/** Which parts of the protocol besides tools pass. */
export function MethodSettings({ server }: { server: ServerAnswer }) {
  const client = useQueryClient();
  const [pending, setPending] = useState<MethodGroup | null>(null);

  async function change(group: MethodGroup, isRelayed: boolean) {
    setPending(group);
    const answer = await send("PATCH", `/servers/${server.id}`, {
      methods: { [group]: isRelayed ? "relay" : "refuse" },
    });
    const { title } = groups[group];
    if (answer.ok) toast.success(isRelayed ? `${title}: relayed from now on` : `${title}: refused from now on`);
    else toast.error("That did not work", { description: answer.trouble.detail });
    await reloadAll(client);
    setPending(null);
  }

  return (
    <Card>
      <CardHeader
        title="Besides tools"
        description="Policies decide about tools. What else of the protocol passes is settled here; neither side hears of what is off."
      />
      <ul aria-label="Parts of the protocol" className="divide-y border-t">
        {methodGroups.map((group) => (
          <li key={group} className="flex items-center justify-between gap-4 px-4 py-2.5">
            <div className="min-w-0">
              <p className="font-medium text-sm">{groups[group].title}</p>
              <p className="text-ink-muted text-xs">{groups[group].about}</p>
            </div>
            <Switch
              label={`Relay ${groups[group].title.toLowerCase()}`}
              checked={server.methods[group] === "relay"}
              pending={pending === group}
              onChange={(isRelayed) => void change(group, isRelayed)}
            />
          </li>
        ))}
      </ul>
    </Card>
  );
}
