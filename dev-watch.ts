// For npm run dev: says when the gateway's sources changed. The web needs none of this, Next watches its own.
import { existsSync, watch } from "node:fs";
import path from "node:path";

const watched = ["gateway", "policy", "catalog", "prisma", "settings.ts"];
const notSources = /\.test\.ts$|\.(md|json|sql|prisma)$|^generated|~$|^\./;

export function watchSources(root: string, changed: () => void): void {
  let soon: NodeJS.Timeout | undefined;
  for (const name of watched) {
    const place = path.join(root, name);
    if (!existsSync(place)) continue;
    watch(place, { recursive: true }, (_event, file) => {
      if (file && notSources.test(file)) return;
      clearTimeout(soon);
      soon = setTimeout(changed, 150); // an editor writes a file in several steps
    });
  }
}
