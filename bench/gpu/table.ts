/** Shows the JSON of `npm run bench:gpu` as a table of planned and measured values. Pure. */
import type { Report } from '../../src/cli/doctor-gpu.ts'

export type Beside = { planned: number; measured: number; unit: string }
export type GpuReport = Report & { load: number; figures: Record<string, Beside> }

const short = (value: number) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3))

export function gpuTable({ preset, processor, plan, load, figures }: GpuReport): string[] {
  return [
    `${preset} on ${plan.hardware.name}; ${processor}, load ${load.toFixed(1)}`,
    '',
    '| | planned | measured | of the plan |',
    '|---|---|---|---|',
    ...Object.entries(figures).map(
      ([name, { planned, measured, unit }]) =>
        `| ${name}, ${unit} | ${short(planned)} | ${short(measured)} | ${(measured / planned).toFixed(2)} |`,
    ),
  ]
}

/** The figures that a proof measured, with those of the plan. */
export function besideOf({ rows, plan }: Report): Record<string, Beside> {
  const figure = (row: string, name: string) =>
    Number(rows.find(found => found.name === row)?.figures[name] ?? Number.NaN)
  const speed = (row: string): Beside => {
    return {
      planned: figure(row, 'planned'),
      measured: figure(row, 'tokens a second'),
      unit: 'tokens a second',
    }
  }
  const memory = 'memory of an update'
  const loads = rows.map(({ figures }) => Number(figures['seconds of the load'] ?? Number.NaN))
  const load = loads.find(Number.isFinite)
  const policies = plan.memory.disk.policies ?? 0
  const all: Record<string, Beside> = {
    sampling: speed('sampling'),
    learning: speed('one update'),
    "the learner's memory": {
      planned: figure(memory, 'planned, GB'),
      measured: figure(memory, 'at most, GB'),
      unit: 'GB',
    },
    // The plan does not include the time of a load. This assumes that the weights are read from the
    // page cache at 5 GB/s.
    ...(load === undefined
      ? {}
      : { loading: { planned: Math.max(1, policies / 3 / 5e9), measured: load, unit: 's' } }),
  }
  return Object.fromEntries(Object.entries(all).filter(([, one]) => Number.isFinite(one.measured)))
}
