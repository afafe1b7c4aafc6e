/** What a server runs: one compiled program on one input, and what came of it. */
import type { Limits, Outcome } from './types.ts'

export type Mode = 'call' | 'script'

/** What servers say, by number: azr_sandbox/child.py and server.py. */
const codes = [
  'returned',
  'raised',
  'memoryExceeded',
  'outputTooLong',
  'rejected',
  'timedOut',
  'crashed',
] as const

export type Report = {
  outcome: Outcome
  /** Display text of a value, output of a script, or what is said of a failure. */
  text: string
  cpuMs: number
  peakMemoryBytes: number
}

export type Unit = {
  mode: Mode
  entry: string
  limits: Limits
  /** Compiled code, and the marshalled arguments or the standard input. */
  code: Buffer
  payload: Buffer
  /** Whether it may share a child with others. */
  isTame: boolean
  tries: number
  addedAt: number
  settle: (report: Report) => void
  /** Whether nobody waits for it any more. */
  isDropped: () => boolean
}

export const outcomeOf = (code: number): Outcome => codes[code] ?? 'crashed'

export const ungraded = (text: string): Report => {
  return { outcome: 'ungraded', text, cpuMs: 0, peakMemoryBytes: 0 }
}

/** The header of the frame that has these units, and its body: each code once, then the payloads. */
export function request(id: number, units: readonly Unit[], isShared: boolean) {
  const [{ mode, entry, limits }] = units as [Unit]
  const places = new Map<Buffer, number>()
  for (const { code } of units) if (!places.has(code)) places.set(code, places.size)
  const header = {
    id,
    mode: mode === 'script' ? 'script' : isShared ? 'shared' : 'alone',
    timeoutMs: limits.timeoutMs,
    memoryMb: limits.memoryMb,
    maxOutputBytes: limits.maxOutputBytes,
    entry,
    codes: [...places.keys()].map(code => code.length),
    units: units.map(({ code, payload }) => [places.get(code), payload.length]),
  }
  return { header, bodies: [...places.keys(), ...units.map(({ payload }) => payload)] }
}

/** Units with equal keys may be sent in one frame. */
export const keyOf = ({ entry, limits: { timeoutMs, memoryMb, maxOutputBytes } }: Unit) =>
  `${timeoutMs} ${memoryMb} ${maxOutputBytes} ${entry}`
