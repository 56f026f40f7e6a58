import { observe } from "../redis/observe.ts";
import { endpointOf } from "../redis/session.ts";
import type { Ground } from "./ground.ts";

/** Where there is a master now, by what each Redis says itself. */
export async function masters({
  cluster,
  node,
  password,
  open,
}: Ground): Promise<{ here: boolean; elsewhere: boolean }> {
  const deadline_ms = cluster.agent.timeout * 1000;
  const found = await Promise.all(
    cluster.nodes.map(async ({ name, ...one }) => {
      const seen = await observe(open, endpointOf(cluster, { name, ...one }, password), deadline_ms);
      return { here: name === node.name, master: seen.kind === "observed" && seen.role === "master" && !seen.loading };
    }),
  );
  return {
    here: found.some(({ here, master }) => here && master),
    elsewhere: found.some(({ here, master }) => !here && master),
  };
}
