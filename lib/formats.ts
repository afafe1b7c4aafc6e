/** Formats figures for people: one way per kind, for terminal, page and reports. Pure. */

/** `25%`; with one digit `25.0%`. */
export const percent = (share: number, digits = 0) => `${(100 * share).toFixed(digits)}%`

/** A duration for sentences: `14 min 10 s`. */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** For estimates and for values that change while they are read: `14 min`. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 120) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 120 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`
}

/** The time now, for names of runs: `20250131-120000`. */
export const stamp = () =>
  new Date().toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-')

/** `1.2 GB`. */
export function sizeText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3))
  const value = bytes / 1000 ** power
  return `${value.toFixed(power === 0 || value >= 100 ? 0 : 1)} ${units[power]}`
}

/** The last line that a program wrote. It usually says why the program ended. */
export const lastLine = (text: string) => text.trim().split('\n').at(-1) ?? ''
