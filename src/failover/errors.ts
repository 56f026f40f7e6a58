/** The transition must stop, because of a newer transition or a signal. */
export class Stopped extends Error {}

/** A newer transition has come. It decides about the fence, so the fence stays. */
export class Superseded extends Stopped {
  constructor(by: string) {
    super(`superseded by ${by}`);
  }
}

/** A step is refused, and trying again won't help: the operator has to decide. */
export class StepRefused extends Error {
  readonly remedy: string;
  constructor(why: string, remedy: string) {
    super(why);
    this.remedy = remedy;
  }
}
