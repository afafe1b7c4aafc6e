/** The kinds of task of the current run, and their colours. */
import { computed, effect } from '@preact/signals'
import type { Run } from './api.ts'
import { addColors } from './chart/colors.ts'
import { run } from './state.ts'

type Kind = Run['kinds'][number]

/** The run is requested every other second, but its kinds do not change. */
const text = computed(() => JSON.stringify(run.value?.kinds ?? []))
export const kinds = computed<Kind[]>(() => JSON.parse(text.value))

/** The name of a kind's colour in a series or a class (`of-…`). */
export const colorOf = (kind: string) => `kind-${kind}`
export const labelOf = (kind: string) =>
  kinds.value.find(({ name }) => name === kind)?.label ?? kind

/** One curve per kind: its label, its metric, its colour. */
export const perKind = (prefix: string): [label: string, metric: string, color: string][] =>
  kinds.value.map(({ name, label }) => [label, `${prefix}.${name}`, colorOf(name)])

effect(() => {
  addColors(kinds.value.map(({ name, colors }) => ({ name: colorOf(name), ...colors })))
})
