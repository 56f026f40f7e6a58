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

export const classes = new Set(["CommandRefused", "StepRefused", "NoMaster"]);
/** A command ends with these as with a refusal. In a transition they are the error of a step, which is an event. */
const failures = new Set(["DeadlinePassed", "CommandFailed"]);
/** Each makes a refusal of the words that it is given. */
const functions = new Set(["refused", "refusal"]);

/** Every refusal in the code, in the order of the files. One that passes the words of another on is left out. */
export const refusalsInCode = (): Refusal[] => inAllFiles(refusalsIn);

/** The others, each with the expression of its words: a test knows where the words of each are. */
export const passedOnInCode = (): string[] => inAllFiles(passedOnIn);

function inAllFiles<T>(found: (file: string, code: string) => T[]): T[] {
  const files = ["bin", "src"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => join(folder, file)),
  );
  return files.sort().flatMap((file) => found(file, readFileSync(join(root, file), "utf8")));
}

export const refusalsIn = (file: string, code: string): Refusal[] =>
  placesIn(file, code).flatMap(({ cause, remedy, node }) => {
    const words = asPrinted(node, inWords(cause));
    return words === undefined ? [] : [{ cause: words, remedy: inWords(remedy), file }];
  });

export const passedOnIn = (file: string, code: string): string[] =>
  placesIn(file, code).flatMap(({ cause, node }) =>
    asPrinted(node, inWords(cause)) === undefined ? [`${file}: ${cause?.getText() ?? "nothing"}`] : [],
  );

interface Place {
  node: ts.Node;
  cause: ts.Expression | undefined;
  remedy: ts.Expression | undefined;
}

function placesIn(file: string, code: string): Place[] {
  const found: Place[] = [];
  // Most files refuse nothing, and to parse one takes ten times as long as to look for these words.
  if (!/Refused|NoMaster|refus|remedy|DeadlinePassed|CommandFailed/.test(code)) return found;
  const visit = (node: ts.Node): void => {
    const place = placeAt(node);
    if (place) found.push({ node, ...place });
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, code, ts.ScriptTarget.Latest, true));
  return found;
}

function placeAt(node: ts.Node): Omit<Place, "node"> | undefined {
  if (ts.isNewExpression(node) && refuses(node)) {
    const [cause, more] = node.arguments ?? [];
    return { cause, remedy: more && ts.isObjectLiteralExpression(more) ? propertyOf(more, "remedy") : more };
  }
  if (ts.isCallExpression(node) && functions.has(node.expression.getText())) {
    const [cause, remedy] = node.arguments;
    return { cause, remedy };
  }
  // A refusal is these two wherever it is made: beside `refusal:`, in a function there, or as what a table decides. `cause` among
  // the arguments of an error is another error.
  if (ts.isObjectLiteralExpression(node) && !ts.isNewExpression(node.parent) && !isInside(node, functions)) {
    const cause = ["cause", "because", "text"].map((name) => propertyOf(node, name)).find((found) => found);
    const remedy = propertyOf(node, "remedy");
    return cause && remedy && remedy.getText() !== "undefined" ? { cause, remedy } : undefined;
  }
  return undefined;
}

function refuses(node: ts.NewExpression): boolean {
  const name = node.expression.getText();
  return classes.has(name) || (failures.has(name) && !node.getSourceFile().fileName.startsWith("src/failover/"));
}

function isInside(node: ts.Node, names: ReadonlySet<string>): boolean {
  for (let at: ts.Node | undefined = node; at; at = at.parent)
    if (ts.isVariableDeclaration(at) && names.has(at.name.getText())) return true;
  return false;
}

/** A plan's refusal is printed after the row that decided. Undefined: no words of its own, such as `…: …`. */
function asPrinted(node: ts.Node, cause: string | undefined): string | undefined {
  const row = rowAbove(node);
  const words = row === undefined ? cause : `${row}: ${cause ?? "…"}`;
  return words !== undefined && /\p{L}/u.test(words) ? words : undefined;
}

function propertyOf(object: ts.ObjectLiteralExpression, name: string): ts.Expression | undefined {
  const found = object.properties.find((one) => one.name?.getText() === name);
  if (found && ts.isPropertyAssignment(found)) return found.initializer;
  return found && ts.isShorthandPropertyAssignment(found) ? found.name : undefined;
}

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
