/** Whether two display texts show values that Python calls equal (NaN equals nothing). */
import { canonicalOf } from '../../domain/canonical/index.ts'

const maxLength = 64 << 20
const quoted = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/g

const holdsNan = (display: string) =>
  display.includes('nan') && display.replace(quoted, '').includes('nan')

export function isEqual(found: string, expected: string): boolean {
  if (holdsNan(expected)) return false
  if (found === expected) return true
  const [a, b] = [canonicalOf(found, maxLength), canonicalOf(expected, maxLength)]
  return a.ok && b.ok && a.text === b.text
}
