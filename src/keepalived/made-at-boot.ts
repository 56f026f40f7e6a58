import { textsIn } from "../system/texts-in.ts";

/** Whether a file of tmpfiles.d makes this folder. One outside /run is there after a reboot. */
export const madeAtBoot = (folder: string): boolean =>
  !/^\/(var\/)?run\//.test(folder) ||
  ["/etc", "/run", "/usr/lib"].some((root) => textsIn(`${root}/tmpfiles.d`).some((text) => makes(text, folder)));

/** A line such as `d /run/keepalived-redis/NAME 0755 root root -`. */
const makes = (text: string, folder: string): boolean =>
  text.split("\n").some((line) => {
    const [type = "", path] = line.trim().split(/\s+/);
    return /^[dD]/.test(type) && path === folder;
  });
