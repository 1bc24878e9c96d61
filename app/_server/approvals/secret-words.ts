// Names under which people keep secrets: of a field, a header, a variable or an option.
import { fold } from "../../../policy/fold.ts";

const alone = new Set([
  ..."password passwd pwd passphrase passcode secret secrets credential credentials authorization bearer jwt".split(
    " ",
  ),
  ..."cookie cookies otp totp cvv cvc ssn pin apikey privatekey accesskey secretkey".split(" "),
]);
const whole = new Set(["pass", "auth", "token", "tokens"]);
const pairs = new Set([
  ..."api-key api-keys private-key access-key secret-key signing-key encryption-key master-key ssh-key".split(" "),
  ..."session-id session-key card-number account-key shared-key webhook-url".split(" "),
]);
const within =
  /password|passwd|passphrase|secret(?!ar)|apikey|authorization|privatekey|access_?token|auth_?token|credential/;

/** What makes a token something to count or to turn pages with. */
const countable = new Set(
  "max min num count counts limit total budget usage used type next page pagination continuation sync cursor prompt completion output input per".split(
    " ",
  ),
);

/** Whether text that is kept under this name is most likely a secret. */
export function isSecretName(name: string): boolean {
  if (name.length > nameLengthMax) return false;
  const words = wordsOf(name);
  const joined = words.join("");
  if (whole.has(joined) || within.test(joined)) return true;
  if (words.some((word, index) => alone.has(word) || pairs.has(`${word}-${words[index + 1] ?? ""}`))) return true;
  const isToken = words.some((word) => word === "token" || word === "tokens");
  return isToken && !words.some((word) => countable.has(word));
}

/** Whether a number under this name is one as well: of tokens there may be many, of passwords there is one. */
export function isSecretNumberName(name: string): boolean {
  return isSecretName(name) && !wordsOf(name).some((word) => word === "token" || word === "tokens");
}

/** Names that say that a long row of letters and digits is no secret. */
export function isFingerprintName(name: string): boolean {
  return (
    name.length <= nameLengthMax &&
    wordsOf(name).some((word) =>
      /^(?:sha|sha1|sha256|sha512|hash|digest|checksum|commit|ref|rev|revision|oid|tree|blob|etag|md5|fingerprint|cursor)$/.test(
        word,
      ),
    )
  );
}

const nameLengthMax = 200;

function wordsOf(name: string): string[] {
  const spaced = name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z]{2})([A-Z][a-z])/g, "$1 $2")
    .replace(/[^\p{L}\p{N}\p{C}]+/gu, " ");
  return fold(spaced).split(" ").filter(Boolean);
}
