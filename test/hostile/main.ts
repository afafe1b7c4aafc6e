/**
 * `npm run test:hostile`: every program of the set in every mode, a table, and exit code 1 on any
 * failure. `--help` lists the flags.
 */
import { parseArgs } from 'node:util'
import { type Case, readAllCases } from './cases.ts'
import { type Report, runMode } from './check.ts'
import { modes } from './modes.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    mode: { type: 'string' },
    deal: { type: 'boolean' },
    help: { type: 'boolean' },
  },
})
const say = (text: string) => process.stdout.write(`${text}\n`)

if (values.help) {
  say(`npm run test:hostile [-- --only TEXT] [-- --mode TEXT] [-- --deal]

Runs every hostile program in every mode (a quarter of an hour on two cores), prints a table, and exits with
1 on any failure. Modes with namespaces, and those of root, need what their names say.

  --only TEXT   programs whose category or name holds the text
  --mode TEXT   modes whose name holds it, such as "plain user, without namespaces":
${modes.map(({ name }) => `                  ${name}`).join('\n')}
  --deal        the programs dealt out to the modes by turns: each runs once
  --help        this text`)
  process.exit(0)
}

const cases = readAllCases().filter(({ category, name }) =>
  `${category}: ${name}`.includes(values.only ?? ''),
)
const categories = [...new Set(cases.map(({ category }) => category))]
const chosen = modes.filter(({ name }) => name.includes(values.mode ?? ''))

function row(head: string, cells: (string | number)[]): void {
  say([head.padEnd(18), ...cells.map(cell => String(cell).padStart(9))].join(''))
}

function printTable(reports: Report[]): void {
  for (const [i, { mode, skipped }] of reports.entries()) {
    say(`  ${i + 1}  ${mode.name}${skipped ? `: not run, ${skipped}` : ''}`)
  }
  row('passed of', ['programs', ...reports.map((_, i) => `mode ${i + 1}`)])
  for (const category of categories) {
    const of = cases.filter(one => one.category === category).length
    const counts = reports.map(({ skipped, passed }) =>
      skipped ? '-' : passed.filter(one => one.category === category).length,
    )
    row(category, [of, ...counts])
  }
  row('all', [cases.length, ...reports.map(r => (r.skipped ? '-' : r.passed.length))])
  const after = reports.map(({ skipped, failures }) =>
    skipped ? '-' : failures.filter(({ category }) => category === 'afterwards').length,
  )
  row('left behind', ['', ...after])
}

const share = (i: number): Case[] =>
  values.deal ? cases.filter((_, at) => at % chosen.length === i) : cases

const reports: Report[] = []
for (const [i, mode] of chosen.entries()) {
  say(`\n${mode.name}`)
  const report = await runMode(mode, share(i), ({ category, name, what }) =>
    say(`  FAILED ${category}: ${name}: ${what}`),
  )
  say(report.skipped ? `  not run: ${report.skipped}` : `  ${report.passed.length} passed`)
  reports.push(report)
}
say('')
printTable(reports)
const passed = reports.reduce((sum, report) => sum + report.passed.length, 0)
const failed = reports.reduce((sum, report) => sum + report.failures.length, 0)
say(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 || passed === 0 ? 1 : 0
