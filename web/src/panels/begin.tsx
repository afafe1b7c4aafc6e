/**
 * Forms that begin a run: a new one from a preset, a fork with changes, or more steps of a finished
 * run. The address fills them in: `set.PATH=VALUE`.
 */
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { ask, type Knob, type PlanOrder } from '../api.ts'
import { useAsked } from '../asked.ts'
import { Await, Empty, Section } from '../parts.tsx'
import { addressOf, go, here, refresh, run, runId } from '../state.ts'
import { type Given, KnobFields } from './knobs.tsx'
import { PlanBeside } from './plan.tsx'

/** Knobs that the address sets. */
const givenIn = (query: Record<string, string>): Given =>
  Object.fromEntries(
    Object.entries(query).flatMap(([name, value]) =>
      name.startsWith('set.') ? [[name.slice('set.'.length), value]] : [],
    ),
  )
const shownIn = ({ show = '' }: Record<string, string>) => show.split(',').filter(Boolean)

type FormProps = {
  knobs: readonly Knob[]
  config: unknown
  /** The order to plan, without its knobs. */
  order: Omit<PlanOrder, 'knobs'>
  verb: string
  /** Begins the run. Returns its id. */
  begin: (given: Given, name: string | undefined) => Promise<string>
  /** Whether the new run gets its own name. */
  isNamed?: boolean
  children?: ComponentChildren
}

function Form({ knobs, config, order, verb, begin, isNamed = true, children }: FormProps) {
  const { query } = here.value
  const [given, change] = useState<Given>(() => givenIn(query))
  const [name, setName] = useState('')
  const [said, setSaid] = useState('')
  const first = [...Object.keys(givenIn(query)), ...shownIn(query)]
  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    setSaid(`${verb} … this takes a few seconds`)
    try {
      const id = await begin(given, name.trim() || undefined)
      await refresh()
      go({ run: id, panel: 'overview', query: { at: '' } })
    } catch (error) {
      setSaid((error as Error).message)
    }
  }
  return (
    <form class="begin" onSubmit={submit}>
      <div class="card knob-fields">
        {children}
        {isNamed && (
          <div class="knob">
            <label for="run-name">name</label>
            <input
              id="run-name"
              value={name}
              placeholder="chosen by azr"
              pattern="[a-z0-9][a-z0-9._\-]*"
              title="small letters, digits, dots, dashes and underscores"
              maxLength={128}
              onInput={event => setName(event.currentTarget.value)}
            />
          </div>
        )}
        <KnobFields knobs={knobs} config={config} given={given} first={first} change={change} />
      </div>
      <div class="side">
        <PlanBeside order={{ ...order, knobs: given }} />
        <button type="submit" class="main">
          {verb}
        </button>
        <p role="status">{said}</p>
      </div>
    </form>
  )
}

/** A choice that is kept in the address. */
function Preset({ names, value }: { names: readonly string[]; value: string }) {
  return (
    <div class="knob">
      <label for="preset">preset</label>
      <select
        id="preset"
        value={value}
        onChange={event =>
          go({ query: { ...here.value.query, preset: event.currentTarget.value } })
        }
      >
        {names.map(name => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </div>
  )
}

export function NewRun() {
  const preset = here.value.query.preset ?? 'micro'
  const found = useAsked(
    async ask => {
      const [presets, knobs, { config }] = await Promise.all([
        ask.presets(),
        ask.knobs(),
        ask.preset(preset),
      ])
      return { names: presets.items.map(({ name }) => name), knobs: knobs.items, config, preset }
    },
    [preset],
  )
  return (
    <Section title="New run">
      <Await of={found}>
        {({ names, knobs, config, preset }) => (
          <Form
            key={preset}
            knobs={knobs}
            config={config}
            order={{ preset }}
            verb="begin the run"
            begin={async (given, name) => {
              const order = { preset, knobs: given, ...(name ? { run: name } : {}) }
              return (await ask.begin(order)).id
            }}
          >
            <Preset names={names} value={preset} />
          </Form>
        )}
      </Await>
    </Section>
  )
}

const useKnobs = () => useAsked(ask => ask.knobs(), [])

export function Fork() {
  const found = useKnobs()
  const last = run.value?.step ?? 0
  const at = Math.min(Number(here.value.query.at ?? last), last)
  const id = runId.value
  return (
    <Section title={`Fork ${id} with changes`}>
      <p>
        The new run begins with the weights, the optimiser and the buffers that this run had after
        that step. This run does not change.
      </p>
      <Await of={found}>
        {({ items }) => (
          <Form
            key={id}
            knobs={items}
            config={run.value?.config}
            order={{ run: id, at }}
            verb={`fork at step ${at}`}
            begin={async (given, name) => {
              const order = { knobs: given, ...(name ? { run: name } : {}) }
              return (await ask.fork(id, at, order)).id
            }}
          >
            <div class="knob">
              <label for="fork-at">after step</label>
              <input
                id="fork-at"
                type="number"
                min={0}
                max={last}
                value={at}
                onChange={event =>
                  go({ query: { ...here.value.query, at: event.currentTarget.value } })
                }
              />
            </div>
          </Form>
        )}
      </Await>
    </Section>
  )
}

export function Resume() {
  const found = useKnobs()
  const { id = '', status = '', steps = 0 } = run.value ?? {}
  if (['running', 'paused'].includes(status)) {
    return (
      <Section title={`Resume ${id}`}>
        <Empty>It is running. Stop it before you change its knobs.</Empty>
      </Section>
    )
  }
  return (
    <Section title={`Resume ${id} with more steps`}>
      <p>
        It has {steps} steps. Knobs that change results cannot be changed here: for those,{' '}
        <a href={addressOf({ panel: 'fork' })}>fork it</a>.
      </p>
      <Await of={found}>
        {({ items }) => (
          <Form
            key={id}
            knobs={items
              .filter(({ path, operational }) => operational || path === 'steps')
              .map(knob => ({ ...knob, common: knob.path === 'steps' }))}
            config={run.value?.config}
            order={{ run: id, resume: true }}
            verb="resume"
            isNamed={false}
            begin={async given => {
              await ask.resume(id, given)
              return id
            }}
          />
        )}
      </Await>
    </Section>
  )
}
