"""Runs: that the network learns, that the best is kept, and that a stop costs nothing."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

pytest.importorskip("torch")

from small_preset import ADD_SMALL, arguments
from training_scenes import row, scene, write_dataset

from bdstr.commands.train import train
from bdstr.errors import ModelError, RunError, TrainingError, UsageError
from bdstr.model import DEDecoderConfig, DEDecoderForSalientObjectDetection, load
from bdstr.training.example import Row
from bdstr.training.run import open_run
from bdstr.training.start import freeze_unused
from bdstr.training.validation import evaluate


def call(dataset: Path, out: Path, *settings: str, options: tuple[str, ...] = ()) -> Result:
    return CliRunner().invoke(train, [*arguments(dataset, out, *settings), *options])


def log(run: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]


def same(one: Path, other: Path) -> bool:
    names = ("log.jsonl", "model.safetensors", "checkpoints/checkpoint-36/model.safetensors")
    return all((one / name).read_bytes() == (other / name).read_bytes() for name in names)


# --- what is learned ------------------------------------------------------------------------------


def test_the_loss_falls_and_the_log_tells_it(run: Path):
    losses = [line["loss"] for line in log(run) if "loss" in line]
    assert losses[-1] < 0.7 * losses[0]
    assert [line["step"] for line in log(run) if "MAE" in line] == [12, 24, 36]
    assert [line["step"] for line in log(run) if "loss" in line] == [8, 12, 16, 24, 32, 36]
    rates = [line["decoder_learning_rate"] for line in log(run) if "loss" in line]
    assert 0.009 < max(rates) <= 0.01
    assert rates[-1] == 0


def test_the_network_with_the_lowest_mae_is_what_comes_out(run: Path, blocks: Path):
    lowest = min(line["MAE"] for line in log(run) if "MAE" in line)
    network, processor = load(run)
    keys = json.loads((run / "training.json").read_text())["held_out"]
    made = [row(int(key[-3:])) for key in keys]
    rows = [Row(each["key"], each["image"]["bytes"], each["mask"]["bytes"]) for each in made]
    assert evaluate(network, processor, rows, 2).compute()["MAE"] == pytest.approx(lowest, abs=1e-6)
    assert (run / "best" / "model.safetensors").read_bytes() == (run / "model.safetensors").read_bytes()


def test_it_finds_blocks_that_it_never_saw(run: Path):
    from bdstr.training.saliency import pixel_values, saliency_maps

    network, processor = load(run)
    photo, mask = scene(99)
    (found,) = saliency_maps(network, processor, [pixel_values(processor, photo)], [mask.shape])
    assert found.shape == mask.shape
    assert found[mask > 0].mean() > 2 * found[mask == 0].mean() > 0


# --- going on -------------------------------------------------------------------------------------


def has_checkpoint(out: Path) -> bool:
    """Whether one was written to its end."""
    for file in out.glob("checkpoints/*/trainer_state.json"):
        with suppress(ValueError):
            json.loads(file.read_text())
            return True
    return False


def test_after_a_kill_it_goes_on_to_the_same_curve_and_weights(run: Path, blocks: Path, tmp_path: Path):
    out = tmp_path / "run"
    code = f"{ADD_SMALL}; import torch; torch.set_num_threads(1); from bdstr.cli import main; main()"
    command = [sys.executable, "-c", code, "train", *arguments(blocks, out)]
    environment = {**os.environ, "HF_DATASETS_CACHE": str(tmp_path / "cache")}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, env=environment, **quiet) as process:
        waited_until = time.monotonic() + 120
        while not has_checkpoint(out) and time.monotonic() < waited_until:
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
    assert not (out / "model.safetensors").exists()
    torn = out / "checkpoints" / "checkpoint-999"
    torn.mkdir()
    (torn / "model.safetensors").write_bytes(b"half")
    with (out / "log.jsonl").open("a") as file:
        file.write('{"step": 35, "loss"')
    result = call(blocks, out)
    assert result.exit_code == 0, (result.output, result.exception)
    assert "goes on from checkpoint-" in result.output
    assert same(run, out)


def test_streamed_rows_train_the_same_network(run: Path, blocks: Path, tmp_path: Path):
    result = call(blocks, tmp_path / "run", options=("--streaming",))
    assert result.exit_code == 0, (result.output, result.exception)
    assert same(run, tmp_path / "run")


def test_a_finished_run_is_not_trained_again(run: Path, blocks: Path):
    before = (run / "model.safetensors").stat().st_mtime_ns
    assert "finished already" in call(blocks, run).output
    assert (run / "model.safetensors").stat().st_mtime_ns == before


def test_a_kill_while_the_network_is_written_costs_nothing(run: Path, blocks: Path, tmp_path: Path):
    out = tmp_path / "run"
    shutil.copytree(run, out)
    (out / "model.safetensors").unlink()
    (out / ".model.tmp").mkdir()
    (out / ".model.tmp" / "model.safetensors").write_bytes(b"half")
    assert call(blocks, out).exit_code == 0
    assert same(run, out)


class Hostile:
    """Writes a file when it is unpickled."""

    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self) -> tuple:
        return Path.touch, (self.canary,)


@pytest.mark.parametrize("name", ["optimizer.pt", "scheduler.pt", "rng_state.pth"])
def test_a_checkpoint_that_cannot_be_read_is_named_and_no_code_in_it_runs(
    run: Path, blocks: Path, tmp_path: Path, name: str
):
    out = tmp_path / "run"
    shutil.copytree(run, out)
    (out / "model.safetensors").unlink()
    state = out / "checkpoints" / "checkpoint-36" / "trainer_state.json"
    assert state.exists()
    import torch

    torch.save(Hostile(tmp_path / "canary"), state.with_name(name))
    state.with_name(".seal.json").unlink()  # or it would be passed over as damaged
    result = call(blocks, out)
    assert not (tmp_path / "canary").exists()
    assert isinstance(result.exception, RunError)
    assert f"{state.parent}: cannot be gone on from" in str(result.exception)


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "options", "message"),
    [
        (("epochs=13",), (), "other settings.epochs;"),
        ((), ("--preset", "resnet50"), "other preset;"),
    ],
)
def test_another_run_is_not_mixed_in(run: Path, blocks: Path, settings: tuple, options: tuple, message: str):
    result = call(blocks, run, *settings, options=options)
    assert isinstance(result.exception, RunError)
    assert message in str(result.exception)


def test_a_folder_of_something_else_is_not_written_to(blocks: Path, tmp_path: Path):
    (tmp_path / "thesis.tex").touch()
    assert isinstance(call(blocks, tmp_path).exception, RunError)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_loss_that_is_no_number_stops_with_the_rows(blocks: Path, tmp_path: Path):
    result = call(blocks, tmp_path / "run", "decoder_learning_rate=1e6", "clip_norm=0.0", "warmup=0.0")
    assert isinstance(result.exception, TrainingError)
    assert "the loss is" in str(result.exception)
    assert str(result.exception).count("scene/") == 6


def test_a_network_of_another_preset_is_no_start(run: Path, blocks: Path, tmp_path: Path):
    result = call(blocks, tmp_path / "a", "model.channels=4", options=("--start", str(run)))
    assert isinstance(result.exception, ModelError)
    assert "is no small: its channels is 8, not 4" in str(result.exception)


def test_a_run_starts_from_a_trained_network(run: Path, blocks: Path, tmp_path: Path):
    settings = ("epochs=0.3", "decoder_learning_rate=0.0", "backbone_learning_rate=0.0", "scales=[1.0]")
    result = call(blocks, tmp_path / "b", *settings, options=("--start", str(run)))
    assert result.exit_code == 0, (result.output, result.exception)
    weights = [dict(load(each)[0].named_parameters()) for each in (run, tmp_path / "b")]
    assert all((weights[0][name] == weights[1][name]).all() for name in weights[0])


def test_an_unknown_preset_and_an_impossible_network_are_told(blocks: Path, tmp_path: Path):
    unknown = call(blocks, tmp_path / "a", options=("--preset", "tinny"))
    assert isinstance(unknown.exception, UsageError)
    assert "did you mean 'tiny'" in str(unknown.exception)
    for setting, told in (("model.head_kernel=4", "head_kernel=4"), ("model.channels=6", "6 channels in 4")):
        impossible = call(blocks, tmp_path / "b", setting)
        assert isinstance(impossible.exception, UsageError)
        assert told in str(impossible.exception)
    assert not list(tmp_path.iterdir())


def test_a_run_that_another_process_has_just_begun_is_the_same_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    open_run(tmp_path, {"preset": "small"})
    monkeypatch.setattr(Path, "exists", lambda _: False)  # it was looked for before the other wrote it
    assert not open_run(tmp_path, {"preset": "small"})


def test_what_no_output_depends_on_is_not_trained():
    from transformers import SwinConfig

    stages = [f"stage{n}" for n in range(1, 5)]
    swin = SwinConfig(
        image_size=64, embed_dim=8, depths=[1] * 4, num_heads=[1] * 4, window_size=2, out_features=stages
    )
    network = DEDecoderForSalientObjectDetection(DEDecoderConfig(swin, channels=8, head_channels=8))
    freeze_unused(network)
    still = [name for name, weight in network.named_parameters() if not weight.requires_grad]
    assert still == ["backbone.swin.layernorm.weight", "backbone.swin.layernorm.bias"]
    assert all(weight.grad is None for weight in network.parameters())


def test_one_damaged_row_does_not_end_a_run(tmp_path: Path):
    rows = [
        row(seed, **({"image": {"bytes": b"no", "path": None}} if seed % 9 == 1 else {}))
        for seed in range(12)
    ]
    data = write_dataset(tmp_path / "data", rows)
    result = call(data, tmp_path / "run", "epochs=1", "scales=[1.0]")
    assert result.exit_code == 0, (result.output, result.exception)
    assert "left out scene/0" in result.output
    assert np.isfinite([line["loss"] for line in log(tmp_path / "run") if "loss" in line]).all()
