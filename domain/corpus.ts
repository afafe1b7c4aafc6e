/** The counts of a run's corpus (`propose.corpus`), as a type, as lines and as rows. */
import type { countReasons } from './reasons.ts'

type Counts = ReturnType<typeof countReasons>

/** The detail of the event `corpus.read`. */
export type CorpusCounts = {
  folder: string
  files: number
  functions: number
  kept: number
  /** Why functions and whole files were left out, and how many; the commonest first. */
  skipped: Counts
  unread: Counts
}

/** The event with the counts. It is stored with the functions, when the run begins. */
export const corpusRead = 'corpus.read'

const shown = (counts: Counts) =>
  counts.map(({ reason, count }) => `${reason} (${count})`).join(', ')

/** The lines that a run says about its corpus, once. */
export function corpusLines({ files, functions, kept, skipped, unread }: CorpusCounts) {
  return [
    `corpus: ${functions} functions read in ${files} files, ${kept} kept`,
    ...(skipped.length > 0 ? [`  functions skipped: ${shown(skipped)}`] : []),
    ...(unread.length > 0 ? [`  files skipped: ${shown(unread)}`] : []),
  ]
}

/** The same as the rows of a table. */
export function corpusRows({ files, functions, kept, skipped, unread }: CorpusCounts) {
  const rows: [what: string, count: number][] = [
    ['files', files],
    ['functions read', functions],
    ['functions kept', kept],
    ...skipped.map(({ reason, count }) => [`skipped: ${reason}`, count] as [string, number]),
    ...unread.map(({ reason, count }) => [`file skipped: ${reason}`, count] as [string, number]),
  ]
  return rows
}
