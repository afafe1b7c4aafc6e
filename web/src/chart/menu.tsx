/** The actions of one chart, behind one button. */
import { useEffect, useRef } from 'preact/hooks'
import { runId } from '../state.ts'
import { saveCsv, savePng } from './export.ts'
import type { Series } from './series.ts'
import { logged, toggle, zoom } from './settings.ts'

const figureOf = (node: Element | null) => node?.closest('figure') ?? null

type Act = [name: string, act: () => unknown]

const toggleScreen = (figure: HTMLElement | null) =>
  document.fullscreenElement ? document.exitFullscreen() : figure?.requestFullscreen()

function actsOf(title: string, series: readonly Series[], figure: () => HTMLElement | null): Act[] {
  const run = runId.value
  const canvas = () => figure()?.querySelector('canvas')
  const showAll = () => {
    zoom.value = null
  }
  return [
    [logged.value.has(title) ? 'linear axis' : 'logarithmic axis', () => toggle(logged, title)],
    ...(zoom.value === null ? [] : [['show the whole run', showAll] satisfies Act]),
    ['full screen', () => toggleScreen(figure())],
    ['save as CSV', () => saveCsv(run, title, series)],
    [
      'save as PNG',
      () => {
        const drawn = canvas()
        return drawn && savePng(run, title, series, drawn)
      },
    ],
  ]
}

export function Menu({ title, series }: { title: string; series: readonly Series[] }) {
  const details = useRef<HTMLDetailsElement>(null)
  const close = () => {
    if (details.current) details.current.open = false
  }
  useEffect(() => {
    const leave = ({ target }: Event) => {
      if (!details.current?.contains(target as Node)) close()
    }
    document.addEventListener('pointerdown', leave)
    return () => document.removeEventListener('pointerdown', leave)
  }, [])
  const acts = actsOf(title, series, () => figureOf(details.current))
  return (
    <details
      class="menu"
      ref={details}
      onKeyDown={event => {
        if (event.key !== 'Escape' || !details.current?.open) return
        close()
        details.current.querySelector('summary')?.focus()
      }}
      onFocusOut={event => {
        const to = event.relatedTarget as Node | null
        if (to && !details.current?.contains(to)) close()
      }}
    >
      <summary aria-label={`${title}: more`} title="more">
        ⋯
      </summary>
      <div>
        {acts.map(([name, act]) => (
          <button
            key={name}
            type="button"
            onClick={() => {
              close()
              act()
            }}
          >
            {name}
          </button>
        ))}
      </div>
    </details>
  )
}
