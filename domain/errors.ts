/**
 * The errors that a user may see. Each has a code, which docs/how-to/troubleshooting.md explains.
 * A plain `Error` is a bug, or a reason that one of these wraps. The failure of a model's program
 * is never an error: it is an outcome.
 */
import { type Code, isCode } from './trouble/index.ts'

export class AzrError extends Error {
  readonly code: Code
  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
    this.code = code
  }
}

/** The user asked for something that cannot be done: exit code 2. */
export class UsageError extends AzrError {}
export class ConfigError extends UsageError {}

/** Another process owns the run. */
export class RunOwned extends AzrError {}
export class EngineGone extends AzrError {}
/** A completion came from another policy than the one that was asked for. */
export class StalePolicy extends AzrError {}
export class LearnerGone extends AzrError {}
export class SandboxGone extends AzrError {}
/** The reader crashed on this one text, each time. It can read other texts. */
export class TextUnread extends SandboxGone {}
export class WorkerGone extends AzrError {}

/** A write was not committed: the disk is full, or the database refused it. */
export class StoreFailed extends AzrError {}

/** The stored run cannot be read, or was never completed. */
export class RunDamaged extends AzrError {}

/** A stored row was made from a different input than the current one. */
export class MemoMismatch extends AzrError {}
/** A replay produced a row that differs from the recorded one. */
export class ReplayDiffers extends AzrError {}
/** A plug-in's own code threw, or returned a value that it may not return. */
export class PluginFailed extends AzrError {}

/** The message and those of its causes, on one line. */
export function explain(error: unknown): string {
  const parts: string[] = []
  for (let at: unknown = error; at !== undefined && parts.length < 5; ) {
    const message = at instanceof Error ? at.message : String(at)
    if (!parts.some(part => part.includes(message))) parts.push(message)
    at = at instanceof Error ? at.cause : undefined
  }
  return parts.join(': ').replaceAll('\n', ' ')
}

/** The code of an error, or of the first of its causes that has one. */
export function codeOf(error: unknown): Code {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; depth++) {
    if ('code' in at && isCode(at.code)) return at.code
    at = at.cause
  }
  return 'internal-error'
}

/**
 * The explanation with its code at the end: `The engine is gone (engine-gone)`. Actors, threads and
 * child processes pass errors on in this form. `untold` splits it again.
 */
export function told(error: unknown): string {
  const code = codeOf(error)
  return code === 'internal-error' ? explain(error) : `${explain(error)} (${code})`
}

export function untold(text: string): { code: Code; message: string } {
  const [, message, code] = /^(.*) \(([a-z-]+)(?:; see [^()]*)?\)$/s.exec(text) ?? []
  return isCode(code) ? { code, message: message ?? '' } : { code: 'internal-error', message: text }
}

/** Makes an error again from the text that `told` made of it. */
export function failure(text: string): AzrError {
  const { code, message } = untold(text)
  return new AzrError(code, message)
}

export const guide = 'docs/how-to/troubleshooting.md'

/** The line that a user reads: `Cannot … (run-exists; see docs/how-to/troubleshooting.md)`. */
export const printed = (code: Code, message: string) => `${message} (${code}; see ${guide})`
