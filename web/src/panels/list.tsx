/**
 * A list of tasks or rollouts under a filter: one row each, newest first or ordered by a figure.
 */

import { useState } from 'preact/hooks'
import { percent } from '../../../lib/formats.ts'
import { type Ask, ask, type RolloutPage, type Task, type TaskPage } from '../api.ts'
import { labelOf } from '../kinds.ts'
import { Await, Empty, plain, Wide } from '../parts.tsx'
import { Head } from '../sorting.tsx'
import { addressOf, runId, useFetched } from '../state.ts'

const pageSize = '40'

/** The first lines of a text, in one line. */
const gist = (text: string | null) =>
  plain((text ?? '').trim().split('\n').slice(0, 3).join(' ⏎ ')).slice(0, 160)

const figure = (value: number | null) => (value === null ? '–' : value.toFixed(2))

/** Right answers are green, and nothing else is: a task may be accepted and worth nothing. */
const classOf = (verdict: string | null) =>
  verdict === 'correct' ? 'right' : ['accepted', null].includes(verdict) ? undefined : 'wrong'

function TaskRow({ task }: { task: Task }) {
  const { id, step, kind, verdict, reason, program, successRate, reward } = task
  return (
    <tr>
      <td class="number" data-name="step">
        {step}
      </td>
      <td>{labelOf(kind)}</td>
      <td class={classOf(verdict)}>
        {verdict}
        {reason && `: ${plain(reason).slice(0, 60)}`}
      </td>
      <td class="number" data-name="solved">
        {successRate === null ? '–' : percent(successRate)}
      </td>
      <td class="number" data-name="reward">
        {figure(reward)}
      </td>
      <td class="gist">
        <a href={addressOf({ query: { task: id } })}>{gist(program) || 'no program'}</a>
      </td>
    </tr>
  )
}

function RolloutRow({ rollout }: { rollout: RolloutPage['items'][number] }) {
  const { id, step, kind, purpose, verdict, tokens, text, reward, advantage } = rollout
  return (
    <tr>
      <td class="number" data-name="step">
        {step}
      </td>
      <td>{labelOf(kind)}</td>
      <td>{purpose}</td>
      <td class={classOf(verdict)}>{verdict ?? '–'}</td>
      <td class="number" data-name="reward">
        {figure(reward)}
      </td>
      <td class="number" data-name="advantage">
        {figure(advantage)}
      </td>
      <td class="number" data-name="tokens">
        {tokens}
      </td>
      <td class="gist">
        <a href={addressOf({ query: { rollout: id } })}>{gist(text) || 'no text'}</a>
      </td>
    </tr>
  )
}

/** The name of each column, and the order that it selects, if any. */
const headings: Record<'tasks' | 'rollouts', [name: string, sort: string | null][]> = {
  tasks: [
    ['step', 'step'],
    ['kind', null],
    ['verdict', null],
    ['solved', 'successRate'],
    ['reward', 'reward'],
    ['program', null],
  ],
  rollouts: [
    ['step', 'step'],
    ['kind', null],
    ['purpose', null],
    ['verdict', null],
    ['reward', 'reward'],
    ['advantage', 'advantage'],
    ['tokens', 'length'],
    ['text', null],
  ],
}

type Page = { tasks: TaskPage['items']; rollouts: RolloutPage['items']; next: string | null }
type Wanted = { isTasks: boolean; query: Record<string, string> }

const arranging = ['list', 'sort', 'order', 'at']
const isFiltered = ({ query }: Wanted) =>
  Object.entries(query).some(([name, value]) => value && !arranging.includes(name))

/**
 * A query reads a limited number of rows, and may find none. Then the next ones are requested, at
 * most this often.
 */
const mostWindows = 25

async function look(
  { isTasks, query }: Wanted,
  ask: Ask,
  id: string,
  before?: string | null,
): Promise<Page> {
  const turn = (before?: string | null) => {
    const asked = { ...query, limit: pageSize, ...(before ? { before } : {}) }
    return isTasks ? ask.tasks(id, asked) : ask.rollouts(id, asked)
  }
  let page = await turn(before)
  for (let n = 1; page.items.length === 0 && page.next !== null && n < mostWindows; n++) {
    page = await turn(page.next)
  }
  const { items, next } = page
  return {
    tasks: isTasks ? (items as Task[]) : [],
    rollouts: isTasks ? [] : (items as never),
    next,
  }
}

const isEmptyPage = ({ tasks, rollouts }: Page) => tasks.length + rollouts.length === 0
const newestOf = ({ tasks, rollouts }: Page) => (tasks[0] ?? rollouts[0])?.id

function Rows({ isTasks, pages, query }: Wanted & { pages: Page[] }) {
  const { sort = 'step', order } = query
  return (
    <Wide>
      <table class="gists">
        <thead>
          <tr>
            {headings[isTasks ? 'tasks' : 'rollouts'].map(([name, column]) => {
              const given = { name, column, by: sort, isUp: order === 'asc' }
              return <Head key={name} {...given} isNumber={column !== null} />
            })}
          </tr>
        </thead>
        <tbody>
          {pages.flatMap(({ tasks }) => tasks.map(task => <TaskRow key={task.id} task={task} />))}
          {pages.flatMap(({ rollouts }) =>
            rollouts.map(rollout => <RolloutRow key={rollout.id} rollout={rollout} />),
          )}
        </tbody>
      </table>
    </Wide>
  )
}

/**
 * Reloads the first page at every step until more pages are loaded. After that the list stays as it
 * is, because a newer first page would leave a gap before the old second one.
 */
export function List(wanted: Wanted) {
  const first = useFetched((ask, id) => look(wanted, ask, id))
  const [kept, setKept] = useState<Page[] | null>(null)
  const [isLooking, setIsLooking] = useState(false)
  const [failure, setFailure] = useState('')
  const goOn = async (pages: Page[]) => {
    if (isLooking) return
    setIsLooking(true)
    try {
      setKept([...pages, await look(wanted, ask, runId.value, pages.at(-1)?.next)])
      setFailure('')
    } catch (error) {
      setFailure(`Cannot show more: ${(error as Error).message}`)
    }
    setIsLooking(false)
  }
  const showNewest = () => {
    setKept(null)
    setFailure('')
  }
  const isBehind = kept?.[0] && first.data && newestOf(first.data) !== newestOf(kept[0])
  const data = kept ?? (first.data && [first.data])
  return (
    <Await of={{ data, error: kept ? null : first.error }}>
      {pages => {
        const next = pages.at(-1)?.next ?? null
        const isEmpty = pages.every(isEmptyPage)
        const offer = isEmpty ? 'none of the newest rows match: search older ones' : 'show more'
        return (
          <>
            {isBehind && (
              <button type="button" onClick={showNewest}>
                there are newer rows: show them
              </button>
            )}
            {isEmpty && next === null && (
              <Empty>{isFiltered(wanted) ? 'No row matches.' : 'There are none.'}</Empty>
            )}
            {!isEmpty && <Rows {...wanted} pages={pages} />}
            {next !== null && (
              <button type="button" class="more" onClick={() => goOn(pages)}>
                {isLooking ? 'looking …' : offer}
              </button>
            )}
            <span role="status">{failure}</span>
          </>
        )
      }}
    </Await>
  )
}
