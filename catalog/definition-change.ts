// What kind of change a definition went through, for the person who has to accept it. Pure, and bounded by the definitions.

/** What may change about a definition, the gravest for a reader first. */
export const changeGrades = [
  "new",
  "gone",
  "required_parameter_added",
  "parameter_removed",
  "type_narrowed",
  "enum_changed",
  "type_widened",
  "optional_parameter_added",
  "hint_flipped",
  "output_schema",
  "wording",
  "other",
] as const;
export type ChangeGrade = (typeof changeGrades)[number];

/**
 * Grades a change of a tool, a prompt or instructions. Every difference has a grade: what is not understood is `other`.
 *
 * @param before JSON text of the accepted definition; null when there is none.
 * @param after JSON text of what is served now; null when it is gone.
 */
export function gradeChange(before: string | null, after: string | null): ChangeGrade[] {
  if (after === null) return ["gone"];
  if (before === null) return ["new"];
  const grades = new Set<ChangeGrade>();
  try {
    gradeValues(JSON.parse(before), JSON.parse(after), grades);
  } catch {
    grades.add("other");
  }
  // Digits that no number here can hold, or the order of keys that are given twice.
  if (grades.size === 0 && before !== after) grades.add("other");
  return changeGrades.filter((grade) => grades.has(grade));
}

type Grades = Set<ChangeGrade>;
type Members = Record<string, unknown>;

function gradeValues(before: unknown, after: unknown, grades: Grades): void {
  if (typeof before === "string" && typeof after === "string") {
    if (before !== after) grades.add("wording");
    return;
  }
  if (!isObject(before) || !isObject(after)) {
    if (!isSame(before, after)) grades.add("other");
    return;
  }
  for (const key of differing(before, after)) {
    const one = own(before, key);
    const other = own(after, key);
    if (words.has(key)) grades.add("wording");
    else if (key === "inputSchema") gradeSchema(one, other, grades);
    else if (key === "outputSchema") grades.add("output_schema");
    else if (key === "annotations") gradeAnnotations(one, other, grades);
    else if (key === "arguments") gradeSchema(schemaOfArguments(one), schemaOfArguments(other), grades);
    else grades.add("other");
  }
}

const words = new Set(["title", "description", "$comment", "examples"]);

function gradeAnnotations(before: unknown, after: unknown, grades: Grades): void {
  const [one, other] = [isObject(before) ? before : {}, isObject(after) ? after : {}];
  for (const key of differing(one, other)) {
    if (key.endsWith("Hint")) grades.add("hint_flipped");
    else grades.add(words.has(key) ? "wording" : "other");
  }
}

/** A prompt's arguments, as the schema that a tool would have for them. */
function schemaOfArguments(given: unknown): unknown {
  if (!Array.isArray(given)) return given === undefined ? { properties: {} } : given;
  const named = given.filter((one): one is Members & { name: string } => isObject(one) && typeof one.name === "string");
  return {
    properties: Object.fromEntries(named.map(({ name, required: _, ...rest }) => [`=${name}`, rest])),
    required: named.filter(({ required }) => required === true).map(({ name }) => `=${name}`),
  };
}

/** Grades what arguments a schema takes. */
function gradeSchema(before: unknown, after: unknown, grades: Grades): void {
  if (isSame(before, after)) return;
  if (isObject(before) && isObject(after) && isEverything(before) === isEverything(after)) {
    for (const key of differing(before, after)) gradeKeyword(key, before, after, grades);
  } else if (isEverything(before) && isEverything(after)) {
    grades.add("other");
  } else if (isEverything(before) || after === false) {
    grades.add("type_narrowed");
  } else if (isEverything(after) || before === false) {
    grades.add("type_widened");
  } else {
    grades.add("other");
  }
}

function gradeKeyword(key: string, before: Members, after: Members, grades: Grades): void {
  const one = own(before, key);
  const other = own(after, key);
  if (words.has(key)) grades.add("wording");
  else if (key === "type") gradeType(one, other, grades);
  else if (key === "enum" || key === "const") grades.add("enum_changed");
  else if (key === "properties") gradeProperties(before, after, grades);
  else if (key === "required") gradeRequired(before, after, grades);
  else if (key === "items" || key === "additionalProperties") gradeSchema(one ?? true, other ?? true, grades);
  else if (key === "$defs" || key === "definitions" || key === "patternProperties") gradeEach(one, other, grades);
  else if (key === "anyOf" || key === "oneOf") gradeChoices(one, other, grades);
  else if (key === "allOf") gradeEach(one, other, grades);
  else if (lowerBounds.has(key)) gradeBound(one, other, grades);
  else if (upperBounds.has(key)) gradeBound(other, one, grades, one === undefined ? "type_narrowed" : "type_widened");
  else if (restrictions.has(key)) gradeRestriction(one, other, grades);
  else grades.add("other");
}

