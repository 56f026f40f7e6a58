import ts from "typescript";
import { type Edit, mutationsOf } from "./mutations.ts";

/** A change of the code in one place. */
export interface Mutant {
  /** Identifies it even after lines have moved: file, place in the file, code before and after. */
  key: string;
  /** Its path, relative to the folder that is mutated. */
  file: string;
  line: number;
  before: string;
  after: string;
  edit: Pick<Edit, "start" | "end" | "text">;
  /** The expression around it that can be replaced by a choice at run time between itself and its mutants. */
  host: { start: number; end: number };
}

/** All mutants of one file. */
export function mutantsOf(file: string, text: string): Mutant[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: Mutant[] = [];
  const same = new Map<string, number>();
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isTypeNode(node)) return;
    if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return;
    const host = hostOf(node);
    for (const { what, ...edit } of isName(node) ? [] : mutationsOf(node)) {
      const { before, after } = inWords(text, edit, what);
      const key = `${file}: ${placeOf(node).join(" / ")}: ${before} -> ${after}`;
      const count = (same.get(key) ?? 0) + 1;
      same.set(key, count);
      found.push({
        ...{ key: count === 1 ? key : `${key} (${count})`, file, before, after, edit },
        line: source.getLineAndCharacterOfPosition(edit.start).line + 1,
        host: { start: host.getStart(), end: host.end },
      });
    }
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(source, visit);
  return found;
}

/** A quoted property name is not a value. */
function isName(node: ts.Node): boolean {
  return node.parent !== undefined && ts.isPropertyAssignment(node.parent) && node.parent.name === node;
}

// Brackets would change `a?.b.c`, which stops if `a` is undefined, to `(a?.b).c`, and `a.b()`, which passes `this`, to `(a.b)()`.
function hostOf(node: ts.Node): ts.Node {
  const { parent } = node;
  if (parent === undefined || !("expression" in parent) || parent.expression !== node) return node;
  const chained = ts.isOptionalChain(node) && ts.isOptionalChain(parent);
  const called =
    ts.isCallExpression(parent) && (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node));
  return chained || called ? hostOf(parent) : node;
}

/** The names of the declarations around a node, the outermost first. The name of a table row is its sentence. */
function placeOf(node: ts.Node): string[] {
  const names: string[] = [];
  for (let at = node; !ts.isSourceFile(at); at = at.parent) {
    if (ts.isObjectLiteralExpression(at)) names.unshift(...sentenceOf(at));
    if (!ts.isFunctionDeclaration(at) && !ts.isVariableDeclaration(at) && !ts.isPropertyAssignment(at)) continue;
    if (at.name && !ts.isObjectBindingPattern(at.name) && !ts.isArrayBindingPattern(at.name))
      names.unshift(at.name.getText());
  }
  return names;
}

function sentenceOf({ properties }: ts.ObjectLiteralExpression): string[] {
  const when = properties.find((one) => ts.isPropertyAssignment(one) && one.name.getText() === "when");
  return when && ts.isPropertyAssignment(when) && ts.isStringLiteral(when.initializer) ? [when.initializer.text] : [];
}

function inWords(text: string, { start, end, text: instead }: Omit<Edit, "what">, what: Edit["what"]) {
  const after = text.slice(what.start, start) + instead + text.slice(Math.min(end, what.end), what.end);
  return { before: short(text.slice(what.start, what.end)), after: short(after) || "nothing" };
}

function short(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length <= 120 ? line : `${line.slice(0, 80)} ... ${line.slice(-35)}`;
}
