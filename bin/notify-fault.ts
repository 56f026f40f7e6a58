import { hookCli } from "../src/hooks/hook-cli.ts";

hookCli(
  "FAULT",
  "What Redis must do when this node was found unfit: follow the master, or hold writes back until there is one.",
);
