import { format } from "node:util";

/**
 * What our executables carry in place of the package y18n, which translates yargs' messages: that one looks for its
 * texts in a folder `locales` two folders above the executable, where a stray file could change our messages.
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
