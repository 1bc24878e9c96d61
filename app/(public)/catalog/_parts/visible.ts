export * from "@/components/visible.ts";
