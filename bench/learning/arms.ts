/**
 * The compared arms: each is a preset with flags. An arm beyond the paper gets a line here, with a
 * name that begins with `beyond-`.
 */

export type Arm = {
  about: string
  preset: string
  flags: string[]
  /** Continued supervised pretraining instead of a run of self-play. */
  isSupervised?: boolean
  /**
   * Scores only this many items of each kind and suite, without forced answers, to compare gains.
   */
  items?: number
}

const micro = (about: string, ...flags: string[]): Arm => ({ about, preset: 'micro', flags })

/**
 * Scoring a whole suite costs as much as training, so an ablation has a third of it, and no curve.
 */
const brief = ({ flags, ...arm }: Arm): Arm => ({
  ...arm,
  items: 300,
  flags: [...flags, '--evaluate.between.suites=[]'],
})
const ablation = (about: string, ...flags: string[]) => brief(micro(about, ...flags))

export const arms: Record<string, Arm> = {
  full: micro('the preset micro as it is'),

  long: micro('600 steps', '--steps=600', '--evaluate.every=50'),

  // Controls, which must show no gain from the rewards.
  lr0: micro('learning rate 0', '--trainer.learningRate=0'),
  random: micro('random rewards', '--reward.source=random'),
  // solve.batch × 8 answers per step, as many as `full` if the preset has solve.samples 8. The
  // table's costs show what each arm trained on.
  frozen: micro(
    'the proposer frozen, the buffers fixed to the seeds',
    '--propose.batch=0',
    '--solve.samples=8',
  ),
  sft: { ...micro('continued supervised pretraining for the same time'), isSupervised: true },

  // The paper's table 2 on a small scale.
  'deduction-only': ablation('deduction alone', '--kinds=[deduction]'),
  'abduction-only': ablation('abduction alone', '--kinds=[abduction]'),
  'induction-only': ablation('induction alone', '--kinds=[induction]'),
  'no-induction': ablation('deduction and abduction', '--kinds=[deduction, abduction]'),
  'no-references': ablation(
    'proposals without references, on the seeds of the full method',
    '--propose.references=0',
    '--seeding.references=1',
  ),
  'solver-only': ablation('the proposer proposes, and is not trained', '--propose.train=false'),

  // Arms beyond the paper are compared at equal numbers of samples. A step of micro samples 612
  // completions. A step of micro-paper, whose estimates are not trained on, samples about 1,700.
  paper: brief({
    about: 'the preset micro-paper: nothing beyond the paper',
    preset: 'micro-paper',
    flags: ['--steps=36'],
  }),
  'beyond-learnability': ablation('tasks drawn by s(1 − s)', '--solve.draw=learnability'),
  'beyond-pass-at-k': ablation(
    'pass@k training of the solver, with k = 2',
    '--advantage.method=pass@k',
  ),
  'beyond-instances': ablation(
    'four more tasks from each accepted induction program',
    '--propose.instances=4',
  ),
}
