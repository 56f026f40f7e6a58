import { hookCommand } from "../src/act/hook-command.ts";

hookCommand("STOP", "What Redis must do when Keepalived stops here, within the second that is left: hold writes back for the next master.");
