/** Search in what the model wrote, one list for tasks and one for rollouts, and one of each whole. */
import { useEffect, useState } from 'preact/hooks'
import { ask, type RolloutPage, type Task, type TaskPage } from '../api.ts'
import { Await, Empty, kinds, percent, plain, Section, Table } from '../parts.tsx'
import { addressOf, go, here, runId, until, useFetched } from '../state.ts'
import { RolloutView } from './rollout.tsx'
import { TaskView } from './task.tsx'

const pageSize = '40'
const taskVerdicts = ['accepted', 'duplicate', 'refused']
const verdicts = ['correct', 'wrong', 'malformed', 'ungraded', ...taskVerdicts]
const purposes = ['seed', 'propose', 'estimate', 'solve', 'evaluate', 'probe']
const roles = ['proposer', 'solver']
const finishes = ['stop', 'length']
const ways = ['never', 'sometimes', 'always']

/** The first line that says something. */
const gist = (text: string | null) =>
  plain((text ?? '').trim().split('\n').slice(0, 3).join(' ⏎ ')).slice(0, 160)

function Choice({ name, values }: { name: string; values: readonly string[] }) {
  const { query } = here.value
  const choose = (value: string) => {
    const { [name]: _, ...rest } = query
    go({ query: value ? { ...rest, [name]: value } : rest })
  }
  return (
    <label>
      {name}{' '}
      <select value={query[name] ?? ''} onChange={event => choose(event.currentTarget.value)}>
        <option value="">any</option>
        {values.map(value => (
          <option key={value}>{value}</option>
        ))}
      </select>
    </label>
  )
}

function Filters({ isTasks }: { isTasks: boolean }) {
  const { query } = here.value
  const search = (event: SubmitEvent) => {
    event.preventDefault()
    const data = new FormData(event.currentTarget as HTMLFormElement)
    const { text: _, step: __, ...rest } = query
    const given = ['text', 'step'].flatMap(name => {
      const value = String(data.get(name) ?? '').trim()
      return value ? [[name, value]] : []
    })
    go({ query: { ...rest, ...Object.fromEntries(given) } })
  }
  return (
    <search>
      <form class="filters" onSubmit={search}>
        <a href={addressOf({ query: {} })} aria-current={isTasks ? 'page' : undefined}>
          tasks
        </a>
        <a
          href={addressOf({ query: { list: 'rollouts' } })}
          aria-current={isTasks ? undefined : 'page'}
        >
          rollouts
        </a>
        <Choice name="kind" values={kinds} />
        <Choice name="verdict" values={isTasks ? taskVerdicts : verdicts} />
        {isTasks && <Choice name="solved" values={ways} />}
        {!isTasks && <Choice name="role" values={roles} />}
        {!isTasks && <Choice name="purpose" values={purposes} />}
        {!isTasks && <Choice name="finish" values={finishes} />}
        {!isTasks && <Choice name="plans" values={['yes', 'no']} />}
        {!isTasks && query.suite && <Choice name="suite" values={[query.suite]} />}
        <label>
          step{' '}
          <input
            name="step"
            inputMode="numeric"
            pattern="\d{1,6}"
            size={5}
            defaultValue={query.step}
          />
        </label>
        <label>
          text <input name="text" type="search" maxLength={200} defaultValue={query.text} />
        </label>
        <button type="submit">search</button>
      </form>
    </search>
  )
}

function TaskRow({ task }: { task: Task }) {
  const { id, step, kind, verdict, reason, program, success_rate } = task
  return (
    <tr>
      <td class="number">{step}</td>
      <td>{kind}</td>
      <td class={verdict === 'accepted' ? 'right' : 'wrong'}>
        {verdict}
        {reason && `: ${plain(reason).slice(0, 60)}`}
      </td>
      <td class="number">{success_rate === null ? '–' : percent(success_rate)}</td>
      <td class="gist">
        <a href={addressOf({ query: { task: id } })}>{gist(program) || 'no program'}</a>
      </td>
    </tr>
  )
}

function RolloutRow({ rollout }: { rollout: RolloutPage['items'][number] }) {
  const { id, step, kind, purpose, verdict, tokens, text } = rollout
  const isGood = verdict === 'correct' || verdict === 'accepted'
  return (
    <tr>
      <td class="number">{step}</td>
      <td>{kind}</td>
      <td>{purpose}</td>
      <td class={isGood ? 'right' : 'wrong'}>{verdict ?? '–'}</td>
      <td class="number">{tokens}</td>
      <td class="gist">
        <a href={addressOf({ query: { rollout: id } })}>{gist(text) || 'no text'}</a>
      </td>
    </tr>
  )
}

const headings = {
  tasks: ['step', 'kind', 'verdict', 'solved', 'program'],
  rollouts: ['step', 'kind', 'purpose', 'verdict', 'tokens', 'text'],
}

type Pages = { tasks: TaskPage['items']; rollouts: RolloutPage['items']; next: string | null }

/** A question looks at so many rows: behind a page of none, the next is asked for, so many times. */
const mostWindows = 25

/** The first page comes anew with every step; those behind it are fetched when they are asked for. */
function List({ isTasks, query }: { isTasks: boolean; query: Record<string, string> }) {
  const key = JSON.stringify([runId.value, isTasks, query])
  const load = async (id: string, before?: string): Promise<Pages> => {
    const turn = (before?: string) => {
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
  const first = useFetched(id => load(id), [key])
  const [more, setMore] = useState<Pages[]>([])
  useEffect(() => setMore([]), [key])
  return (
    <Await of={first}>
      {page => {
        const pages = [page, ...more]
        const next = pages.at(-1)?.next ?? null
        const isEmpty = pages.every(({ tasks, rollouts }) => tasks.length + rollouts.length === 0)
        const goOn = async () => setMore([...more, await load(runId.value, next ?? undefined)])
        return (
          <>
            {isEmpty && next === null && <Empty>Nothing is like that.</Empty>}
            {!isEmpty && (
              <Table heads={headings[isTasks ? 'tasks' : 'rollouts']} class="gists">
                {pages.flatMap(({ tasks }) =>
                  tasks.map(task => <TaskRow key={task.id} task={task} />),
                )}
                {pages.flatMap(({ rollouts }) =>
                  rollouts.map(rollout => <RolloutRow key={rollout.id} rollout={rollout} />),
                )}
              </Table>
            )}
            {next !== null && (
              <button type="button" onClick={goOn}>
                {isEmpty ? 'nothing among the newest: look further back' : 'show more'}
              </button>
            )}
          </>
        )
      }}
    </Await>
  )
}

const ofTasks = ['kind', 'verdict', 'solved', 'step', 'text']
const ofRollouts = [
  ...['kind', 'verdict', 'role', 'purpose', 'finish', 'plans', 'suite', 'step', 'text'],
]

export function Tasks() {
  const { query } = here.value
  if (query.task) return <TaskView id={query.task} />
  if (query.rollout) return <RolloutView id={query.rollout} />
  const isTasks = query.list !== 'rollouts'
  const filters = Object.fromEntries(
    Object.entries(query).filter(([name]) => (isTasks ? ofTasks : ofRollouts).includes(name)),
  )
  const scrubbed = until.value === null ? filters : { ...filters, until: String(until.value) }
  return (
    <Section title={isTasks ? 'Tasks, the newest first' : 'Rollouts, the newest first'}>
      <Filters isTasks={isTasks} key={JSON.stringify(query)} />
      <List isTasks={isTasks} query={scrubbed} />
    </Section>
  )
}
