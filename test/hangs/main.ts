/**
 * `npm run test:hangs`: causes real hangs. Each has to be named on the page, by the API and in the
 * terminal in time.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { chromium } from 'playwright-core'
import { startServer } from '../../src/http/serve.ts'
import { play } from './play.ts'
import { scenarios } from './scenarios.ts'

const help = `npm run test:hangs [-- NAME…]

Begins a run for each hang, brings the hang about, and looks at the API, at the terminal (azr tail, and
what the run says itself) and at the page until each names it. Exit code 1 where one does not in time.
Takes about eight minutes. The page is looked at where there is a Chromium (CHROMIUM, or
/usr/bin/chromium), the disk is slowed down where there is a C compiler (cc).

${scenarios.map(({ name, about }) => `  ${name.padEnd(9)} ${about}`).join('\n')}
`

const { values, positionals } = parseArgs({
  options: { help: { type: 'boolean', default: false }, said: { type: 'boolean', default: false } },
  allowPositionals: true,
})
if (values.help) {
  process.stdout.write(help)
  process.exit(0)
}
const unknown = positionals.find(name => !scenarios.some(one => one.name === name))
if (unknown !== undefined) {
  process.stderr.write(
    `Cannot find hang ${unknown}: there are ${scenarios.map(one => one.name).join(', ')}\n`,
  )
  process.exit(2)
}

const say = (line: string) => process.stdout.write(`${line}\n`)
const home = mkdtempSync(join(tmpdir(), 'azr-hangs-'))
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'

/** The library that slows the disk down; null if it cannot be compiled here. */
function compile(): string | null {
  const library = join(home, 'slow-disk.so')
  const source = join(import.meta.dirname, 'slow-disk.c')
  const { status } = spawnSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl'])
  return status === 0 ? library : null
}

const library = compile()
const browser = existsSync(executablePath)
  ? await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  : null
const server = await startServer({ home, port: undefined })
let failed = 0
let passed = 0
try {
  say(`${'hang'.padEnd(36)} in time   API     terminal  page   (seconds until it is named)`)
  for (const scenario of scenarios) {
    if (positionals.length > 0 && !positionals.includes(scenario.name)) continue
    const { about, withinSeconds } = scenario
    if (scenario.needs && library === null) {
      say(`${about.padEnd(36)} left out: there is no cc`)
      continue
    }
    const { seconds, said } = await play(scenario, { home, server, browser, library }).catch(
      (error: Error) => ({ seconds: new Map<string, number>(), said: error.message }),
    )
    const cell = (name: string) => {
      const found = seconds.get(name)
      return (found === undefined ? '–' : found.toFixed(1)).padStart(6)
    }
    const cells = ['API', 'terminal', ...(browser ? ['page'] : [])]
    const isFine = cells.every(name => seconds.has(name))
    if (isFine) passed += 1
    else failed += 1
    const within = `${isFine ? 'yes' : 'NO'}, ${withinSeconds} s`
    say(`${about.padEnd(36)} ${within.padEnd(9)} ${cells.map(cell).join('   ')}`)
    if (!isFine || values.said) say(said)
  }
} finally {
  await browser?.close()
  await server.close()
  rmSync(home, { recursive: true, force: true })
}
say(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0
