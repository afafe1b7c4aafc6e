/**
 * Draws the parameters that a function of the dialect `code` begins with. A small model that is
 * rewarded for valid tasks soon writes the same function of two numbers. Drawn types keep its tasks
 * apart.
 */
import type { Rng } from '../rng.ts'

/** Types of the examples in code-head.ts, each with names that say what it holds. */
const named = {
  int: ['n', 'k', 'start', 'limit'],
  str: ['text', 'word', 'line', 'mark'],
  'list[int]': ['numbers', 'values', 'steps', 'a'],
  'list[str]': ['words', 'names', 'lines', 'parts'],
  'dict[str, int]': ['counts', 'prices', 'ages', 'points'],
  'tuple[int, int]': ['pair', 'point', 'span', 'size'],
} as const
const types = Object.keys(named) as (keyof typeof named)[]

/** One to three: more are rarely used by the function that a small model writes. */
const most = 3

/** Such as `text: str, k: int`, with no name twice. */
export function drawParameters(rng: Rng): string {
  const count = 1 + Math.min(rng.int(most), rng.int(most))
  const left = new Map(types.map(type => [type, rng.shuffle(named[type])]))
  return Array.from({ length: count }, () => types[rng.int(types.length)] as keyof typeof named)
    .map(type => `${left.get(type)?.pop()}: ${type}`)
    .join(', ')
}
