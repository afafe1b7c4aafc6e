"""`python -m azr_trainer.tokens FOLDER < texts.json`: how many tokens each text of an object has.

Imports no torch: it is asked before anything is started.
"""

import json
import sys
from pathlib import Path

from tokenizers import Tokenizer


def main() -> None:
    tokenizer = Tokenizer.from_file(str(Path(sys.argv[1]) / "tokenizer.json"))
    texts = json.load(sys.stdin)
    print(json.dumps({name: len(tokenizer.encode(text).ids) for name, text in texts.items()}))


if __name__ == "__main__":
    main()
