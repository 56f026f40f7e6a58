import { createClient } from "redis";
import { version } from "redis/package.json";
import { probe } from "./loop.mjs";

const settings = {
  default: {},
  commandTimeout: { commandOptions: { timeout: 500 } },
  socketTimeout: { socket: { socketTimeout: 500 } },
  recommended: { pingInterval: 200, socket: { connectTimeout: 250, socketTimeout: 500, reconnectStrategy: () => 25 } },
};

probe(version, async ({ host, port, password }, setting, onEvent) => {
  const { socket, ...others } = settings[setting];
  const redis = createClient({ password, ...others, socket: { host, port, ...socket } });
  redis.on("error", onEvent);
  await redis.connect();
  return (key, value) => redis.set(key, value);
});
