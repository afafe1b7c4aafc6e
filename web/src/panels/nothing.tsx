/** Replaces the view of a run if there is no run. */
import { addressOf, runs } from '../state.ts'

export function Nothing() {
  return (
    <div class="nothing">
      <h2>No run yet</h2>
      <p>
        <code>npm start</code> begins one: self-play on the embedded model. It appears here at once.
      </p>
    </div>
  )
}

export function Unknown({ id }: { id: string }) {
  const known = (runs.value ?? []).slice(0, 10)
  return (
    <div class="nothing">
      <h2>There is no run “{id}”</h2>
      <p>
        It was deleted or renamed, or its address is wrong.{' '}
        {known.length > 0 && 'These runs exist:'}
      </p>
      <ul class="known">
        {known.map(run => (
          <li key={run.id}>
            <a href={addressOf({ run: run.id, panel: 'overview', query: {} })}>{run.id}</a>
          </li>
        ))}
      </ul>
    </div>
  )
}
