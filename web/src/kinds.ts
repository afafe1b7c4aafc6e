/** The kinds of task that the run which is shown knows, and their colours. */
import { computed, effect } from '@preact/signals'
import type { Run } from './api.ts'
import { addColors } from './chart/colors.ts'
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

effect(() => {
  addColors(kinds.value.map(({ name, colors }) => ({ name: colorOf(name), ...colors })))
})
