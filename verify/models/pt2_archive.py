"""Programs in ``.pt2`` files: their JSON and the raw bytes of their tensors, and nothing else.

torch's own loader evaluates expressions, unpickles and loads libraries that such a file may hold.
Here no member is opened but the graph in ``models/NAME.json``, the two tables of tensors and the
tensors that they list as raw bytes; see torch/_export/serde/schema.py for what they hold.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from certify.errors import InputError, described, said
from verify.data.memory import Budget
from verify.models.exported_program import Name, Operation, Program, batched, bound, changing, one
from verify.models.raw_tensors import Archive

EXPECTED = "a program saved by torch.export.save of torch 2.9 or later"
MAJOR = 8  # of torch's schema; it grows when a change breaks readers
OLDER = "serialized_exported_program.json"  # where torch up to 2.7 had the graph
# torch's numbers of the types of tensors.
TYPES = {
    1: torch.uint8, 2: torch.int8, 3: torch.int16, 4: torch.int32, 5: torch.int64,
    6: torch.float16, 7: torch.float32, 8: torch.float64, 12: torch.bool, 13: torch.bfloat16,
    29: torch.float8_e4m3fn, 30: torch.float8_e5m2, 31: torch.float8_e4m3fnuz,
    32: torch.float8_e5m2fnuz,
}  # fmt: skip
# torch's numbers of the orders in which images lie in memory.
FORMATS = {1: torch.contiguous_format, 2: torch.channels_last, 4: torch.preserve_format}
LONGEST = 100  # characters of an argument
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,199}")


def read_program(path: Path, budget: Budget) -> Program:
    """Return the program of a ``.pt2`` file; nothing in it is evaluated, unpickled or loaded.

    Raises InputError for a file that is no such archive, is damaged, has another version, holds
    several programs, or one that does not map one tensor to one, and for tensors of which only a
    pickle is there.
    """
    with Archive(path, EXPECTED, budget) as archive:
        return _only_program(archive)


def _only_program(archive: Archive) -> Program:
    if OLDER in archive.names:
        raise archive.unlike(
            "one of torch 2.7 or earlier (load it there, and save it with a newer)"
        )
    models = [name for name in archive.names if re.fullmatch(r"models/[^/]+\.json", name)]
    if len(models) != 1:
        raise archive.unlike(f"{len(models)} programs in the archive")
    content = _json(archive, models[0])
    try:
        return _program(archive, models[0][len("models/") : -len(".json")], content)
    except (AttributeError, IndexError, KeyError, OverflowError, TypeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise archive.unlike(f"a graph in another form: {said(error)}") from None


def _json(archive: Archive, name: str) -> Any:
    try:
        return json.loads(archive.read(name, parsed=True))
    except (RecursionError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise archive.unlike(f"{name}: {said(error)}") from None


def _program(archive: Archive, name: str, content: Any) -> Program:
    major = content["schema_version"]["major"]
    if major != MAJOR:
        saved = described(content.get("torch_version"))
        raise archive.unlike(f"schema version {described(major)}, of torch {saved}")
    graph, signature = content["graph_module"]["graph"], content["graph_module"]["signature"]
    origin = str(archive.path)
    inputs, stored = _inputs(archive, name, signature["input_specs"])
    outputs = []
    for spec in signature["output_specs"]:
        ((kind, entry),) = spec.items()
        if kind != "user_output":
            raise changing(f"a {_name(kind).replace('_', ' ')}", origin)
        outputs.append(_tensor_name(entry["arg"]))
    if [_tensor_name(argument) for argument in graph["outputs"]] != outputs:
        raise archive.unlike("a graph whose outputs are not those of its signature")
    given, output = one(inputs, "input", origin), one(outputs, "output", origin)
    example = graph["tensor_values"][given]
    sizes = tuple(size.get("as_int") for size in example["sizes"])
    return Program(
        given, output, batched(sizes, origin), _type(example["dtype"]), stored,
        tuple(_operation(node) for node in graph["nodes"]),
    )  # fmt: skip


def _inputs(archive: Archive, name: str, specs: Any) -> tuple[list[str | None], dict[str, Tensor]]:
    """Return the names of what a user gives, and the tensors that the program brings along."""
    folders = {"data/weights/": "weights", "data/constants/": "constants"}
    tables = {
        folder: _json(archive, f"{folder}{name}_{what}_config.json")["config"]
        for folder, what in folders.items()
    }
    given: list[str | None] = []
    stored: dict[str, Tensor] = {}
    for spec in specs:
        ((kind, entry),) = spec.items()
        if kind == "user_input":
            given.append(_tensor_name(entry["arg"]))
        elif kind in ("parameter", "buffer", "tensor_constant"):
            key = entry[f"{kind}_name"]
            folder = next((f for f, table in tables.items() if key in table), "")
            if not folder:
                raise archive.unlike(f"no tensor for {described(key)}")
            stored[_name(entry["arg"]["name"])] = _tensor(archive, folder, key, tables[folder][key])
        elif kind != "constant_input":
            raise archive.unlike(f"a program with an input that is a {_name(kind)}")
    return given, stored


def _tensor(archive: Archive, folder: str, key: str, entry: Any) -> Tensor:
    member = str(entry["path_name"])
    if entry["use_pickle"] or not re.fullmatch(r"(weight|tensor)_[0-9]+", member):
        raise archive.unlike(f"a pickle of {described(key)}, not its bytes")
    meta = entry["tensor_meta"]
    if meta["layout"] != 7:
        raise archive.unlike(f"a sparse tensor {described(key)}")
    sizes, strides = ([n["as_int"] for n in meta[part]] for part in ("sizes", "strides"))
    offset = meta["storage_offset"]["as_int"]
    return archive.tensor(folder + member, _type(meta["dtype"]), sizes, strides, offset, member)


def _operation(node: Any) -> Operation:
    kind = _name(node["target"]).removeprefix("torch.ops.")
    names = [name for output in node["outputs"] for name in _output(output)]
    title, given = _name(node.get("name") or kind), bound(kind, *_given(node))
    listed = any("as_tensors" in output for output in node["outputs"])
    if len(names) != 1 or listed:
        return Operation(title, kind, given, tuple(names))
    return Operation(names[0], kind, given)


def _output(output: Any) -> list[str]:
    """Return the names of one output, "" for what is not read."""
    ((kind, value),) = output.items()
    if kind == "as_tensors":
        return [_name(one["name"]) for one in value]
    if kind in ("as_tensor", "as_sym_int"):
        return [_name(value["name"] if "name" in value else value["as_name"])]
    return [""]


def _given(node: Any) -> tuple[list[Any], dict[str, Any]]:
    return [], {_name(entry["name"]): _argument(entry["arg"]) for entry in node["inputs"]}


def _argument(argument: Any) -> Any:
    """Return one argument: a number, a type, a name, or a list of them."""
    ((kind, value),) = argument.items()
    if kind in ("as_none", "as_layout", "as_device"):
        return None  # where numbers lie changes no value
    if kind == "as_memory_format":
        return FORMATS.get(value)
    if kind == "as_string":
        return str(value)[:LONGEST]
    if kind in ("as_int", "as_float", "as_bool"):
        return {"as_int": int, "as_float": float, "as_bool": bool}[kind](value)
    if kind in ("as_ints", "as_floats", "as_bools"):
        return [{"as_ints": int, "as_floats": float, "as_bools": bool}[kind](n) for n in value]
    if kind == "as_tensor":
        return Name(_name(value["name"]))
    if kind == "as_tensors":
        return [Name(_name(entry["name"])) for entry in value]
    if kind == "as_scalar_type":
        return _type(value)
    if kind in ("as_sym_ints", "as_optional_tensors"):
        single: Callable[[Any], Any] = _sym_int if kind == "as_sym_ints" else _argument
        return [single(entry) for entry in value]
    if kind == "as_sym_int":
        return _sym_int(value)
    if kind == "as_optional_tensor":
        return _argument(value)
    return kind.removeprefix("as_").replace("_", " ")


def _sym_int(value: Any) -> Any:
    ((kind, found),) = value.items()
    return Name(_name(found)) if kind == "as_name" else int(found)


def _tensor_name(argument: Any) -> str | None:
    """Return the name of a tensor that goes in or comes out, None for anything else."""
    ((kind, value),) = argument.items()
    return _name(value["name"]) if kind == "as_tensor" else None


def _name(value: Any) -> str:
    """Return a name as torch gives them; others would reach messages, and so terminals."""
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise ValueError(f"a name {described(value)}")
    return value


def _type(number: Any) -> torch.dtype:
    if type(number) is not int or number not in TYPES:
        raise ValueError(f"a type of tensors {described(number)}")
    return TYPES[number]
