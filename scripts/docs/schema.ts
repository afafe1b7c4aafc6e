/** docs/reference/schema.md: tables and columns of a run, and the views over them. */
import { openForWriting } from '../../state/database.ts'
import { getTableColumns, getTableConfig, getTableName } from '../../state/drizzle.ts'
import { factTables, isMeasured, type tables as Tables, tables } from '../../state/schema/index.ts'
import { views } from '../../state/views.ts'
import { code, made, paragraph, table } from './markdown.ts'

type Table = (typeof Tables)[keyof typeof Tables]

function tableSection(source: Table): string[] {
  const name = getTableName(source)
  const { primaryKeys } = getTableConfig(source)
  const keys = primaryKeys.flatMap(({ columns }) => columns.map(column => column.name))
  const rows = Object.values(getTableColumns(source)).map(column => {
    const key = column.primary || keys.includes(column.name) ? 'key' : ''
    const measured = isMeasured(column.name) ? 'measured' : ''
    const words = column.enumValues ? column.enumValues.join(', ') : ''
    const notes = [key, column.notNull ? '' : 'may be null', measured, words].filter(Boolean)
    return [code(column.name), column.getSQLType(), notes.join('; ')]
  })
  const isFact = (factTables as readonly string[]).includes(name)
  const kind = isFact ? ['Facts: the same in every run of this config and seed.', ''] : []
  return [`## ${name}`, '', ...kind, ...table(['column', 'type', 'notes'], rows)]
}

/** SQLite itself lists the columns of a view. */
function viewSections(): string[] {
  const { client } = openForWriting(':memory:')
  const columnsOf = (name: string) =>
    client
      .prepare(`select * from ${name}`)
      .columns()
      .map(column => code(column.name))
  const sections = Object.entries(views).flatMap(([name, { about }]) => [
    `## ${name}`,
    '',
    ...paragraph(`${about} Its columns are ${columnsOf(name).join(', ')}.`),
  ])
  client.close()
  return sections
}

export const schemaPage = (): string =>
  [
    made,
    '# Schema',
    '',
    'A run is a folder with one SQLite file, `run.db`. This page lists its tables and columns. You can',
    'read the file with any SQLite client while the run works ([examples](../how-to/ask-in-sql.md)).',
    'Rows are inserted and never changed. A column is *measured* if it depends on the machine, as a time',
    'does; all other columns of a table of facts are the same whenever the run is repeated.',
    '',
    'Texts are plain. Token ids and log-probabilities are packed: one byte holds a width w, then each',
    'number has w bytes, little-endian. A zero byte makes the length odd. Ids have w = 2 or 3.',
    'Log-probabilities have w = 2: half-precision floats, off by at most a 2048th of themselves. So a',
    'completion has `(length(logprobs) - 1) / 2` tokens.',
    '',
    ...Object.values(tables).flatMap(tableSection),
    '# Views',
    '',
    'Views hold nothing of their own. [Ask a run in SQL](../how-to/ask-in-sql.md) uses them.',
    '',
    ...viewSections(),
  ].join('\n')
