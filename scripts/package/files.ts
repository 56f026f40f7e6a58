import { chmodSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import Handlebars from "handlebars";
import { root } from "../checks.ts";

export const docs = "/usr/share/doc/keepalived-redis";

export const textOf = (file: string): string => readFileSync(join(root, file), "utf8");

/** The text of `packaging/NAME.hbs`. */
export const fill = (name: string, values: object): string => fillFile(`packaging/${name}.hbs`, values);

/** strict: an unknown name in a template is an error. noEscape: the output is not HTML. */
export const fillFile = (file: string, values: object): string =>
  Handlebars.compile(textOf(file), { strict: true, noEscape: true })(values);

/** Writes a file of the package, below the folder that stands for `/`. */
export function put(tree: string, path: string, content: string | Buffer, mode = 0o644): void {
  const file = join(tree, path);
  mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
  writeFileSync(file, content);
  // Whatever umask says.
  chmodSync(file, mode);
}

export const putTemplate = (tree: string, path: string, name: string, values: object, mode?: number): void =>
  put(tree, path, fill(name, values), mode);

/** Without a time in it: zlib writes none. */
export const putCompressed = (tree: string, path: string, text: string): void =>
  put(tree, `${path}.gz`, gzipSync(text, { level: 9 }));

/** Every file below a folder, as `/path`, sorted. */
export const filesBelow = (tree: string): string[] =>
  readdirSync(tree, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(tree.length))
    .sort();

/** Gives every file and folder the time of the commit. */
export function setTimes(tree: string, date: Date): void {
  for (const path of ["", ...readdirSync(tree, { recursive: true, encoding: "utf8" })])
    utimesSync(join(tree, path), date, date);
}
