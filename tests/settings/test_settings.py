"""One declaration, three sources: what each may say, which of them wins, and the sentence when one is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellview.settings import (
    Document,
    Opt,
    SettingsError,
    SettingsFileError,
    fields_of,
    merge,
    option_names,
    parse_document,
    read_document,
    require_known_variables,
    variable_of,
)
from cellview.settings.values import choices


class Brush(msgspec.Struct, frozen=True, kw_only=True, rename="kebab"):
    paint_mode: Annotated[Literal["oil", "water"], Opt(help="What with.")] = "oil"
    width: Annotated[Annotated[int, msgspec.Meta(ge=1, le=9)], Opt(help="How wide.", requires="water")] = 3
    share: Annotated[Annotated[float, msgspec.Meta(gt=0, lt=1)] | None, Opt(help="How much.")] = None
    tiers: Annotated[tuple[Annotated[int, msgspec.Meta(ge=1)], ...], Opt(help="Layers.")] = (10, 50)
    bias: Annotated[float | tuple[float, ...] | None, Opt(help="One or several.")] = None
    seeds: Annotated[tuple[int, ...], Opt(help="Seeds.", ranges=True)] = ()
    names: Annotated[tuple[str, ...], Opt(help="Names.", suggestions=("red", "blue"))] = ()
    wet: Annotated[bool, Opt(help="Or dry.")] = False
    shop: Annotated[str | None, Opt(help="Where from.", variable="CELLVIEW_SHOP")] = None
    parts: Annotated[dict[str, float], Opt(help="A table.", file_only=True)] = {}


def merged(
    typed: dict[str, Any] | None = None, environment: dict[str, str] | None = None, file: dict[str, Any] | None = None
) -> Brush:
    document = Document("brush.toml", {"brush": file or {}})
    return merge(Brush, table="brush", typed=typed, environment=environment, document=document)


def test_without_any_source_there_are_the_defaults() -> None:
    assert merge(Brush, table="brush") == merged() == Brush()


NAMES = ("typed", "environment", "file")


@given(st.dictionaries(st.sampled_from(NAMES), st.integers(1, 9)))
def test_what_was_typed_wins_over_the_environment_over_the_file_over_the_default(said: dict[str, int]) -> None:
    found = merged(
        {"width": str(said["typed"])} if "typed" in said else {},
        {"CELLVIEW_BRUSH_WIDTH": str(said["environment"])} if "environment" in said else {},
        {"width": said["file"]} if "file" in said else {},
    )
    assert found.width == next((said[name] for name in NAMES if name in said), 3)


@pytest.mark.parametrize(
    ("option", "text", "filed", "value"),
    [
        ("paint-mode", "water", "water", "water"),
        ("share", "0.5", 0.5, 0.5),
        ("tiers", "10,50", [10, 50], (10, 50)),
        ("tiers", "200", 200, (200,)),
        ("bias", "1.5", 1.5, (1.5,)),
        ("bias", "1,-0.5", [1, -0.5], (1.0, -0.5)),
        ("seeds", "0-4,7", "0-4,7", (0, 1, 2, 3, 4, 7)),
        ("seeds", "3", 3, (3,)),
        ("seeds", "5-5", ["5-5", 1], (5,)),
        ("names", "a, b", ["a", "b"], ("a", "b")),
        ("names", "a", "a", ("a",)),
        ("wet", "true", True, True),
        ("shop", "corner", "corner", "corner"),
    ],
)
def test_the_three_sources_mean_the_same(option: str, text: str, filed: object, value: object) -> None:
    if option == "seeds" and filed == ["5-5", 1]:
        assert merged(file={"seeds": filed}).seeds == (5, 1)
        filed = "5-5"
    name = option.replace("-", "_")
    variable = {"shop": "CELLVIEW_SHOP"}.get(option, f"CELLVIEW_BRUSH_{name.upper()}")
    assert getattr(merged(typed={option: text}), name) == value
    assert getattr(merged(environment={variable: text}), name) == value
    assert getattr(merged(file={option: filed}), name) == value


def test_tables_stand_in_files_and_as_json_in_the_environment() -> None:
    assert merged(file={"parts": {"a": 1}}).parts == {"a": 1.0}
    assert merged(environment={"CELLVIEW_BRUSH_PARTS": '{"a": 1}'}).parts == {"a": 1.0}
    with pytest.raises(SettingsError, match=r"CELLVIEW_BRUSH_PARTS: must be JSON, not 'a=1'"):
        merged(environment={"CELLVIEW_BRUSH_PARTS": "a=1"})
    with pytest.raises(SettingsError, match=r"brush\.toml: parts: expected float, got str - at \$\[\.\.\.\], not"):
        merged(file={"parts": {"a": "b"}})


def test_an_empty_variable_counts_as_not_set() -> None:
    assert merged(environment={"CELLVIEW_BRUSH_WIDTH": ""}).width == 3


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"width": "four"}, "--width: must be a whole number from 1 to 9, not 'four'."),
        ({"width": "0"}, "--width: must be a whole number from 1 to 9, not '0'."),
        ({"width": "2.5"}, "--width: must be a whole number from 1 to 9, not '2.5'."),
        ({"share": "1"}, "--share: must be a number above 0 and below 1, not '1'."),
        ({"tiers": "10,x"}, "--tiers: must be a list of whole numbers of at least 1, not '10,x'."),
        ({"tiers": "10,0"}, "--tiers: must be a list of whole numbers of at least 1, not '10,0'."),
        ({"tiers": " , "}, "--tiers: must be a list of whole numbers of at least 1, not ' , '."),
        ({"paint-mode": "chalk"}, "--paint-mode: must be one of oil, water, not 'chalk'."),
        ({"bias": "a,b"}, "--bias: must be a number or a list of numbers, not 'a,b'."),
        ({"bias": "nan"}, "--bias: must be finite, not nan."),
        ({"bias": "1,inf"}, "--bias: must be finite, not inf."),
        ({"seeds": "4-0"}, "--seeds: 4-0 is no range: write the smaller number first, and at most 100000 numbers."),
        (
            {"seeds": "0-999999999"},
            "--seeds: 0-999999999 is no range: write the smaller number first, and at most 100000 numbers.",
        ),
        ({"seeds": "a-b"}, "--seeds: must be a list of whole numbers, not 'a-b'."),
    ],
)
def test_sentences(typed: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SettingsError) as caught:
        merged(typed)
    assert str(caught.value) == sentence
    (option,) = typed
    variable = f"CELLVIEW_BRUSH_{option.upper().replace('-', '_')}"
    with pytest.raises(SettingsError) as caught:
        merged(environment={variable: typed[option]})
    assert str(caught.value) == sentence.replace(f"--{option}:", f"{variable}:")


def test_a_file_is_strict() -> None:
    for value in ("4", 4.5, True):  # nothing is rounded, and no text is read as a number
        with pytest.raises(SettingsError, match=r"brush\.toml: width: must be a whole number from 1 to 9, not"):
            merged(file={"width": value})
    with pytest.raises(SettingsError, match=r"brush\.toml: wet: must be true or false, not 'yes'\."):
        merged(file={"wet": "yes"})


def test_an_unknown_key_names_the_nearest() -> None:
    with pytest.raises(
        SettingsError, match=r"brush\.toml: unknown key 'paint_mode' in \[brush\] \(the nearest is 'paint-m"
    ):
        merged(file={"paint_mode": "oil"})
    with pytest.raises(SettingsError, match=r"unknown key 'zzz' in \[brush\]\."):
        merged(file={"zzz": 1})


def test_documents(tmp_path: Path) -> None:
    path = tmp_path / "b.toml"
    with pytest.raises(SettingsFileError, match=r"b\.toml cannot be read: No such file"):
        read_document(path, tables=("brush",))
    with pytest.raises(SettingsFileError, match="cannot be read: Is a directory"):
        read_document(tmp_path, tables=("brush",))
    path.write_bytes(b"\xff")
    with pytest.raises(SettingsFileError, match="it is not UTF-8 text"):
        read_document(path, tables=("brush",))
    path.write_text("[brush]\nwidth = 4\n[other]\n")
    assert merge(Brush, table="brush", document=read_document(path, tables=("brush", "other"))).width == 4


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("width = ", r"b\.toml is not valid TOML: "),
        (
            "[brash]",
            r"b\.toml: unknown table \[brash\] \(the nearest is 'brush'\); a file may hold \[brush\], \[other\]\.",
        ),
        ("width = 3", r"b\.toml: unknown key 'width' outside any table; a file may hold"),
        ("brush = 3", r"b\.toml: brush must be a table: write \[brush\] above its keys\."),
        ("[[brush]]\nwidth = 3", r"b\.toml: brush must be a table: write \[brush\] above its keys\."),
    ],
)
def test_documents_that_are_refused(text: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        parse_document(text, source="b.toml", tables=("brush", "other"))


def test_unknown_variables_are_refused() -> None:
    tables = {"brush": Brush}
    known = {variable_of(field, "brush"): "" for field in fields_of(Brush)}
    assert "CELLVIEW_SHOP" in known
    require_known_variables({**known, "PATH": "x", "CELLVIEW_KEY": "x"}, tables, others=("CELLVIEW_KEY",))
    with pytest.raises(SettingsError, match=r"WITDH is unknown \(the nearest is 'CELLVIEW_BRUSH_WIDTH'\)"):
        require_known_variables({"CELLVIEW_BRUSH_WITDH": "1"}, tables)
    require_known_variables({"CELLVIEW_CLUSTER_X": "1"}, tables, prefix="CELLVIEW_BRUSH_")


class Needed(msgspec.Struct, kw_only=True, rename="kebab"):
    url: Annotated[str, Opt(help="Where.")]
    number: Annotated[int, Opt(help="Any but 13.")] = 1

    def __post_init__(self) -> None:
        if self.number == 13:
            raise ValueError("13 brings bad luck")


def test_what_must_be_given_and_what_a_struct_itself_refuses() -> None:
    with pytest.raises(SettingsError, match="--url is missing: give it, or set CELLVIEW_PLACE_URL"):
        merge(Needed, table="place")
    with pytest.raises(SettingsError, match=r"p\.toml: \[place\]: 13 brings bad luck\."):
        merge(Needed, table="place", document=Document("p.toml", {"place": {"url": "u", "number": 13}}))


def test_declarations() -> None:
    assert option_names(Brush, requires="water") == ["width"]
    by_option = {field.option: choices(field) for field in fields_of(Brush)}
    assert by_option["paint-mode"] == ("oil", "water")
    assert by_option["names"] == ("red", "blue")
    assert by_option["width"] == ()

    class Bare(msgspec.Struct):
        x: int = 1

    with pytest.raises(TypeError, match=r"Bare\.x is no option"):
        fields_of(Bare)
