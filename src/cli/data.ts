/** `azr data`: lists the benchmarks with their sources, and fetches them. */
import { resolve } from 'node:path'
import { UsageError } from '../../domain/errors.ts'
import { sizeText } from '../../lib/formats.ts'
import { createTerminal, jsonText } from '../../lib/terminal.ts'
import { fetchBenchmark, itemsHere } from '../benchmarks/fetch/fetch.ts'
import { benchmarks, findBenchmark } from '../benchmarks/index.ts'
import { type Args, type CommandSpec, dataOf } from './args.ts'

export const spec: CommandSpec = {
  name: 'data',
  summary: 'Lists the benchmarks with their licences and sources, and fetches them.',
  positions: ['list|fetch', '[NAME]…'],
  flags: {
    data: { value: 'DIR', about: 'folder of the benchmarks (HOME/data)' },
    from: { value: 'DIR', about: 'take it from this folder: normalised, or as published' },
    mirror: { value: 'URL', about: 'a host with the same paths as the public homes' },
  },
  detail: [
    'azr data list                    lists all, and which are here',
    'azr data fetch math500 aime24    downloads them; continues an earlier attempt',
    'azr data fetch livecodebench     4.4 GB, for release_v5',
    'azr data fetch humanevalplus --from DIR',
  ].join('\n'),
}

async function list(args: Args): Promise<number> {
  const data = dataOf(args)
  const rows = await Promise.all(
    benchmarks.map(async benchmark => {
      const { name, about, source } = benchmark
      const { licence, home, pins } = source
      const here = source.folder === '' ? null : await itemsHere(data, benchmark)
      return { name, about, licence, home, here, pins }
    }),
  )
  if (args.flags.has('json')) {
    process.stdout.write(`${jsonText({ data, sets: rows })}\n`)
    return 0
  }
  const column = 2 + Math.max(...rows.map(({ name }) => name.length))
  const lines = rows.flatMap(({ name, about, licence, home, here, pins }) => {
    const size = pins.reduce((sum, pin) => sum + pin.size, 0)
    const isOwn = findBenchmark(name)?.source.folder === ''
    const state = isOwn ? 'here' : here === null ? 'not here' : `${here} items here`
    return [
      `${name.padEnd(column)}${about}`,
      `${''.padEnd(column)}${state} · ${licence}`,
      `${''.padEnd(column)}${home}${size > 0 ? ` (${sizeText(size)})` : ''}`,
    ]
  })
  process.stdout.write(`${[`data folder: ${data}`, ...lines].join('\n')}\n`)
  return 0
}

export async function run(args: Args): Promise<number> {
  const [verb, ...names] = args.positions
  if (verb === 'list') return list(args)
  const known = names.flatMap(name => findBenchmark(name) ?? [])
  const unknown = names.find(name => !findBenchmark(name))
  if (unknown || known.length === 0) {
    throw new UsageError(
      'suite-unknown',
      `Cannot fetch ${unknown ?? 'without a name'}: see \`azr data list\``,
    )
  }
  const from = args.flags.get('from')
  const mirror = args.flags.get('mirror')
  const data = dataOf(args)
  const terminal = createTerminal(process.stderr)
  try {
    for (const benchmark of known) {
      const { name, source } = benchmark
      const items = await fetchBenchmark(benchmark, {
        data,
        ...(from && { from: resolve(from) }),
        ...(mirror && { mirror }),
        onBytes: (file, here, size) =>
          terminal.status(`${name}: ${file}, ${sizeText(here)} of ${sizeText(size)}`),
      })
      terminal.line(`${name}: ${items} items in ${data} (${source.licence})`)
    }
  } finally {
    terminal.close()
  }
  return 0
}
