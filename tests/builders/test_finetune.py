"""Fine-tuning a captioner: what is learned and what is not, and that a stop costs nothing."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result
from drafts import draft
from photographs import save

pytest.importorskip("torch")

import torch

from bdstr.errors import RunError, SourceError, UsageError
from bdstr_builders.backends.caption_batches import Collate
from bdstr_builders.backends.caption_training import last_whole, train
from bdstr_builders.backends.captioner import load_captioner
from bdstr_builders.caption_settings import Settings
from bdstr_builders.checkpoint import Checkpoint
from bdstr_builders.commands.finetune import finetune
from bdstr_builders.draft import Draft
from bdstr_builders.finetuning import Pair, find_pairs, split_pairs
from bdstr_builders.stages.blip import Blip

TEXTS = {"000": "black dog", "001": "white cat", "002": "red van", "003": "dog and cat", "004": "white dog"}
STEPS = ("--batch", 2, "--learning-rate", 0.02, "--validation", 0.2)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    root = tmp_path_factory.mktemp("texts")
    for seed, key in enumerate(TEXTS):
        save(root / "photos" / f"{key}.png", draft(seed).photo.rgb)
    lines = [json.dumps({"key": key, "text": text}) for key, text in TEXTS.items()]
    (root / "texts.jsonl").write_text("\n".join(lines))
    return SimpleNamespace(photos=root / "photos", texts=root / "texts.jsonl")


def arguments(data: SimpleNamespace, tiny: SimpleNamespace, out: Path, *more: object) -> list[str]:
    given = (data.texts, data.photos, "--model", tiny.blip, "--out", out, *STEPS, *more)
    return [str(one) for one in given]


def call(data: SimpleNamespace, tiny: SimpleNamespace, out: Path, *more: object) -> Result:
    return CliRunner().invoke(finetune, arguments(data, tiny, out, *more))


@pytest.fixture(scope="module")
def model(data: SimpleNamespace, tiny: SimpleNamespace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("run") / "blip-salient"
    result = call(data, tiny, out, "--epochs", 12)
    assert result.exit_code == 0, (result.output, result.exception)
    (out.parent / "said.txt").write_text(result.output)
    return out


# --- what is learned ------------------------------------------------------------------------------


def test_neither_prompt_nor_padding_is_learned(data: SimpleNamespace, tiny: SimpleNamespace):
    blip = load_captioner(Checkpoint(str(tiny.blip)), "a picture of ", 1, 1, 2)
    first = blip.model.config.text_config.bos_token_id
    collate = Collate(blip.images, blip.tokens, "a picture of ", 64, first)
    photo = data.photos / "000.png"
    batch = collate([Pair("0", photo, "black dog"), Pair("1", photo, "van")])
    words = [blip.tokens.convert_ids_to_tokens(ids) for ids in batch["input_ids"]]
    assert words == [
        ["[DEC]", "a", "picture", "of", "black", "dog", "[SEP]"],
        ["[DEC]", "a", "picture", "of", "van", "[SEP]", "[PAD]"],
    ]
    black, dog, van, sep = blip.tokens.convert_tokens_to_ids(["black", "dog", "van", "[SEP]"])
    assert batch["labels"].tolist() == [
        [-100, -100, -100, -100, black, dog, sep],
        [-100, -100, -100, -100, van, sep, -100],
    ]
    with torch.no_grad():
        out = blip.model(**batch)
    told = batch["labels"][:, 1:]
    by_hand = torch.nn.functional.cross_entropy(out.logits[:, :-1][told != -100], told[told != -100])
    assert out.loss.item() == pytest.approx(by_hand.item(), rel=1e-5)


def test_fine_tuning_lowers_the_loss_and_shows_samples(model: Path):
    lines = [json.loads(line) for line in (model / "samples.jsonl").read_text().splitlines()]
    assert len(lines) == 12
    assert [line["step"] for line in lines] == [2 * epoch for epoch in range(1, 13)]
    assert {line["text"] for line in lines} <= set(TEXTS.values())
    state = json.loads(next((model / "checkpoints").glob("*/trainer_state.json")).read_text())
    losses = [entry["loss"] for entry in state["log_history"] if "loss" in entry]
    assert losses[-1] < losses[0] / 2


def test_progress_is_told_in_lines_for_people_and_nothing_else(model: Path):
    first, *lines, last = (model.parent / "said.txt").read_text().splitlines()
    assert first == "4 photographs to learn from, 1 held out"
    assert last.endswith(f"--set caption.blip.model={model}")
    for number, (line, sample) in enumerate(zip(lines[::2], lines[1::2], strict=True), 1):
        assert re.fullmatch(rf"epoch {number} of 12: loss \d+\.\d{{4}}, validation loss \d+\.\d{{4}}", line)
        assert re.fullmatch(r"  \d{3}: '.*' \(written: '.*'\)", sample)


def test_what_comes_out_captions_in_the_pipeline(model: Path):
    (made,) = Blip(model=str(model), min_tokens=1).build()([draft(0)])
    assert isinstance(made, Draft)
    assert made.caption
    assert set(made.caption.split()) <= {word for text in TEXTS.values() for word in text.split()}


def test_the_settings_are_kept(model: Path):
    config = json.loads((model / "finetuning.json").read_text())
    assert config["settings"]["learning_rate"] == 0.02
    assert config["train"] == 4
    assert len(config["validation"]) == 1


# --- going on -------------------------------------------------------------------------------------


def test_a_finished_run_is_not_trained_again(model: Path, data: SimpleNamespace, tiny: SimpleNamespace):
    before = (model / "model.safetensors").stat().st_mtime_ns
    result = call(data, tiny, model, "--epochs", 12)
    assert "finished already" in result.output
    assert (model / "model.safetensors").stat().st_mtime_ns == before


def test_other_settings_do_not_mix_with_a_run(model: Path, data: SimpleNamespace, tiny: SimpleNamespace):
    result = call(data, tiny, model, "--epochs", 13)
    assert isinstance(result.exception, RunError)
    assert "other settings" in str(result.exception)


def test_a_folder_of_something_else_is_not_written_to(
    data: SimpleNamespace, tiny: SimpleNamespace, tmp_path: Path
):
    (tmp_path / "thesis.tex").touch()
    assert isinstance(call(data, tiny, tmp_path).exception, RunError)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


MOST_SECONDS = 540
"""To the first checkpoint, which takes a few on an idle machine."""


def wait_for_checkpoint(out: Path, process: subprocess.Popen[bytes], said: Path) -> None:
    began = time.monotonic()
    while not list(out.glob("checkpoints/*/trainer_state.json")):
        waited_s = time.monotonic() - began
        if process.poll() is not None or waited_s > MOST_SECONDS:
            pytest.fail(
                f"no checkpoint after {waited_s:.0f} s; exit code {process.returncode}; {said.read_text()}"
            )
        time.sleep(0.01)


def test_after_a_kill_it_goes_on_to_the_same_weights(
    model: Path, data: SimpleNamespace, tiny: SimpleNamespace, tmp_path: Path
):
    out = tmp_path / "blip-salient"
    code = "import torch; torch.set_num_threads(1); from bdstr.cli import main; main()"
    command = [sys.executable, "-c", code, "finetune-captioner", *arguments(data, tiny, out, "--epochs", 12)]
    said = tmp_path / "said.txt"
    with said.open("wb") as file, subprocess.Popen(command, stdout=file, stderr=file) as process:
        try:
            wait_for_checkpoint(out, process, said)
        finally:
            process.kill()
    assert not (out / "model.safetensors").exists()
    torn = out / "checkpoints" / "checkpoint-999"
    torn.mkdir()
    (torn / "model.safetensors").write_bytes(b"half")
    result = call(data, tiny, out, "--epochs", 12)
    assert result.exit_code == 0, (result.output, result.exception)
    assert "goes on from checkpoint-" in result.output
    assert not torn.exists()
    for name in ("model.safetensors", "samples.jsonl"):
        assert (out / name).read_bytes() == (model / name).read_bytes()


def test_a_kill_while_the_model_is_written_costs_nothing(
    model: Path, data: SimpleNamespace, tiny: SimpleNamespace, tmp_path: Path
):
    out = tmp_path / "blip-salient"
    shutil.copytree(model, out)
    (out / "model.safetensors").unlink()
    (out / ".model.tmp").mkdir()
    (out / ".model.tmp" / "model.safetensors").write_bytes(b"half")
    assert call(data, tiny, out, "--epochs", 12).exit_code == 0
    assert (out / "model.safetensors").read_bytes() == (model / "model.safetensors").read_bytes()
    assert not (out / ".model.tmp").exists()


def test_an_error_half_way_leaves_a_whole_checkpoint(
    data: SimpleNamespace, tiny: SimpleNamespace, tmp_path: Path
):
    settings = Settings(model=str(tiny.blip), batch=2, epochs=3)

    def stop(line: str) -> None:
        if line.startswith("epoch 2"):
            raise InterruptedError

    with pytest.raises(InterruptedError):
        train(tmp_path, find_pairs(data.texts, data.photos, settings), settings, stop)
    last = last_whole(tmp_path / "checkpoints")
    assert last is not None
    assert last.name == "checkpoint-2"


# --- which pairs ----------------------------------------------------------------------------------


def test_what_cannot_be_learned_from_is_said(data: SimpleNamespace, tmp_path: Path):
    for key in TEXTS:
        save(tmp_path / "photos" / f"{key}.png", draft(0).photo.rgb)
    (tmp_path / "photos" / "003.png").write_bytes(b"no image")
    lines = [*data.texts.read_text().splitlines()[:4], '{"key": "nowhere", "text": "dog"}', '{"key": "004"}']
    (tmp_path / "texts.jsonl").write_text("\n".join(lines))
    pairs = find_pairs(tmp_path / "texts.jsonl", tmp_path / "photos", Settings())
    assert len(pairs.train) + len(pairs.validation) == 3
    assert set(pairs.left_out) == {"003", "004", "nowhere"}
    assert pairs.left_out["003"].startswith("not-an-image")


def test_without_two_pairs_there_is_nothing_to_do(data: SimpleNamespace, tmp_path: Path):
    texts = tmp_path / "texts.jsonl"
    texts.write_text('{"key": "000", "text": "dog"}\n{"key": "other", "text": "cat"}')
    with pytest.raises(SourceError, match="1 of its texts go with a photograph"):
        find_pairs(texts, data.photos, Settings())


def test_the_split_is_the_seeds_and_leaves_no_part_empty():
    pairs = [Pair(f"{i:02}", Path(), "dog") for i in range(20)]
    train_part, held_out = split_pairs(pairs, 0.1, seed=7)
    assert (len(train_part), len(held_out)) == (18, 2)
    assert sorted(train_part + held_out) == pairs
    assert split_pairs(pairs[::-1], 0.1, seed=7) == (train_part, held_out)
    assert split_pairs(pairs, 0.1, seed=8) != (train_part, held_out)
    assert [len(part) for part in split_pairs(pairs[:2], 0.99, seed=1)] == [1, 1]
    with pytest.raises(UsageError, match="between 0 and 1"):
        split_pairs(pairs, 1.5, seed=7)
