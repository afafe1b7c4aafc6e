/**
 * A chart: title, legend, curves with their intervals and reference lines, and a menu. The API
 * gives the colours for light and dark.
 */
import type { ComponentChildren } from 'preact'
import { useEffect, useMemo } from 'preact/hooks'
import { upTo } from '../state.ts'
import { Legend } from './legend.tsx'
import { Menu } from './menu.tsx'
import { formatOf, type Reference, type Shape } from './options.ts'
import { Plot } from './plot.tsx'
import { align, type Series } from './series.ts'
import { hidden, lastStep, logged, pointed, smoothing, toX, wantClock, xAxis } from './settings.ts'

export { ChartControls } from './controls.tsx'
export type { Reference } from './options.ts'
export type { Series } from './series.ts'

type Props = {
  title: string
  series: Series[]
  isShare?: boolean
  /** The unit of y; a share has none. */
  unit?: string
  references?: Reference[]
  children?: ComponentChildren
}

/** The points that were known at the step that the page shows. */
function known(all: readonly Series[], last: number): Series[] {
  return all
    .map(one => ({
      ...one,
      points: one.points.filter(([step]) => step <= last),
      ...(one.band ? { band: one.band.filter(([step]) => step <= last) } : {}),
    }))
    .filter(({ points }) => points.length > 0)
}

function Drawn(props: Props & { shown: Series[] }) {
  const { title, shown, isShare = true, unit = 'share', references = [] } = props
  const shape: Shape = {
    series: shown.filter(({ name }) => !hidden.value.has(`${title}/${name}`)),
    unit,
    isShare,
    isLog: logged.value.has(title),
    axis: xAxis.value,
    last: toX.value(lastStep.value) ?? 0,
    references,
    isSmooth: smoothing.value > 0,
  }
  const at = { toX: toX.value, weight: smoothing.value, isLog: shape.isLog }
  const key = JSON.stringify([shape.series.map(({ name }) => name), at.weight, at.isLog])
  const columns = useMemo(() => align(shape.series, at), [props.series, upTo.value, key, at.toX])
  return (
    <>
      <figcaption>
        <strong>{title}</strong>
        <Legend
          title={title}
          series={shown}
          at={pointed.value?.step ?? null}
          last={lastStep.value}
          format={formatOf(shape)}
        />
        <Menu title={title} series={shown} />
      </figcaption>
      <Plot title={title} shape={shape} columns={columns} />
    </>
  )
}

export function Chart(props: Props) {
  const last = upTo.value
  const shown = useMemo(() => known(props.series, last), [props.series, last])
  const runs = [...new Set(props.series.flatMap(({ run }) => run ?? []))].join(' ')
  useEffect(() => {
    for (const id of runs.split(' ').filter(Boolean)) wantClock(id)
  }, [runs, xAxis.value])
  return (
    <figure class="chart">
      {shown.length === 0 ? (
        <>
          <figcaption>
            <strong>{props.title}</strong>
          </figcaption>
          <p class="empty">nothing yet</p>
        </>
      ) : (
        <Drawn {...props} shown={shown} />
      )}
      {props.children}
    </figure>
  )
}
