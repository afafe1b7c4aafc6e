/** The text format of Prometheus. */

export type Sample = { labels: Record<string, string | number>; value: number }
export type Family = { name: string; type: 'gauge' | 'counter'; help: string; samples: Sample[] }

const escapeLabel = (value: string | number) =>
  String(value).replace(/[\\"\n]/g, char => (char === '\n' ? '\\n' : `\\${char}`))

function sampleLine(name: string, { labels, value }: Sample): string {
  const pairs = Object.entries(labels).map(([key, label]) => `${key}="${escapeLabel(label)}"`)
  const shown = Number.isNaN(value) ? 'NaN' : value
  return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${shown}`
}

export function render(families: Family[]): string {
  const lines = families
    .filter(({ samples }) => samples.length > 0)
    .flatMap(({ name, type, help, samples }) => [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} ${type}`,
      ...samples.map(sample => sampleLine(name, sample)),
    ])
  return `${lines.join('\n')}\n`
}
