/** Describes a fit in words. */
import { span } from '../../lib/formats.ts'
import { type Fit, gigabytes } from '../config/fit/index.ts'
import { bytesOf, type Parts } from '../config/fit/memory.ts'

const size = (bytes: number) => `${gigabytes(bytes).toFixed(1)} GB`
const count = (n: number) => (n < 1e4 ? String(Math.round(n)) : `${(n / 1e6).toFixed(2)} M`)

function partLine(name: string, parts: Parts): string[] {
  const shown = Object.entries(parts).filter(([, bytes]) => bytes > 0)
  if (shown.length === 0) return []
  const inner = shown.map(([part, bytes]) => `${part} ${gigabytes(bytes).toFixed(1)}`).join(', ')
  return [`  ${name.padEnd(14)}${size(bytesOf(parts)).padStart(9)}   ${inner}`]
}

function verdictLines({ fits, cure, hardware, memory, memoryShare }: Fit): string[] {
  const peak = `${size(memory.peak)} of ${size(hardware.memoryBytes)}`
  if (fits) {
    const share =
      memoryShare === null ? [] : [`  engine share    --engine.memoryShare=${memoryShare}`]
    return [`  fits            ${peak} at most`, ...share]
  }
  const way =
    cure === null
      ? 'no knob makes it fit: use a larger card, a smaller model, or a shorter engine.maxLength'
      : `with ${cure.join(' ')} it does`
  return [`  does not fit    ${peak}`, `                  ${way}`]
}

function curveLine({ answers, every }: Fit['scored'], seconds: number): string[] {
  if (answers === 0) return []
  const when = every === 1 ? 'every step' : `every ${every} steps`
  return [
    `  the curve       ${count(answers)} answers ${when}, ${span(1000 * seconds)} each time (estimate)`,
  ]
}

export function fitLines(fit: Fit): string[] {
  const { memory, tokens, seconds, scored, hardware, cards } = fit
  return [
    cards > 1 ? `on each of ${cards} × ${hardware.name}:` : `on ${hardware.name}:`,
    ...partLine('learner', memory.learner),
    ...partLine('engine', memory.engine),
    ...partLine('machine', memory.host),
    ...partLine('disk', memory.disk),
    ...verdictLines(fit),
    `  a step          ${count(tokens.samples)} samples, ${count(tokens.completion)} tokens ` +
      `written, ${count(tokens.trained)} trained on`,
    `                  sampling ${span(1000 * seconds.sample)}, ` +
      `learning ${span(1000 * seconds.train)}, ` +
      `handing over ${span(1000 * seconds.handOver)} (estimates)`,
    ...curveLine(scored, seconds.score),
  ]
}
