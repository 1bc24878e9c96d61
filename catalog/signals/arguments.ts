import type { SpokenCategory } from "../schema.ts";

export type ArgumentRow = {
  id: string;
  category: SpokenCategory;
  names: string;
  /** Counts when it is a boolean, and the tool does more than read. */
  flag?: true;
  /** Counts beside one of these verbs only. */
  verbs?: string;
  /** Often just data: counts only when nothing says that it is read or written. */
  oftenData?: true;
};

/** An argument of one of these names decides what the tool does. */
export const argumentRows: readonly ArgumentRow[] = [
  { id: "argument.command", category: "Execute", names: "command cmd shell shellCommand commandLine bash powershell" },
  { id: "argument.sql", category: "Execute", names: "sql rawSql sqlQuery sqlStatement" },
  {
    id: "argument.code",
    category: "Execute",
    names: "code script javascript expression python js function pageFunction",
    oftenData: true,
  },
  { id: "argument.cascade", category: "Destructive", names: "cascade forcePush hardReset", flag: true },
  {
    id: "argument.target",
    category: "Write",
    names:
      "outputDir outputDirectory outputPath outputFile savePath saveDir saveTo localPath destination destinationPath downloadPath targetPath",
    verbs: "download export convert",
  },
  { id: "argument.force", category: "Execute", names: "force", flag: true },
];

/** Arguments whose listed values say what the tool can do. */
export const selectorNames =
  "action actions actionType operation operations operationType op mode method command cmd verb crud subcommand task intent requestType";

/** Of these names, those that say as often how to look at something. */
export const vagueSelectorNames = "mode task intent requestType operations";

/** Of these names, those whose actions may be listed in the words of their description. */
export const toldSelectorNames = "action actions operation operationType op mode command";

/** Verbs beside which an argument of such a name only filters, unless one of its values reads too: `list_events`. */
export const filteringVerbs = "list search find count filter";

/** A boolean argument that begins with one of these loses something when it is set. */
export const lossFlagVerbs = "delete destroy erase wipe purge drop prune truncate nuke uninstall shred";

/** `remove` does so only with something that holds data: `removeVolumes`, not `removeShading`. */
export const lossFlagObjects =
  "volume volumes data file files branch branches database databases user users record records all orphan orphans source sources original originals container containers snapshot snapshots backup backups disk disks";

/** Verbs that look at code or SQL without running it. */
export const examiningVerbs =
  "validate lint format parse check analyze analyse explain translate convert decode diff review scan detect";
