import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { docs, filesBelow, fill, put, putCompressed, setTimes, textOf } from "./files.ts";
import type { Arch } from "./node-binary.ts";
import type { Release } from "./release.ts";
import { run } from "./tool.ts";

export interface Input {
  /** The folder that stands for `/`. */
  tree: string;
  arch: Arch;
  release: Release;
  output: string;
  work: string;
}

const [title = "", ...description] = textOf("packaging/description.txt").trim().split("\n");

// xz -1: less than 35 MB. -6 would save 5 MB and take ten times as long. One thread: the bytes must not depend on the number of processors.
const xz = { level: 1, threads: 1 };

function deb({ tree, arch, release, output }: Input): string {
  const { version, maintainer, date } = release;
  const file = join(output, `keepalived-redis_${version}_${arch}.deb`);
  putCompressed(tree, `${docs}/changelog`, fill("debian/changelog", { version, maintainer, date: rfc5322(date) }));
  put(tree, "/usr/share/lintian/overrides/keepalived-redis", textOf("packaging/debian/lintian-overrides"));
  const files = filesBelow(tree);
  const bytes = files.reduce((sum, path) => sum + statSync(join(tree, path)).size, 0);
  const sums = files.map((path) => `${md5(join(tree, path))}  ${path.slice(1)}\n`);
  // Debian's form of a long text: each line is indented, and an empty one is a dot.
  const text = [title, ...description.map((line) => ` ${line || "."}`)].join("\n");
  const control = { version, arch, maintainer, installed_kib: Math.ceil(bytes / 1024), description: text };
  put(tree, "/DEBIAN/control", fill("debian/control", control));
  put(tree, "/DEBIAN/md5sums", sums.join(""));
  put(tree, "/DEBIAN/conffiles", textOf("packaging/debian/conffiles"));
  for (const script of ["postinst", "prerm", "postrm"])
    put(tree, `/DEBIAN/${script}`, textOf(`packaging/debian/${script}`), 0o755);
  setTimes(tree, date);
  const compression = ["-Zxz", `-z${xz.level}`, `--threads-max=${xz.threads}`];
  run("dpkg-deb", ["--root-owner-group", ...compression, "--build", tree, file], date);
  rmSync(join(tree, "DEBIAN"), { recursive: true });
  rmSync(join(tree, "usr/share/lintian"), { recursive: true });
  rmSync(join(tree, `${docs}/changelog.gz`));
  return file;
}

/** For the distributions of Red Hat and SUSE; Debian's package `rpm` builds it. */
function rpm({ tree, arch, release, output, work }: Input): string {
  const { version, date } = release;
  const cpu = { amd64: "x86_64", arm64: "aarch64" }[arch];
  const top = join(work, `rpm-${arch}`);
  mkdirSync(top);
  const spec = { version, title, text: description.join("\n").trim(), tree };
  put(top, "/keepalived-redis.spec", fill("rpm/keepalived-redis.spec", spec));
  setTimes(tree, date);
  const macros = {
    _topdir: top,
    _rpmdir: output,
    _build_name_fmt: "%%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm",
    _buildhost: "localhost",
    use_source_date_epoch_as_buildtime: "1",
    clamp_mtime_to_source_date_epoch: "1",
    _binary_payload: `w${xz.level}.xzdio`,
    // The files are packed as they are: not stripped, nor compressed once more.
    __os_install_post: "%{nil}",
    debug_package: "%{nil}",
    _build_id_links: "none",
  };
  const defines = Object.entries(macros).flatMap(([name, value]) => ["--define", `${name} ${value}`]);
  run("rpmbuild", ["-bb", `--target=${cpu}-linux`, ...defines, join(top, "keepalived-redis.spec")], date);
  rmSync(top, { recursive: true });
  return join(output, `keepalived-redis-${version}-1.${cpu}.rpm`);
}

/** For all others: unpacked in `/`. gzip -9 would save 0.6 percent and take two and a half times as long. */
function tarball({ tree, arch, release: { version, date }, output }: Input): string {
  const file = join(output, `keepalived-redis-${version}-linux-${arch}.tar.gz`);
  const same = ["--sort=name", "--owner=root:0", "--group=root:0", `--mtime=@${date.getTime() / 1000}`, "--format=gnu"];
  run("tar", [...same, "--create", "--use-compress-program=gzip -6n", `--file=${file}`, `--directory=${tree}`, "."]);
  return file;
}

export const formats = { deb, rpm, "tar.gz": tarball };
export type Format = keyof typeof formats;

const md5 = (file: string): string => createHash("md5").update(readFileSync(file)).digest("hex");

const rfc5322 = (date: Date): string => date.toUTCString().replace("GMT", "+0000");
