import { readFileSync } from "node:fs";
import * as module from "node:module";
import { fileURLToPath } from "node:url";
import { isMainThread } from "node:worker_threads";

// For `node --import`: a template is imported as text, as the build does it, where sources run unbuilt.

type Load = (url: string, context: module.LoadHookContext, next: (url: string, context: object) => unknown) => unknown;

export const load: Load = (url, context, next) => {
  if (!url.endsWith(".hbs")) return next(url, context);
  const text = JSON.stringify(readFileSync(fileURLToPath(url), "utf8"));
  return { format: "module", source: `export default ${text};`, shortCircuit: true };
};

// Node 22.15 has registerHooks, and Node 26 warns of register, which is all that Node 20 has.
const { registerHooks } = module as { registerHooks?: (hooks: { load: Load }) => void };
if (registerHooks) registerHooks({ load });
else if (isMainThread) module.register(import.meta.url);
