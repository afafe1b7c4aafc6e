/** Whether all is well: alarms, what stands still, parity, restarts, the sandbox, memory. */
import { ask, type Health as Found } from '../api.ts'
import { Chart, type Series } from '../chart.tsx'
import { Await, bytes, Empty, percent, plain, Section, span, Table } from '../parts.tsx'
import { until, useFetched } from '../state.ts'

const colors = [
  'greedy',
  'sampled',
  'pass',
  'scratch',
  'abduction',
  'deduction',
  'induction',
  'other',
  'dim',
]

/** For so long a restart is news. */
const recentMs = 5 * 60_000

const restartsOf = ({ troubles, processes }: Found) =>
  troubles.filter(
    ({ event, at_ms }) =>
      event.endsWith('.restarted') && processes.length > 0 && Date.now() - at_ms < recentMs,
  )

export const isWell = (found: Found) =>
  found.failure === null &&
  found.alarms.length + found.hangs.length + restartsOf(found).length === 0

export function Alarms({ found }: { found: Found }) {
  const { alarms, hangs, failure } = found
  if (isWell(found)) return <p class="well">All is well.</p>
  return (
    <ul class="alarms">
      {failure !== null && (
        <li class="collapse">
          <strong>it failed</strong>
          <span>{plain(failure)}</span>
        </li>
      )}
      {hangs.map(({ what, message }) => (
        <li key={what} class="collapse">
          <strong>{plain(what)} stands still</strong>
          <span>{plain(message)}</span>
        </li>
      ))}
      {restartsOf(found).map(({ seq, event, at_ms, detail }) => (
        <li key={seq}>
          <strong>
            {event.split('.')[0]} was restarted {span(Date.now() - at_ms)} ago
          </strong>
          <span>{plain((detail as { error?: string } | null)?.error ?? '')}</span>
        </li>
      ))}
      {alarms.map(({ name, level, step, message, advice }) => (
        <li key={`${name} ${message}`} class={level}>
          <strong>
            {name}, since step {step}
          </strong>
          <span>
            {plain(message)}. {plain(advice)}
          </span>
        </li>
      ))}
    </ul>
  )
}

/** Executions of a step by what became of them. */
function outcomeSeries({ outcomes }: Found): Series[] {
  const names = [...new Set(outcomes.map(({ outcome }) => outcome))].sort()
  const totals = new Map<number, number>()
  for (const { step, count } of outcomes) totals.set(step, (totals.get(step) ?? 0) + count)
  return names.map((name, i) => ({
    name,
    color: colors[i % colors.length] as string,
    points: outcomes
      .filter(({ outcome }) => outcome === name)
      .map(({ step, count }) => [step, count / (totals.get(step) ?? 1)] as const),
  }))
}

function paritySeries({ parity }: Found): Series[] {
  const oldestFirst = parity.toReversed()
  return [
    {
      ...{ name: 'largest', color: 'wrong' },
      points: oldestFirst.map(({ version, parity_max }) => [version, parity_max] as const),
    },
    {
      ...{ name: 'mean', color: 'greedy' },
      points: oldestFirst.map(({ version, parity_mean }) => [version, parity_mean] as const),
    },
  ]
}

function Processes({ processes }: { processes: Found['processes'] }) {
  if (processes.length === 0) return <Empty>No process works on this run now.</Empty>
  const groups = [...Map.groupBy(processes, ({ name }) => name)]
  return (
    <Table heads={['what', 'processes', 'memory', 'is']}>
      {groups.map(([name, group]) => (
        <tr key={name}>
          <td>{name}</td>
          <td class="number">{group.length}</td>
          <td class="number">{bytes(group.reduce((sum, one) => sum + one.memory_bytes, 0))}</td>
          <td>{group.some(({ isSuspended }) => isSuspended) ? 'suspended' : 'running'}</td>
        </tr>
      ))}
    </Table>
  )
}

