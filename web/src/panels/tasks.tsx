/** Search in what the model wrote: the filters of tasks and of rollouts, and one of each whole. */
import type { InputHTMLAttributes } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { kinds } from '../kinds.ts'
import { Section } from '../parts.tsx'
import { addressOf, go, here, runId, until } from '../state.ts'
import { List } from './list.tsx'
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

/** What is typed stands until it is searched for, or the address says something else. */
function Words({ name, ...rest }: InputHTMLAttributes & { name: string }) {
  const given = here.value.query[name] ?? ''
  const box = useRef<HTMLInputElement>(null)
  useLayoutEffect(() => {
    if (box.current) box.current.value = given
  }, [given])
  return (
    <label>
      {name} <input {...rest} name={name} ref={box} />
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
        <Choice name="kind" values={kinds.value.map(({ name }) => name)} />
        <Choice name="verdict" values={isTasks ? taskVerdicts : verdicts} />
        {isTasks && <Choice name="solved" values={ways} />}
        {!isTasks && <Choice name="role" values={roles} />}
        {!isTasks && <Choice name="purpose" values={purposes} />}
        {!isTasks && <Choice name="finish" values={finishes} />}
        {!isTasks && <Choice name="plans" values={['yes', 'no']} />}
        {!isTasks && query.suite && <Choice name="suite" values={[query.suite]} />}
        <Words name="step" inputMode="numeric" pattern="\d{1,6}" size={5} />
        <Words name="text" type="search" maxLength={200} />
        <button type="submit">search</button>
      </form>
    </search>
  )
}

const ofTasks = ['kind', 'verdict', 'solved', 'step', 'text']
const ofRollouts = [
  'kind',
  'verdict',
  'role',
  'purpose',
  'finish',
  'plans',
  'suite',
  'step',
  'text',
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
      <Filters isTasks={isTasks} />
      <List
        key={JSON.stringify([runId.value, isTasks, scrubbed])}
        isTasks={isTasks}
        query={scrubbed}
      />
    </Section>
  )
}
