/** Why errors of one group occur, and what to do: models and the machine. */

export const title = 'Models and the machine'

export const codes = {
  'model-unknown': {
    why: 'There is no model at that path, and no run of that name.',
    remedy: "Check the path. A model's folder holds `config.json`.",
  },
  'model-changed': {
    why: "The model's files are not those that the run began with.",
    remedy: 'Restore them, or name the folder that has them with `--model.path=DIR`.',
  },
  'model-unsuitable': {
    why: 'azr cannot train or serve this model, for the reasons in the error.',
    remedy: 'Choose another model. `docs/explanation/engine.md` lists what is supported.',
  },
  'model-unchecked': {
    why: 'The check of the model failed.',
    remedy: 'Run `azr doctor`. Then run `azr setup` if Python or a package is missing.',
  },
  'model-import-failed': {
    why: 'The model could not be imported from its package.',
    remedy: 'Check the network and the name. Use a model on your disk with `--model.path=DIR`.',
  },
  'preset-needed': {
    why: 'No preset matches the model, so azr does not know how to serve it.',
    remedy: 'Name one with `--preset`.',
  },
  'python-missing': {
    why: 'There is no suitable Python, or the environment in `.venv` is not complete.',
    remedy: 'Run `azr setup`. It needs Python 3.11 or newer with venv; `AZR_PYTHON` names one.',
  },
  'packages-missing': {
    why: 'A Python package is missing, or the installed torch does not support this device.',
    remedy: 'Run the `azr setup` command that the error names.',
  },
  'device-unknown': {
    why: 'The device has to be `auto`, `cpu` or `cuda`.',
    remedy: 'Use one of these.',
  },
  'card-unknown': {
    why: 'azr plans for a fixed list of cards.',
    remedy: 'Choose a size from the list in the error.',
  },
  'card-too-small': {
    why: 'The engine and the learner do not fit on the card together.',
    remedy: 'Follow the advice in the error, or compare cards with `azr plan PRESET --gpu GB`.',
  },
  'memory-share-unknown': {
    why: 'azr cannot read the size of the card, so it cannot divide the memory.',
    remedy: 'Set `--engine.memoryShare=0.5`, or as much as the learner leaves free.',
  },
  'measure-failed': {
    why: 'The measurement of this machine failed.',
    remedy: 'Run `azr doctor`, then try again.',
  },
  'setup-failed': {
    why: 'An installation step failed. The last lines of its output follow the error.',
    remedy: 'Correct the cause and run the same command again. It continues where it stopped.',
  },
  'driver-old': {
    why: 'torch and vLLM are built for CUDA 13, which the NVIDIA driver of this machine does not run.',
    remedy: 'Install driver 580 or newer (on WSL: in Windows). `nvidia-smi` shows the version.',
  },
  'setup-offline': {
    why: 'pip cannot reach its package index.',
    remedy: 'Check the network and the proxy, then run the same command again.',
  },
}
