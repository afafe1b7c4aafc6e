/**
 * What people write on a run: a title, tags and notes. They lie beside the run's database, in
 * `labels.json`, as they are no facts of the run: a fork, a replay and a check know nothing of them.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeWhole } from '../lib/whole-file.ts'

export type Labels = {
  /** Shown in place of the run's id, which stays its address. */
  title: string | null
  tags: string[]
  notes: string
}

export const noLabels: Labels = { title: null, tags: [], notes: '' }

const pathOf = (folder: string) => join(folder, 'labels.json')
const isText = (value: unknown): value is string => typeof value === 'string'

/** A file that is missing or that cannot be read says nothing: it must not hide the run. */
export function readLabels(folder: string): Labels {
  let found: Partial<Record<keyof Labels, unknown>> | null
  try {
    found = JSON.parse(readFileSync(pathOf(folder), 'utf8'))
  } catch {
    return noLabels
  }
  const { title, tags, notes } = found ?? {}
  return {
    title: isText(title) && title !== '' ? title : null,
    tags: Array.isArray(tags) ? tags.filter(isText) : [],
    notes: isText(notes) ? notes : '',
  }
}

/** Changes what is given and keeps the rest. */
export function writeLabels(folder: string, change: Partial<Labels>): Labels {
  const labels = { ...readLabels(folder), ...change }
  writeWhole(pathOf(folder), `${JSON.stringify(labels, null, 2)}\n`)
  return labels
}
