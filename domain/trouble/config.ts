/** Why errors of one group occur, and what to do: config, presets and plug-ins. */

export const title = 'Config, presets and plug-ins'

export const codes = {
  'preset-unknown': {
    why: 'There is no preset of that name.',
    remedy:
      'Choose one from the list in the error. Give a file of your own by its path: `./mine.yaml`.',
  },
  'config-missing': {
    why: 'The config file does not exist.',
    remedy: 'Check its path. It is relative to the current folder.',
  },
  'config-unreadable': {
    why: 'The file or the flag is not valid YAML, or holds no knobs.',
    remedy: 'Correct the place that the error names. `configs/` has examples.',
  },
  'config-invalid': {
    why: 'A knob does not exist, or its value is not allowed.',
    remedy:
      'Look the knob up in `docs/reference/config.md`, which has the type and the default of each.',
  },
  'knob-fixed': {
    why: 'This knob would change results that the run has stored already, so it cannot differ.',
    remedy:
      'Begin a new run with the knob, or fork the run: `azr fork RUN --at STEP --set KNOB=VALUE`.',
  },
  'knob-unsuitable': {
    why: 'This knob does not suit the model or the machine.',
    remedy: 'Use the value that the error proposes, or leave the knob at its default.',
  },
  'dialect-unsuitable': {
    why: 'A kind or a suite has no prompt in this dialect.',
    remedy: 'Choose another `--dialect`, or add prompts for it to your kind.',
  },
  'corpus-unusable': {
    why:
      'The folder of `propose.corpus` is not there, or nothing in it can be the program of a ' +
      'task.',
    remedy:
      'Name a folder with Python files whose functions stand alone: `docs/how-to/own-code.md` ' +
      'says which are used.',
  },
  'prompt-too-long': {
    why: 'Even the shortest prompt does not leave enough tokens for an answer.',
    remedy: 'Raise `engine.maxLength`, or lower `propose.maxTokens`.',
  },
  'template-unavailable': {
    why: 'The prompts use the chat template of the model, and the model or the engine has none.',
    remedy: 'Use another template, or `--engine.kind=vllm` with a model that has a chat template.',
  },
  'name-taken-twice': {
    why: 'Two plug-ins have the same name, so their rows could not be told apart.',
    remedy: 'Rename one of them.',
  },
  'plugin-unusable': {
    why: "The plug-in's file cannot be loaded, or its default export lacks something.",
    remedy:
      'Correct the file and line in the error. `docs/how-to/` has a guide for each kind of plug-in.',
  },
  'plugin-failed': {
    why: 'The plug-in threw an error, or returned a value that is not allowed.',
    remedy: 'Correct the file and line in the error, then `azr resume RUN`.',
  },
  'plugin-changed': {
    why: "The plug-in's file is not the one that the run began with, so its results could differ.",
    remedy: 'Restore the old file, or begin a new run.',
  },
}
