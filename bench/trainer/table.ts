/** Prints the rows of `npm run bench:trainer`, and ours compared with the best of TRL. */

export type Report = {
  tokens: number
  updates: { cpu: number; wall: number }[]
  peak: number
  before: number
}
export type Row = {
  name: string
  cpu: number[]
  wall: number[]
  peak: number
  own: number
  tokens: number
}

export const median = (list: number[]) => list.toSorted((a, b) => a - b)[list.length >> 1] as number
export const gigabytes = (bytes: number) => (bytes / 2 ** 30).toFixed(2)
export const speed = ({ tokens, cpu }: Row) => tokens / median(cpu)
export const say = (line: string) => void process.stdout.write(`${line}\n`)

export function table(rows: Row[]): void {
  say('| | CPU s | wall s | real tokens / CPU s | peak GB | of it the model and its training |')
  say('|---|---|---|---|---|---|')
  for (const row of rows) {
    const times = `${median(row.cpu).toFixed(1)} | ${median(row.wall).toFixed(1)}`
    const sizes = `${gigabytes(row.peak)} | ${gigabytes(row.own)}`
    say(`| ${row.name} | ${times} | ${speed(row).toFixed(1)} | ${sizes} |`)
  }
}

export function tell(rows: Row[]): void {
  table(rows)
  const [ours, theirs] = [
    rows.filter(({ name }) => name.startsWith('ours')),
    rows.filter(({ name }) => name.startsWith('TRL')),
  ]
  const fastest = theirs.toSorted((a, b) => speed(b) - speed(a))[0] as Row
  const leanest = theirs.toSorted((a, b) => a.peak - b.peak)[0] as Row
  say('')
  say('| | against | tokens a second | target | peak memory | target |')
  say('|---|---|---|---|---|---|')
  for (const mine of ours) {
    for (const [what, other] of [
      ['fastest', fastest],
      ['leanest', leanest],
    ] as const) {
      const ratio = (speed(mine) / speed(other)).toFixed(2)
      const share = (mine.peak / other.peak).toFixed(2)
      say(`| ${mine.name} | its ${what} (${other.name}) | ${ratio} × | 2 | ${share} × | 0.5 |`)
    }
  }
}
