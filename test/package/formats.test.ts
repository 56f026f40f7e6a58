import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { before, describe, it } from "node:test";
import { packageFolder } from "../../src/cluster/paths.ts";
import { arch, buildDeb, buildPackages, folder, missing, notRun, root } from "./build-packages.ts";
import { otherCheckout } from "./checkouts.ts";
import { type Contents, contentsOf, isOfRoot, sha256 } from "./contents.ts";

// package.test.ts looks into the .deb. Here each of the other packages is compared with it.

const docs = "/usr/share/doc/keepalived-redis";
const withoutRpm = notRun("the .rpm", spawnSync("rpmbuild", ["--version"]).error ? "rpmbuild is missing" : false);
const formats = ["deb", "tar.gz", ...(withoutRpm ? [] : ["rpm"])];
// Fetches another Node and takes half a minute: npm run test:package does it, npm test doesn't.
const withOther = process.env.ALL_ARCHITECTURES === "1";
const other = arch === "amd64" ? "arm64" : "amd64";

describe("the packages of every format", { skip: missing }, () => {
  let packages: Contents[] = [];
  let checkout = "";
  const deb = () => packages[0] as Contents;
  const digest = (file: string) => `${basename(file)} ${sha256(file)}`;

  before(() => {
    const files = buildPackages("formats", { formats });
    if (withOther) files.push(buildDeb("other", { arch: other }));
    packages = files.map((file) => contentsOf(file, join(folder, `tree-of-${basename(file)}`)));
  });

  it("are, byte for byte, the same when built again: from a checkout at another path, with another umask and time zone", () => {
    const elsewhere = otherCheckout();
    checkout = elsewhere.checkout;
    const environment = { TZ: "Asia/Tokyo", LANG: "de_DE.UTF-8", ...elsewhere.environment };
    const umask = process.umask(0o077);
    const again = buildPackages("again", { formats, checkout, environment });
    if (withOther) again.push(buildDeb("again-other", { arch: other, checkout, environment }));
    process.umask(umask);
    assert.deepEqual(
      again.map(digest),
      packages.map(({ file }) => digest(file)),
    );
  });

  it("have at most 45 MB", () => {
    for (const { file } of packages)
      assert.ok(statSync(file).size <= 45_000_000, `${file}: ${statSync(file).size} bytes`);
  });

  it("have only files of root that nobody else can write", () => {
    for (const { file, entries } of packages)
      for (const entry of entries) assert.ok(isOfRoot(entry), `${file}: ${Object.values(entry).join(" ")}`);
  });

  it("have the files of the .deb, licences included", () => {
    const ofDebian = [`${docs}/changelog.gz`, "/usr/share/lintian/overrides/keepalived-redis"];
    // What differs, and nothing else.
    const ofArchitecture = [`${packageFolder}/node`, `${docs}/copyright`];
    for (const { file, digests } of packages.slice(1)) {
      const differs = [...new Set([...digests.keys(), ...deb().digests.keys()])].filter(
        (path) => digests.get(path) !== deb().digests.get(path),
      );
      assert.deepEqual(differs.sort(), file.endsWith(".deb") ? ofArchitecture : ofDebian, file);
    }
  });

  it("name no folder of the machine that built them", () => {
    const places = [root, checkout, folder, ...(homedir() === "/" ? [] : [`${homedir()}/`])];
    for (const { file, tree } of packages) {
      // An .rpm has the contents of the .deb. What it says of itself is not compressed.
      const inTree = tree ? readdirSync(tree, { recursive: true, withFileTypes: true }) : [];
      const files = inTree.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
      for (const path of [file, ...files]) {
        const bytes = readFileSync(path);
        for (const place of places) assert.ok(!bytes.includes(place), `${path} has ${place}`);
      }
    }
  });

  it(`have Node for ${other} in the .deb for it`, { skip: !withOther && "npm run test:package does it" }, () => {
    const { file, tree = "" } = packages.at(-1) as Contents;
    const architecture = execFileSync("dpkg-deb", ["--field", file, "Architecture"], { encoding: "utf8" });
    assert.equal(architecture.trim(), other);
    // e_machine of elf(5).
    const machine = readFileSync(join(tree, packageFolder, "node")).readUInt16LE(18);
    assert.equal(machine, { amd64: 62, arm64: 183 }[other]);
    const copyright = (folder = "") => readFileSync(join(folder, docs, "copyright"), "utf8");
    const pinned = JSON.parse(readFileSync(join(root, "packaging/node.json"), "utf8"));
    const [ours, theirs] = [arch, other].map((name): string => pinned.packages[name].name);
    assert.equal(copyright(tree), copyright(deb().tree).replaceAll(ours ?? "", theirs ?? ""));
  });
});
