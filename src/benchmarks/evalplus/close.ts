/**
 * Whether two display texts of numbers are close, by EvalPlus's rule, which is numpy's allclose: |a
 * − b| ≤ atol + rtol |b|, for numbers and (nested) sequences of the same shape.
 */

const relative = 1e-7
const numeric = /^[-+0-9.eE,[\]() infaTrueFls]*$/

type Nested = number | Nested[]

/** A display text as numbers; null if it has anything else. */
function numbersOf(text: string): Nested | null {
  if (!numeric.test(text)) return null
  const json = text
    .replaceAll('(', '[')
    .replaceAll(/,?\)/g, ']')
    .replaceAll('True', '1')
    .replaceAll('False', '0')
    .replaceAll('inf', '1e999')
  try {
    return JSON.parse(json) as Nested
  } catch {
    return null
  }
}

/** The shape as a text; null if the rows differ. */
function shapeOf(value: Nested): string | null {
  if (typeof value === 'number') return ''
  const shapes = new Set(value.map(shapeOf))
  if (shapes.size > 1 || shapes.has(null)) return null
  return `${value.length} ${[...shapes][0] ?? ''}`
}

function near(a: Nested, b: Nested, atol: number): boolean {
  if (typeof a === 'number' || typeof b === 'number') {
    return (
      a === b || Math.abs((a as number) - (b as number)) <= atol + relative * Math.abs(b as number)
    )
  }
  return a.every((item, i) => near(item, b[i] as Nested, atol))
}

export function areClose(found: string, expected: string, atol: number): boolean {
  const [a, b] = [numbersOf(found), numbersOf(expected)]
  if (a === null || b === null) return false
  const shape = shapeOf(a)
  return shape !== null && shape === shapeOf(b) && near(a, b, atol)
}

/** The Python type of a displayed value. */
export function typeOf(display: string): string {
  if (/^(?:True|False)$/.test(display)) return 'bool'
  if (/^-?\d+$/.test(display)) return 'int'
  if (/^-?(?:\d|inf|nan)/.test(display)) return /j$/.test(display) ? 'complex' : 'float'
  if (/^\([^,]*j\)$/.test(display)) return 'complex'
  if (display === 'set()') return 'set'
  const [first = ''] = display
  if (first === '{') return /^\{(?:\}|.*?: )/s.test(display) ? 'dict' : 'set'
  const names = { '[': 'list', '(': 'tuple', "'": 'str', '"': 'str', b: 'bytes', f: 'frozenset' }
  return names[first as keyof typeof names] ?? 'NoneType'
}

/** A float, or a sequence of floats only. From then on EvalPlus allows a tolerance. */
export function isFloats(display: string): boolean {
  const float = '-?(?:\\d+\\.\\d+(?:e[-+]\\d+)?|\\d+e[-+]\\d+|inf|nan)'
  return new RegExp(`^(?:${float}|[[(]${float}(?:, ${float})*,?[\\])])$`).test(display)
}
