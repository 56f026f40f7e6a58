/** An error that the user can correct. Printed as one line, with the remedy below it, and without a stack trace. */
class UserError extends Error {
  readonly remedy: string | undefined;

  constructor(message: string, { remedy, cause }: { remedy?: string | undefined; cause?: unknown } = {}) {
    super(message, { cause });
    this.remedy = remedy;
  }
}

/** Wrong usage, or a cluster file that can't be used: exit code 2. */
export class UsageError extends UserError {}

/** The command was refused, or failed for a known reason: exit code 1. */
export class CommandRefused extends UserError {}
