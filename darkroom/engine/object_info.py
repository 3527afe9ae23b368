"""Between a node's spec and the entry that `/object_info` gives of it; each direction undoes the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from darkroom.engine.choices import listed
from darkroom.engine.run import Files
from darkroom.engine.spec import FileChoice, InputSpec, Kind, NodeSpec, OutputSpec

KINDS: tuple[Kind, ...] = ("required", "optional", "hidden")

UPLOADS = ("image_upload", "video_upload", "audio_upload", "file_upload", "animated_image_upload")
"""Options that draw an upload button."""

Entry = dict[str, Any]


def object_info(spec: NodeSpec, files: Files | None = None) -> Entry:
    """The `/object_info` entry of a node, keys in the usual order.

    files: lists the choices of files; without it these lists hold only what is no file
    """
    inputs: dict[str, dict[str, Any]] = {}
    for kind in KINDS:
        of_kind = {each.name: _written(each, files) for each in spec.inputs if each.kind == kind}
        if of_kind or kind == "required":
            inputs[kind] = of_kind
    entry: Entry = {
        "input": inputs,
        "input_order": {kind: list(of_kind) for kind, of_kind in inputs.items()},
        "output": [each.type if isinstance(each.type, str) else list(each.type) for each in spec.outputs],
        "output_is_list": [each.is_list for each in spec.outputs],
        "output_name": [each.name for each in spec.outputs],
        "name": spec.id,
        "display_name": spec.display_name,
        "description": spec.description,
        "python_module": spec.module,
        "category": spec.category,
        "output_node": spec.final,
    }
    if any(each.tooltip for each in spec.outputs):
        entry["output_tooltips"] = [each.tooltip for each in spec.outputs]
    flags = {"deprecated": spec.deprecated, "experimental": spec.experimental, "api_node": spec.api_node}
    entry.update({flag: True for flag, is_set in flags.items() if is_set})
    return entry


def spec_from_object_info(id: str, info: Mapping[str, Any]) -> NodeSpec:
    """The spec of a node that is known by its description only: it can be drawn, converted and checked, not run."""
    return NodeSpec(
        id=id,
        inputs=tuple(_read_inputs(info.get("input", {}), info.get("input_order", {}))),
        outputs=tuple(_read_outputs(info)),
        display_name=info.get("display_name"),
        category=info.get("category", "sd"),
        description=info.get("description") or "",
        module=info.get("python_module", "nodes"),
        final=bool(info.get("output_node", False)),
        deprecated=bool(info.get("deprecated", False)),
        experimental=bool(info.get("experimental", False)),
        api_node=bool(info.get("api_node", False)),
    )


def comparable(entry: Mapping[str, Any]) -> Entry:
    """An entry without what two right definitions of one node may differ in, for tests of sameness.

    Left out: words (description, tooltips, module, name), hidden inputs (how a function gets at its surroundings), an
    empty options object, and a default that says the same as none (a list's first choice).
    """
    words = ("name", "description", "output_tooltips", "output_matchtypes", "python_module", "input_order")
    plain = {key: value for key, value in entry.items() if key not in words and value is not False}
    plain["input"] = {
        kind: {name: _comparable_input(given) for name, given in of_kind.items()}
        for kind, of_kind in entry["input"].items()
        if kind != "hidden" and (of_kind or kind == "required")
    }
    plain["input_order"] = {kind: list(of_kind) for kind, of_kind in plain["input"].items()}
    return plain


def input_config(given: InputSpec, choices: Sequence[Any]) -> list[Any]:
    """`[type, options]` as error reports carry it, with an options object in every case.

    choices: what can be chosen now; used of a COMBO only
    """
    if given.type == "COMBO" and given.old_combo:
        return [list(choices), _options(given)]
    if given.type == "COMBO" and given.choices is not None:
        return [given.type, {**_options(given), "options": list(choices)}]
    return [given.type, _options(given)]


def _options(given: InputSpec) -> dict[str, Any]:
    options = dict(given.options)
    if isinstance(given.choices, FileChoice) and given.choices.upload and not any(key in options for key in UPLOADS):
        options["image_upload"] = True
    return options


def _written(given: InputSpec, files: Files | None) -> Any:
    if given.kind == "hidden":
        return given.type if given.bare else [given.type]
    config = input_config(given, listed(given, files))
    return config[:1] if given.bare and not config[1] else config


def _read_inputs(inputs: Mapping[str, Any], order: Mapping[str, Any]) -> Iterator[InputSpec]:
    for kind in KINDS:
        of_kind = inputs.get(kind) or {}
        names = [name for name in order.get(kind, ()) if name in of_kind]
        for name in [*names, *(name for name in of_kind if name not in names)]:
            yield _read_input(name, kind, of_kind[name])


def _read_input(name: str, kind: Kind, given: Any) -> InputSpec:
    if kind == "hidden":
        if isinstance(given, str):
            return InputSpec(name, given, kind, bare=True)
        return InputSpec(name, str(given[0]), kind)
    type_or_choices = given[0]
    bare = len(given) < 2
    options = {} if bare else dict(given[1])
    if not isinstance(type_or_choices, str):
        return InputSpec(name, "COMBO", kind, options, tuple(type_or_choices), bare=bare)
    if type_or_choices == "COMBO" and isinstance(options.get("options"), list | tuple):
        choices = tuple(options.pop("options"))
        return InputSpec(name, "COMBO", kind, options, choices, old_combo=False)
    return InputSpec(name, type_or_choices, kind, options, old_combo=False, bare=bare)


def _read_outputs(info: Mapping[str, Any]) -> Iterator[OutputSpec]:
    types = list(info.get("output", ()))
    names = list(info.get("output_name") or ())
    lists = list(info.get("output_is_list") or ())
    tooltips = list(info.get("output_tooltips") or ())
    for slot, type in enumerate(types):
        fixed = type if isinstance(type, str) else tuple(type)
        name = names[slot] if slot < len(names) else str(type)
        is_list = bool(lists[slot]) if slot < len(lists) else False
        yield OutputSpec(name, fixed, is_list, tooltips[slot] if slot < len(tooltips) else None)


def _comparable_input(given: Any) -> list[Any]:
    options = {key: value for key, value in (given[1] if len(given) > 1 else {}).items() if key != "tooltip"}
    choices = given[0] if isinstance(given[0], list) else options.get("options")
    if isinstance(choices, list) and choices and options.get("default") == choices[0]:
        del options["default"]
    return [given[0], options]
