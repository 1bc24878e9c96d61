import { startingPoints as points, startingDocument } from "../../../policy/starting-points.ts";

/** Starting points that need no list of tools. */
export const startingPoints = points
  .filter(({ id }) => id !== "recommended")
  .map((point) => ({ ...point, document: startingDocument(point.id, []) }));
