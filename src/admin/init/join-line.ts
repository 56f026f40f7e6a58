import { deflateRawSync, inflateRawSync } from "node:zlib";
import { UsageError } from "../../cluster/errors.ts";
import type { Profile } from "../../keepalived/template.ts";

/** What the other node needs to become one of the cluster: the cluster file, to the byte, and the profile. No password of Redis. */
export interface Invitation {
  clusterText: string;
  profile: Profile;
}

/** One word for a command line. */
export const encode = ({ clusterText, profile }: Invitation): string =>
  deflateRawSync(`${profile}\n${clusterText}`).toString("base64url");

/** Throws a UsageError unless it is such a word. */
export function decode(word: string): Invitation {
  try {
    const [, profile, clusterText] = /^(hooks|agent)\n(.*)$/s.exec(
      inflateRawSync(Buffer.from(word, "base64url"), { maxOutputLength: 1_000_000 }).toString(),
    ) as unknown as [string, Profile, string];
    return { profile, clusterText };
  } catch (error) {
    throw new UsageError("--join has not the word that init has printed on the first node", {
      remedy: "copy the whole line from there; running init there again prints it",
      cause: error,
    });
  }
}
