/** Why errors of one group occur, and what to do: the command line and internal errors. */

export const title = 'The command line'

export const codes = {
  'command-unknown': {
    why: 'There is no command of that name.',
    remedy: 'Run `azr --help` for the list of commands.',
  },
  'flag-unknown': {
    why: 'The command has no such flag, and the config has no such knob.',
    remedy: 'Run `azr COMMAND --help` for its flags. `docs/reference/config.md` lists all knobs.',
  },
  'flag-value': {
    why: 'The value is missing, has the wrong form, or is out of range.',
    remedy: 'Give a value of the form that the error names. `azr COMMAND --help` shows an example.',
  },
  'flag-misplaced': {
    why: 'This flag belongs to another form of the command.',
    remedy: 'Leave the flag out, or use the form of the command that the error names.',
  },
  'word-unexpected': {
    why: 'The command does not expect this word.',
    remedy:
      "Check the order of the words with `azr COMMAND --help`. A flag's value follows its flag.",
  },
  'argument-missing': {
    why: 'The command needs one more argument or flag.',
    remedy: 'Add what the error names. It shows the whole command as an example.',
  },
  'confirmation-needed': {
    why: 'The command would delete data, and it cannot ask you because it does not run in a terminal.',
    remedy: 'Add `--yes` if you are sure.',
  },
  'target-exists': {
    why: 'The command never overwrites files.',
    remedy: 'Choose another target, or remove the old one first.',
  },
  'folder-missing': {
    why: 'The folder that the output file would go into does not exist.',
    remedy: 'Create the folder, or choose another one.',
  },
  'internal-error': {
    why: 'This is a bug in azr. The lines below the message are the stack.',
    remedy:
      'Report it with the whole message. Set `AZR_DEBUG=1` to see the stack of any other error.',
  },
}
