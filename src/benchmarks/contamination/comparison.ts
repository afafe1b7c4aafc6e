/** What a benchmark says of its items for `azr contamination`. No behaviour. */
import type { Sandbox } from '../../../domain/execution.ts'

/** A task of a run: its program, its input and what that gave. */
export type Proposed = { id: string; text: string; input: string; output: string }

/** Ids of the items that a program does the work of; null where it did not come to its end. */
export type Search = (program: Proposed) => Promise<string[] | null>

/** Methods, as those of a benchmark. */
export type Comparison<I> = {
  /** Whether its items are programs, of which names can be blanked. */
  isCode: boolean
  textOf(item: I): string
  /** Input and output, where a task may ask the very same. */
  pairOf?(item: I): Pick<Proposed, 'input' | 'output'>
  /** Where items are a matter of programs: by what these do, not by their text. */
  behaviour?(items: readonly I[], sandbox: Sandbox, signal?: AbortSignal): Promise<Search>
}
