import { hookCommand } from "../src/act/hook-command.ts";

hookCommand("MASTER", "What Redis must do when Keepalived gives this node the virtual IP: become the one master.");
