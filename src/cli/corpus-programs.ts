/** Reads the corpus of a new run, and says what was taken of it. */
import { corpusLines, corpusRead } from '../../domain/corpus.ts'
import type { Kinds } from '../../domain/kinds/index.ts'
import type { Given } from '../../state/schema/index.ts'
import type { Config } from '../config/config.ts'
import { readCorpus } from '../run/corpus.ts'

/**
 * Its functions and the event with its counts; none if the run has no corpus, or has that folder's
 * from its parent.
 */
export async function corpusPrograms(
  config: Config,
  kinds: Kinds,
  isKnown: (folder: string) => boolean = () => false,
): Promise<Pick<Given, 'corpus_programs' | 'run_events'>> {
  const folder = config.propose.corpus
  if (folder === null || isKnown(folder)) return {}
  const { programs, counts } = await readCorpus(config, kinds, folder)
  process.stderr.write(`${corpusLines(counts).join('\n')}\n`)
  const event = { at_ms: Date.now(), process_pid: process.pid, event: corpusRead, detail: counts }
  return { corpus_programs: programs, run_events: [event] }
}
