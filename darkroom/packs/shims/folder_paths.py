"""`folder_paths`: where files are. The tables here may be changed by packs; our own nodes then find the files too."""

from __future__ import annotations

import mimetypes
import os
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

from darkroom.files.folders import FOLDERS, LEGACY_KEYS, OWN_FOLDERS, WEIGHTS, Folders, safe_relative, split_annotation
from darkroom.files.names import save_place
from darkroom.packs.lacking import lacking

supported_pt_extensions: set[str] = set(WEIGHTS)
folder_names_and_paths: dict[str, tuple[list[str], set[str]]] = {}
"""By key, folders in the order of search, and extensions of the files in them; no extension takes every file."""
filename_list_cache: dict[str, Any] = {}
"""Nothing is kept in it: lists of files are kept elsewhere, as long as no folder changes."""
base_path = models_dir = ""
output_directory = temp_directory = input_directory = user_directory = ""

_files: list[Folders] = []


def begin(files: Folders, custom_nodes: Iterable[str] = ()) -> None:
    """Speak of these folders from now on. custom_nodes: folders of packs"""
    global base_path, models_dir, output_directory, temp_directory, input_directory, user_directory
    _files[:] = [files]
    base_path, models_dir = str(files.base), str(files.models)
    output_directory, temp_directory, input_directory = (
        str(files.directory(kind)) for kind in ("output", "temp", "input")
    )
    user_directory = str(files.base / "user")
    files.follow({})
    folder_names_and_paths.clear()
    for key, kind in FOLDERS.items():
        folder_names_and_paths[key] = ([str(place) for place in files.places(key)], set(kind.extensions))
    folder_names_and_paths["custom_nodes"] = (list(custom_nodes), set())
    files.follow(folder_names_and_paths)


def map_legacy(folder_name: str) -> str:
    """Today's key for an older one ("unet", "clip")."""
    return LEGACY_KEYS.get(folder_name, folder_name)


def get_filename_list(folder_name: str) -> list[str]:
    """Names of the files under a key, relative and sorted. Raises KeyError for an unknown key."""
    key = map_legacy(folder_name)
    if key not in folder_names_and_paths:
        raise KeyError(folder_name)
    return list(_files[0].names(key))


def get_folder_paths(folder_name: str) -> list[str]:
    return list(folder_names_and_paths[map_legacy(folder_name)][0])


def get_full_path(folder_name: str, filename: str) -> str | None:
    """The file behind a name; None where there is none, also for a name that leaves the folder."""
    places = folder_names_and_paths.get(map_legacy(folder_name), ([], set()))[0]
    relative = safe_relative(filename)
    found = (Path(place) / relative for place in places) if relative is not None else ()
    return next((str(path) for path in found if path.is_file()), None)


def get_full_path_or_raise(folder_name: str, filename: str) -> str:
    """Like `get_full_path`. Raises FileNotFoundError, which names the folders."""
    path = get_full_path(folder_name, filename)
    if path is None:
        places = " or ".join(folder_names_and_paths.get(map_legacy(folder_name), ([], set()))[0])
        raise FileNotFoundError(f"{filename!r} is no file of the folder {folder_name!r} ({places}); put it there")
    return path


def add_model_folder_path(folder_name: str, full_folder_path: str, is_default: bool = False) -> None:
    """Look into one more folder; a new key takes every file. is_default: before the others"""
    places, _ = folder_names_and_paths.setdefault(map_legacy(folder_name), ([], set()))
    if full_folder_path in places:
        if not is_default:
            return
        places.remove(full_folder_path)
    places.insert(0 if is_default else len(places), full_folder_path)


def get_output_directory() -> str:
    return output_directory


def get_temp_directory() -> str:
    return temp_directory


def get_input_directory() -> str:
    return input_directory


def get_user_directory() -> str:
    return user_directory


def get_directory_by_type(type_name: str) -> str | None:
    """The folder called "output", "temp" or "input"; None for any other word."""
    return {"output": output_directory, "temp": temp_directory, "input": input_directory}.get(type_name)


get_directory = get_directory_by_type


def get_input_subfolders() -> list[str]:
    """Folders below the input folder, relative and sorted."""
    top = Path(input_directory)
    return sorted(each.relative_to(top).as_posix() for each in top.rglob("*") if each.is_dir())


def annotated_filepath(name: str) -> tuple[str, str | None]:
    """A name like "a.png [output]" as the name alone and its folder; None where it has no such ending."""
    plain, kind = split_annotation(name, "")
    return plain, get_directory_by_type(kind) if kind in OWN_FOLDERS else None


def get_annotated_filepath(name: str, default_dir: str | None = None) -> str:
    """The path of a file whose name may end in " [input]", " [output]" or " [temp]".

    Raises ValueError for a name that leaves its folder.
    """
    plain, folder = annotated_filepath(name)
    relative = safe_relative(plain)
    if relative is None:
        raise ValueError(f"{name!r} leads out of its folder; name a file inside it")
    return str(Path(folder or default_dir or input_directory) / relative)


def exists_annotated_filepath(name: str) -> bool:
    plain, folder = annotated_filepath(name)
    relative = safe_relative(plain)
    return relative is not None and (Path(folder or input_directory) / relative).exists()


def get_save_image_path(
    filename_prefix: str, output_dir: str, image_width: int = 0, image_height: int = 0
) -> tuple[str, str, int, str, str]:
    """Folder (made if it is not there), file name without counter, first free counter, subfolder, and the prefix.

    Raises BadName for a prefix that leaves the folder.
    """
    place = save_place(filename_prefix, Path(output_dir), width=image_width, height=image_height)
    prefix = f"{place.subfolder}/{place.filename}" if place.subfolder else place.filename
    return str(place.folder), place.filename, place.counter, place.subfolder, prefix


def filter_files_extensions(files: Collection[str], extensions: Collection[str]) -> list[str]:
    """Those with one of the extensions, sorted; no extension means all."""
    return sorted(each for each in files if not extensions or Path(each).suffix.lower() in extensions)


def filter_files_content_types(files: Sequence[str], content_types: Sequence[str]) -> list[str]:
    """Those that are, by their extensions, of a kind such as "image", "video", "audio" or "model"."""
    found = []
    for each in files:
        kind = "model" if each.lower().endswith(MODELS_3D) else (mimetypes.guess_type(each)[0] or "").partition("/")[0]
        if kind in content_types:
            found.append(each)
    return found


MODELS_3D = (".gltf", ".glb", ".obj", ".fbx", ".stl")


def recursive_search(
    directory: str, excluded_dir_names: Collection[str] | None = None
) -> tuple[list[str], dict[str, float]]:
    """Names of all files below a folder, relative, and the modification time of each folder looked into."""
    names, times = [], {}
    for folder, inner, files in os.walk(directory, followlinks=True):
        inner[:] = [each for each in inner if each not in (excluded_dir_names or ())]
        times[folder] = Path(folder).stat().st_mtime
        names += [os.path.relpath(Path(folder) / each, directory) for each in files]
    return names, times


__getattr__ = lacking("folder_paths")
