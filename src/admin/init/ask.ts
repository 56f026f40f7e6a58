import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { UsageError } from "../../cluster/errors.ts";
import { type Answers, type Question, questions } from "./answers.ts";
import type { Host } from "./find-host.ts";

/** How a person answers. Undefined where nobody can be asked. */
export type Ask = ((text: string, proposal: string | undefined) => Promise<string>) | undefined;

/** All answers: those that were given, and of the others what is proposed (`yes`), or what the person says. */
export async function allAnswers(given: Partial<Answers>, host: Host, yes: boolean, ask: Ask): Promise<Answers> {
  const answers: Partial<Answers> = { ...given };
  for (const question of questions) {
    if (answers[question.key] === undefined) answers[question.key] = await answer(question, host, answers, yes, ask);
  }
  return answers as Answers;
}

async function answer(question: Question, host: Host, soFar: Partial<Answers>, yes: boolean, ask: Ask) {
  const proposal = question.propose(host, soFar);
  if (yes && proposal !== undefined) return proposal;
  if (!ask) throw missing(question.flag, question.text);
  for (;;) {
    const said = await ask(question.text, proposal);
    if (said !== "") return said;
    if (proposal !== undefined) return proposal;
  }
}

/** Nobody can be asked for what this option says. */
export const missing = (flag: string, text: string): UsageError =>
  new UsageError(`${flag} is missing: ${text.charAt(0).toLowerCase()}${text.slice(1)}`, {
    remedy: "give it, or run this on a terminal, where it is asked; --yes takes what is proposed",
  });

/** Asks on the terminal, if standard input is one. */
export function terminalAsk(): Ask {
  if (process.stdin.isTTY !== true) return undefined;
  return (text, proposal) => line(`${text}${proposal === undefined ? "" : ` [${proposal}]`}: `, false);
}

/** As `terminalAsk`, without showing what is typed. */
export function terminalSecret(): Ask {
  if (process.stdin.isTTY !== true) return undefined;
  return async (text) => {
    const said = await line(`${text}: `, true);
    process.stdout.write("\n");
    return said;
  };
}

async function line(prompt: string, hidden: boolean): Promise<string> {
  const output = hidden ? new Writable({ write: (_chunk, _encoding, done) => done() }) : process.stdout;
  const terminal = createInterface({ input: process.stdin, output, terminal: true });
  try {
    const ended = new Promise<never>((_resolve, reject) => {
      terminal.once("SIGINT", () => reject(new UsageError("stopped by Ctrl-C: nothing was changed by this answer")));
      terminal.once("close", () => reject(new UsageError("standard input has ended")));
    });
    // Not before the terminal has ended its own echo.
    if (hidden) process.stdout.write(prompt);
    return (await Promise.race([terminal.question(hidden ? "" : prompt), ended])).trim();
  } finally {
    terminal.close();
  }
}
