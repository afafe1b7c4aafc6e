/**
 * A dialect: the form of prompts and answers, with the prompts of each kind that a run knows. The
 * prompts themselves are with the kinds.
 */
import type { Marks } from '../credit.ts'
import { UsageError } from '../errors.ts'
import type {
  DialectName,
  Draft,
  ProposalContext,
  SolvingContext,
  TaskKind,
  Words,
  ZeroTask,
} from '../kinds/kind.ts'
import type { EvaluationMode, Kind, Role, Task } from '../task.ts'
import type { End } from './end.ts'
import type { Parsed, Reader } from './reading.ts'

/** How texts are framed, whatever their content. */
export type Form = {
  name: DialectName
  /** Texts that end a completion. */
  stop: readonly string[]
  /** Whether a completion keeps the text that ended it. */
  keepsStop: boolean
  /** A question as a prompt. */
  frame: (question: string) => string
  /** Takes the content out of its frame: of a proposal, of an answer. */
  openProposal: (text: string) => Parsed<string>
  openAnswer: (text: string) => Parsed<string>
  /** Finds the parts of that content. */
  reader: Reader
  /**
   * True: an answer that was framed and cannot be read is wrong (equation 6), it may be an
   * expression, and a cut answer is read. False: each of these is malformed.
   */
  isForgiving: boolean
  /**
   * The opening that an answer is forced to begin with, by mode. A mode without one cannot be
   * forced.
   */
  openings: Partial<Record<EvaluationMode, string>>
  /** Whether an answer has its working before the result. */
  hasScratch: (text: string) => boolean
  /** Ids of the tokens that separate statements and answer, if each of them is always one token. */
  marks?: Marks
}

type Shared =
  | 'name'
  | 'stop'
  | 'keepsStop'
  | 'frame'
  | 'openings'
  | 'isForgiving'
  | 'hasScratch'
  | 'marks'

export type Dialect = Pick<Form, Shared> & {
  /** The hand-written first task of a kind: the paper's zero triplet and zero problem. */
  zeroTask: (kind: Kind) => ZeroTask
  proposerPrompt: (kind: Kind, context: ProposalContext) => string
  solverPrompt: (task: Task) => string
  /** Texts that end a completion of this role. */
  stopsOf: (role: Role, kind: Kind) => readonly string[]
  proposalEnd: (kind: Kind, context: ProposalContext) => End | undefined
  parseProposal: (kind: Kind, text: string, context: ProposalContext) => Parsed<Draft>
  parseAnswer: (kind: Kind, text: string) => Parsed<string>
}

/** Throws UsageError if a kind has no prompts in this form, before the run begins. */
export function speak(form: Form, kinds: readonly TaskKind[], solving: SolvingContext): Dialect {
  const known = new Map(
    kinds.map(({ name, words }) => {
      const mine = words[form.name]
      if (mine) return [name, mine]
      throw new UsageError(
        'dialect-unsuitable',
        `Cannot use kind ${name} in dialect ${form.name} as it has prompts for ` +
          `${Object.keys(words).join(' and ') || 'none'} only: choose another --dialect, or add prompts`,
      )
    }),
  )
  const wordsOf = (kind: Kind): Words => {
    const words = known.get(kind)
    if (words) return words
    throw new Error(`Cannot use kind ${kind} as this run knows ${[...known.keys()].join(', ')}`)
  }
  const { name, stop, keepsStop, openings, isForgiving, hasScratch, frame, reader, marks } = form
  return {
    name,
    stop,
    keepsStop,
    frame,
    openings,
    isForgiving,
    hasScratch,
    marks,
    zeroTask: kind => wordsOf(kind).zero,
    proposerPrompt: (kind, context) => frame(wordsOf(kind).propose(context)),
    solverPrompt: task => frame(wordsOf(task.kind).solve(task, solving)),
    stopsOf(role, kind) {
      const { stops } = wordsOf(kind)
      return (role === 'proposer' ? stops?.proposal : stops?.answer) ?? stop
    },
    proposalEnd: (kind, context) => wordsOf(kind).endProposal?.(context),
    parseProposal(kind, text, context) {
      const inner = form.openProposal(text)
      return inner.ok ? wordsOf(kind).readProposal(inner.value, context, reader) : inner
    },
    parseAnswer(kind, text) {
      const inner = form.openAnswer(text)
      const { readAnswer } = wordsOf(kind)
      return inner.ok && readAnswer ? readAnswer(inner.value, reader) : inner
    },
  }
}
