"""Policies refuse every value out of range, and the sentence names the option, the value and what was expected."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from cellview.schedule import BlockPolicy, DelayPolicy, PolicyError, ReroutePolicy

BLOCK: dict[str, Any] = {"fraction": 0.3, "duration": 20, "seed": 7}
DELAY: dict[str, Any] = {"probability": 0.1, "duration": 5, "seed": 7}
NAN = float("nan")

BAD: list[tuple[type[msgspec.Struct], dict[str, Any], str, str, tuple[object, ...]]] = [
    (BlockPolicy, BLOCK, "fraction", "--mcts-block-fraction", (0, 1, -0.1, 1.5, NAN, "0.3", None, True)),
    (BlockPolicy, BLOCK, "duration", "--mcts-block-duration", (0, 1.5, True, "3", None)),
    (BlockPolicy, BLOCK, "seed", "--mcts-block-seed", (-1, 0.5, None)),
    (BlockPolicy, BLOCK, "immovable_fraction", "--mcts-block-immovable-fraction", (-0.1, 1.1, "1", NAN)),
    (BlockPolicy, {**BLOCK, "immovable_fraction": 0.5}, "duration", "--mcts-block-duration", (-1,)),
    (BlockPolicy, BLOCK, "unfreeze_after", "--mcts-unfreeze-after", (0, -1, 1.5)),
    (BlockPolicy, BLOCK, "unfreeze_prob", "--mcts-unfreeze-prob", (0, 1.1, NAN)),
    (DelayPolicy, DELAY, "probability", "--mcts-delay-prob", (0, 1, 2, NAN)),
    (DelayPolicy, DELAY, "duration", "--mcts-delay-duration", (0, -1, 2.5)),
    (DelayPolicy, DELAY, "seed", "--mcts-delay-seed", (-1,)),
    (ReroutePolicy, {}, "max_attempts", "--mcts-reroute-max", (0, -1, 1.5, True)),
]


@pytest.mark.parametrize(
    ("policy", "values", "name", "option", "value"),
    [(policy, values, name, option, value) for policy, values, name, option, wrong in BAD for value in wrong],
)
def test_a_value_out_of_range_is_one_sentence(
    policy: type[msgspec.Struct], values: dict[str, Any], name: str, option: str, value: object
) -> None:
    with pytest.raises(PolicyError) as caught:
        policy(**{**values, name: value})
    text = str(caught.value)
    assert text.startswith(f"{option} is {value!r}, but ")
    assert "was expected" in text
    assert text.endswith(".")
    assert "\n" not in text


GOOD: list[tuple[type[msgspec.Struct], dict[str, Any]]] = [
    (BlockPolicy, BLOCK),
    (BlockPolicy, {**BLOCK, "duration": -1}),
    (BlockPolicy, {**BLOCK, "duration": -7, "unfreeze_after": 1}),
    (BlockPolicy, {**BLOCK, "immovable_fraction": 0}),
    (BlockPolicy, {**BLOCK, "immovable_fraction": 1.0, "unfreeze_after": 3, "unfreeze_prob": 1}),
    (BlockPolicy, {**BLOCK, "seed": 0, "unfreeze_prob": 0.001}),
    (DelayPolicy, DELAY),
    (DelayPolicy, {**DELAY, "duration": 1, "seed": 0}),
    (ReroutePolicy, {"max_attempts": 1}),
]


@pytest.mark.parametrize(("policy", "values"), GOOD)
def test_values_in_range_are_kept_and_survive_json(policy: type[msgspec.Struct], values: dict[str, Any]) -> None:
    made = policy(**values)
    assert {name: getattr(made, name) for name in values} == values
    assert msgspec.json.decode(msgspec.json.encode(made), type=policy) == made


def test_a_policy_decoded_from_data_is_validated_too() -> None:
    with pytest.raises(PolicyError, match="block-fraction"):
        msgspec.convert({**BLOCK, "fraction": 2.0}, BlockPolicy)
    with pytest.raises(msgspec.ValidationError, match="fracton"):
        msgspec.convert({**BLOCK, "fracton": 0.2}, BlockPolicy)


def test_the_defaults_are_keyword_only() -> None:
    assert BlockPolicy(0.3, 20, 7) == BlockPolicy(**BLOCK)
    with pytest.raises(TypeError):
        BlockPolicy(0.3, 20, 7, 0.5)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


@pytest.mark.parametrize(
    ("policy", "values", "sentence"),
    [
        (BlockPolicy, {**BLOCK, "fraction": 1}, "block-fraction is 1, but a number greater than 0 and less than 1"),
        (
            BlockPolicy,
            {**BLOCK, "duration": 0},
            "block-duration is 0, but a whole number other than 0 (negative: for ever)",
        ),
        (BlockPolicy, {**BLOCK, "seed": -1}, "block-seed is -1, but a whole number of at least 0"),
        (
            BlockPolicy,
            {**BLOCK, "immovable_fraction": 2},
            "block-immovable-fraction is 2, but a number of at least 0 and at most 1",
        ),
        (BlockPolicy, {**BLOCK, "unfreeze_after": 0}, "unfreeze-after is 0, but a whole number of at least 1"),
        (
            BlockPolicy,
            {**BLOCK, "unfreeze_prob": 0},
            "unfreeze-prob is 0, but a number greater than 0 and at most 1",
        ),
        (DelayPolicy, {**DELAY, "probability": 0}, "delay-prob is 0, but a number greater than 0 and less than 1"),
        (DelayPolicy, {**DELAY, "duration": 0}, "delay-duration is 0, but a whole number of at least 1"),
        (ReroutePolicy, {"max_attempts": 0}, "reroute-max is 0, but a whole number of at least 1"),
    ],
)
def test_the_sentence_says_the_range(policy: type[msgspec.Struct], values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(PolicyError) as caught:
        policy(**values)
    assert str(caught.value) == f"--mcts-{sentence} was expected."


def test_the_root_is_not_spared_unless_it_is_said() -> None:
    assert not BlockPolicy(**BLOCK).spare_root
