import { expect, test } from 'vitest'
import { builtInKinds, shownOf } from '../../domain/kinds/index.ts'
import { palette } from '../../domain/palette.ts'

const all = [...palette, ...shownOf(builtInKinds).map(({ name, colors }) => ({ name, ...colors }))]

/** Relative luminance (WCAG 2). */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map(at => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
const contrast = (a: number, b: number) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)

test.each(['light', 'dark'] as const)('each colour has one meaning, in %s', scheme => {
  const colors = all.map(one => one[scheme])
  expect(new Set(colors).size).toBe(colors.length)
})

test.each([
  ['light', '#ffffff'],
  ['dark', '#171a1f'],
] as const)('every colour is visible on the %s card', (scheme, ground) => {
  for (const { name, [scheme]: color } of all) {
    expect(contrast(luminance(color), luminance(ground)), name).toBeGreaterThan(3)
  }
})
