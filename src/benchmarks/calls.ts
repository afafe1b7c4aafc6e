/**
 * Runs a program's function on many inputs in one sandboxed process, as the benchmarks do: a call
 * sees what earlier calls left behind. It returns results without judging them.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Sandbox } from '../../domain/execution.ts'

const part = (name: string) => readFileSync(join(import.meta.dirname, name), 'utf8')
export const harness = part('choose.py') + part('calls.py')

export type CallJob = {
  /** The program, or the parts of a completion that may be it. choose.py finds it there. */
  program: string | CodeTexts
  /**
   * A function, or a class whose `method` is called. Without the class, the function of that name.
   */
  entry: string
  method?: string
  /** Code that runs before the program, in its namespace. */
  prelude?: string
  /** JSON text: a list of argument lists, or a string with that list as a Python literal. */
  inputs: string
  /** CPU seconds of each call. The last entry holds for all later calls. */
  limits: number[]
  /**
   * The part of a value that is returned: all, its members, whether it exists, a tuple as a list.
   */
  view?: '' | 'set' | 'is there' | 'list'
  /** CPU seconds of the whole process. */
  totalSeconds: number
  /** Whether calls continue after one that did not return. */
  goesOn?: boolean
}

export type Call = {
  how: 'value' | 'other' | 'raised' | 'slow' | 'unread' | 'unloaded'
  /**
   * Display text of a value, or a mark if it is too long. For other results a name, such as that of
   * an exception.
   */
  text: string
  seconds: number
}

/** The likeliest first, the whole text last. A body continues the prompt. */
export type CodeTexts = { texts: string[]; prompt: string }

/**
 * The calls that were made. `cut` says why the process ended before the last one. `program` is the
 * one that was found in a completion.
 */
export type Calls = {
  calls: Call[]
  cut: string | null
  isUngraded: boolean
  program: string | null
}

const memoryMb = 4096
const maxOutputBytes = 16 << 20

export function isCall(value: unknown): value is Call {
  const { how, text, seconds } = (value ?? {}) as Partial<Call>
  return typeof how === 'string' && typeof text === 'string' && Number.isFinite(seconds)
}

function callOf(value: unknown): Call | null {
  if (!Array.isArray(value)) return null
  const call = { how: value[0], text: value[1], seconds: value[2] / 1e6 }
  return isCall(call) ? call : null
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}

/** The program in a line, '' for none; null if the line says something else. */
function chosenIn(line: string): string | null {
  const value = parsed(line)
  if (!Array.isArray(value) || value[0] !== 'program') return null
  return typeof value[1] === 'string' ? value[1] : null
}

/**
 * A model's program shares the process, so its lines are claims. The first line that is not ours
 * ends them.
 */
function readCalls(lines: readonly string[]): Call[] {
  const calls: Call[] = []
  for (const line of lines) {
    const call = callOf(parsed(line))
    if (!call) return calls
    calls.push(call)
  }
  return calls
}

export async function runCalls(
  sandbox: Pick<Sandbox, 'runScript'>,
  job: CallJob,
  signal?: AbortSignal,
): Promise<Calls> {
  const { program, inputs, totalSeconds, ...asked } = job
  const head = JSON.stringify({ method: '', prelude: '', view: '', goesOn: false, ...asked })
  const timeoutMs = Math.ceil(totalSeconds * 1000)
  const [found] = await sandbox.runScript(
    {
      program: harness,
      stdins: [`${head}\n${JSON.stringify(program)}\n${inputs}`],
      limits: { timeoutMs, memoryMb, maxOutputBytes, runs: 1 },
    },
    signal,
  )
  const { outcome = 'ungraded', output = null, error = null } = found ?? {}
  const isUngraded = outcome === 'ungraded'
  const cut = [outcome, error].filter(Boolean).join(': ')
  if (outcome !== 'returned') return { calls: [], cut, isUngraded, program: null }
  const lines = (output ?? '').split('\n').filter(line => line !== '')
  const chosen = typeof program === 'string' ? null : chosenIn(lines[0] ?? '')
  const calls = readCalls(chosen === null ? lines : lines.slice(1))
  return { calls, cut: null, isUngraded, program: chosen || null }
}
