/** Overlap of a run's tasks with benchmarks, as text and as rows of the report's table. */

import { percent } from '../../lib/formats.ts'
import type { Contamination } from '../benchmarks/contamination/index.ts'

export type Contaminated = {
  run: string
  ngram: number
  /** Distinct programs that were proposed and accepted. */
  programs: number
  suites: Contamination[]
}

/** Half of an item's token runs in one program are more than an idiom. */
const much = 0.5
const shown = 3

const distinct = (matches: readonly { item: string }[]) =>
  new Set(matches.map(({ item }) => item)).size

export const contaminationHead = ['benchmark', 'items', 'words', 'shape', 'question', 'behaviour']

/** For each benchmark the number of items that match, in the order of the head. */
export function contaminationRow(found: Contamination): (string | number)[] {
  const { suite, items, words, shape, questions, behaviour } = found
  const share = (overlaps: Contamination['words']) => {
    const half = overlaps.filter(one => one.share >= much).length
    return `${overlaps.length} (${half} by half or more)`
  }
  const acted = behaviour === null ? '–' : distinct(behaviour)
  return [suite, items, share(words), share(shape), questions.length, acted]
}

function examples({ words, questions, behaviour }: Contamination): string[] {
  return [
    ...words
      .slice(0, shown)
      .map(({ item, task, share }) => `  words: ${item} and ${task} share ${percent(share, 1)}`),
    ...questions.slice(0, shown).map(({ item, task }) => `  question: ${item} is asked in ${task}`),
    ...(behaviour ?? [])
      .slice(0, shown)
      .map(({ item, task }) => `  behaviour: ${task} does what ${item} asks for`),
  ]
}

export function contaminationLines({ run, ngram, programs, suites }: Contaminated): string[] {
  const head = `${run}: ${programs} programs compared with ${suites.length} benchmarks, by runs of ${ngram} tokens`
  return [
    head,
    ...suites.flatMap(found => {
      const [suite, items, ...rest] = contaminationRow(found)
      const cells = rest.map((cell, i) => `${contaminationHead[i + 2]} ${cell}`).join(', ')
      const tried = found.behaviour === null ? '' : ` (${found.programs} programs run`
      const left = found.unfinished > 0 ? `, ${found.unfinished} did not end` : ''
      return [
        `${suite}: of ${items} items: ${cells}${tried}${tried ? `${left})` : ''}`,
        ...examples(found),
      ]
    }),
  ]
}
