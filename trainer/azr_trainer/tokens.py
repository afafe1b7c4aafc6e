"""`python -m azr_trainer.tokens FOLDER < texts.json`: counts the tokens of each text in an object.

It imports no torch, because it runs before anything is started.
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
