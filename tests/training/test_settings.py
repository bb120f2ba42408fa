"""Settings as people write them."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch")

from bdstr.errors import UsageError
from bdstr.training.optimisation import FALLS, factor
from bdstr.training.settings import Settings
from bdstr.training.settings_text import read_settings


def test_a_file_is_read_and_set_goes_over_it(tmp_path: Path):
    file = tmp_path / "run.toml"
    file.write_text('epochs = 3\nscales = [1, 0.5]\n[model]\nupsample = "bilinear"\nedge_weight = 2.0\n')
    settings = read_settings(file, ["epochs=4.5", "model.edge_weight=0.0", "schedule=poly"])
    assert (settings.epochs, settings.scales, settings.schedule) == (4.5, (1.0, 0.5), "poly")
    assert settings.model == {"upsample": "bilinear", "edge_weight": 0.0}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("epocs=3", "'epocs'; did you mean 'epochs'"),
        ("model.upsampel=bilinear", "'upsampel'; did you mean 'upsample'"),
        ("model.backbone_config=x", "nothing is called 'backbone_config'"),
        ("epochs", "expected KEY=VALUE"),
        ("epochs=many", "epochs is 'many'; expected float"),
        ("batch=1.5", "batch is 1.5; expected int"),
        ("flip=1", "flip is 1; expected bool"),
        ("scales=1.0", "expected a list"),
        ("scales=[]", "expected at least one"),
        ("scales=[0.0]", "expected 0.1 to 4"),
        ("optimizer=lion", "expected one of adamw, sgd"),
        ("model=small", "expected a table"),
        ("epochs=0", "expected 1e-06 to"),
        ("crop=nan", "expected 0 to 0.45"),
        ("seed=-1", "expected 0 to"),
    ],
)
def test_what_makes_no_sense_is_refused(text: str, message: str):
    with pytest.raises(UsageError, match=message):
        read_settings(texts=[text])


def test_a_file_that_is_none_is_refused(tmp_path: Path):
    with pytest.raises(UsageError, match="cannot be read"):
        read_settings(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("epochs =")
    with pytest.raises(UsageError, match="is no TOML"):
        read_settings(tmp_path / "bad.toml")


@pytest.mark.parametrize("schedule", list(FALLS))
def test_learning_rates_rise_and_fall_to_nothing(schedule: str):
    factors = [factor(step, 100, 10, FALLS[schedule]) for step in range(101)]
    assert factors[:11] == sorted(factors[:11])
    assert factors[10:] == sorted(factors[10:], reverse=True)
    assert (max(factors), factors[100]) == (1.0, 0.0)
    assert factors[0] > 0


def test_backbone_and_decoder_learn_at_their_own_rates_and_no_bias_decays():
    from bdstr.model import from_preset
    from bdstr.training.optimisation import parameter_groups

    network = from_preset("tiny", pretrained=False)
    groups = parameter_groups(network, Settings(weight_decay=0.1))
    assert sum(len(group["params"]) for group in groups) == len(list(network.parameters()))
    for group in groups:
        assert group["lr"] == {"backbone": 3e-4, "decoder": 2e-3}[group["name"]]
        assert all((weight.ndim > 1) == (group["weight_decay"] == 0.1) for weight in group["params"])
