import fc from "fast-check";
import { clusterFiles, places } from "./fixtures.ts";
import type { Executable, KnownOption } from "./options.ts";

/** One start of an executable. */
export interface BadInput {
  executable: string;
  args: string[];
  /** The arguments are certainly wrong usage. */
  wrong: boolean;
  cluster: keyof typeof clusterFiles;
  /** How the cluster file is named. */
  by: "option" | "environment";
  environment: "usual" | "empty" | "no HOME" | "odd";
  user: "root" | "nobody";
  stdin: "none" | "closed" | "zeros" | "random";
  stdout: "read" | "closed" | "gone" | "full";
}

/** Values that no option expects, or only another one. */
const values: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    " ",
    "0",
    "-1",
    "-0",
    "NaN",
    "1e999",
    "99999999999999999999",
    "0x10",
    "1.5",
    "true",
    "null",
    "[object Object]",
  ),
  fc.constantFrom(
    "__proto__",
    "constructor",
    "toString",
    "hasOwnProperty",
    "%s%n",
    "$(id)",
    "`id`",
    "'",
    '"',
    "\\",
    "*",
    "-",
    "a,b",
    "a=b",
    "=",
    ".",
  ),
  fc.constantFrom(
    "server11",
    "server12",
    "server99",
    "server12=192.0.2.12",
    "192.0.2.120/24",
    "192.0.2.12:6379",
    "eth0",
    "51",
  ),
  fc.constantFrom(
    "30m",
    "-30m",
    "99999999999m",
    "2026-13-45",
    "2999-01-01",
    "1970-01-01",
    "on",
    "off",
    "list",
    "latest",
    "agent",
    "debug",
  ),
  fc.constantFrom(
    "x".repeat(100_000),
    "é💥\u{feff}\u202e",
    "a\nb\r\nc",
    "\x1b[2J\x07",
    "\x01\x02\x7f",
    "\ud800",
    "../".repeat(500),
  ),
  fc.constantFrom(...places),
  fc.string({ unit: "binary", minLength: 1, maxLength: 12 }).map((text) => text.replaceAll("\0", "") || "\x01"),
);
const words = fc.oneof(
  fc.constantFrom(
    "on",
    "off",
    "status",
    "list",
    "show",
    "apply",
    "latest",
    "1",
    "0",
    "redis-conf",
    "INSTANCE",
    "MASTER",
  ),
  values.filter((text) => !text.startsWith("-")),
);

interface Piece {
  words: string[];
  wrong: boolean;
  /** It is wrong only as the last word. */
  last?: true;
}

const piece = (words: string[], wrong = false): Piece => ({ words, wrong });

/** Ways to give an option, right and wrong ones. `all`: the options of its executable. */
function waysOf({ name, takesValue }: KnownOption, all: readonly KnownOption[]): fc.Arbitrary<Piece> {
  const odd = fc.constantFrom(
    piece([`--${name}.x=1`], true),
    piece([`--${name}x y`], true),
    piece([`--no-no-${name}`], true),
  );
  const negated = piece([`--no-${name}`], !all.some((one) => one.name === `no-${name}`));
  if (!takesValue)
    return fc.oneof(
      { weight: 3, arbitrary: fc.constant(piece([`--${name}`])) },
      fc.constantFrom(piece([`--${name}`, `--${name}`]), piece([`--${name}=banana`], true), negated),
      odd,
    );
  return fc.oneof(
    { weight: 4, arbitrary: values.map((value) => piece([`--${name}=${value}`])) },
    { weight: 2, arbitrary: values.map((value) => piece([`--${name}`, value])) },
    {
      weight: 1,
      arbitrary: fc.tuple(values, values).map(([one, other]) => piece([`--${name}=${one}`, `--${name}=${other}`])),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom<Piece>(
        { words: [`--${name}`], wrong: true, last: true },
        piece([`--${name}=`], name !== "force"),
        negated,
      ),
    },
    odd,
  );
}

const unknown = fc.constantFrom<string[]>(
  ["--xyzzy"],
  ["-x"],
  ["--__proto__=1"],
  ["--constructor", "1"],
  ["--dry-rnu"],
);

/** Starts of an executable that give this option, and perhaps others and arguments. */
export function badInputs({ name: executable, options }: Executable, option?: KnownOption): fc.Arbitrary<BadInput> {
  const others =
    options.length === 0
      ? fc.constant([])
      : fc.array(
          fc.constantFrom(...options).chain((one) => waysOf(one, options)),
          { maxLength: 2 },
        );
  const extra = fc.oneof(
    { weight: 4, arbitrary: fc.constant([]) },
    unknown.map((args) => (options.length === 0 ? [] : [piece(args, true)])),
  );
  const pieces = fc
    .tuple(
      extra,
      option ? waysOf(option, options).map((one) => [one]) : fc.constant([]),
      others,
      fc.array(words, { maxLength: 3 }),
    )
    .map(([first, given, more, arguments_]) => inOrder([...first, ...given, ...more], arguments_));
  return fc
    .record({
      pieces,
      cluster: fc.oneof(
        fc.constant("good" as const),
        fc.constantFrom(...(Object.keys(clusterFiles) as (keyof typeof clusterFiles)[])),
      ),
      by: fc.constantFrom("option" as const, "environment" as const),
      environment: fc.constantFrom(
        "usual" as const,
        "usual" as const,
        "empty" as const,
        "no HOME" as const,
        "odd" as const,
      ),
      user: fc.constantFrom("root" as const, "root" as const, "nobody" as const),
      stdin: fc.constantFrom("none" as const, "closed" as const, "zeros" as const, "random" as const),
      stdout: fc.constantFrom(
        "read" as const,
        "read" as const,
        "read" as const,
        "closed" as const,
        "gone" as const,
        "full" as const,
      ),
    })
    .map(({ pieces, ...input }) => ({ executable, ...pieces, ...input }));
}

/** The wrong ones first, since a value may swallow what follows it; one without its value at the end. */
function inOrder(pieces: readonly Piece[], more: readonly string[]): { args: string[]; wrong: boolean } {
  const last = pieces.find((one) => one.last);
  const rest = pieces.filter((one) => !one.last).sort((a, b) => Number(b.wrong) - Number(a.wrong));
  const args = [...rest.flatMap((one) => one.words), ...more, ...(last?.words ?? [])];
  return { args, wrong: last !== undefined || rest.some(({ wrong }) => wrong) };
}
