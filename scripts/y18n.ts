import { format } from "node:util";

/**
 * Replaces the package y18n, which translates the messages of yargs. That one reads its texts from a folder `locales` two folders
 * above the executable, where any file could change the messages.
 */
const english = {
  __: format,
  __n(one: string, many: string, count: number, ...values: unknown[]): string {
    const text = count === 1 ? one : many;
    return text.includes("%d") ? format(text, count, ...values) : format(text, ...values);
  },
  getLocale: () => "en",
  setLocale: () => undefined,
  updateLocale: () => undefined,
  locale: "en",
};

export default () => english;
