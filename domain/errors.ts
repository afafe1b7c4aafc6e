/** Promises that the world broke. What a model's program does is never here: that is an outcome. */

export class AzrError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
  }
}

/** The user asked for something that cannot be: exit code 2. */
export class UsageError extends AzrError {}
export class ConfigError extends UsageError {}

/** Another process owns the run. */
export class RunOwned extends AzrError {}
export class EngineGone extends AzrError {}
/** A completion came from another policy than the one asked for. */
export class StalePolicy extends AzrError {}
export class LearnerGone extends AzrError {}
export class SandboxGone extends AzrError {}
/** One text that broke whoever read it, each time: others can be read. */
export class TextUnread extends SandboxGone {}
export class WorkerGone extends AzrError {}

/** What was to be committed was not: the disk is full, or the database does not take it. */
export class StoreFailed extends AzrError {}

/** What was stored cannot be read any more, or was never made whole. */
export class RunDamaged extends AzrError {}

/** A stored row was made from another input than the one now asked for. */
export class MemoMismatch extends AzrError {}
/** What was derived again is not what was recorded. */
export class ReplayDiffers extends AzrError {}
/** A plug-in's own code threw, or returned a value that it may not return. */
export class PluginFailed extends AzrError {}

/** The message and what its causes add to it, on one line. */
export function explain(error: unknown): string {
  const parts: string[] = []
  for (let at: unknown = error; at !== undefined && parts.length < 5; ) {
    const message = at instanceof Error ? at.message : String(at)
    if (!parts.some(part => part.includes(message))) parts.push(message)
    at = at instanceof Error ? at.cause : undefined
  }
  return parts.join(': ').replaceAll('\n', ' ')
}
