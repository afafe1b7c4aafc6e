/** `azr`: finds the command, runs it, turns what it throws into one line and an exit code. */
import { AzrError, codeOf, explain, printed, UsageError } from '../../domain/errors.ts'
import { isUtf8, restrictToAscii } from '../../lib/locale.ts'
import { version } from '../config/paths.ts'
import { type Args, isHelp, parseArgs } from './args.ts'
import { commands, type Listed } from './commands.ts'
import { helpOf, usage } from './help.ts'

/** Output for programs is UTF-8 in every locale. */
const writesData = ({ flags }: Args, name: string) => flags.has('json') || name === 'exec'

async function main(words: string[]): Promise<number> {
  // `azr help train` is `azr train --help`.
  const [first, second, ...others] = words
  const isHelpOf = first === 'help' && second !== undefined
  const [name, ...rest] = isHelpOf ? [second, ...others, '--help'] : words
  if (name === undefined || ['help', '--help', '-h'].includes(name)) {
    if (!isUtf8(process.env)) restrictToAscii(process.stdout)
    process.stdout.write(usage(commands))
    return 0
  }
  if (name === '--version') {
    process.stdout.write(`azr ${version}\n`)
    return 0
  }
  if (!Object.hasOwn(commands, name)) {
    const { didYouMean } = await import('../config/load.ts')
    const known = Object.keys(commands)
    throw new UsageError(
      'command-unknown',
      `There is no command ${name}${didYouMean(name, known) || ':'} \`azr --help\` lists them`,
    )
  }
  const { spec, run } = await (commands[name] as Listed).load()
  const args = await parseArgs(spec, rest)
  if (!isUtf8(process.env) && (isHelp(args) || !writesData(args, name))) {
    restrictToAscii(process.stdout)
  }
  if (isHelp(args)) {
    process.stdout.write(await helpOf(spec, args.flags.has('help-all')))
    return 0
  }
  return run(args)
}

// A closed pipe (`azr runs | head`) is the reader's choice, not an error.
process.stdout.on('error', error => {
  if ((error as NodeJS.ErrnoException).code === 'EPIPE') process.exit(0)
  throw error
})

if (!isUtf8(process.env)) restrictToAscii(process.stderr)

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  // The message may quote a child process, and so text that a model wrote.
  const { plainLines } = await import('../../lib/terminal.ts')
  const isStored = (error as Error).name === 'SqliteError'
  const damage = isStored ? (await import('../../state/damage.ts')).damageOf(error) : null
  const why = damage ? `Cannot use run.db as ${damage}` : explain(error)
  const code = damage ? 'store-failed' : codeOf(error)
  const message = plainLines(why)
  process.stderr.write(`azr: ${printed(code, message)}\n`)
  if (process.argv.includes('--json'))
    process.stdout.write(`${JSON.stringify({ code, message })}\n`)
  if (!(error instanceof AzrError || damage) || process.env.AZR_DEBUG)
    process.stderr.write(`${(error as Error).stack}\n`)
  process.exitCode = error instanceof UsageError ? 2 : 1
}
