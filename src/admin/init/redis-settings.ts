import { changeSetting, setting } from "../../redis/commands.ts";
import { ReplyError, type Session } from "../../redis/session.ts";
import { type Directive, directives, sameValue } from "./redis-conf.ts";

// The role is changed by REPLICAOF, and snapshots by `redis.persistence`: these lines count for the next start only.
const atStartOnly = ["replicaof", "save"];
// The server asks for the new password from that moment on.
const last = "requirepass";

export interface SettingChange extends Directive {
  before: string;
}

/** The settings of our file for redis.conf that the running server has not got yet. */
export async function settingsToChange(session: Session, text: string): Promise<SettingChange[]> {
  const wanted = new Map(
    directives(text)
      .filter(({ name }) => !atStartOnly.includes(name))
      .map(({ name, value }) => [name, value]),
  );
  const changes: SettingChange[] = [];
  for (const [name, value] of wanted) {
    const before = await setting(session, name);
    if (before !== undefined && !sameValue(before, value)) changes.push({ name, value, before });
  }
  return changes.sort((a, b) => Number(a.name === last) - Number(b.name === last));
}

/** Changes them at run time. Returns those that this server takes at its start only (`bind` before 7.0). */
export async function changeSettings(session: Session, changes: readonly Directive[]): Promise<string[]> {
  const refused: string[] = [];
  for (const { name, value } of changes) {
    try {
      await changeSetting(session, name, value);
    } catch (error) {
      if (!(error instanceof ReplyError)) throw error;
      refused.push(name);
    }
  }
  return refused;
}
