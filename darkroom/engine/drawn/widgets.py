"""Which settings a node draws, which values stand in `widgets_values`, and under which name each is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from darkroom.engine.drawn.drawing import DrawnNode
from darkroom.engine.object_info import spec_from_object_info
from darkroom.engine.spec import WIDGET_TYPES, FileChoice, InputSpec, NodeSpec, Specs

CONTROL = "control_after_generate"
CONTROL_WORDS = frozenset({"fixed", "increment", "decrement", "randomize", "increment-wrap"})
GROWING = "COMFY_DYNAMICCOMBO_V3"
"""The type of a choice that brings settings of its own for each option, named `choice.setting`, right after it."""

EDITOR_TYPES = frozenset(
    {GROWING, "COLOR", "LOAD_3D", "LOAD_3D_ANIMATION", "PREVIEW_3D", "WEBCAM", "AUDIO_RECORD", "AUDIO_UI", "MARKDOWN"}
)
"""Types that ComfyUI's editor draws as settings beside the five that the server knows."""

UPLOADS = ("image_upload", "animated_image_upload", "video_upload", "audio_upload")


@dataclass(frozen=True, slots=True)
class Widget:
    """One setting as drawn.

    input: None where the editor added it itself (a seed's control, an upload button, a preview)
    stored: it has a place in `widgets_values`
    sent: it has a place in the API JSON
    default: used where the file has no value; MISSING: leave the input out
    """

    name: str
    input: InputSpec | None
    stored: bool = True
    sent: bool = True
    default: Any = None
    control: bool = False


class Missing:
    """The type of MISSING: there is no value, which is not the same as the value None."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING = Missing()

# What ComfyUI's editor adds to nodes by name: extra widgets that it sends with an empty value.
EDITOR_WIDGETS: Mapping[str, tuple[Widget, ...]] = {
    "PreviewAny": (Widget("preview", None, stored=False, default=""),),
    "Preview3D": (Widget("image", None, default=""),),
    "Preview3DAnimation": (Widget("image", None, default=""),),
    "SaveGLB": (Widget("image", None, default=""),),
    "LoadAudio": (Widget("audioUI", None, stored=False, default=""),),
    "PreviewAudio": (Widget("audioUI", None, stored=False, default=""),),
    "SaveAudio": (Widget("audioUI", None, stored=False, default=""),),
    "SaveAudioMP3": (Widget("audioUI", None, stored=False, default=""),),
    "SaveAudioOpus": (Widget("audioUI", None, stored=False, default=""),),
}


def is_widget(each: InputSpec) -> bool:
    """Whether an input is drawn as a setting, be it of a type that only the editor knows."""
    if each.kind == "hidden" or each.options.get("forceInput", False):
        return False
    wanted = each.options.get("widgetType", each.type)
    return wanted in WIDGET_TYPES or wanted in EDITOR_TYPES


def default_of(each: InputSpec) -> Any:
    """What the editor shows in a fresh node; MISSING where only the disk knows (the first file of a folder)."""
    for key in ("default", "defaultVal"):
        if key in each.options:
            return each.options[key]
    if each.type in ("INT", "FLOAT"):
        return 0
    if each.type == "BOOLEAN":
        return False
    if each.type == GROWING:
        return next(iter(options_of(each)), MISSING)
    if each.type != "COMBO":
        return ""
    choices = each.choices
    if choices is None or isinstance(choices, FileChoice):
        return MISSING
    listed = choices() if callable(choices) else choices
    return next(iter(listed), MISSING)


def _extras(each: InputSpec) -> list[Widget]:
    """What stands directly after an input: a seed's control, a remote list's buttons."""
    found = []
    wish = each.options.get(CONTROL)
    if wish or (each.type == "INT" and each.name in ("seed", "noise_seed") and wish is None):
        name = wish if isinstance(wish, str) else CONTROL
        found.append(Widget(name, None, sent=False, default="randomize", control=True))
        if each.type == "COMBO":
            found.append(Widget("control_filter_list", None, sent=False, default=""))
    remote = each.options.get("remote")
    if isinstance(remote, Mapping) and remote.get("refresh_button"):
        found.append(Widget("Auto-refresh after generation", None, sent=False, default=False))
        found.append(Widget("refresh", None, default="refresh"))
    return found


def widgets_of(spec: NodeSpec) -> tuple[Widget, ...]:
    """The settings of a node in the order drawn: the inputs', then what the editor adds before the optional ones."""
    required: list[Widget] = []
    optional: list[Widget] = []
    uploads: list[Widget] = []
    for each in spec.inputs:
        if not is_widget(each):
            continue
        place = required if each.kind == "required" else optional
        place.append(Widget(each.name, each, default=default_of(each)))
        place += _extras(each)
        by_choice = isinstance(each.choices, FileChoice) and each.choices.upload
        if by_choice or any(each.options.get(key) for key in UPLOADS):
            uploads.append(Widget("upload", None, sent=False, default="image"))
    return (*required, *EDITOR_WIDGETS.get(spec.id, ()), *uploads[:1], *optional)


