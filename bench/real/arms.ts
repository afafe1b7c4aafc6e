/** The compared arms: each is the preset with flags. */
export const preset = 'smollm2-135m'

export const arms = {
  full: { about: 'the preset as it is', flags: [] },
  // The proposer chooses the types of its functions, and narrows.
  free: {
    about: "no drawn parameters, no reward for complexity, estimates' answers not trained on",
    flags: [
      '--propose.parameters=0',
      '--reward.complexity=0',
      '--reward.intrinsicCap=0.5',
      '--solve.batch=2',
      '--solve.fresh=0',
    ],
  },
  // Controls, which must show no gain from the rewards.
  lr0: { about: 'learning rate 0', flags: ['--trainer.learningRate=0'] },
  random: { about: 'random rewards', flags: ['--reward.source=random'] },
} as const satisfies Record<string, { about: string; flags: string[] }>

export type ArmName = keyof typeof arms
export const isArm = (name: string): name is ArmName => Object.hasOwn(arms, name)

/** Both directions of CRUXEval. Each asks for one kind. */
export const suites = ['cruxeval_o', 'cruxeval_i']
