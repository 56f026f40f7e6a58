import { readFile } from "node:fs/promises";
import { type LoadHook, register } from "node:module";
import { fileURLToPath } from "node:url";
import { isMainThread } from "node:worker_threads";

// For `node --import`: a template is imported as text, as the build does it, where sources run unbuilt.
if (isMainThread) register(import.meta.url);

export const load: LoadHook = async (url, context, next) => {
  if (!url.endsWith(".hbs")) return next(url, context);
  const text = JSON.stringify(await readFile(fileURLToPath(url), "utf8"));
  return { format: "module", source: `export default ${text};`, shortCircuit: true };
};
