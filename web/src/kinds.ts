/** The kinds of task that the run which is shown knows, and their colours among the page's own. */
import { computed, effect } from '@preact/signals'
import type { Run } from './api.ts'
import { run } from './state.ts'

type Kind = Run['kinds'][number]

/** The run is asked for every other second: its kinds stay the same. */
const text = computed(() => JSON.stringify(run.value?.kinds ?? []))
export const kinds = computed<Kind[]>(() => JSON.parse(text.value))

/** As a series or a class (`of-…`) names it. */
export const colorOf = (kind: string) => `kind-${kind}`
export const labelOf = (kind: string) =>
  kinds.value.find(({ name }) => name === kind)?.label ?? kind

/** A curve for each kind: its label, its metric, its colour. */
export const perKind = (prefix: string): [label: string, metric: string, color: string][] =>
  kinds.value.map(({ name, label }) => [label, `${prefix}.${name}`, colorOf(name)])

const sheet = new CSSStyleSheet()
document.adoptedStyleSheets.push(sheet)
effect(() => {
  const rules = kinds.value.flatMap(({ name, colors: { light, dark } }) => [
    `:root { --${colorOf(name)}: light-dark(${light}, ${dark}) }`,
    `.of-${colorOf(name)} { --series: var(--${colorOf(name)}) }`,
  ])
  sheet.replaceSync(rules.join('\n'))
})
