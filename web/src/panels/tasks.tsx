/** Searches what the model wrote: filters of tasks and rollouts, and the view of a single one. */
import type { InputHTMLAttributes } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { kinds } from '../kinds.ts'
import { Section } from '../parts.tsx'
import { addressOf, go, here, runId, until } from '../state.ts'
import { List } from './list.tsx'
import { Pair } from './pair.tsx'
import { RolloutView } from './rollout.tsx'
import { TaskView } from './task.tsx'

const ofProposals = ['accepted', 'duplicate', 'refused']
const taskVerdicts = ['valid', ...ofProposals]
const verdicts = ['correct', 'wrong', 'malformed', 'ungraded', ...ofProposals]
const purposes = ['self-play', 'seed', 'propose', 'estimate', 'solve', 'evaluate', 'probe']
const roles = ['proposer', 'solver']
const finishes = ['stop', 'length']
const ways = ['never', 'sometimes', 'always']

function Choice({ name, values }: { name: string; values: readonly string[] }) {
  const { query } = here.value
  const choose = (value: string) => go({ query: { ...query, [name]: value } })
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

/** A typed text stays until it is searched for, or the address has another. */
function Words({ name, label, ...rest }: InputHTMLAttributes & { name: string; label?: string }) {
  const given = here.value.query[name] ?? ''
  const box = useRef<HTMLInputElement>(null)
  useLayoutEffect(() => {
    if (box.current) box.current.value = given
  }, [given])
  return (
    <label>
      {label ?? name} <input {...rest} name={name} ref={box} />
    </label>
  )
}

/** Figures that a list can be filtered by, with their names in the address. */
const ranges: [name: string, title: string][] = [
  ['Reward', 'reward'],
  ['SuccessRate', 'success rate, 0 to 1'],
]
const rangesOfRollouts: typeof ranges = [
  ...ranges,
  ['Length', 'length, tokens'],
  ['Advantage', 'advantage'],
]
const boundsOf = (isTasks: boolean) =>
  (isTasks ? ranges : rangesOfRollouts).flatMap(([name]) => [`min${name}`, `max${name}`])
const typed = (isTasks: boolean) => ['text', 'step', 'since', ...boundsOf(isTasks)]

const sortsOfTasks = { step: 'newest', successRate: 'success rate', reward: 'reward' }
const sortsOfRollouts = { ...sortsOfTasks, length: 'length', advantage: 'advantage' }

/** A menu with the same orders as the column heads, for lists without heads. */
function Order({ names }: { names: Record<string, string> }) {
  const { query } = here.value
  const change = (sort: string, order: string) => {
    const isUsual = sort === 'step'
    go({ query: { ...query, sort: isUsual ? '' : sort, order } })
  }
  const { sort = 'step', order = '' } = query
  return (
    <>
      <label>
        order{' '}
        <select value={sort} onChange={event => change(event.currentTarget.value, order)}>
          {Object.entries(names).map(([name, title]) => (
            <option key={name} value={name}>
              {title}
            </option>
          ))}
        </select>
      </label>
      <label>
        <input
          type="checkbox"
          checked={order === 'asc'}
          onChange={event => change(sort, event.currentTarget.checked ? 'asc' : '')}
        />{' '}
        ascending
      </label>
    </>
  )
}

function Ranges({ isTasks }: { isTasks: boolean }) {
  const { query } = here.value
  const given = ['since', ...boundsOf(isTasks)].filter(name => query[name])
  const number = { inputMode: 'decimal' as const, pattern: '-?\\d+(\\.\\d+)?', size: 5 }
  return (
    <details class="ranges" open={given.length > 0}>
      <summary>by figures{given.length > 0 && ` (${given.length})`}</summary>
      <div>
        <Words name="since" label="from step" inputMode="numeric" pattern="\d{1,6}" size={5} />
        {(isTasks ? ranges : rangesOfRollouts).map(([name, title]) => (
          <span key={name} class="range">
            {title}
            <Words name={`min${name}`} label="from" {...number} />
            <Words name={`max${name}`} label="to" {...number} />
          </span>
        ))}
      </div>
    </details>
  )
}

function Filters({ isTasks }: { isTasks: boolean }) {
  const { query } = here.value
  const search = (event: SubmitEvent) => {
    event.preventDefault()
    const data = new FormData(event.currentTarget as HTMLFormElement)
    // Empty values are left out of the address.
    const given = typed(isTasks).map(name => [name, String(data.get(name) ?? '').trim()])
    go({ query: { ...query, ...Object.fromEntries(given) } })
  }
  return (
    <search>
      <form class="filters" onSubmit={search}>
        <p class="switch">
          <a href={addressOf({ query: {} })} aria-current={isTasks ? 'page' : undefined}>
            tasks
          </a>
          <a
            href={addressOf({ query: { list: 'rollouts' } })}
            aria-current={isTasks ? undefined : 'page'}
          >
            rollouts
          </a>
        </p>
        <Choice name="kind" values={kinds.value.map(({ name }) => name)} />
        <Choice name="verdict" values={isTasks ? taskVerdicts : verdicts} />
        {isTasks && <Choice name="solved" values={ways} />}
        {!isTasks && <Choice name="role" values={roles} />}
        {!isTasks && <Choice name="purpose" values={purposes} />}
        {!isTasks && <Choice name="finish" values={finishes} />}
        {!isTasks && <Choice name="plans" values={['yes', 'no']} />}
        {!isTasks && query.suite && <Choice name="suite" values={[query.suite]} />}
        {isTasks && <Order names={sortsOfTasks} />}
        {!isTasks && <Order names={sortsOfRollouts} />}
        <Words name="step" inputMode="numeric" pattern="\d{1,6}" size={5} />
        <Words name="text" type="search" maxLength={200} />
        <button type="submit">search</button>
        <Ranges isTasks={isTasks} />
      </form>
    </search>
  )
}

const ofTasks = ['kind', 'verdict', 'solved', 'sort', 'order', ...typed(true)]
const chosen = ['kind', 'verdict', 'role', 'purpose', 'finish', 'plans', 'suite']
const ofRollouts = [...chosen, 'sort', 'order', ...typed(false)]

export function Tasks() {
  const { query } = here.value
  if (query.task) return <TaskView id={query.task} />
  if (query.rollout && query.beside) return <Pair ids={[query.rollout, query.beside]} />
  if (query.rollout) return <RolloutView id={query.rollout} />
  const isTasks = query.list !== 'rollouts'
  const filters = Object.fromEntries(
    Object.entries(query).filter(([name]) => (isTasks ? ofTasks : ofRollouts).includes(name)),
  )
  const scrubbed = until.value === null ? filters : { ...filters, until: String(until.value) }
  return (
    <Section title={isTasks ? 'Tasks' : 'Rollouts'}>
      <Filters isTasks={isTasks} />
      <List
        key={JSON.stringify([runId.value, isTasks, scrubbed])}
        isTasks={isTasks}
        query={scrubbed}
      />
    </Section>
  )
}
