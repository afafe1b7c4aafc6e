/**
<<<<<<< HEAD
 * Writes the pages of docs/reference that are made from the code. `--check` writes nothing and
 * exits 1 if a page is stale.
=======
 * Writes the pages of docs/ that are made from the code. `--check` writes nothing and exits 1 if a
 * page is stale.
>>>>>>> words
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../src/config/paths.ts'
<<<<<<< HEAD
import { apiPage } from './docs/api.ts'
import { cliPage } from './docs/cli.ts'
import { configPage } from './docs/config.ts'
import { metricsPage } from './docs/metrics.ts'
import { presetsPage } from './docs/presets.ts'
import { schemaPage } from './docs/schema.ts'
=======
import { openForWriting } from '../state/database.ts'
import { getTableColumns, getTableConfig, getTableName } from '../state/drizzle.ts'
import { factTables, isMeasured, tables } from '../state/schema/index.ts'
import { views } from '../state/views.ts'
import { troubleshootingPage } from './docs/troubleshooting.ts'
>>>>>>> words

const pages: Record<string, () => string | Promise<string>> = {
  'api.md': apiPage,
  'cli.md': cliPage,
  'config.md': configPage,
  'metrics.md': metricsPage,
  'presets.md': presetsPage,
  'schema.md': schemaPage,
}
<<<<<<< HEAD
=======

function configPage(): string {
  const rows = shownKnobs().map(({ path, schema, default: preset, why, isOperational }) => {
    const value = JSON.stringify(preset)
    const shown = value.length > 60 ? 'a list' : value
    const mark = isOperational ? ' †' : ''
    return `| \`${path}\`${mark} | ${typeOf(schema)} | \`${shown}\` | ${why} |`
  })
  return [
    made,
    '# Config',
    '',
    'Every knob, its default and why. A preset (`configs/*.yaml`) or a file of yours sets some of them,',
    '`--path.to.knob=value` sets one. Unknown knobs are refused. The parsed config is stored with the run.',
    '',
    `Presets: ${presetNames()
      .map(name => `\`${name}\``)
      .join(', ')}. † may differ when a run is resumed; of the others only \`steps\` may grow.`,
    '',
    '| knob | values | default | why |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n')
}

function schemaPage(): string {
  const sections = Object.values(tables).map(table => {
    const name = getTableName(table)
    const { primaryKeys } = getTableConfig(table)
    const keys = primaryKeys.flatMap(({ columns }) => columns.map(column => column.name))
    const rows = Object.values(getTableColumns(table)).map(column => {
      const key = column.primary || keys.includes(column.name) ? 'key' : ''
      const measured = isMeasured(column.name) ? 'measured' : ''
      const words = column.enumValues ? column.enumValues.join(', ') : ''
      const notes = [key, column.notNull ? '' : 'may be null', measured, words].filter(Boolean)
      return `| \`${column.name}\` | ${column.getSQLType()} | ${notes.join('; ')} |`
    })
    const isFact = (factTables as readonly string[]).includes(name)
    const kind = isFact ? 'Facts: the same in every run of this config and seed.' : ''
    return [
      `## ${name}`,
      '',
      ...(kind ? [kind, ''] : []),
      '| column | type | notes |',
      '|---|---|---|',
      ...rows,
      '',
    ]
  })
  return [
    made,
    '# Schema',
    '',
    'One run is one folder with one SQLite file, `run.db`. Text is plain; rows are inserted, never changed.',
    'Token ids and log-probabilities are packed: a byte w, then w bytes for each number, little-endian, and a',
    'zero where the length would be even. Ids: w = 2 or 3. Log-probabilities: w = 2, half-precision floats, off',
    'by at most a 2048th of themselves; a completion has `(length(logprobs) - 1) / 2` tokens.',
    '',
    ...sections.flat(),
    ...viewSections(),
  ].join('\n')
}

/** What a view's columns are called is asked of SQLite. */
function viewSections(): string[] {
  const { client } = openForWriting(':memory:')
  const columnsOf = (name: string) =>
    client
      .prepare(`select * from ${name}`)
      .columns()
      .map(column => `\`${column.name}\``)
  const sections = Object.entries(views).flatMap(([name, { about }]) => [
    `## ${name}`,
    '',
    `${about} ${columnsOf(name).join(', ')}.`,
    '',
  ])
  client.close()
  return [
    '# Views',
    '',
    'They hold nothing of their own; `docs/cookbook.md` uses them.',
    '',
    ...sections,
  ]
}

const pages = {
  'config.md': configPage,
  'schema.md': schemaPage,
  'how-to/troubleshooting.md': troubleshootingPage,
}
>>>>>>> words
const isCheck = process.argv.includes('--check')
for (const [name, make] of Object.entries(pages)) {
  const path = join(root, 'docs', 'reference', name)
  const text = await make()
  if (!isCheck) writeFileSync(path, text)
  else if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
    process.stderr.write(`docs/reference/${name} is stale: node scripts/write-docs.ts\n`)
    process.exitCode = 1
  }
}
