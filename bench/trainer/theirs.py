"""The other side: TRL's GRPOTrainer on the same batch, without generation. Prints one line of JSON.

beta = 0, one iteration, the mean over all tokens of the batch (dapo), fp32. rollout_func provides
the answers. It runs in its own environment (requirements.txt).
"""

import argparse
import json
import tempfile
from pathlib import Path

import torch
from common import Meter, batch, warm_up
from datasets import Dataset
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast, TrainerCallback
from trl import GRPOConfig, GRPOTrainer


class Watch(TrainerCallback):
    def __init__(self, meter: Meter):
        self.meter = meter

    def on_step_begin(self, *_, **__):
        self.meter.begin()

    def on_step_end(self, *_, **__):
        self.meter.end()


def tokenizer() -> PreTrainedTokenizerFast:
    """Any tokenizer will do: ids are passed unchanged."""
    inner = Tokenizer(WordLevel({"-": 0}, unk_token="-"))
    return PreTrainedTokenizerFast(tokenizer_object=inner, pad_token="-", eos_token="-")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True)
    parser.add_argument("--updates", type=int, required=True)
    parser.add_argument("--size", type=int, required=True, help="answers of a pass")
    parser.add_argument("--checkpointing", action="store_true")
    parser.add_argument("--answers", type=int, default=32)
    parser.add_argument("--longest", type=int, default=512)
    parser.add_argument("--group", type=int, default=8)
    parser.add_argument("--batch", help="a file of rows instead, each with a prompt of its own")
    options = parser.parse_args()
    torch.set_num_threads(1)
    vocabulary = json.loads((Path(options.model) / "config.json").read_text())["vocab_size"]
    if options.batch:
        rows = json.loads(Path(options.batch).read_text())
        # TRL needs groups of at least two. It does not matter to it what a group shares.
        options.answers, options.group = len(rows), 2
        options.longest = max(len(row["answer"]) for row in rows)
    else:
        rows = batch(options.answers, options.longest, options.group, vocabulary)
    updates = [rows] * options.updates
    if options.batch:
        updates[0] = warm_up(rows)
    # The trainer asks for prompts as text, once per answer. Here they are the group's number.
    prompts = Dataset.from_dict({"prompt": [str(at) for at in range(0, len(rows), options.group)]})
    waiting = iter(updates)

    def rollout(asked, trainer=None, **_):
        now = next(waiting)
        left = {
            str(at): iter(now[at : at + options.group]) for at in range(0, len(now), options.group)
        }
        taken = [next(left[prompt]) for prompt in asked]
        return {
            "prompt_ids": [row["prompt"] for row in taken],
            "completion_ids": [row["answer"] for row in taken],
            "logprobs": None,
            "told": [row["reward"] for row in taken],
        }

    meter = Meter()
    model = AutoModelForCausalLM.from_pretrained(options.model, dtype=torch.float32)
    with tempfile.TemporaryDirectory() as folder:
        config = GRPOConfig(
            output_dir=folder,
            max_steps=options.updates,
            per_device_train_batch_size=options.size,
            gradient_accumulation_steps=options.answers // options.size,
            num_generations=options.group,
            max_completion_length=options.longest,
            beta=0.0,
            num_iterations=1,
            loss_type="dapo",
            learning_rate=1e-6,
            weight_decay=0.01,
            bf16=False,
            gradient_checkpointing=options.checkpointing,
            use_cpu=True,
            report_to=[],
            save_strategy="no",
            logging_strategy="no",
            disable_tqdm=True,
            dataloader_num_workers=0,
        )
        trainer = GRPOTrainer(
            model=model,
            reward_funcs=lambda told, **_: told,
            args=config,
            train_dataset=prompts,
            processing_class=tokenizer(),
            rollout_func=rollout,
            callbacks=[Watch(meter)],
        )
        trainer.train()
    meter.report(rows)


if __name__ == "__main__":
    main()
