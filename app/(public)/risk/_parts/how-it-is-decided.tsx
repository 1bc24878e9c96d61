import { Sentences } from "../../attacks/_parts/sentences.tsx";
import { Section } from "../../catalog/_parts/section.tsx";

const precedence = [
  "When several categories fit, the worst one counts: `Financial` before `Destructive`, before `Execute`, before `Write`, before `Read`.",
  "A tool of which nothing says what it does is `Other`. It counts as high risk and is never taken for a reader.",
  "The severity follows from the category alone: no tool is critical by one number and harmless by another.",
];

const reading = [
  "The name, the title, the description, the arguments and the hints of a definition are read for signals: words that stand where a verb stands, an argument named `sql` or `command`, a list of actions that has `delete` in it.",
  "Every signal quotes the definition and has a weight. From 0.5 on it decides; below that it is only shown. Each tool's page lists its signals, so every answer can be checked.",
  "An argument can raise the class: `get_report` with a free `command` is an Execute tool.",
  "Words can raise it and never lower it. A description that claims to be safe and a `readOnlyHint` are no evidence; where they contradict the rest, that is shown as a finding.",
  "Look-alike letters, invisible characters and other languages are read as what they stand for.",
  "No model is asked and nothing is sent anywhere: a fixed table decides, the same for everybody.",
];

const contradicting = [
  "For a server of your own: its owner sets another category on the page of the server's tools. It counts for your policies and your gateway at once.",
  "Your choice is pinned to the definition that you looked at. When the server changes the definition, your choice falls and the tool is classified anew: what you judged is not what is there any more.",
  "For the public catalog: write to us with the tool's name and what its definition says. A correction goes into the table of signals and so to every tool like it.",
];

/** The rules of precedence, how a tool is read, and what to do when the answer is wrong. */
export function HowItIsDecided() {
  return (
    <div className="grid gap-12">
      <Section id="precedence" title="When several fit">
        <Sentences of={precedence} numbered />
      </Section>
      <Section id="reading" title="How a tool is read">
        <Sentences of={reading} />
      </Section>
      <Section id="contradict" title="How to contradict it">
        <Sentences of={contradicting} />
      </Section>
    </div>
  );
}
