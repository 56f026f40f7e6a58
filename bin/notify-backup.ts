import { hookCli } from "../src/hooks/hook-cli.ts";

hookCli("BACKUP", "What Redis must do when this node has no virtual IP: follow the master, or stay the only one.");
