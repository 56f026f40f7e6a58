import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseHelp } from "../../../scripts/package/help.ts";

describe("what the packager reads in a help", () => {
  it("that of an executable that Keepalived starts", () => {
    const help = `May this node serve? Exit 0 yes, 1 no.

Usage: monitor [options]

  --json               print the verdict as JSON
  --cluster FILE       the cluster file (default: KEEPALIVED_REDIS_CLUSTER or /etc/x.toml)
`;
    assert.deepEqual(parseHelp("monitor", help), {
      name: "monitor",
      summary: "May this node serve? Exit 0 yes, 1 no.",
      brief: "may this node serve",
      arguments: "",
      options: [
        { name: "json", about: "print the verdict as JSON", value: undefined, choices: [] },
        {
          ...{ name: "cluster", about: "the cluster file (default: KEEPALIVED_REDIS_CLUSTER or /etc/x.toml)" },
          ...{ value: "FILE", choices: [] },
        },
      ],
    });
  });

  it("that of yargs, with lines that go on and with words before the options", () => {
    const help = `maintenance on|off: suspends failover
on this node; nothing changes.

Usage: maintenance [options]

Options:
  --until      end by itself: a time such as 2026-12-31T18:00, or minutes from now such as 30m
                                                                                            [string]
  --log-level  how much goes to the log[choices: "error", "warn"] [default: "info"]
  --json       print JSON                                                 [boolean] [default: false]
`;
    assert.deepEqual(parseHelp("maintenance", help), {
      name: "maintenance",
      summary: "Suspends failover on this node; nothing changes.",
      brief: "suspends failover on this node; nothing changes",
      arguments: "on|off",
      options: [
        {
          ...{
            name: "until",
            about: "end by itself: a time such as 2026-12-31T18:00, or minutes from now such as 30m",
          },
          ...{ value: "VALUE", choices: [] },
        },
        { name: "log-level", about: "how much goes to the log", value: "VALUE", choices: ["error", "warn"] },
        { name: "json", about: "print JSON", value: undefined, choices: [] },
      ],
    });
  });
});
