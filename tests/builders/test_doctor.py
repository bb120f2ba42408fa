"""``bdstr doctor``: the installation as it is, and installations that are not as they should be."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from huggingface_hub import constants
from packaging.requirements import Requirement

from bdstr_builders.commands.doctor import doctor
from bdstr_builders.doctor.device import device
from bdstr_builders.doctor.extras import ADDS
from bdstr_builders.doctor.hub import hub
from bdstr_builders.doctor.imports import import_problem
from bdstr_builders.doctor.kernels import kernels
from bdstr_builders.doctor.models import look_for, models
from bdstr_builders.doctor.packages import look_at

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))["project"]
TOKEN = "hf_nobodyshallreadthis"


@pytest.fixture(autouse=True)
def no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its import is seconds, and which device it finds is this machine's affair."""
    monkeypatch.setitem(sys.modules, "torch", None)


def called(*arguments: str) -> Result:
    return CliRunner().invoke(doctor, arguments, standalone_mode=False)


def found() -> tuple[int, dict[str, Any]]:
    """Exit code, and what is told to scripts."""
    done = called("--json")
    assert done.exception is None, done.exception
    return done.return_value, json.loads(done.stdout)


def install(folder: Path, name: str, version: str | None, *lines: str, code: str = "") -> Path:
    """A package as pip installs it, of one module; gives its file."""
    module = name.replace("-", "_")
    info = folder / f"{module}-{version or 0}.dist-info"
    info.mkdir(parents=True)
    said = [f"Name: {name}", *([f"Version: {version}"] if version else []), *lines]
    (info / "METADATA").write_text("\n".join(["Metadata-Version: 2.1", *said, ""]))
    (folder / f"{module}.py").write_text(code)
    (info / "RECORD").write_text(f"{module}.py,sha256=x,{len(code)}\n{info.name}/RECORD,,\n")
    return folder / f"{module}.py"


