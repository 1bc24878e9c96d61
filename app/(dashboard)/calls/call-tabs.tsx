"use client";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "@/components/ui/tabs.tsx";
import { useUrlState } from "../use-url-state.ts";
import { CallFigures } from "./call-figures.tsx";
import { CallLog } from "./call-log.tsx";

/** The calls one by one, and in figures. */
export function CallTabs() {
  const [wanted, setTab] = useUrlState("tab");
  const tab = wanted === "figures" ? "figures" : "log";
  return (
    <Tabs value={tab} onValueChange={(value) => setTab(value === "log" ? "" : value)}>
      <TabsList aria-label="Calls" className="mb-4">
        <TabsTrigger value="log">Log</TabsTrigger>
        <TabsTrigger value="figures">Figures</TabsTrigger>
      </TabsList>
      <TabsContent value="log">
        <CallLog />
      </TabsContent>
      <TabsContent value="figures">
        <CallFigures />
      </TabsContent>
    </Tabs>
  );
}
