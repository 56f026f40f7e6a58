import { hookCommand } from "../src/act/hook-command.ts";

hookCommand("BACKUP", "What Redis must do when this node has no virtual IP: follow the master, or stay the only one.");
