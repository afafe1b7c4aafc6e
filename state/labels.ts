/**
 * The labels that people give to a run: a title, tags and notes. They are in `labels.json` next to
 * the run's database. They are not facts of the run, so forks, replays and checks ignore them.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeWhole } from '../lib/whole-file.ts'

export type Labels = {
  /** Shown instead of the run's id, which stays its address. */
  title: string | null
  tags: string[]
  notes: string
}

export const noLabels: Labels = { title: null, tags: [], notes: '' }

const pathOf = (folder: string) => join(folder, 'labels.json')
const isText = (value: unknown): value is string => typeof value === 'string'

/** A missing or unreadable file counts as empty, so that it does not hide the run. */
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

/** Changes the given labels and keeps the others. */
export function writeLabels(folder: string, change: Partial<Labels>): Labels {
  const labels = { ...readLabels(folder), ...change }
  writeWhole(pathOf(folder), `${JSON.stringify(labels, null, 2)}\n`)
  return labels
}
