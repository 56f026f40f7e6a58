import { Fifo } from "../keepalived/fifo.ts";
import type { OpenLog } from "../log/log.ts";
import { alignedTimer } from "../system/aligned-timer.ts";
import type { Charge } from "./charge.ts";
import type { Guard } from "./cluster-agent.ts";

/** One cluster file and what it says. */
export interface Place {
  file: string;
  /** Why the last good file stands in for this one. */
  broken: string | undefined;
  charge: Charge;
  log: OpenLog;
}

const checkFiles_ms = 1000;

/**
 * Runs the guards until SIGTERM or SIGINT. Keepalived has one FIFO for all of its instances, so each line goes to the guard
 * of the cluster it names. SIGHUP reads the cluster files again; a broken one changes nothing.
 */
export async function standGuard(
  guards: readonly Guard[],
  places: readonly Place[],
  read: (file: string) => Promise<Place>,
): Promise<void> {
  await Promise.all(guards.map((guard) => guard.start()));
  const fifos = [...new Set(guards.map(({ paths }) => paths.fifo))].map(
    (path) =>
      new Fifo(path, {
        heard: ({ instance, state }) => {
          for (const guard of guards) if (guard.charge.cluster.name === instance) guard.heard(state);
        },
        silent: () => {
          for (const guard of guards) void guard.keepalivedSilent();
        },
      }),
  );
  for (const fifo of fifos) fifo.open();
  const endChecks = alignedTimer(checkFiles_ms, () => {
    for (const fifo of fifos) fifo.checkFile();
  });
  const reload = () => {
    for (const [index, { file }] of places.entries()) void reloadOne(guards[index] as Guard, file, read);
  };
  process.on("SIGHUP", reload);
  await new Promise<void>((resolve) => {
    process.once("SIGTERM", () => resolve());
    process.once("SIGINT", () => resolve());
  });
  endChecks();
  for (const fifo of fifos) fifo.close();
  await Promise.all(guards.map((guard) => guard.stop()));
}

async function reloadOne(guard: Guard, file: string, read: (file: string) => Promise<Place>): Promise<void> {
  const { log, cluster } = guard.charge;
  try {
    const { charge, broken, log: unused } = await read(file);
    await unused.close();
    if (broken !== undefined) throw new Error(broken);
    if (charge.cluster.name !== cluster.name || charge.cluster.paths.state !== cluster.paths.state)
      throw new Error("its name and paths can't change while the agent runs: restart the agent");
    guard.reload({ ...charge, log });
    log.info("read the cluster file again", {});
  } catch (error) {
    log.error("the cluster file was not taken over", { file, error: (error as Error).message });
  }
}
