/** Asks math-verify, in the sandbox, whether two answers to a problem are equal. */
import { startSandbox } from '../../sandbox/index.ts'
import { openProfile } from '../../sandbox/profiles.ts'
import { profileFolder, python } from '../../src/config/paths.ts'

const profile = await openProfile('mathematics', { python, home: profileFolder })
const sandbox = await startSandbox({ python, workers: 1, profile })

const program = `from math_verify import parse, verify
def f(gold, answer):
    return verify(parse(gold), parse(answer))`
const limits = { timeoutMs: 5000, memoryMb: 2048, maxOutputBytes: 65536, runs: 1 } as const
const inputs = [[String.raw`$\frac{1}{2}$`, '0.5']].map(texts =>
  texts.map(text => JSON.stringify(text)).join(', '),
)

const [found] = await sandbox.execute({ program, inputs, limits })
process.stdout.write(`${found?.outcome} ${found?.output}\n`) // returned True
await sandbox.stop()
