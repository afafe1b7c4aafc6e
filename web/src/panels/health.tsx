/** The health of a run: alarms, hangs, parity, restarts, the sandbox, memory. */
import { percent } from '../../../lib/formats.ts'
import type { Health as Found } from '../api.ts'
import { Chart, ChartControls, type Series } from '../chart/index.tsx'
import { Await, Empty, plain, Section, Table } from '../parts.tsx'
import { addressOf, until, useFetched } from '../state.ts'
import { Actors, StepUnderWay } from './actors.tsx'
import { Alarms, isWell } from './alarms.tsx'
import { MachineState, Processes, Queues } from './resources.tsx'

/** Executions by step and outcome. */
function outcomeSeries({ outcomes }: Found): Series[] {
  const names = [...new Set(outcomes.map(({ outcome }) => outcome))].sort()
  const totals = new Map<number, number>()
  for (const { step, count } of outcomes) totals.set(step, (totals.get(step) ?? 0) + count)
  return names.map(name => ({
    name,
    color: `outcome-${name}`,
    points: outcomes
      .filter(({ outcome }) => outcome === name)
      .map(({ step, count }) => [step, count / (totals.get(step) ?? 1)] as const),
  }))
}

function paritySeries({ parity }: Found): Series[] {
  const oldestFirst = parity.toReversed()
  return [
    {
      name: 'largest',
      color: 'parity-most',
      points: oldestFirst.map(({ version, parityMax }) => [version, parityMax] as const),
    },
    {
      name: 'mean',
      color: 'parity-mean',
      points: oldestFirst.map(({ version, parityMean }) => [version, parityMean] as const),
    },
  ]
}

const countNames: [name: string, words: string][] = [
  ['restarts', 'servers restarted'],
  ['retries', 'executions repeated'],
  ['mismatches', 'audits with another outcome'],
]

/** The sandbox's own counts. Older runs have none. */
function SandboxCounts({ counts }: { counts: Found['sandbox'] }) {
  const known = countNames.filter(([name]) => counts[name] !== undefined)
  if (known.length === 0) return null
  const words = known.map(([name, words]) => `${words} ${counts[name]}`)
  return <p>In the sandbox: {words.join(', ')}.</p>
}

/**
 * The share of prompt tokens that came from the engine's prefix cache, if the engine counts them.
 */
function PrefixCache({ counts }: { counts: Found['engine'] }) {
  const asked = counts['prefix.asked'] ?? 0
  if (asked === 0) return null
  const share = percent((counts['prefix.cached'] ?? 0) / asked)
  return <p>{`The prefix cache had ${share} of ${asked.toLocaleString('en')} prompt tokens.`}</p>
}

/** Describes an event: its message or error first, then its other fields. */
function inWords(detail: unknown): string {
  if (typeof detail !== 'object' || detail === null) return String(detail ?? '')
  const { message, error, ...rest } = detail as Record<string, unknown>
  const said = [message, error].filter(one => one !== undefined)
  const facts = Object.entries(rest).map(([name, value]) => `${name} ${JSON.stringify(value)}`)
  return plain([...said, ...facts].join(' · ')).slice(0, 300)
}

function Troubles({ troubles }: { troubles: Found['troubles'] }) {
  if (troubles.length === 0)
    return (
      <Empty>No event: nothing was restarted or redone, no checkpoint broke, no gate failed.</Empty>
    )
  return (
    <Table heads={['when (UTC)', 'what', 'detail']}>
      {troubles.map(({ seq, atMs, event, detail }) => (
        <tr key={seq}>
          <td>{new Date(atMs).toISOString().slice(5, 19).replace('T', ' ')}</td>
          <td>{event}</td>
          <td class="said">{inWords(detail)}</td>
        </tr>
      ))}
    </Table>
  )
}

/** Scores can fall while no alarm is on: then the overview's verdict is repeated here. */
function Trouble() {
  const overview = useFetched((ask, id) => ask.overview(id, until.value ?? undefined))
  const { state, why } = overview.data?.verdict ?? {}
  if (state !== 'trouble') return null
  return (
    <p>
      But it is <a href={addressOf({ panel: 'overview', query: {} })}>in trouble</a>:{' '}
      {plain(why?.[0] ?? '')}
    </p>
  )
}

export function Health() {
  const health = useFetched((ask, id) => ask.health(id, until.value ?? undefined))
  return (
    <Await of={health}>
      {found => (
        <>
          <Section title="Alarms">
            <Alarms found={found} />
            {isWell(found) && <Trouble />}
          </Section>
          <StepUnderWay />
          <Section title="Engine and learner">
            <ChartControls />
            <div class="charts">
              <Chart
                title="Parity of engine and learner"
                unit="difference of a log-probability"
                series={paritySeries(found)}
                isShare={false}
              />
              <Chart
                title="Outcomes of programs in the sandbox"
                unit="share of executions"
                series={outcomeSeries(found)}
              />
            </div>
          </Section>
          <Section title="Restarts, redone work and alarms">
            <SandboxCounts counts={found.sandbox} />
            <PrefixCache counts={found.engine} />
            <Troubles troubles={found.troubles} />
          </Section>
          {until.value !== null && (
            <p class="dim">
              Queues, processes and the machine are shown as they are now: their history is not
              stored.
            </p>
          )}
          <div class="columns">
            <Section title="Queues">
              <Queues pulse={found.pulse} />
            </Section>
            <Section title="Processes">
              <Processes processes={found.processes} />
            </Section>
            <Section title="Machine">
              <MachineState machine={found.machine} />
            </Section>
          </div>
          <Actors />
        </>
      )}
    </Await>
  )
}
