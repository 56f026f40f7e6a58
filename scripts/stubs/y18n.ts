import { format } from "node:util";

/** Stands in for y18n in the bundles: our messages are English, whatever files lie around. */
const english = () => ({
  __: (text: string, ...values: unknown[]) => format(text, ...values),
  __n: (one: string, many: string, count: number, ...values: unknown[]) =>
    format(count === 1 ? one : many, count, ...values),
  getLocale: () => "en",
  setLocale: () => undefined,
  updateLocale: () => undefined,
  locale: "en",
});

export default english;