const lowerBounds = new Set(["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains"]);
const upperBounds = new Set(["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains"]);
const restrictions = new Set(["pattern", "format", "multipleOf", "uniqueItems", "not", "propertyNames"]);

function gradeType(before: unknown, after: unknown, grades: Grades): void {
  const one = typesOf(before);
  const other = typesOf(after);
  if ([...other].some((type) => !one.has(type))) grades.add("type_widened");
  if ([...one].some((type) => !other.has(type))) grades.add("type_narrowed");
}

const allTypes = ["null", "boolean", "object", "array", "integer", "number", "string"];

function typesOf(type: unknown): Set<unknown> {
  const types = new Set<unknown>(type === undefined ? allTypes : Array.isArray(type) ? type : [type]);
  if (types.has("number")) types.add("integer");
  return types;
}

function gradeProperties(before: Members, after: Members, grades: Grades): void {
  const one = membersOf(before, "properties");
  const other = membersOf(after, "properties");
  for (const name of Object.keys(other)) {
    if (Object.hasOwn(one, name)) gradeSchema(one[name], other[name], grades);
    else grades.add(requiredOf(after).has(name) ? "required_parameter_added" : "optional_parameter_added");
  }
  if (Object.keys(one).some((name) => !Object.hasOwn(other, name))) grades.add("parameter_removed");
}

/** Of parameters that were there before and still are: the others have grades of their own. */
function gradeRequired(before: Members, after: Members, grades: Grades): void {
  const [one, other] = [requiredOf(before), requiredOf(after)];
  const isNew = (name: string) => !Object.hasOwn(membersOf(before, "properties"), name);
  const isRemoved = (name: string) => !Object.hasOwn(membersOf(after, "properties"), name);
  if ([...other].some((name) => !one.has(name))) grades.add("required_parameter_added");
  if ([...one].some((name) => !other.has(name) && (isNew(name) || !isRemoved(name)))) grades.add("type_widened");
}

function gradeEach(before: unknown, after: unknown, grades: Grades): void {
  if (typeof before !== "object" || typeof after !== "object" || before === null || after === null) {
    grades.add("other");
    return;
  }
  for (const key of differing(before as Members, after as Members)) {
    const [one, other] = [own(before as Members, key), own(after as Members, key)];
    if (one === undefined || other === undefined) grades.add("other");
    else gradeSchema(one, other, grades);
  }
}

function gradeChoices(before: unknown, after: unknown, grades: Grades): void {
  if (!Array.isArray(before) || !Array.isArray(after)) {
    grades.add("other");
    return;
  }
  if (before.length === after.length) {
    gradeEach(before, after, grades);
    return;
  }
  const lacks = (list: unknown[], of: unknown[]) => of.some((one) => !list.some((other) => isSame(one, other)));
  if (lacks(before, after)) grades.add("type_widened");
  if (lacks(after, before)) grades.add("type_narrowed");
  // The same choices, some of them twice.
  if (!lacks(before, after) && !lacks(after, before)) grades.add("other");
}

/** A bound from below: a higher one takes less. @param onMissing When exactly one side has none. */
function gradeBound(before: unknown, after: unknown, grades: Grades, onMissing?: ChangeGrade): void {
  if (before === undefined || after === undefined) {
    grades.add(onMissing ?? (before === undefined ? "type_narrowed" : "type_widened"));
  } else if (typeof before !== "number" || typeof after !== "number") {
    grades.add("other");
  } else {
    grades.add(after > before ? "type_narrowed" : "type_widened");
  }
}

function gradeRestriction(before: unknown, after: unknown, grades: Grades): void {
  if (before === undefined) grades.add("type_narrowed");
  else if (after === undefined) grades.add("type_widened");
  else grades.add("other");
}

/** Whether a schema takes any value: it says nothing, or only words. */
function isEverything(schema: unknown): boolean {
  return (
    schema === true || schema === undefined || (isObject(schema) && Object.keys(schema).every((key) => words.has(key)))
  );
}

function isObject(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function own(object: Members, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function membersOf(schema: Members, key: string): Members {
  const members = own(schema, key);
  return isObject(members) ? members : {};
}

function requiredOf(schema: Members): Set<string> {
  const required = own(schema, "required");
  return new Set(Array.isArray(required) ? required.filter((name) => typeof name === "string") : []);
}

function differing(before: Members, after: Members): string[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].filter((key) => !isSame(own(before, key), own(after, key)));
}

/** The same JSON value, in whatever order its keys are. */
function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const keys = Object.keys(one);
  if (keys.length !== Object.keys(other).length) return false;
  return keys.every((key) => Object.hasOwn(other, key) && isSame((one as Members)[key], (other as Members)[key]));
}
