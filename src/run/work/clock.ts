/** Measures the time of a step and its phases. The figures differ between equal runs. */

export type Span = 'rolling' | 'learner' | 'evaluate'

export type Clock = {
  begin: (span: Span) => void
  end: (span: Span) => void
  /** Columns of the step's row. */
  read: () => Record<'wall_ms' | 'own_cpu_ms' | `${Span}_ms`, number>
}

function ownCpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

export function startClock(): Clock {
  const [wallMs, cpuMs] = [performance.now(), ownCpuMs()]
  const spent = { rolling: 0, learner: 0, evaluate: 0 }
  const open = new Map<Span, number>()
  return {
    begin: span => void (open.has(span) || open.set(span, performance.now())),
    end(span) {
      spent[span] += performance.now() - (open.get(span) ?? performance.now())
      open.delete(span)
    },
    read: () => ({
      wall_ms: performance.now() - wallMs,
      own_cpu_ms: ownCpuMs() - cpuMs,
      rolling_ms: spent.rolling,
      learner_ms: spent.learner,
      evaluate_ms: spent.evaluate,
    }),
  }
}
