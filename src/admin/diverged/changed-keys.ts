import { keysOf } from "../../decide/diverged.ts";
import type { Key, Touched, Unit } from "../../model/diverged.ts";
import type { ChangedKeys, KeyList } from "../../model/kept.ts";
import { bytesJson } from "./printable.ts";

const listed = 1000;

/** The keys that what is kept has changed, those that the master has changed, and those of both, for the description of the file. */
export class ChangedKeyLists {
  readonly #here = new Map<string, Key>();

  add(units: readonly Unit[]): void {
    for (const key of units.flatMap(keysOf)) this.#here.set(`${key.database}:${key.name}`, key);
  }

  listsBeside({ keys }: Touched): ChangedKeys {
    const master = new Map(
      [...keys.keys()].map((id) => {
        const colon = id.indexOf(":");
        return [id, { database: Number(id.slice(0, colon)), name: id.slice(colon + 1) }];
      }),
    );
    const both = [...this.#here].filter(([id]) => master.has(id)).map(([, key]) => key);
    return { here: listOf([...this.#here.values()]), master: listOf([...master.values()]), both: listOf(both) };
  }
}

const listOf = (keys: readonly Key[]): KeyList => ({
  count: keys.length,
  keys: keys.slice(0, listed).map(({ database, name }) => ({ database, key: bytesJson(Buffer.from(name, "latin1")) })),
});
