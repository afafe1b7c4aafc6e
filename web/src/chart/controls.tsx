/** The controls for all charts: the x axis, the smoothing, the shown range. */
import { type AxisName, axes, smoothing, xAxis, zoom } from './settings.ts'

export function ChartControls() {
  return (
    <fieldset class="controls" aria-label="All charts">
      <label>
        x axis{' '}
        <select
          value={xAxis.value}
          onChange={event => {
            xAxis.value = event.currentTarget.value as AxisName
          }}
        >
          {Object.entries(axes).map(([name, words]) => (
            <option key={name} value={name}>
              {words}
            </option>
          ))}
        </select>
      </label>
      <label>
        smoothing{' '}
        <input
          type="range"
          min={0}
          max={0.95}
          step={0.05}
          value={smoothing.value}
          aria-valuetext={smoothing.value === 0 ? 'none' : smoothing.value.toFixed(2)}
          onInput={event => {
            smoothing.value = Number(event.currentTarget.value)
          }}
        />
        <output>{smoothing.value === 0 ? 'none' : smoothing.value.toFixed(2)}</output>
      </label>
      {zoom.value !== null && (
        <button
          type="button"
          onClick={() => {
            zoom.value = null
          }}
        >
          show the whole run
        </button>
      )}
    </fieldset>
  )
}
