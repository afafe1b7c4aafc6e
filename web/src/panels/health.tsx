/** Whether all is well: alarms, what stands still, parity, restarts, the sandbox, memory. */
import { ask, type Health as Found } from '../api.ts'
import { Chart, type Series } from '../chart.tsx'
import { Await, bytes, Empty, plain, Section, Table } from '../parts.tsx'
import { isLive, until, upTo, useFetched } from '../state.ts'

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

export function Alarms({ found }: { found: Pick<Found, 'alarms' | 'hangs'> }) {
  const { alarms, hangs } = found
  if (alarms.length + hangs.length === 0) return <p class="well">All is well.</p>
  return (
    <ul class="alarms">
      {hangs.map(({ what, message }) => (
        <li key={what} class="collapse">
          <strong>{plain(what)} stands still</strong>
          <span>{plain(message)}</span>
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

function Troubles({ troubles }: { troubles: Found['troubles'] }) {
  if (troubles.length === 0) return <Empty>No restart, no redone work, no failed gate.</Empty>
  return (
    <Table heads={['when (UTC)', 'what', 'detail']}>
      {troubles.map(({ seq, at_ms, event, detail }) => (
        <tr key={seq}>
          <td>{new Date(at_ms).toISOString().slice(5, 19).replace('T', ' ')}</td>
          <td>{event}</td>
          <td>{detail ? plain(JSON.stringify(detail)).slice(0, 300) : ''}</td>
        </tr>
      ))}
    </Table>
  )
}

export function Health() {
  const health = useFetched(id => ask.health(id, until.value ?? undefined), [until.value])
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
          <Section title="Restarts and redone work">
            <Troubles troubles={found.troubles} />
          </Section>
          <Section title="Processes">
            {isLive.value && upTo.value < 999_999 && (
              <p class="dim">As of now, not of that step.</p>
            )}
            <Processes processes={found.processes} />
          </Section>
        </>
      )}
    </Await>
  )
}
