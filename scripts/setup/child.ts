/** Runs the programs of the set-up. If one fails, the error has the last lines of its output. */
import { AzrError } from '../../domain/errors.ts'
import { type ProgramOptions, runProgram, signalPrograms } from '../../lib/programs.ts'

/** The set-up cannot continue; the message says what to do. */
export class SetupError extends AzrError {}

export function stopChildren(): void {
  const running = signalPrograms('SIGTERM')
  setTimeout(() => signalPrograms('SIGKILL'), 3000).unref()
  if (running === 0) process.exit(130)
}

/** A launcher that was killed cannot tell us, so watch its process. */
export function watchParent(): void {
  const parent = process.ppid
  setInterval(() => {
    if (process.ppid !== parent) stopChildren()
  }, 300).unref()
}

/** Runs a program. Throws with the end of its output if it fails. */
export async function need(
  what: string,
  command: string,
  args: string[],
  options: ProgramOptions,
): Promise<string> {
  const { code, output } = await runProgram(command, args, options)
  if (code === 0) return output
  throw new SetupError(
    'setup-failed',
    `Cannot ${what}: ${command} ended with ${code}\n${lastLines(output)}`,
  )
}

export function lastLines(output: string): string {
  const lines = output.trimEnd().split('\n').slice(-15)
  return lines.map(line => `  | ${line}`).join('\n')
}
