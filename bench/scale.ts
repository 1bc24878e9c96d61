// What happens when there is much more of everything: a simulation, because no machine of ours has a hundred gateways.
// npx tsx bench/scale.ts prints the tables of ops/SCALE.md, the same ones every time: its clock and its chance are its own.
import { page } from "./scale/page.ts";

console.log(page());
