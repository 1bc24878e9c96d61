// How passwords are judged and kept.
import { hash, verify } from "@node-rs/argon2";

// argon2id (the library's default algorithm) with OWASP's first recommendation: 19 MiB, two passes.
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

let unknownUserHash: Promise<string> | undefined;

/** @returns argon2id in its encoded form. */
export function hashPassword(password: string): Promise<string> {
  return hash(normalise(password), cost);
}

/**
 * Whether the password is the one that was hashed. Without a hash (no such user, or one who signs in elsewhere) it takes as
 * long and says no, so that the answer's time does not tell who has an account.
 */
export async function verifyPassword(passwordHash: string | null | undefined, password: string): Promise<boolean> {
  unknownUserHash ??= hashPassword("nobody has this password");
  const isRight = await verify(passwordHash ?? (await unknownUserHash), normalise(password));
  return isRight && passwordHash != null;
}

/** The same characters typed on another keyboard or system must be the same password. */
function normalise(password: string): string {
  return password.normalize("NFKC");
}

const commonWords = list(`
  password passwort passord motdepasse contrasena admin administrator root user login welcome willkommen bienvenue
  letmein changeme default secret master access test testing guest hello iloveyou loveyou princess sunshine
  football baseball basketball monkey dragon shadow superman batman pokemon starwars trustno whatever freedom
  michael jordan jennifer jessica ashley charlie daniel summer winter spring autumn computer internet google
  microsoft samsung apple qwerty qwertz azerty policylayer mcpgateway temppassword mypassword
`);

// Rows and columns of keyboards, the alphabet and the digits, forwards and backwards: "1qaz2wsx3edc", "abcdefghijkl".
const runs = list(`
  01234567890123456789 abcdefghijklmnopqrstuvwxyz qwertyuiopasdfghjklzxcvbnm qwertzuiopasdfghjklyxcvbnm
  azertyuiopqsdfghjklmwxcvbn 1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p 1q2w3e4r5t6y7u8i9o0p q1w2e3r4t5y6u7i8o9p0
  qazwsxedcrfvtgbyhnujmikolp zaq12wsxcde34rfvbgt56yhn 123qweasdzxc123qweasdzxc qweasdzxcqweasdzxc
`);

function list(text: string): string[] {
  return text.trim().split(/\s+/);
}

const lookAlikes: Record<string, string> = {
  "@": "a",
  "4": "a",
  "3": "e",
  "1": "i",
  "!": "i",
  "0": "o",
  $: "s",
  "5": "s",
  "7": "t",
};

/**
 * Whether a password is among the first that anybody would guess: one common word with digits and signs around it, the
 * e-mail address, one part repeated, or a walk over the keyboard. Small and certain rather than complete: it must never
 * refuse a password that is good.
 */
export function isCommonPassword(password: string, email: string): boolean {
  const plain = password.normalize("NFKC").toLowerCase();
  const spelled = [...plain].map((character) => lookAlikes[character] ?? character).join("");
  const local = email.split("@")[0] ?? "";
  return (
    plain === email ||
    /^(.{1,8}?)\1+$/u.test(plain) ||
    new Set(plain).size < 5 ||
    runs.some((run) => isWalk(plain, run)) ||
    [plain, spelled].some((text) => isOneWord(text, [...commonWords, ...(local.length > 2 ? [local] : [])]))
  );
}

/** Nothing but one of the words, once or more, and at most eight digits, signs and spaces. */
function isOneWord(text: string, words: string[]): boolean {
  return words.some((word) => {
    const rest = text.replaceAll(word, "");
    return rest !== text && rest.length <= 8 && !/\p{L}{3}/u.test(rest);
  });
}

/** A piece of the run, forwards or backwards, with at most four other characters before or after it. */
function isWalk(text: string, run: string): boolean {
  const backwards = [...run].reverse().join("");
  for (let others = 0; others <= 4; others += 1) {
    const kept = text.length - others;
    const pieces = [text.slice(0, kept), text.slice(others)];
    if (pieces.some((piece) => piece.length >= 8 && (run.includes(piece) || backwards.includes(piece)))) return true;
  }
  return false;
}
