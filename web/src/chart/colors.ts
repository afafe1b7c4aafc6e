/**
 * The colours of curves, which come from the API. Each becomes a custom property and a class. A
 * canvas cannot use custom properties, so `paint` gives it their computed values.
 */
import { effect, signal } from '@preact/signals'
import { ask, type Color } from '../api.ts'

const palette = signal<Pick<Color, 'name' | 'light' | 'dark'>[]>([])
/** Increases when colours have changed, so that charts are drawn again. */
export const repaint = signal(0)

const theme = matchMedia('(prefers-color-scheme: dark)')
const known = new Map<string, string>()
const forget = () => {
  known.clear()
  repaint.value = repaint.peek() + 1
}
theme.addEventListener('change', forget)

const sheet = new CSSStyleSheet()
document.adoptedStyleSheets.push(sheet)
effect(() => {
  const rules = palette.value.flatMap(({ name, light, dark }) => [
    `:root { --${name}: light-dark(${light}, ${dark}) }`,
    `.of-${name} { --series: var(--${name}) }`,
  ])
  sheet.replaceSync(rules.join('\n'))
  forget()
})

/** Adds colours of kinds or of the palette. A colour replaces an older one of the same name. */
export function addColors(colors: readonly Pick<Color, 'name' | 'light' | 'dark'>[]): void {
  const rest = palette.peek().filter(({ name }) => !colors.some(one => one.name === name))
  palette.value = [...rest, ...colors]
}

/** Repeats the request until azr answers. */
export async function fetchPalette(): Promise<void> {
  for (;;) {
    const found = await ask.palette().catch(() => null)
    if (found) return addColors(found.items)
    await new Promise(resolve => setTimeout(resolve, 1000))
  }
}

/** The computed value of a custom property, made more transparent by `alpha`. */
export function paint(name: string, alpha = 1): string {
  const key = `${name} ${alpha}`
  const found = known.get(key)
  if (found) return found
  const probe = document.body.appendChild(document.createElement('i'))
  probe.style.color = `color-mix(in srgb, var(--${name}) ${alpha * 100}%, transparent)`
  const { color } = getComputedStyle(probe)
  probe.remove()
  known.set(key, color)
  return color
}
