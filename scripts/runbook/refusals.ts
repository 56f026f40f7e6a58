import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { root } from "../checks.ts";

/** A place in the code where something is refused, in the words that an operator reads; `…` stands for what differs. */
export interface Refusal {
  cause: string;
  /** Undefined where it is worked out elsewhere, such as one for each error of Redis. */
  remedy: string | undefined;
  file: string;
}

const classes = new Set(["CommandRefused", "StepRefused", "NoMaster"]);
const functions = new Set(["refused", "refusal"]);

/** Every refusal in the code, in the order of the files. One that passes the words of another on is left out. */
export function refusalsInCode(folders = ["bin", "src"]): Refusal[] {
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => join(folder, file)),
  );
  return files.sort().flatMap((file) => refusalsIn(file, readFileSync(join(root, file), "utf8")));
}

export function refusalsIn(file: string, code: string): Refusal[] {
  const found: Refusal[] = [];
  // Most files refuse nothing, and to parse one takes ten times as long as to look for these words.
  if (!/Refused|NoMaster|refus/.test(code)) return found;
  const visit = (node: ts.Node): void => {
    const words = wordsOf(node);
    if (words?.cause !== undefined) found.push({ cause: words.cause, remedy: words.remedy, file });
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, code, ts.ScriptTarget.Latest, true));
  return found;
}

function wordsOf(node: ts.Node): { cause: string | undefined; remedy: string | undefined } | undefined {
  if (ts.isNewExpression(node) && classes.has(node.expression.getText())) {
    const [cause, more] = node.arguments ?? [];
    const remedy = more && ts.isObjectLiteralExpression(more) ? propertyOf(more, "remedy") : more;
    return { cause: inWords(cause), remedy: inWords(remedy) };
  }
  if (ts.isCallExpression(node) && functions.has(node.expression.getText())) {
    const [cause, remedy] = node.arguments;
    return { cause: asPrinted(node, inWords(cause)), remedy: inWords(remedy) };
  }
  if (ts.isPropertyAssignment(node) && node.name.getText() === "refusal") {
    const { initializer: refusal } = node;
    if (!ts.isObjectLiteralExpression(refusal)) return undefined;
    return {
      cause: asPrinted(node, inWords(propertyOf(refusal, "cause"))),
      remedy: inWords(propertyOf(refusal, "remedy")),
    };
  }
  return undefined;
}

/** A plan's refusal is printed after the row that decided. */
function asPrinted(node: ts.Node, cause: string | undefined): string | undefined {
  const row = rowAbove(node);
  return row === undefined ? cause : `${row}: ${cause ?? "…"}`;
}

const propertyOf = (object: ts.ObjectLiteralExpression, name: string): ts.Expression | undefined =>
  object.properties.filter(ts.isPropertyAssignment).find((one) => one.name.getText() === name)?.initializer;

function rowAbove(node: ts.Node): string | undefined {
  let inPlan = false;
  for (let at: ts.Node | undefined = node; at; at = at.parent) {
    if ((ts.isPropertyAssignment(at) || ts.isMethodDeclaration(at)) && at.name.getText() === "plan") inPlan = true;
    if (inPlan && ts.isObjectLiteralExpression(at)) return inWords(propertyOf(at, "when"));
  }
  return undefined;
}

/** Undefined: no words of its own. */
function inWords(value: ts.Expression | undefined): string | undefined {
  if (!value) return undefined;
  if (ts.isStringLiteralLike(value)) return value.text === "" ? undefined : value.text;
  if (ts.isTemplateExpression(value))
    return value.head.text + value.templateSpans.map(({ literal }) => `…${literal.text}`).join("");
  if (ts.isConditionalExpression(value)) {
    const both = [inWords(value.whenTrue), inWords(value.whenFalse)].filter((one) => one !== undefined);
    return both.length === 0 ? undefined : both.join(", or: ");
  }
  return undefined;
}
