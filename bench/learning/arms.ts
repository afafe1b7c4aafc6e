/**
 * What is compared: each arm is a preset and flags over it. An arm beyond the paper gets a line here
 * under a name that begins with `beyond-`.
 */

export type Arm = {
  about: string
  preset: string
  flags: string[]
  /** Continued supervised pretraining instead of a run of self-play. */
  isSupervised?: boolean
}

const micro = (about: string, ...flags: string[]): Arm => ({ about, preset: 'micro', flags })

export const arms: Record<string, Arm> = {
  full: micro('the preset micro as it is'),
  paper: {
    about: 'the preset micro-paper: nothing beyond the paper',
    preset: 'micro-paper',
    flags: [],
  },

  long: micro('ten times as many steps', '--steps=600', '--evaluate.every=50'),

  // What must not be mistaken for learning.
  lr0: micro('learning rate 0', '--trainer.learningRate=0'),
  random: micro('random rewards', '--reward.source=random'),
  // solve.batch × 8 answers a step, as many as `full` where the preset has solve.samples 8; the
  // table's costs show what each arm trained on.
  frozen: micro(
    'the proposer frozen, the buffers fixed to the seeds',
    ...['--propose.batch=0', '--solve.samples=8'],
  ),
  sft: { ...micro('continued supervised pretraining for the same time'), isSupervised: true },

  // The paper's table 2, in small.
  'deduction-only': micro('deduction alone', '--kinds=[deduction]'),
  'abduction-only': micro('abduction alone', '--kinds=[abduction]'),
  'induction-only': micro('induction alone', '--kinds=[induction]'),
  'no-induction': micro('deduction and abduction', '--kinds=[deduction, abduction]'),
  'no-references': micro(
    'proposals without references, on the seeds of the full method',
    ...['--propose.references=0', '--seeding.references=1'],
  ),
  'solver-only': micro('the proposer proposes, and is not trained', '--propose.train=false'),

  // Beyond the paper: at equal samples.
  'beyond-learnability': micro('tasks drawn by s(1 − s)', '--solve.draw=learnability'),
  'beyond-instances': micro(
    'four tasks more of each accepted induction program',
    '--propose.instances=4',
  ),
}