def options_of(each: InputSpec) -> dict[str, tuple[Widget, ...]]:
    """The settings that each option of a growing choice brings."""
    found: dict[str, tuple[Widget, ...]] = {}
    for option in each.options.get("options", ()):
        if isinstance(option, Mapping) and isinstance(option.get("key"), str):
            inner = spec_from_object_info(each.name, {"input": option.get("inputs") or {}})
            named = tuple(replace(one, name=f"{each.name}.{one.name}") for one in inner.inputs)
            found[option["key"]] = widgets_of(replace(inner, inputs=named))
    return found


def grown(widgets: Sequence[Widget], value_of: Callable[[str, int], Any]) -> tuple[Widget, ...]:
    """The settings with those that the chosen options bring.

    value_of: the value of a setting by its name and its place among those stored
    """
    found: list[Widget] = []
    waiting = list(reversed(widgets))
    place = 0
    while waiting:
        widget = waiting.pop()
        found.append(widget)
        if widget.input is not None and widget.input.type == GROWING:
            options = options_of(widget.input)
            value = value_of(widget.name, place)
            waiting += reversed(options.get(value if isinstance(value, str) else widget.default, ()))
        place += widget.stored
    return tuple(found)


class Known:
    """A registry with the settings of each type worked out once."""

    def __init__(self, specs: Specs) -> None:
        self.specs = specs
        self._specs: dict[str, NodeSpec | None] = {}
        self._widgets: dict[str, tuple[Widget, ...]] = {}
        self._names: dict[str, frozenset[str]] = {}
        self._growing: set[str] = set()
        self._stored: dict[str, list[str] | None] = {}

    def spec(self, type: str) -> NodeSpec | None:
        if type not in self._specs:
            self._specs[type] = self.specs.get(type)
        return self._specs[type]

    def widgets(self, type: str) -> tuple[Widget, ...] | None:
        """None: the type is unknown."""
        spec = self.spec(type)
        if spec is None:
            return None
        if type not in self._widgets:
            self._widgets[type] = widgets = widgets_of(spec)
            if any(each.input is not None and each.input.type == GROWING for each in widgets):
                self._growing.add(type)
        return self._widgets[type]

    def widgets_by(self, type: str, value_of: Callable[[str, int], Any]) -> tuple[Widget, ...] | None:
        """The settings of a type given their values, on which they depend in a few types."""
        widgets = self.widgets(type)
        return widgets if widgets is None or type not in self._growing else grown(widgets, value_of)

    def widgets_at(self, node: DrawnNode) -> tuple[Widget, ...] | None:
        """The settings of a drawn node; None: its type is unknown."""
        widgets = self.widgets(node.type)
        if node.type not in self._growing:
            return widgets
        values = node.values
        if isinstance(values, Mapping):
            return self.widgets_by(node.type, lambda name, _: values.get(name))
        names = given_names(node)
        if names is not None:
            by_name = dict(zip(names, values, strict=False))
            return self.widgets_by(node.type, lambda name, _: by_name.get(name))
        return self.widgets_by(node.type, lambda _, place: values[place] if place < len(values) else None)

    def stored_names(self, type: str) -> list[str] | None:
        """The names of `widgets_values`; None: the type is unknown, or they depend on the values."""
        if type not in self._stored:
            widgets = self.widgets(type)
            fixed = widgets is not None and type not in self._growing
            self._stored[type] = [each.name for each in widgets or () if each.stored] if fixed else None
        return self._stored[type]

    def widget_names(self, type: str) -> frozenset[str]:
        if type not in self._names:
            self._names[type] = frozenset(each.name for each in self.widgets(type) or ())
        return self._names[type]


