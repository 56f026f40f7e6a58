/** Something newer happened, or we were told to stop: whoever catches this leaves nothing half-done. */
export class Stopped extends Error {}

/** The newer thing is a transition: it decides for itself whether writes must wait, and a fence that it finds may stand. */
export class Superseded extends Stopped {
  constructor(by: string) {
    super(`superseded by ${by}`);
  }
}

/** A step must not be done, and trying again won't change that: a person has to decide. */
export class StepRefused extends Error {
  readonly remedy: string;
  constructor(why: string, remedy: string) {
    super(why);
    this.remedy = remedy;
  }
}
