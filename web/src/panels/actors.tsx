/** The actors, drawn from their machines, and the progress of the current step. */
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
      {at !== undefined && <Empty>Their states at the end of step {at}.</Empty>}
      <Await of={charts}>
        {({ items }) => (
          <details open={isLive.value || at !== undefined}>
            <summary>
              {isLive.value || at !== undefined
                ? 'The states of each actor; the current one is marked'
                : 'No process works on this run now: these are its last states'}
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
