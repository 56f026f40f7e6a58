import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

// docs/glossary.md says in its last column what a thing is not called. This looks for those words, and fails where it finds one.

const glossary = "docs/glossary.md";
const places = ["src", "bin", "docs", "keepalived-templates", "packaging", "README.md"];

interface Word {
  text: string;
  start: number;
  end: number;
}

interface Hit {
  line: number;
  called: string;
  word: string;
}

/** Each word that a thing is not called, and the word for it. */
export function notCalled(table: string): Map<string, string> {
  const rows = table.split("\n").filter((line) => /^\| (?!word \|)/.test(line));
  const cells = rows.map((row) => row.split("|").map((cell) => cell.trim()));
  const pairs = cells.flatMap(([, word = "", , others = ""]) =>
    others
      .split(", ")
      .filter((other) => other !== "")
      .map((other) => [other, word] as const),
  );
  return new Map(pairs);
}

/** The words of a text; an identifier counts as its parts: `leaveWord_ms` is "leave", "word" and "ms". */
const wordsOf = (text: string): Word[] =>
  [...text.matchAll(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g)].map(({ 0: word, index }) => ({
    text: word.toLowerCase(),
    start: index,
    end: index + word.length,
  }));

// Blanks, hyphens and underscores, and what a comment begins its next line with.
const joins = /^[\s_*/#>-]*$/;

export function hits(text: string, words: ReadonlyMap<string, string>): Hit[] {
  const all = wordsOf(text);
  const phrases = [...words].map(([called, word]) => ({ called, word, parts: wordsOf(called).map((one) => one.text) }));
  const stands = (parts: readonly string[], first: number) =>
    parts.every((part, nth) => {
      const [before, here] = [all[first + nth - 1], all[first + nth]];
      return here?.text === part && (nth === 0 || joins.test(text.slice(before?.end, here.start)));
    });
  return all.flatMap(({ start }, index) =>
    phrases
      .filter(({ parts }) => stands(parts, index))
      .map(({ called, word }) => ({ line: text.slice(0, start).split("\n").length, called, word })),
  );
}

function filesIn(place: string, root: string): string[] {
  if (place.endsWith(".md")) return [place];
  return readdirSync(join(root, place), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(root.length))
    .filter((file) => file !== glossary);
}

function main(): number {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const words = notCalled(readFileSync(join(root, glossary), "utf8"));
  const files = places.flatMap((place) => filesIn(place, root)).sort();
  let found = 0;
  for (const file of files)
    for (const { line, called, word } of hits(readFileSync(join(root, file), "utf8"), words)) {
      console.error(`${file}:${line}: "${called}" is called "${word}" here`);
      found++;
    }
  console.log(`Looked for ${words.size} words in ${files.length} files`);
  return found > 0 ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main();
