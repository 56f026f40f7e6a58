import { Redis } from "iovalkey";
import { version } from "iovalkey/package.json";
import { probe } from "./loop.mjs";

const settings = {
  default: {},
  commandTimeout: { commandTimeout: 500 },
  recommended: { connectTimeout: 250, socketTimeout: 500, retryStrategy: () => 25, maxRetriesPerRequest: 400 },
};

probe(version, (target, setting, onEvent) => {
  const redis = new Redis({ ...target, ...settings[setting] });
  redis.on("error", onEvent);
  return (key, value) => redis.set(key, value);
});
