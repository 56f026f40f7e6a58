/** A reporter of node:test: one line of JSON for each test that has ended, suites excepted. */
export default async function* events(source) {
  for await (const { type, data } of source) {
    if ((type !== "test:pass" && type !== "test:fail") || data.details?.type === "suite") continue;
    const skipped = data.skip !== undefined && data.skip !== false;
    yield `${JSON.stringify({ name: data.name, outcome: skipped ? "skipped" : type === "test:pass" ? "passed" : "failed" })}\n`;
  }
}
