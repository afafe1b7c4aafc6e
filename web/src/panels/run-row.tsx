/** A run in the table of runs, and the editor of its labels. */
import { useState } from 'preact/hooks'
import { percent, sizeText } from '../../../lib/formats.ts'
import type { RunSummary, Standing } from '../api.ts'
import { plain } from '../parts.tsx'
import { Spark } from '../spark.tsx'
import { addressOf } from '../state.ts'
import { LabelEditor, Tags } from './labels.tsx'

/** `depth` counts its listed ancestors. */
export type RunRow = RunSummary & { standing: Standing | undefined; depth: number }
type Score = Standing['scores'][number]

/** The name of a score in the menu: suite and mode. */
export const nameOf = ({ suite, mode }: Score) => `${suite} ${mode}`
export const scoreOf = (standing: Standing | undefined, name: string) =>
  standing?.scores.find(score => nameOf(score) === name)
export const bestOf = (score: Score | undefined) =>
  score && Math.max(...score.points.map(([, value = 0]) => value))

function Name({ row, isTree }: { row: RunRow; isTree: boolean }) {
  const { id, labels, parent, depth } = row
  return (
    <th scope="row" style={isTree ? { paddingLeft: `${0.7 + depth * 1.2}rem` } : {}}>
      <a href={addressOf({ run: id, panel: 'overview' })}>{plain(labels.title ?? id)}</a>
      {labels.title !== null && <span class="dim"> {id}</span>}
      <Tags tags={labels.tags} />
      {parent && (
        <span class="dim from">
          from {parent.id} at step {parent.step}
        </span>
      )}
      {labels.notes !== '' && <span class="dim note">{plain(labels.notes).slice(0, 160)}</span>}
    </th>
  )
}

export function RunCells({
  row,
  score,
  isChosen,
  isTree,
  choose,
}: {
  row: RunRow
  score: string
  isChosen: boolean
  isTree: boolean
  choose: (isChosen: boolean) => void
}) {
  const [isOpen, setIsOpen] = useState(false)
  const { id, status, step, steps, preset, seed, standing, createdAtMs } = row
  const found = scoreOf(standing, score)
  const best = bestOf(found)
  return (
    <>
      <tr>
        <td class="pick">
          <input
            type="checkbox"
            checked={isChosen}
            aria-label={`choose ${id}`}
            onChange={event => choose(event.currentTarget.checked)}
          />
        </td>
        <Name row={row} isTree={isTree} />
        <td>
          <span class={`badge ${status}`}>{status}</span>
        </td>
        <td class="number">
          {step ?? '–'} of {steps}
        </td>
        <td class="number">{best === undefined ? '–' : percent(best, 1)}</td>
        <td>{found && <Spark points={found.points} label={`${score} of ${id}`} />}</td>
        <td>{preset}</td>
        <td class="number" data-name="seed">
          {seed}
        </td>
        <td class="number">{standing ? sizeText(standing.bytes) : '–'}</td>
        <td class="number">{new Date(createdAtMs).toISOString().slice(0, 16).replace('T', ' ')}</td>
        <td>
          <button type="button" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
            edit
          </button>
        </td>
      </tr>
      {isOpen && (
        <tr>
          <td colSpan={11}>
            <LabelEditor run={row} done={() => setIsOpen(false)} />
          </td>
        </tr>
      )}
    </>
  )
}
