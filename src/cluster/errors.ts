/** Something the user can put right: shown as one line and, below it, the way out. Never with a stack trace. */
class UserError extends Error {
  readonly remedy: string | undefined;

  constructor(message: string, { remedy, cause }: { remedy?: string | undefined; cause?: unknown } = {}) {
    super(message, { cause });
    this.remedy = remedy;
  }
}

/** Wrong usage, or a cluster file that can't be used: exit code 2. */
export class UsageError extends UserError {}

/** Refused or failed for a reason that we can name: exit code 1. */
export class CommandRefused extends UserError {}
