/** Compares the last evaluations of two runs, item by item: their difference and its interval. */
import { percent } from '../../../lib/formats.ts'
import { useAsked } from '../asked.ts'
import { Section, Table } from '../parts.tsx'

const signed = (share: number) => `${share < 0 ? '' : '+'}${(100 * share).toFixed(1)}`

export function Flips({ before, after }: { before: string; after: string }) {
  const { data, error } = useAsked(ask => ask.compareEvaluations(before, after), [before, after])
  // Evaluations that cannot be compared are not an error of the page, so show the reason plainly.
  if (error !== null) return <p class="dim">{error}</p>
  if (!data) return <p class="loading">loading …</p>
  return (
    <Section title="Their last evaluations, item by item">
      <p class="dim">
        {before} at step {data.before?.step}, then {after} at step {data.after?.step}; differences
        in points with their 95 % intervals.
      </p>
      <Table
        heads={['suite', 'kind', 'mode', before, after, 'difference', 'p', 'items', 'flipped']}
      >
        {data.suites.map(row => {
          const { suite, kind, mode, difference, interval, p, items, gained, lost } = row
          const isSure = interval !== null && (interval.low > 0 || interval.high < 0)
          const tone = difference > 0 ? 'right' : 'wrong'
          return (
            <tr key={`${suite} ${kind} ${mode}`}>
              <td>{suite}</td>
              <td>{kind}</td>
              <td>{mode}</td>
              <td class="number">{percent(row.before, 1)}</td>
              <td class="number">{percent(row.after, 1)}</td>
              <td class={`number ${isSure ? tone : ''}`}>
                {signed(difference)}
                {interval && ` [${signed(interval.low)}, ${signed(interval.high)}]`}
              </td>
              <td class="number">{p === null ? '–' : p < 0.001 ? '< 0.001' : p.toFixed(3)}</td>
              <td class="number">{items}</td>
              <td class="number">
                {gained.length} now right, {lost.length} now wrong
              </td>
            </tr>
          )
        })}
      </Table>
    </Section>
  )
}
