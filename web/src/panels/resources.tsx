/** The current resources of a run: its queues, its processes, the machine. */
import { percent, sizeText, span } from '../../../lib/formats.ts'
import type { Health as Found } from '../api.ts'
import { Empty, plain, Table } from '../parts.tsx'

export function Processes({ processes }: { processes: Found['processes'] }) {
  if (processes.length === 0) return <Empty>No process works on this run now.</Empty>
  const groups = [...Map.groupBy(processes, ({ name }) => name)]
  return (
    <Table heads={['what', 'processes', 'memory', 'is']} numbers={['processes', 'memory']}>
      {groups.map(([name, group]) => (
        <tr key={name}>
          <td>{name}</td>
          <td class="number">{group.length}</td>
          <td class="number">{sizeText(group.reduce((sum, one) => sum + one.memoryBytes, 0))}</td>
          <td>{group.some(({ isSuspended }) => isSuspended) ? 'suspended' : 'running'}</td>
        </tr>
      ))}
    </Table>
  )
}

const queueHeads = ['queue', 'waiting', 'in flight', 'at most', 'moved']

export function Queues({ pulse }: { pulse: Found['pulse'] }) {
  if (!pulse) return <Empty>No process works on this run now.</Empty>
  const { queues, writes } = pulse
  const rows = [
    ['completions, at the engine', queues.samples],
    ['executions, in the sandbox', queues.checks],
  ] as const
  return (
    <Table heads={queueHeads} numbers={queueHeads.slice(1)}>
      {rows.map(([name, { waiting, flying, most, stillMs }]) => (
        <tr key={name}>
          <td>{name}</td>
          <td class="number">{waiting}</td>
          <td class="number">{flying}</td>
          <td class="number">{most}</td>
          <td class="number">{span(stillMs)} ago</td>
        </tr>
      ))}
      <tr>
        <td>rows, at the writer</td>
        <td class="number">{writes.rows}</td>
        <td class="number" />
        <td class="number" />
        <td class="number">commit {Math.round(writes.commitMs)} ms</td>
      </tr>
    </Table>
  )
}

export function MachineState({ machine }: { machine: Found['machine'] }) {
  const { memoryBytes, totalBytes, load, gpus } = machine
  return (
    <>
      <p>
        {sizeText(memoryBytes)} of {sizeText(totalBytes)} of memory in use, load {load.toFixed(1)}.
      </p>
      {gpus.length === 0 ? (
        <Empty>nvidia-smi reports no GPU.</Empty>
      ) : (
        <Table
          heads={['GPU', 'busy', 'memory', 'temperature']}
          numbers={['busy', 'memory', 'temperature']}
        >
          {gpus.map(({ index, name, busy, memoryBytes, totalBytes, celsius }) => (
            <tr key={index}>
              <td>
                {index}: {plain(name)}
              </td>
              <td class="number">{percent(busy)}</td>
              <td class="number">
                {sizeText(memoryBytes)} of {sizeText(totalBytes)}
              </td>
              <td class="number">{celsius === null ? '–' : `${celsius} °C`}</td>
            </tr>
          ))}
        </Table>
      )}
    </>
  )
}
