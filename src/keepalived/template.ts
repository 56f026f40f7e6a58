import Handlebars from "handlebars";
import type { Cluster, Node } from "../cluster/schema.ts";

export type Profile = "hooks" | "agent";

export interface RenderInput {
  cluster: Cluster;
  node: Node;
  profile: Profile;
  /** The folder of the executables, as a path that matches `plainPath`. */
  bin: string;
  /** The cluster file, if it is not the default one, as a path that matches `plainPath`. */
  clusterFile: string | undefined;
  /** For redis.conf, where the operator adds it by hand without it; for the ACL user, which has its hash; for sentinel.conf. */
  redisPassword?: string | undefined;
}

// strict: an unknown name in a template is an error. noEscape: the output is not HTML.
export const fill = (template: string, values: Record<string, unknown>): string =>
  Handlebars.compile(template, { strict: true, noEscape: true })(values);
