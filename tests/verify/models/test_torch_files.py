"""Files of torch are read without torch's loaders, whatever else they hold."""

from __future__ import annotations

import json
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from certify.errors import InputError
from verify.models.agreement import compare
from verify.models.model import Model
from verify.models.readers import read_model

X = np.random.default_rng(0).normal(size=(20, 8))
NET = nn.Sequential(nn.Linear(8, 4), nn.ReLU(), nn.Linear(4, 3))
RAN: list[str] = []


def mark() -> None:
    RAN.append("a pickle ran")


class Marker:
    """An object that leaves a mark when a pickle makes it."""

    def __reduce__(self) -> Any:
        return mark, ()


def scores(model: Model) -> np.ndarray:
    return np.array([[float(z) for z in row] for row in model.network.outputs(X)])


def test_the_marker_marks() -> None:
    pickle.loads(MARKED)
    assert RAN.pop() == "a pickle ran"
    assert RAN == []


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The members of a saved program."""
    path = tmp_path_factory.mktemp("program") / "m.pt2"
    shapes = ({0: torch.export.Dim("n")},)
    torch.export.save(torch.export.export(NET, (torch.zeros(2, 8),), dynamic_shapes=shapes), path)
    return members(path)


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def packed(path: Path, content: dict[str, bytes], kind: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", kind) as file:
        for name, data in content.items():
            file.writestr(name, data)
    return path


def graph(change: Callable[[Any], Any]) -> Callable[[dict[str, bytes]], None]:
    """Change the JSON of the graph."""
    return tables("m/models/model.json", change)


def tables(name: str, change: Callable[[Any], Any]) -> Callable[[dict[str, bytes]], None]:
    def edit(content: dict[str, bytes]) -> None:
        table = json.loads(content[name])
        change(table)
        content[name] = json.dumps(table).encode()

    return edit


def first_node(table: Any) -> Any:
    return table["graph_module"]["graph"]["nodes"][0]


def weight(table: Any) -> Any:
    return table["config"]["0.weight"]


WEIGHTS = "m/data/weights/model_weights_config.json"
MARKED = pickle.dumps(Marker())

KEPT: list[Callable[[dict[str, bytes]], Any]] = [
    lambda c: None,
    lambda c: c.update({"m/extra/notes": b"a note"}),
    lambda c: c.update({"../outside": b"never written"}),
    lambda c: c.update({"m/data/sample_inputs/model.pt": MARKED}),
    lambda c: c.update({"m/data/constants/custom_obj_0": MARKED}),
    lambda c: c.update({"m/data/aotinductor/model/wrapper.so": b"no library"}),
    graph(lambda t: t.update(guards_code=["RAN.append('a guard ran')"])),
    graph(lambda t: t.update(range_constraints={"s0": "RAN.append('a range ran')"})),
]


@pytest.mark.parametrize("place", range(len(KEPT)))
def test_nothing_but_graph_and_tensors_is_opened(
    place: int, program: dict[str, bytes], tmp_path: Path
) -> None:
    content = dict(program)
    KEPT[place](content)
    model = read_model(packed(tmp_path / "m.pt2", content))
    assert compare(model, X).examples == len(X)
    with torch.no_grad():
        wanted = NET(torch.tensor(X, dtype=torch.float32)).numpy()
    assert np.allclose(scores(model), wanted, atol=1e-5)
    assert RAN == []
    assert [path.name for path in tmp_path.iterdir()] == ["m.pt2"]


REFUSED: list[tuple[Callable[[dict[str, bytes]], Any], str]] = [
    (lambda c: c.pop("m/models/model.json"), "got 0 programs in the archive"),
    (lambda c: c.update({"m/models/b.json": b"{}"}), "got 2 programs in the archive"),
    (lambda c: c.update({"m/serialized_exported_program.json": b"{}"}), "torch 2.7 or earlier"),
    (lambda c: c.pop("m/data/weights/weight_0"), "an archive without data/weights/weight_0"),
    (lambda c: c.pop(WEIGHTS), "an archive without data/weights/model_weights_config.json"),
    (lambda c: c.update({"m/data/weights/weight_0": b"short"}), "whose entries end behind them"),
    (lambda c: c.update({"m/models/model.json": b"{"}), "models/model.json: JSONDecodeError"),
    (lambda c: c.update({"m/models/model.json": b"[" * 10**5}), "models/model.json: Recursion"),
    (lambda c: c.update({"m/models/model.json": b"[]"}), "got a graph in another form"),
    (graph(lambda t: t["schema_version"].update(major=9)), "schema version int 9, of torch"),
    (graph(lambda t: t.pop("graph_module")), "got a graph in another form: KeyError"),
    (graph(lambda t: first_node(t).update(target="os.system")), "got os.system"),
    (graph(lambda t: first_node(t).update(target="torch.ops.aten.exp.default")), "aten.exp"),
    (graph(lambda t: first_node(t).update(target="\x1b[31mred")), r"a name str '\x1b[31mred'"),
    (graph(lambda t: first_node(t)["inputs"].pop(1)), "the arguments of aten.linear.default"),
    (graph(lambda t: first_node(t)["inputs"][1].update(arg={"as_int": 3})),
     "expected an operation that torch can run"),
    (graph(lambda t: first_node(t)["inputs"][1].update(arg={"as_operator": "RAN.append('x')"})),
     "expected an operation that torch can run"),
    (graph(lambda t: first_node(t)["inputs"][0].update(name="no")), "the arguments of aten.linear"),
    (graph(lambda t: first_node(t)["outputs"][0]["as_tensor"].update(name="p_0_bias")),
     "got a second value of the same name"),
    (graph(lambda t: t["graph_module"]["graph"]["outputs"][0]["as_tensor"].update(name="relu")),
     "outputs are not those of its signature"),
    (tables(WEIGHTS, lambda t: weight(t).update(use_pickle=True)), "a pickle of str '0.weight'"),
    (tables(WEIGHTS, lambda t: weight(t).update(path_name="../w")), "a pickle of str '0.weight'"),
    (tables(WEIGHTS, lambda t: weight(t)["tensor_meta"].update(layout=1)), "a sparse tensor"),
    (tables(WEIGHTS, lambda t: weight(t)["tensor_meta"].update(dtype=99)), "a type of tensors int"),
    (tables(WEIGHTS, lambda t: weight(t)["tensor_meta"]["sizes"][0].update(as_int=5)),
     "got 128 bytes for weight_0, whose entries end behind them"),
    (tables(WEIGHTS, lambda t: weight(t)["tensor_meta"]["sizes"][0].update(as_int=-1)),
     "got sizes [-1, 8], strides [8, 1] and offset 0"),
    (tables(WEIGHTS, lambda t: weight(t)["tensor_meta"]["storage_offset"].update(as_int=1)),
     "whose entries end behind them"),
]  # fmt: skip


@pytest.mark.parametrize("place", range(len(REFUSED)))
def test_a_program_that_is_not_as_torch_saves_it_is_refused(
    place: int, program: dict[str, bytes], tmp_path: Path
) -> None:
    change, message = REFUSED[place]
    content = dict(program)
    change(content)
    with pytest.raises(InputError) as caught:
        read_model(packed(tmp_path / "m.pt2", content))
    assert message in str(caught.value)
    assert str(caught.value).isprintable()
    assert RAN == []


def test_sizes_are_added_up_before_anything_is_read(
    program: dict[str, bytes], tmp_path: Path
) -> None:
    def grow(table: Any) -> None:
        meta = weight(table)["tensor_meta"]
        meta["sizes"], meta["strides"] = [{"as_int": 10**5}] * 2, [{"as_int": 0}] * 2

    content = dict(program)
    tables(WEIGHTS, grow)(content)
    with pytest.raises(InputError, match=r"--memory: expected at most 1024 MiB .*weight_0"):
        read_model(packed(tmp_path / "m.pt2", content))
    with pytest.raises(InputError, match=r"--memory: expected at most 0 MiB"):
        read_model(packed(tmp_path / "m.pt2", program), memory=1000)
    batch = graph(
        lambda t: t["graph_module"]["graph"]["tensor_values"]["input"]["sizes"].__setitem__(
            0, {"as_int": 10**12}
        )
    )
    content = dict(program)
    batch(content)
    with pytest.raises(InputError, match=r"--memory: expected at most 1024 MiB"):
        read_model(packed(tmp_path / "m.pt2", content))


def test_archives_that_torch_does_not_write_are_refused(
    program: dict[str, bytes], tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="is compressed or encrypted"):
        read_model(packed(tmp_path / "m.pt2", program, zipfile.ZIP_DEFLATED))
    twice = {**program, "n/models/model.json": b"{}"}
    with pytest.raises(InputError, match=r"an archive with two members 'models/model.json'"):
        read_model(packed(tmp_path / "m.pt2", twice))
    path = packed(tmp_path / "m.pt2", program)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(InputError, match=r"expected a program saved by torch.export.save of torch"):
        read_model(path)
    path = packed(tmp_path / "m.pt2", program)
    place = path.read_bytes().index(program["m/data/weights/weight_0"])
    damaged = bytearray(path.read_bytes())
    damaged[place] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(InputError, match="a damaged member data/weights/weight_0: BadZipFile"):
        read_model(path)


class Tokens(nn.Module):
    """Sizes that are computed from the number of examples."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(4, 3), nn.Linear(6, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        count = x.shape[0]
        tokens = self.first(x.reshape(count * 2, 4)).relu()
        rows = self.last(tokens.view(tokens.shape[0] // 2, 6))
        return rows + torch.ones(count, 3) + torch.zeros(count + 1, 1)[:1]


def test_sizes_may_be_computed_from_the_number_of_examples(tmp_path: Path) -> None:
    module, shapes = Tokens().eval(), ({0: torch.export.Dim("n")},)
    program = torch.export.export(module, (torch.zeros(2, 2, 4),), dynamic_shapes=shapes)
    torch.export.save(program, tmp_path / "m.pt2")
    model = read_model(tmp_path / "m.pt2")
    assert compare(model, X.reshape(20, 2, 4)).examples == 20
    content = members(tmp_path / "m.pt2")
    for size in (10**9, 2**61):

        def grow(table: Any, size: int = size) -> None:
            nodes = table["graph_module"]["graph"]["nodes"]
            made = next(node for node in nodes if node["target"].endswith("ones.default"))
            made["inputs"][0]["arg"]["as_sym_ints"][1] = {"as_int": size}

        edited = dict(content)
        tables("m/models/model.json", grow)(edited)
        with pytest.raises(InputError, match=r"--memory: expected at most 1024 MiB|torch can run"):
            read_model(packed(tmp_path / "n.pt2", edited))


# State dicts


def renamed(state: dict[str, Any], first: str, second: str) -> dict[str, Any]:
    return {f"{first if key[0] == '0' else second}{key[1:]}": v for key, v in state.items()}


STATES: list[Callable[[dict[str, Any]], Any]] = [
    lambda s: s,
    lambda s: renamed(s, "fc1", "fc2"),
    lambda s: renamed(s, "features", "head"),
    lambda s: renamed(s, "module.0", "module.3"),
    lambda s: {"state_dict": s, "epoch": 3, "optimizer": {"state": {0: {"step": torch.ones(2)}}}},
    lambda s: {"model": renamed(s, "module.a", "module.b"), "made by": Marker()},
    lambda s: {**s, "step": torch.tensor(3)},
    lambda s: {key: value for key, value in s.items() if key != "0.bias"},
    lambda s: {key: nn.Parameter(value) for key, value in s.items()},
    lambda s: {key: value.half() for key, value in s.items()},
    lambda s: {key: value.double() / 3 for key, value in s.items()},
    lambda s: {key: value.bfloat16() if "bias" in key else value for key, value in s.items()},
    lambda s: {key: torch.stack([value, value])[1] for key, value in s.items()},
    lambda s: {key: value.T.contiguous().T for key, value in s.items()},
]


@pytest.mark.filterwarnings("ignore:The use of `x.T`")
@pytest.mark.parametrize("place", range(len(STATES)))
def test_state_dicts_are_read_whatever_layers_are_called(place: int, tmp_path: Path) -> None:
    saved = STATES[place](NET.state_dict())
    torch.save(saved, tmp_path / "m.pt")
    model = read_model(tmp_path / "m.pt", "mlp")
    inner = next((v for v in saved.values() if isinstance(v, dict)), saved)
    matrices = [value.detach().double().numpy() for value in inner.values() if value.ndim]
    hidden = X @ matrices[0].T + (matrices[1] if matrices[1].ndim == 1 else 0)
    wanted = np.maximum(hidden, 0) @ matrices[-2].T + matrices[-1]
    assert np.allclose(scores(model), wanted, rtol=1e-12, atol=1e-12)
    assert model.runtime is None
    assert model.alone.startswith("ReLU between the layers is what --architecture declares.")
    left = [k for k in saved if not isinstance(saved[k], dict)] if inner is not saved else []
    left += [k for k in saved if k in ("step", "optimizer")]
    assert all(repr(name) in model.alone for name in left)
    assert ("Left out of the file: " in model.alone) == bool(left)
    assert RAN == []


def test_whole_numbers_with_which_a_module_may_compute_are_refused(tmp_path: Path) -> None:
    for name, value in (("offset", 3), ("shift.steps", 3), ("step", [3, 4])):
        torch.save({**NET.state_dict(), name: torch.tensor(value)}, tmp_path / "m.pt")
        with pytest.raises(InputError, match=rf"got int64 numbers \('{name}'\)"):
            read_model(tmp_path / "m.pt", "mlp")


class Whole(nn.Module):
    """A module that is pickled whole."""


@pytest.mark.parametrize(
    ("saved", "message"),
    [
        (Whole(), "got a whole pickled tests.verify.models.test_torch_files.Whole, which only"),
        (Marker(), "got a whole pickled "),
        ({"w": Marker()}, "expected a dict of tensors by name, got 'w': "),
        ([torch.ones(2)], "expected a dict of tensors by name, got list"),
        (
            {"a": {"w": torch.ones(2)}, "b": {"w": torch.ones(2)}},
            "2 of them of tensors: ['a', 'b']",
        ),
        ({}, "matrices of weights, got none"),
        ({"0.weight": torch.ones(3, 2, 2)}, "got {'weight': (3, 2, 2)} ('0')"),
        ({"0.weight": torch.ones(3, 2), "0.scale": torch.ones(3)}, "a matrix weight, and maybe"),
        ({"0.weight": torch.ones(3, 2), "1.weight": torch.ones(3)}, "got {'weight': (3,)} ('1')"),
        ({"0.weight": torch.ones(3, 2), "2.weight": torch.ones(4, 4)}, "a layer of 3 inputs"),
        ({"0.weight": torch.ones(3, 2), "0.bias": torch.ones(1)}, "maybe a vector bias"),
        (
            {"b2.weight": torch.ones(2, 2), "b1.weight": torch.ones(2, 2)},
            "in which they are applied",
        ),
        ({"0.weight": torch.ones(3, 2, dtype=torch.int32)}, "got int32 numbers ('0.weight')"),
        ({"0.weight": torch.ones(1).expand(10**5, 10**5)}, "--memory: expected at most 1024 MiB"),
        (
            {"0.weight": torch.ones(3, 2).to_sparse()},
            "expected a dict of tensors by name, got '0.w",
        ),
    ],
)
def test_other_content_is_refused(saved: Any, message: str, tmp_path: Path) -> None:
    torch.save(saved, tmp_path / "m.pt")
    with pytest.raises(InputError) as caught:
        read_model(tmp_path / "m.pt", "mlp")
    assert message in str(caught.value)
    assert str(caught.value).isprintable()
    assert RAN == []


def test_pickles_can_make_nothing_large(tmp_path: Path) -> None:
    torch.save(NET.state_dict(), tmp_path / "m.pt")
    content = members(tmp_path / "m.pt")
    # Calls bytearray(10**12), as some of what torch's own loader allows does.
    made = b"\x80\x02c__builtin__\nbytearray\n(L1000000000000L\ntR."
    for data, message in (
        (made, "a whole pickled __builtin__.bytearray"),
        (b"", "in another form"),
    ):
        content["m/data.pkl"] = data
        with pytest.raises(InputError, match=message):
            read_model(packed(tmp_path / "n.pt", content), "mlp")
    torch.save(NET.state_dict(), tmp_path / "m.pt", _use_new_zipfile_serialization=False)
    with pytest.raises(InputError, match=r"saved by torch\.save of torch 1\.6 or later"):
        read_model(tmp_path / "m.pt", "mlp")


@pytest.mark.parametrize("name", ["m.pt", "m.pt2", "m.onnx", "m.skops", "m.safetensors", "m.npz"])
def test_a_pointer_of_git_lfs_is_named(name: str, tmp_path: Path) -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12345\n"
    (tmp_path / name).write_bytes(pointer)
    with pytest.raises(InputError, match=r"the file itself, got a Git LFS pointer to one"):
        read_model(tmp_path / name)
