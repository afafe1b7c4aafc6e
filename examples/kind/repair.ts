/**
 * Repair: the solver sees a faulty program and pairs that show the fault. It answers with a program
 * that also gives the hidden pairs. The proposer plants the fault in a working program.
 */
import {
  accept,
  canonicalInputs,
  codeRules,
  type Draft,
  fence,
  fences,
  judgeProgram,
  lastFence,
  list,
  type Pair,
  type Parsed,
  type Proposal,
  type ProposalContext,
  pairsOf,
  refuse,
  refuseRuns,
  shownPairs,
  type Task,
  type TaskKind,
  type Tools,
  type Validated,
  validateProgram,
} from 'azr/kind'

/** The solver sees the first half of the pairs. */
const shownShare = 0.5
const entry = 'def f(a):'

function proposeInEnglish(context: ProposalContext): string {
  const { inputs, program, bannedWords } = context
  return [
    '## Task: plant one fault in a Python snippet, for a test of debugging',
    'Below is a snippet that works. Change it so that it still runs and gives wrong outputs for some ' +
      `inputs, and give ${inputs} inputs. A test taker sees your version and, of half of the inputs, ` +
      'the outputs of the original, and has to repair it.',
    `### Rules for the code\n${list(codeRules(context))}`,
    `### Rules for the inputs\n${list([
      `${inputs} valid inputs, made of Python literals, each in a fence of its own tagged input`,
      `Among the first ${Math.floor(inputs / 2)} is one for which your version is wrong`,
    ])}`,
    `### How it is judged\n${list([
      'Both versions must run with all inputs',
      'The fault is hard to find, and not impossible',
      `None of these may be imported or used in the code: ${bannedWords.join(', ')}`,
    ])}`,
    'First plan the fault. Then write the whole faulty code in a fence tagged python, and the inputs.',
    `### The snippet\n${fence('python', program?.program ?? '')}`,
  ].join('\n\n')
}

function solveInEnglish(task: Task): string {
  const pairs = shownPairs(task, shownShare).flatMap(({ input, output }, i) => [
    fence(`input_${i}`, input),
    fence(`output_${i}`, output),
  ])
  return [
    '## Task: repair a Python snippet',
    'The snippet below has one fault. Find it with the pairs of input and right output, and repair ' +
      'it: the function `f` also has to be right for inputs that are not shown. Put the whole ' +
      'repaired code in a fence tagged python.',
    `### The snippet\n${fence('python', task.program)}`,
    `### Pairs\n${pairs.join('\n')}`,
  ].join('\n\n')
}

function readEnglish(text: string, { inputs: wanted, extras }: ProposalContext): Parsed<Draft> {
  const [program] = fences(text, 'python')
  if (program === undefined) return refuse('no code fence')
  const inputs = fences(text, 'input').map(input => input.trim())
  if (inputs.length < wanted) return refuse('too few inputs')
  if (inputs.length > wanted && extras === 'refused') return refuse('too many inputs')
  return accept({ program, inputs: inputs.slice(0, wanted), message: '' })
}

/** Reads `program<I>1;2`. The embedded model writes one input or two; one more is known to run. */
function readMarks(text: string, { inputs: wanted, program: original }: ProposalContext) {
  const [program = '', inputs, ...others] = text.split('<I>')
  if (inputs === undefined) return refuse('no input marker')
  if (others.length > 0) return refuse('more than one marker')
  const known = original?.pairs.slice(0, 1).map(({ input }) => input) ?? []
  return accept({ program, inputs: [...inputs.split(';'), ...known].slice(0, wanted), message: '' })
}

const inMarks = (pairs: readonly Pair[]) =>
  pairs.map(({ input, output }) => `${input}<R>${output};`).join('')

/** The faulty program has to run. The original's outputs are the right ones. */
async function validate(proposal: Proposal, tools: Tools): Promise<Validated> {
  const { draft, context, rules } = proposal
  const faulty = await validateProgram(proposal, tools)
  if ('reason' in faulty) return faulty
  const runs = await tools.execute(context.program?.program ?? '', draft.inputs)
  const reason = refuseRuns(runs, rules)
  if (reason !== null) return { reason }
  const pairs = pairsOf(draft.inputs, runs)
  const isFaulty = shownPairs({ pairs }, shownShare).some(
    ({ canonical }, i) => canonical !== faulty.pairs[i]?.canonical,
  )
  if (!isFaulty) return { reason: 'no fault is shown' }
  const outputs = pairs.map(({ canonical }) => canonical)
  const identity = [...canonicalInputs(draft.inputs, runs), ...outputs]
  return { normalized: faulty.normalized, pairs, identity }
}

export default {
  name: 'repair',
  label: 'repair',
  asks: 'how is f mended, so that {pairs}?',
  colors: { light: '#8a2f6b', dark: '#e58ac4' },
  from: 'program',
  givesPrograms: false,
  writesProgram: true,
  shownShare,
  words: {
    r1: {
      zero: {
        program: `${entry}\n    return a + a`,
        original: `${entry}\n    return a`,
        inputs: ['1', '"ab"', '[3]', '(4, 5)'],
        message: '',
      },
      propose: proposeInEnglish,
      solve: solveInEnglish,
      readProposal: readEnglish,
      readAnswer: text => lastFence(text, 'python'),
    },
    micro: {
      zero: {
        program: `${entry}\n return a + a`,
        original: `${entry}\n return a`,
        inputs: ['2', '[3, 4]', '0', '5'],
        message: '',
      },
      propose: ({ program }) => `<PD>${program?.program}<S>`,
      solve: task => `<F>${inMarks(shownPairs(task, shownShare))}<N>${task.program}<S>`,
      readProposal: readMarks,
      endProposal: ({ inputs }) => ({ text: ';', count: inputs }),
    },
  },
  validate,
  judge: judgeProgram,
  answers: ({ pairs }) => [pairs.map(({ output }) => output)],
} satisfies TaskKind
