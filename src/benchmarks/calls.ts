/**
 * Runs a program's function on many inputs in one process of the sandbox, as the benchmarks do:
 * what one call leaves behind, the next one meets. It says what came back; not what is right.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Sandbox } from '../../domain/execution.ts'

export const harness = readFileSync(join(import.meta.dirname, 'calls.py'), 'utf8')

export type CallJob = {
  program: string
  /** A function, or a class of which `method` is called. */
  entry: string
  method?: string
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

/** Calls as far as it came; `cut` says why the process ended before the last one. */
export type Calls = { calls: Call[]; cut: string | null; isUngraded: boolean }

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

/** Lines of a process that a model's program shares are claims: what is no line of ours ends them. */
function readCalls(output: string): Call[] {
  const calls: Call[] = []
  for (const line of output.split('\n')) {
    if (line === '') continue
    try {
      const call = callOf(JSON.parse(line))
      if (!call) return calls
      calls.push(call)
    } catch {
      return calls
    }
  }
  return calls
}

export async function runCalls(
  sandbox: Pick<Sandbox, 'runScript'>,
  job: CallJob,
  signal?: AbortSignal,
): Promise<Calls> {
  const { program, inputs, totalSeconds, ...asked } = job
  const head = JSON.stringify({ method: '', view: '', goesOn: false, ...asked })
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
  if (outcome === 'returned')
    return { calls: readCalls(output ?? ''), cut: null, isUngraded: false }
  const cut = [outcome, error].filter(Boolean).join(': ')
  return { calls: [], cut, isUngraded: outcome === 'ungraded' }
}
