/** The actors, drawn from their machines, and the step that they are at. */
import { Await, Empty, Section } from '../parts.tsx'
import { isLive, until, upTo, useFetched } from '../state.ts'
import { Statechart } from '../statechart.tsx'
import { ItemByItem, TimeSplit } from './step.tsx'

export function StepUnderWay() {
  const at = until.value ?? undefined
  const steps = useFetched((ask, id) => ask.steps(id))
  const progress = useFetched((ask, id) => ask.progress(id, at))
  return (
    <>
      <Section title="Time">
        <Await of={steps}>
          {all => <TimeSplit steps={all.filter(({ step }) => step <= upTo.value)} />}
        </Await>
      </Section>
      {(isLive.value || at !== undefined) && (
        <Section title={`Step ${progress.data?.step ?? ''}, item by item`}>
          <Await of={progress}>{found => <ItemByItem progress={found} />}</Await>
        </Section>
      )}
    </>
  )
}

export function Actors() {
  const at = until.value ?? undefined
  const machines = useFetched((ask, id) => ask.machines(id, at))
  const charts = useFetched(ask => ask.charts())
  return (
    <Section title="Actors">
      {at !== undefined && <Empty>As they were when step {at} was over.</Empty>}
      <Await of={charts}>
        {({ items }) => (
          <details open={isLive.value || at !== undefined}>
            <summary>
              {isLive.value || at !== undefined
                ? 'Each with its states; the state it is in is marked'
                : 'Nobody works on this run now: the last states'}
            </summary>
            <div class="actors">
              {items.map(chart => (
                <Statechart
                  key={chart.actor}
                  chart={chart}
                  atMs={machines.data?.atMs ?? null}
                  machine={machines.data?.items.find(({ actor }) => actor === chart.actor)}
                />
              ))}
            </div>
          </details>
        )}
      </Await>
    </Section>
  )
}
