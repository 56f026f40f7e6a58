import { hookCli } from "../src/hooks/hook-cli.ts";

hookCli("MASTER", "What Redis must do when Keepalived gives this node the virtual IP: become the one master.");
