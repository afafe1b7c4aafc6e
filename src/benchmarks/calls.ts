/**
 * Runs a program's function on many inputs in one process of the sandbox, as the benchmarks do:
 * what one call leaves behind, the next one meets. It says what came back; not what is right.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Sandbox } from '../../domain/execution.ts'

const part = (name: string) => readFileSync(join(import.meta.dirname, name), 'utf8')
export const harness = part('choose.py') + part('calls.py')

export type CallJob = {
  /** As it is, or what of a completion may be it: choose.py finds it there. */
  program: string | CodeTexts
  /**
   * A function, or a class of which `method` is called; without the class, a function of that name.
   */
  entry: string
  method?: string
  /** Runs before the program, in its namespace. */
  prelude?: string
  /** JSON text: a list of argument lists, or a string that holds it as a Python literal. */
  inputs: string
  /** CPU seconds of each call; the last one is that of all calls after it. */
  limits: number[]
  /** What is taken of a value: all of it, its members, whether it is there, a tuple as a list. */
  view?: '' | 'set' | 'is there' | 'list'
  /** CPU seconds of the whole process. */
  totalSeconds: number
  /** Whether calls after one that did not return are made too. */
  goesOn?: boolean
}

export type Call = {
  how: 'value' | 'other' | 'raised' | 'slow' | 'unread' | 'unloaded'
  /** Display text of a value, or a mark where that is too long; a name for all else. */
  text: string
  seconds: number
}

/** The likeliest first, the whole text last; a body goes on from the prompt. */
export type CodeTexts = { texts: string[]; prompt: string }

/**
 * Calls as far as it came; `cut` says why the process ended before the last one. `program`: the one
 * that was found in a completion.
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

/** The program that a line tells of, '' for none; null where the line is another. */
function chosenIn(line: string): string | null {
  const value = parsed(line)
  if (!Array.isArray(value) || value[0] !== 'program') return null
  return typeof value[1] === 'string' ? value[1] : null
}

/**
 * Lines of a process that a model's program shares are claims: what is no line of ours ends them.
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
