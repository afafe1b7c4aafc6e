/** Why errors of one group occur, and what to do: the sandbox. */

export const title = 'The sandbox'

export const codes = {
  'sandbox-unavailable': {
    why: 'The sandbox cannot start: this machine lacks layers of isolation, or Python cannot start.',
    remedy:
      'Run `azr doctor`, which names each layer. `docs/explanation/sandbox.md` says what each needs.',
  },
  'sandbox-gone': {
    why: 'A process of the sandbox ended.',
    remedy:
      'Resume the run. If it happens again, check the memory of the machine with `azr doctor`.',
  },
  'text-unread': {
    why: 'One program made the reader of programs crash, each time.',
    remedy: 'Nothing: azr leaves this program out and continues.',
  },
  'profile-not-installed': {
    why: 'The packages of the sandbox profile could not be installed.',
    remedy: 'Check the network, then run the same command again.',
  },
}
