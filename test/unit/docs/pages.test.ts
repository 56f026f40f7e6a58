import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { it } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const text = (file: string): string => readFileSync(join(root, file), "utf8");
const filesIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(root.length));

const pages = ["README.md", ...filesIn("docs").filter((file) => file.endsWith(".md"))];

/** The anchors of a page's headings, as GitHub makes them. */
const anchors = (page: string): string[] =>
  [...text(page).matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );

for (const page of pages)
  it(`every link of ${page} leads somewhere`, () => {
    for (const [, target = ""] of text(page).matchAll(/\]\(([^)]+)\)/g)) {
      if (/^https?:/.test(target)) continue;
      const [file = "", anchor] = target.split("#");
      const path = file === "" ? page : join(dirname(page), file);
      assert.ok(existsSync(join(root, path)), target);
      if (anchor !== undefined && path.endsWith(".md")) assert.ok(anchors(path).includes(anchor), target);
    }
  });

it("every file of the project that a page, a comment or a template names is there", () => {
  const files = [
    ...pages,
    "docs/cluster.sample.toml",
    ...["src", "bin", "keepalived-templates", "packaging"].flatMap(filesIn),
  ];
  for (const file of files)
    for (const [path] of text(file).matchAll(
      /\b(?<![./\w])(?:src|test|docs|scripts|bench)\/[\w./-]*\.(?:ts|md|svg|toml)\b/g,
    ))
      assert.ok(existsSync(join(root, path)), `${file}: ${path}`);
});
