import * as esbuild from "esbuild";

/**
 * What an executable imports by `import()` is carried as text and compiled when it is asked for. In one bundle it would
 * be read by the compiler at every start: for the monitor the reader of cluster files, 55 of its 105 kB, which it needs
 * only after the file was changed. `errors.ts` stays one and the same, so that `instanceof` holds for its classes.
 *
 * Metafiles of what was put away come into `inner`: its packages have licences, too.
 */
export function later(inner: esbuild.Metafile[], options: esbuild.BuildOptions): esbuild.Plugin {
  return {
    name: "later",
    setup({ onResolve, onLoad, resolve }) {
      onResolve(
        { filter: /cluster\/load[.]ts$|^[.]\/load[.]ts$/ },
        async ({ path, kind, importer, resolveDir, pluginData }) => {
          if (kind !== "dynamic-import" || pluginData === "resolved") return undefined;
          const found = await resolve(path, { kind, importer, resolveDir, pluginData: "resolved" });
          return { path: found.path, namespace: "later", pluginData: { resolveDir } };
        },
      );
      onLoad({ filter: /.*/, namespace: "later" }, async ({ path, pluginData }) => {
        const { outputFiles, metafile } = await esbuild.build({
          ...options,
          entryPoints: [path],
          plugins: [...(options.plugins ?? []), shared],
          // It throws errors of ours only, so nobody misses its lines in a stack trace.
          minify: true,
          metafile: true,
          write: false,
        });
        inner.push(metafile);
        const text = outputFiles[0]?.text ?? "";
        const { resolveDir } = pluginData as { resolveDir: string };
        return { contents: loader(text), loader: "js", resolveDir };
      });
    },
  };
}

const shared: esbuild.Plugin = {
  name: "shared",
  setup({ onResolve }) {
    onResolve({ filter: /errors[.]ts$/ }, () => ({ path: "errors", external: true }));
  },
};

const loader = (text: string): string => `
const errors = require("./errors.ts");
const asked = (name) => (name === "errors" ? errors : require(name));
new Function("module", "exports", "require", ${JSON.stringify(text)})(module, exports, asked);
`;