def install_bdstr(folder: Path, *requirements: str, python: str = ">=3.11") -> None:
    needs = (f"Requires-Dist: {one}" for one in requirements)
    install(folder, "bdstr", "9.9", f"Requires-Python: {python}", "Provides-Extra: more", *needs)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that Python looks into before what is really installed."""
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def test_each_package_that_the_project_asks_for_is_told_with_its_version():
    code, told = found()
    assert (code, told["sound"]) == (0, True)
    asked = {Requirement(text).name.replace("_", "-").lower() for text in PROJECT["dependencies"]}
    assert {package["name"].replace("_", "-").lower() for package in told["core"]} >= asked - {"packaging"}
    assert all(package["version"] and not package["problem"] for package in told["core"])
    assert told["extras"].keys() == PROJECT["optional-dependencies"].keys()
    assert told["extras"]["ray"]["install"] == "pip install '.[ray]'"


def test_each_extra_has_a_sentence():
    assert ADDS.keys() == PROJECT["optional-dependencies"].keys()


def test_the_page_is_plain_text_in_columns():
    text = called().stdout
    lines = text.splitlines()
    assert text.isascii()
    assert max(map(len, lines)) <= 130
    assert lines[0].startswith(f"bdstr {distribution('bdstr').version}, Python 3.")
    start = lines.index("Core: whole") + 1
    packages = lines[start : lines.index("", start)]
    assert len({line.index(">=") for line in packages}) == 1


def test_missing_old_and_torn_packages_are_named_with_what_to_do(site: Path):
    install_bdstr(site, "gone>=1", "old>=2", "torn", "whole", "nameless", 'later>=1; extra == "more"')
    install(site, "old", "1.5")
    install(site, "torn", "1.0", code="x = 1").write_text("")
    install(site, "whole", "1.0", code="x = 1")
    install(site, "nameless", None)
    code, told = found()
    assert (code, told["sound"]) == (3, False)
    assert {package["name"]: package["problem"] for package in told["core"]} == {
        "gone": "missing",
        "old": "needs >=2, not 1.5",
        "torn": "broken: a file is gone or cut short, e.g. torn.py",
        "whole": "",
        "nameless": "broken: its metadata name no version",
    }
    assert told["extras"]["more"]["packages"][0]["name"] == "later"
    assert called().stdout.endswith("pip install --force-reinstall gone nameless old torn\n")


def test_an_extra_that_is_not_complete_is_no_fault(site: Path):
    install_bdstr(site, 'gone>=1; extra == "more"')
    assert called().return_value == 0
    assert "gone missing" in called().stdout


def test_an_older_python_than_the_project_asks_for_is_refused(site: Path):
    install_bdstr(site, python=">=99")
    done = called()
    assert done.return_value == 3
    assert "needs >=99, not 3." in done.stdout


def test_a_package_that_cannot_be_imported_is_found_on_request(site: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PYTHONPATH", str(site))
    install_bdstr(site, "wrong", "right")
    install(site, "wrong", "1.0", code="raise OSError('libgone.so.1: no such file')")
    install(site, "right", "1.0", code="x = 1")
    assert called().return_value == 0
    done = called("--import")
    assert done.return_value == 3
    assert "broken: OSError: libgone.so.1: no such file" in done.stdout
    assert import_problem(look_at(Requirement("right"))) == ""


def test_the_token_is_told_and_never_shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    page, data = called().output, called("--json").output
    assert TOKEN not in page + data
    assert json.loads(data)["hub"]["token"] is True
    monkeypatch.delenv("HF_TOKEN")
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "none"))
    told = hub()
    assert told is not None
    assert told.token is False


def test_a_model_counts_as_cached_once_its_weights_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    commit, name = "70c1a07f894ebb5b307fd9eaaee97b9dfc16068f", "facebook/sam-vit-base"
    repo = tmp_path / "models--facebook--sam-vit-base"
    snapshot = repo / "snapshots" / commit
    for folder in (repo / "refs", snapshot):
        folder.mkdir(parents=True)
    (repo / "refs" / "main").write_text(commit)

    def state(weights: bool = True) -> tuple[str, str, int]:
        model = look_for(name, "main", weights, ())
        return model.state, model.commit, model.size_bytes

    assert state() == ("not cached", "", 0)
    (snapshot / "config.json").write_text("{}")
    assert state() == ("without weights", commit, 2)
    assert state(weights=False) == ("cached", commit, 2)
    (snapshot / "model.safetensors").write_bytes(b"12345")
    assert state() == ("cached", commit, 7)
    assert look_for(name, "v2", True, ()).state == "not cached"


def test_every_model_of_a_recipe_is_listed_once():
    named = {model.name: model.recipes for model in models()}
    assert len(named) == len(models())
    assert named["Salesforce/blip-image-captioning-base"] == ("bds-tr", "bds-tr-original", "bds-tr-small")
    assert named["sam_vit_h_4b8939.pth"] == ("bds-tr-original",)


def test_the_kernels_and_the_device_say_why(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SODEVAL_KERNELS", "numpy")
    assert kernels().note == "SODEVAL_KERNELS=numpy asks for it"
    monkeypatch.delenv("SODEVAL_KERNELS")
    monkeypatch.setitem(sys.modules, "sodeval._kernels", None)
    assert kernels().backend == "numpy"
    assert (device().kind, "torch is not installed" in device().note) == ("", True)


def test_nothing_that_is_looked_at_is_imported_and_no_network_is_touched():
    code = (
        "import socket, sys\n"
        "def refuse(*_): raise AssertionError('the network')\n"
        "socket.socket.connect = socket.getaddrinfo = refuse\n"
        "sys.modules['torch'] = None\n"
        "from bdstr_builders.commands.doctor import doctor\n"
        "assert doctor.main([], standalone_mode=False) == 0\n"
        "print(*{'numpy', 'cv2', 'datasets', 'pandas', 'pyarrow', 'transformers'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == ""
