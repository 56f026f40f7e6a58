import { before, describe, it } from "node:test";
import { buildDeb } from "../package/build-packages.ts";
import { olderCheckout } from "../package/checkouts.ts";
import { runScript, unable } from "./run-script.ts";

/** npm run test:machines: on fresh Debian systems. npm test has the short one, in test/package. */

describe("on whole machines", { skip: unable() }, () => {
  let older = "";
  let deb = "";
  let newer = "";
  before(() => {
    older = buildDeb("older", { version: "0.0.1", ...olderCheckout() });
    deb = buildDeb("machines");
    newer = buildDeb("newer", { version: "9.9.9" });
  });

  for (const release of ["bookworm", "trixie"]) {
    describe(`Debian ${release}`, () => {
      it("a newcomer's path, to the removal", () => runScript("newcomer", release, deb, newer));
      it("what happens to the services of a pair", () => runScript("services", release, deb));
      it("install, upgrade, removal and purge on one machine", () =>
        runScript("package-life", release, older, deb, newer));
    });
  }
  it("what happens to the services of a pair without agents", () => runScript("services", "trixie", deb, "hooks"));
});
