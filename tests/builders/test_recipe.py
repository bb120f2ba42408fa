"""Recipes: data that is checked, with a fingerprint of all that can change a row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bdstr.errors import RecipeError
from bdstr_builders.recipe import read_recipe, recipe_of
from bdstr_builders.shipped import known_recipes

BOX = {"use": "ground.saliency"}
GRABCUT = {"use": "segment.grabcut"}


def recipe(*stages: dict[str, Any], **top: Any) -> Any:
    return recipe_of({"name": "r", "seed": 1, "stage": [BOX, *stages]} | top, "r.toml", {})


@pytest.mark.parametrize("name", known_recipes())
def test_every_recipe_that_comes_along_is_read(name: str) -> None:
    assert read_recipe(name).name == name


@pytest.mark.parametrize(
    ("name", "against"), [("bds-tr", ("ecssd",)), ("bds-tr-small", ("ecssd",)), ("offline", ())]
)
def test_recipes_reject_repeats_and_those_for_training_what_is_tested_on(
    name: str, against: tuple[str, ...]
) -> None:
    leakage, duplicates, *others = read_recipe(name).stages
    assert (leakage.name, leakage.against) == ("check.leakage", against)
    assert duplicates.name == "check.duplicates"
    assert "check.flip" not in [stage.name for stage in others]  # twice the cost: by choice


@pytest.mark.parametrize(
    ("stages", "top", "message"),
    [
        (
            [GRABCUT | {"iteration": 3}],
            {},
            r"segment\.grabcut: nothing is called 'iteration'; did you mean 'iterations'",
        ),
        ([GRABCUT | {"iterations": "3"}], {}, r"iterations is '3'; expected int"),
        ([GRABCUT | {"iterations": True}], {}, r"iterations is True; expected int"),
        ([{"use": "segment.grabcat"}], {}, r"'segment\.grabcat'; did you mean 'segment\.grabcut'"),
        ([{}], {}, r"a \[\[stage\]\] without use; known are text\.annotations, "),
        ([{"use": 3}], {}, r"r\.toml: use is 3; expected str"),
        ([GRABCUT], {"seed": "a"}, r"r\.toml: seed is 'a'; expected int"),
        ([GRABCUT], {"seed": True}, r"r\.toml: seed is True; expected int"),
        ([GRABCUT], {"name": 3}, r"r\.toml: name is 3; expected str"),
        ([GRABCUT], {"stage": 3}, r"r\.toml: stage is 3; expected tables, each begun by \[\[stage\]\]"),
        ([GRABCUT], {"stage": GRABCUT}, r"stage is one table, as \[stage\] begins one; expected tables"),
        ([GRABCUT], {"stage": [GRABCUT, 3]}, r"stage is .*, 3\]; expected tables"),
        ([{"use": "check.flip", "min_iou": 10**400}], {}, r"min_iou is 1000.*; expected float"),
        ([GRABCUT], {"sede": 3}, r"nothing is called 'sede'; did you mean 'seed'"),
    ],
)
def test_what_is_unknown_or_wrong_is_refused_with_the_nearest_known(
    stages: list[dict[str, Any]], top: dict[str, Any], message: str
) -> None:
    with pytest.raises(RecipeError, match=message):
        recipe(*stages, **top)


@pytest.mark.parametrize(
    ("stages", "message"),
    [
        ("ground.saliency", r"no stage segment\.\*; expected one"),
        ("segment.grabcut", r"segment\.grabcut comes before any ground\.\*; expected it after one"),
        ("ground.saliency check.quality segment.grabcut", r"check\.quality comes before any segment\.\*"),
        ("ground.dino segment.sam", r"ground\.dino comes before any text\.\* or caption\.\*"),
    ],
)
def test_a_recipe_by_which_no_photograph_gets_a_row_is_refused(stages: str, message: str) -> None:
    with pytest.raises(RecipeError, match=rf"^r\.toml: {message}"):
        recipe_of({"name": "r", "seed": 1, "stage": [{"use": use} for use in stages.split()]}, "r.toml", {})


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.dates()
shapes = st.recursive(
    scalars | st.just(GRABCUT),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["use", "name", "seed", "x"]), inner)
    ),
    max_leaves=6,
)


@given(st.sampled_from(["name", "seed", "stage", "use", "iterations", "min_iou", "against", "file"]), shapes)
def test_a_recipe_of_any_shape_is_read_or_refused_in_its_own_words(name: str, value: Any) -> None:
    uses = {"min_iou": "check.flip", "against": "check.leakage", "file": "text.annotations"}
    stage = {"use": uses.get(name, "segment.grabcut")} | (
        {} if name in ("name", "seed", "stage") else {name: value}
    )
    top = {name: value} if name in ("name", "seed", "stage") else {}
    try:
        recipe(GRABCUT, stage, **top)
    except RecipeError as error:
        told = str(error)
    else:
        told = "r.toml: "
    assert told.startswith(("r.toml: ", "no list of hashes"))


def test_a_file_of_another_shape_ends_a_command_as_a_wrong_call_does(tmp_path: Path) -> None:
    (tmp_path / "deep.toml").write_text("name = " + "[" * 5000)
    (tmp_path / "one.toml").write_text('name = "r"\nseed = 1\n[stage]\nuse = "segment.grabcut"\n')
    for name, told in (("deep", "is no TOML"), ("one", "stage is one table")):
        with pytest.raises(RecipeError, match=told) as refused:
            read_recipe(str(tmp_path / f"{name}.toml"))
        assert refused.value.exit_code == 2


def test_a_recipe_that_lacks_something_says_what() -> None:
    with pytest.raises(RecipeError, match=r"no seed, stage"):
        recipe_of({"name": "r"}, "r.toml", {})


@pytest.mark.parametrize("name", ["offlin", "nowhere.toml"])
def test_an_unknown_recipe_is_refused(name: str) -> None:
    with pytest.raises(RecipeError, match=r"did you mean 'offline'|cannot be read: No such file"):
        read_recipe(name)


def test_no_toml_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("name = ")
    with pytest.raises(RecipeError, match=r"a\.toml is no TOML"):
        read_recipe(str(tmp_path / "a.toml"))


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 9), st.integers(0, 9))
def test_the_fingerprint_changes_with_every_choice_and_with_nothing_else(
    a: int, b: int, x: int, y: int
) -> None:
    first = recipe(GRABCUT | {"iterations": a}, seed=x)
    second = recipe(GRABCUT | {"iterations": b}, seed=y, name="another")
    assert (first.fingerprint == second.fingerprint) == ((a, x) == (b, y))


def test_the_order_of_stages_changes_the_fingerprint() -> None:
    check = {"use": "check.duplicates"}
    assert recipe(GRABCUT, check).fingerprint != recipe(check, GRABCUT).fingerprint


def test_annotations_count_by_content_wherever_they_lie(tmp_path: Path) -> None:
    prints = []
    for name, text in (("a", '{"key": "1"}'), ("b", '{"key": "1"}'), ("c", '{"key": "2"}')):
        (tmp_path / name).write_text(text)
        prints.append(read_recipe("offline", {"text.annotations": {"file": tmp_path / name}}).fingerprint)
    assert prints[0] == prints[1] != prints[2]