def _is_control(value: Any) -> bool:
    return value is True or value is False or value in CONTROL_WORDS


def _without_absent_controls(widgets: Sequence[Widget], values: Sequence[Any]) -> list[str]:
    """Names for too few values: a script that writes files often leaves out the controls, which nobody shows it."""
    names: list[str] = []
    for each in widgets:
        if len(names) == len(values):
            break
        value = values[len(names)]
        if not each.control or value is None or (isinstance(value, str | bool) and _is_control(value)):
            names.append(each.name)
    return names


def _with_surplus_controls(widgets: Sequence[Widget], values: Sequence[Any]) -> list[str]:
    """Names for too many values: a control whose input has lost it since stands where a number should."""
    names: list[str] = []
    left = iter(widgets)
    each = next(left, None)
    spare = len(values) - len(widgets)
    for value in values:
        takes_text = each is None or each.input is None or each.input.type not in ("INT", "FLOAT")
        if spare > 0 and not takes_text and isinstance(value, str) and _is_control(value):
            names.append("")
            spare -= 1
        else:
            names.append(each.name if each else "")
            each = next(left, None)
    return names


def _by_position(spec: NodeSpec, widgets: Sequence[Widget], values: Sequence[Any]) -> list[str]:
    stored = [each for each in widgets if each.stored]
    count = len(values)
    if count == len(stored):
        return [each.name for each in stored]
    forced = [each.name for each in spec.inputs if each.options.get("forceInput") and each.kind != "hidden"]
    if forced and count == len(stored) + len(forced):
        return _with_forced(spec, stored, set(forced))
    if count == len(widgets) and all(
        value is None or value == "" for value, each in zip(values, widgets, strict=True) if not each.stored
    ):
        return [each.name for each in widgets]
    if count < len(stored):
        return _without_absent_controls(stored, values)
    return _with_surplus_controls(stored, values)


def _with_forced(spec: NodeSpec, stored: Sequence[Widget], forced: set[str]) -> list[str]:
    """Old files hold a dummy value for each input that is a socket by force; it stands in the order of the inputs."""
    names: list[str] = []
    rest = list(stored)
    for each in spec.inputs:
        if each.name in forced:
            names.append(each.name)
        elif rest and rest[0].name == each.name:
            names.append(rest.pop(0).name)
            while rest and rest[0].input is None:
                names.append(rest.pop(0).name)
    return names


def _of_unknown(node: DrawnNode, count: int) -> list[str]:
    """Names for a node of unknown type, from its sockets, if they account for every value; else no names."""
    names: list[str] = []
    with_controls: list[str] = []
    for slot in node.inputs:
        if slot.widget is not None:
            names.append(slot.widget)
            with_controls.append(slot.widget)
            if slot.widget in ("seed", "noise_seed"):
                with_controls.append(CONTROL)
    for each in (names, with_controls):
        if len(each) == count:
            return each
    return [""] * count


def given_names(node: DrawnNode) -> list[str] | None:
    """The names of the values that the file itself gives, if there are as many as values."""
    given = node.properties.get("widget_names")
    if isinstance(given, list) and len(given) == len(node.values) and all(isinstance(each, str) for each in given):
        return given
    return None


def value_names(node: DrawnNode, known: Known) -> list[str]:
    """For each of `widgets_values` the name of its setting; "" where there is none.

    The names that the file itself gives in `properties.widget_names` come first, if there are as many as values.
    """
    values = node.values
    if isinstance(values, Mapping):
        return list(values)
    given = given_names(node)
    if given is not None:
        return given
    usual = known.stored_names(node.type)
    if usual is not None and len(usual) == len(values):
        return usual
    spec = known.spec(node.type)
    widgets = known.widgets_at(node)
    if spec is None or widgets is None:
        return _of_unknown(node, len(values))
    return _by_position(spec, widgets, values)


def named_values(node: DrawnNode, known: Known) -> dict[str, Any]:
    """The values of a node by the name of their setting."""
    values = node.values
    if isinstance(values, Mapping):
        return dict(values)
    found: dict[str, Any] = {}
    for name, value in zip(value_names(node, known), values, strict=False):
        if name and name not in found:
            found[name] = value
    return found