function Queues({ pulse }: { pulse: Found['pulse'] }) {
  if (!pulse) return <Empty>No process works on this run now.</Empty>
  const { queues, writes } = pulse
  const rows = [
    ['completions, at the engine', queues.samples],
    ['executions, in the sandbox', queues.checks],
  ] as const
  return (
    <Table heads={['queue', 'waiting', 'in flight', 'at most', 'moved']}>
      {rows.map(([name, { waiting, flying, most, still_ms }]) => (
        <tr key={name}>
          <td>{name}</td>
          <td class="number">{waiting}</td>
          <td class="number">{flying}</td>
          <td class="number">{most}</td>
          <td class="number">{span(still_ms)} ago</td>
        </tr>
      ))}
      <tr>
        <td>rows, at the writer</td>
        <td class="number">{writes.rows}</td>
        <td class="number" />
        <td class="number" />
        <td class="number">a transaction took {Math.round(writes.commit_ms)} ms</td>
      </tr>
    </Table>
  )
}

const countNames: [name: string, words: string][] = [
  ['restarts', 'servers that were restarted'],
  ['retries', 'executions that were tried again'],
  ['mismatches', 'audits that found another outcome'],
]

/** What the sandbox counted of itself; in a run of before it counted there is nothing. */
function SandboxCounts({ counts }: { counts: Found['sandbox'] }) {
  const known = countNames.filter(([name]) => counts[name] !== undefined)
  if (known.length === 0) return null
  return <p>{known.map(([name, words]) => `${words}: ${counts[name]}`).join(' · ')}</p>
}

function MachineState({ machine }: { machine: Found['machine'] }) {
  const { memory_bytes, total_bytes, load, gpus } = machine
  return (
    <>
      <p>
        {bytes(memory_bytes)} of {bytes(total_bytes)} of memory in use, load {load.toFixed(1)}.
      </p>
      {gpus.length === 0 ? (
        <Empty>nvidia-smi tells of no GPU.</Empty>
      ) : (
        <Table heads={['GPU', 'busy', 'memory', 'temperature']}>
          {gpus.map(({ index, name, busy, memory_bytes, total_bytes, celsius }) => (
            <tr key={index}>
              <td>
                {index}: {plain(name)}
              </td>
              <td class="number">{percent(busy)}</td>
              <td class="number">
                {bytes(memory_bytes)} of {bytes(total_bytes)}
              </td>
              <td class="number">{celsius === null ? '–' : `${celsius} °C`}</td>
            </tr>
          ))}
        </Table>
      )}
    </>
  )
}

/** What an event says, in words: its message or its error, before what else it has. */
function inWords(detail: unknown): string {
  if (typeof detail !== 'object' || detail === null) return String(detail ?? '')
  const { message, error, ...rest } = detail as Record<string, unknown>
  const said = [message, error].filter(one => one !== undefined)
  const facts = Object.entries(rest).map(([name, value]) => `${name} ${JSON.stringify(value)}`)
  return plain([...said, ...facts].join(' · ')).slice(0, 300)
}

function Troubles({ troubles }: { troubles: Found['troubles'] }) {
  if (troubles.length === 0)
    return <Empty>No restart, no redone work, no failed gate, no alarm.</Empty>
  return (
    <Table heads={['when (UTC)', 'what', 'detail']}>
      {troubles.map(({ seq, at_ms, event, detail }) => (
        <tr key={seq}>
          <td>{new Date(at_ms).toISOString().slice(5, 19).replace('T', ' ')}</td>
          <td>{event}</td>
          <td class="said">{inWords(detail)}</td>
        </tr>
      ))}
    </Table>
  )
}

export function Health() {
  const health = useFetched(id => ask.health(id, until.value ?? undefined))
  return (
    <Await of={health}>
      {found => (
        <>
          <Section title="Alarms">
            <Alarms found={found} />
          </Section>
          <Section title="Engine and learner">
            <div class="charts">
              <Chart
                title="Parity: difference of a log-probability, per policy"
                series={paritySeries(found)}
                isShare={false}
              />
              <Chart title="What programs did in the sandbox" series={outcomeSeries(found)} />
            </div>
          </Section>
          <Section title="Restarts, redone work and alarms">
            <SandboxCounts counts={found.sandbox} />
            <Troubles troubles={found.troubles} />
          </Section>
          {until.value !== null && (
            <p class="dim">Queues, processes and machine are as of now: no step keeps them.</p>
          )}
          <Section title="Queues">
            <Queues pulse={found.pulse} />
          </Section>
          <Section title="Processes">
            <Processes processes={found.processes} />
          </Section>
          <Section title="Machine">
            <MachineState machine={found.machine} />
          </Section>
        </>
      )}
    </Await>
  )
}
