import { hookCli } from "../src/hooks/hook-cli.ts";

hookCli(
  "STOP",
  "What Redis must do when Keepalived stops here, within the second that is left: hold writes back for the next master.",
);
