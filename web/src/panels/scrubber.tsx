/** The slider of steps above the panels, and the buttons of its step. */
import { useState } from 'preact/hooks'
import { ask } from '../api.ts'
import { addressOf, go, run, runId, until } from '../state.ts'

/** The slider that shows every panel as it was after a step. */
export function Scrubber() {
  const [said, setSaid] = useState('')
  const last = run.value?.step ?? 0
  if (last < 1) return null
  const at = until.value
  const forkAt = async (step: number) => {
    setSaid(`a new run begins from step ${step} …`)
    try {
      const { id } = await ask.fork(runId.value, step)
      setSaid('')
      go({ run: id, panel: 'overview' })
    } catch (error) {
      setSaid((error as Error).message)
    }
  }
  return (
    <div class="scrubber">
      <label>
        time{' '}
        <input
          type="range"
          min={0}
          max={last}
          value={at ?? last}
          aria-valuetext={at === null ? 'now' : `after step ${at}`}
          onInput={event => {
            const step = Number(event.currentTarget.value)
            until.value = step >= last ? null : step
          }}
        />
      </label>
      <span>{at === null ? 'now' : `as of step ${at}`}</span>
      {at !== null && (
        <>
          <button type="button" onClick={() => (until.value = null)}>
            back to now
          </button>
          <button type="button" onClick={() => forkAt(at)}>
            fork here
          </button>
          <a href={addressOf({ panel: 'fork', query: { at: String(at) } })}>fork with changes</a>
        </>
      )}
      <span role="status">{said}</span>
    </div>
  )
}
