// node setup.mjs <file.ts> [arguments]: runs a TypeScript file of ours on a machine that has Node and nothing else. Installs what
// is missing, generates the database client, then runs the file in this very process, so signals need no forwarding.
//
// Plain JavaScript with nothing but Node, because it runs before anything is installed.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = path.dirname(fileURLToPath(import.meta.url));
const clientStamp = "prisma/generated/.made-from";
const [file, ...args] = process.argv.slice(2);

checkNode();
process.chdir(root);
if (!isInstalled()) await install();
if (!isGenerated()) await generate();
if (file) await runTypeScript(path.resolve(root, file), args);

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  console.error(`PolicyLayer needs Node 20.19 or newer; this is ${process.version}. See https://nodejs.org/`);
  process.exit(1);
}

/** Whether node_modules holds what package-lock.json says. npm writes its own list there when an install is complete. */
function isInstalled() {
  const installed = readJson("node_modules/.package-lock.json")?.packages;
  if (!installed) return false;
  const wanted = Object.entries(readJson("package-lock.json")?.packages ?? {});
  // Packages for other systems are optional and stay away; the entry without a name is ourselves.
  return wanted.every(([name, { version, optional, devOptional }]) => {
    return name === "" || optional || devOptional || installed[name]?.version === version;
  });
}

async function install() {
  say("installing packages (npm ci), about a minute the first time");
  // Nothing of ours needs an install script, so none runs. Development packages are needed to build.
  const options = ["ci", "--include=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const npm = process.env.npm_execpath;
  if (npm && /npm-cli\.c?js$/.test(npm)) await run(process.execPath, [npm, ...options]);
  else await run("npm", options);
}

function isGenerated() {
  return existsSync(clientStamp) && readFileSync(clientStamp, "utf8") === clientInputs();
}

async function generate() {
  say("generating the database client");
  await run(process.execPath, ["--import", "tsx", "prisma/generate.ts"]);
  writeFileSync(clientStamp, clientInputs());
}

function clientInputs() {
  const generator = readJson("node_modules/@prisma/client/package.json")?.version;
  return createHash("sha256").update(readFileSync("prisma/schema.prisma")).update(`${generator}`).digest("hex");
}

async function runTypeScript(target, targetArgs) {
  const { register } = await import("tsx/esm/api");
  register();
  process.argv = [process.execPath, target, ...targetArgs];
  await import(pathToFileURL(target).href);
}

/** Runs a program to its end. When we are told to stop meanwhile, it is told as well; when it fails, so do we. */
async function run(program, programArgs) {
  const child = spawn(program, programArgs, {
    stdio: ["ignore", "inherit", "inherit"],
    shell: process.platform === "win32",
  });
  const pass = (signal) => child.kill(signal);
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) process.on(signal, pass);
  const failure = await new Promise((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("exit", (code, signal) => resolve(code === 0 ? null : `ended with ${code ?? signal}`));
  });
  for (const signal of signals) process.off(signal, pass);
  if (failure === null) return;
  console.error(`${path.basename(program)} ${programArgs.join(" ")}: ${failure}`);
  process.exit(1);
}

function readJson(name) {
  try {
    return JSON.parse(readFileSync(name, "utf8"));
  } catch {
    return null; // missing or cut off: both mean that it has to be made
  }
}

function say(text) {
  console.log(`PolicyLayer: ${text}`);
}
