import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";

export const hostAddresses = (): string[] =>
  Object.values(networkInterfaces()).flatMap((addresses) => addresses?.map(({ address }) => address) ?? []);

/**
 * As `hostAddresses`, with the addresses of interfaces without carrier, which os.networkInterfaces leaves out. The hooks of
 * a host without network must still find out which node it is.
 */
export function addressesWithoutCarrier(): string[] {
  const read = (file: string) => {
    try {
      return readFileSync(file, "utf8");
    } catch {
      return "";
    }
  };
  const v4 = [...read("/proc/net/fib_trie").matchAll(/\|-- (\S+)\n\s+\/32 host LOCAL/g)].map(
    ([, address = ""]) => address,
  );
  const v6 = [...read("/proc/net/if_inet6").matchAll(/^[0-9a-f]{32}/gm)].map(([hex]) => kernelForm(hex));
  return [...v4, ...v6];
}

const kernelForm = (hex: string): string =>
  new URL(`http://[${(hex.match(/.{4}/g) ?? []).join(":")}]`).hostname.slice(1, -1);
