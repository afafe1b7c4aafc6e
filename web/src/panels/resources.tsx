/** What a run has and takes at this moment: its queues, its processes, the machine. */
import { percent, sizeText, span } from '../../../lib/formats.ts'
import type { Health as Found } from '../api.ts'
import { Empty, plain, Table } from '../parts.tsx'

export function Processes({ processes }: { processes: Found['processes'] }) {
  if (processes.length === 0) return <Empty>No process works on this run now.</Empty>
  const groups = [...Map.groupBy(processes, ({ name }) => name)]
  return (
    <Table heads={['what', 'processes', 'memory', 'is']}>
      {groups.map(([name, group]) => (
        <tr key={name}>
          <td>{name}</td>
          <td class="number">{group.length}</td>
          <td class="number">{sizeText(group.reduce((sum, one) => sum + one.memory_bytes, 0))}</td>
          <td>{group.some(({ isSuspended }) => isSuspended) ? 'suspended' : 'running'}</td>
        </tr>
      ))}
    </Table>
  )
}

export function Queues({ pulse }: { pulse: Found['pulse'] }) {
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

export function MachineState({ machine }: { machine: Found['machine'] }) {
  const { memory_bytes, total_bytes, load, gpus } = machine
  return (
    <>
      <p>
        {sizeText(memory_bytes)} of {sizeText(total_bytes)} of memory in use, load {load.toFixed(1)}
        .
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
                {sizeText(memory_bytes)} of {sizeText(total_bytes)}
              </td>
              <td class="number">{celsius === null ? '–' : `${celsius} °C`}</td>
            </tr>
          ))}
        </Table>
      )}
    </>
  )
}
