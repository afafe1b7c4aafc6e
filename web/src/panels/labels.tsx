/** Shows and edits a run's title, tags and notes, and deletes a run. */
import { useState } from 'preact/hooks'
import { ask, type Labels, type RunSummary } from '../api.ts'
import { plain } from '../parts.tsx'
import { addressOf, go, here, refresh } from '../state.ts'

export const Tags = ({ tags }: { tags: readonly string[] }) => (
  <>
    {tags.map(tag => (
      <span key={tag} class="tag">
        {plain(tag)}
      </span>
    ))}
  </>
)

/** Asks for confirmation. */
function Remove({ run }: { run: RunSummary }) {
  const [isAsked, setIsAsked] = useState(false)
  const [failure, setFailure] = useState('')
  const isLive = ['running', 'paused'].includes(run.status)
  const remove = async () => {
    try {
      await ask.remove(run.id)
      await refresh()
      if (here.value.run === run.id) go({ run: '', panel: 'runs' })
    } catch (error) {
      setFailure((error as Error).message)
    }
  }
  if (isLive) return <span class="dim">stop it before you delete it</span>
  return (
    <span class="remove">
      {isAsked ? (
        <>
          <span>Delete {run.id} and all its files?</span>{' '}
          <button type="button" class="danger" onClick={remove}>
            delete it
          </button>{' '}
          <button type="button" onClick={() => setIsAsked(false)}>
            keep it
          </button>
        </>
      ) : (
        <button type="button" class="danger" onClick={() => setIsAsked(true)}>
          delete …
        </button>
      )}
      <span role="status">{failure}</span>
    </span>
  )
}

export function LabelEditor({ run, done }: { run: RunSummary; done?: () => void }) {
  const { labels } = run
  const [failure, setFailure] = useState('')
  const save = async (event: SubmitEvent) => {
    event.preventDefault()
    const data = new FormData(event.currentTarget as HTMLFormElement)
    const text = (name: string) => String(data.get(name) ?? '')
    const change: Labels = {
      title: text('title').trim() || null,
      tags: text('tags')
        .split(/[\s,]+/)
        .filter(Boolean),
      notes: text('notes'),
    }
    try {
      await ask.label(run.id, change)
      await refresh()
      setFailure('saved')
      done?.()
    } catch (error) {
      setFailure(`Cannot save: ${(error as Error).message}`)
    }
  }
  return (
    <form class="labels" onSubmit={save}>
      <label>
        title{' '}
        <input
          name="title"
          maxLength={100}
          defaultValue={labels.title ?? ''}
          placeholder={run.id}
        />
      </label>
      <label>
        tags{' '}
        <input name="tags" defaultValue={labels.tags.join(' ')} placeholder="baseline seed-2" />
      </label>
      <label class="whole">
        notes <textarea name="notes" rows={3} maxLength={20_000} defaultValue={labels.notes} />
      </label>
      <span class="acts">
        <button type="submit" class="main">
          save
        </button>
        <span role="status">{failure}</span>
        <a href={addressOf({ run: run.id, panel: 'fork' })}>fork with changes</a>
        <Remove run={run} />
      </span>
    </form>
  )
}
