/** What one harvest may cost. */
export type HarvestLimits = {
  /** From the request to the answer, whatever happens. */
  totalMs: number;
  installMs: number;
  /** On disk, with everything it depends on. */
  installBytesMax: number;
  /** One start of the program, and how long its first answer may take. */
  runMs: number;
  firstAnswerMs: number;
  startsMax: number;
  memoryMaxBytes: number;
  /** What it may write, which is kept in memory. */
  filesMaxBytes: number;
  processesMax: number;
};

const mebibyte = 1024 * 1024;

export const harvestLimits: HarvestLimits = {
  totalMs: 300_000,
  installMs: 180_000,
  installBytesMax: 1_536 * mebibyte,
  runMs: 60_000,
  firstAnswerMs: 30_000,
  startsMax: 8,
  memoryMaxBytes: 1_536 * mebibyte,
  filesMaxBytes: 128 * mebibyte,
  processesMax: 384,
};
