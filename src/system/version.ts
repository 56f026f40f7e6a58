declare const __VERSION__: string;

/** The version in package.json, inserted by the build. Sources that run unbuilt have none. */
export const version: string = typeof __VERSION__ === "string" ? __VERSION__ : "0.0.0-source";
