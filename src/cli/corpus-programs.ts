/** Reads the corpus of a new run, and says what was taken of it. */
import type { Kinds } from '../../domain/kinds/index.ts'
import type { Row } from '../../state/types.ts'
import type { Config } from '../config/config.ts'
import { corpusLines, readCorpus } from '../run/corpus.ts'

/** Its functions; none if the run has no corpus, or has that folder's from its parent. */
export async function corpusPrograms(
  config: Config,
  kinds: Kinds,
  isKnown: (folder: string) => boolean = () => false,
): Promise<Row<'corpus_programs'>[]> {
  const folder = config.propose.corpus
  if (folder === null || isKnown(folder)) return []
  const corpus = await readCorpus(config, kinds, folder)
  process.stderr.write(`${corpusLines(corpus).join('\n')}\n`)
  return corpus.programs
}
