"""A Python file of the user's is run when it is named, and every report says so."""

from __future__ import annotations

import sys
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest
import torch

from certify.cli import main as certify_main
from certify.errors import InputError
from verify.cli import main as verify_main
from verify.models.agreement import compare
from verify.models.model import Model
from verify.models.readers import read_model
from verify.models.user_modules import make

RNG = np.random.default_rng(0)
SMALL = """
    import torch
    from torch import nn

    print("running")
    if __name__ == "__main__":
        raise SystemExit("training")

    class Net(nn.Module):
        def __init__(self, width=5):
            super().__init__()
            self.first, self.last = nn.Linear(4, width), nn.Linear(width, 3)

        def forward(self, x):
            return self.last(torch.relu(self.first(x)))

    def three():
        return Net(3)

    MADE = Net(7)
    NUMBER = 7
    """
MNIST = """
    import torch
    import torch.nn as nn
    import torch.nn.functional as F

    class Net(nn.Module):
        def __init__(self):
            super(Net, self).__init__()
            self.conv1 = nn.Conv2d(1, 32, 3, 1)
            self.conv2 = nn.Conv2d(32, 64, 3, 1)
            self.dropout1 = nn.Dropout(0.25)
            self.dropout2 = nn.Dropout(0.5)
            self.fc1 = nn.Linear(9216, 128)
            self.fc2 = nn.Linear(128, 10)

        def forward(self, x):
            x = self.conv1(x)
            x = F.relu(x)
            x = self.conv2(x)
            x = F.relu(x)
            x = F.max_pool2d(x, 2)
            x = self.dropout1(x)
            x = torch.flatten(x, 1)
            x = self.fc1(x)
            x = F.relu(x)
            x = self.dropout2(x)
            x = self.fc2(x)
            output = F.log_softmax(x, dim=1)
            return output
    """


def written(folder: Path, code: str) -> Path:
    path = folder / "net.py"
    path.write_text(dedent(code))
    return path


def scores(model: Model, points: np.ndarray) -> np.ndarray:
    return np.array([[float(z) for z in row] for row in model.network.outputs(points)])


@pytest.mark.parametrize("name", ["Net", "three", "MADE"])
@pytest.mark.parametrize("prefix", ["", "module.", "model.", "_orig_mod.", "module._orig_mod."])
def test_a_state_dict_is_read_into_the_module_of_a_file(
    name: str, prefix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = written(tmp_path, SMALL)
    module = make(source, name)
    state = {f"{prefix}{key}": value for key, value in module.state_dict().items()}
    torch.save({"state_dict": state, "epoch": 3}, tmp_path / "m.pt")
    model = read_model(tmp_path / "m.pt", module=f"{source}:{name}")
    X = RNG.normal(size=(9, 4)).astype(np.float32)
    with torch.no_grad():
        assert np.allclose(scores(model, X), module(torch.tensor(X)).numpy(), atol=1e-5)
    assert compare(model, X).examples == 9
    (note,) = model.notes
    assert note.startswith(f"The file {source} (SHA-256 ")
    assert note.endswith(f"was run: its {name} makes the network, of which m.pt holds the numbers.")
    said = capsys.readouterr()
    assert (said.out, "running" in said.err) == ("", True)
    assert str(tmp_path) not in sys.path


def test_the_network_of_the_pytorch_example_is_read_by_its_own_state_dict(tmp_path: Path) -> None:
    source = written(tmp_path, MNIST)
    module = make(source, "Net").eval()
    torch.save(module.state_dict(), tmp_path / "mnist_cnn.pt")
    X = RNG.normal(size=(2, 784)).astype(np.float32)
    model = read_model(
        tmp_path / "mnist_cnn.pt", module=f"{source}:Net", shapes=[(784,), (1, 28, 28)]
    )
    assert model.shape == (1, 28, 28)
    with torch.no_grad():
        wanted = module(torch.tensor(X).reshape(2, 1, 28, 28)).numpy()
    found = scores(model, X)
    assert np.allclose(found - found[:, :1], wanted - wanted[:, :1], atol=1e-4)


def test_numbers_of_a_file_are_never_rounded(tmp_path: Path) -> None:
    source = written(tmp_path, SMALL)
    state = {key: value.double() / 3 for key, value in make(source, "Net").state_dict().items()}
    torch.save(state, tmp_path / "m.pt")
    model = read_model(tmp_path / "m.pt", module=f"{source}:Net")
    assert np.array_equal(model.weights.T, state["last.weight"].numpy())


def test_a_file_finds_what_lies_beside_it_and_moves_nobody_s_random_numbers(tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("WIDTH = 6\n")
    source = written(tmp_path, "from beside import WIDTH\nimport torch\n" + dedent(SMALL))
    before = torch.get_rng_state()
    assert make(source, "Net") is not None
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize(
    ("code", "name", "message"),
    [
        (SMALL, "Other", "one of ['Net'], got no such name"),
        (SMALL, "NUMBER", "got TypeError: 'int' object is not callable"),
        ("import no_such_library", "Net", "No module named 'no_such_library' ("),
        ("x = 1\nx = 1 / 0", "Net", "got ZeroDivisionError: division by zero ("),
        ("import sys\nsys.exit(1)", "Net", "a file that runs, and a Net that needs no arguments"),
        ("x = (", "Net", "got SyntaxError: "),
        ("def Net(width): pass", "Net", "missing 1 required positional argument: 'width'"),
        ("def Net(): return 3", "Net", "expected a torch module, such as one of []"),
    ],
)
def test_what_makes_no_module_is_refused_in_one_line(
    code: str, name: str, message: str, tmp_path: Path
) -> None:
    source = written(tmp_path, code)
    with pytest.raises(InputError, match=r"^--module: ") as caught:
        make(source, name)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert str(tmp_path) not in sys.path


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s.pop("last.bias"), "expected the state of Net, got no last.bias"),
        (lambda s: s.update(more=torch.ones(1)), "got another more"),
        (lambda s: s.update({"first.bias": torch.ones(4)}), "got another shape of first.bias"),
    ],
)
def test_the_state_of_another_module_is_refused(
    change: object, message: str, tmp_path: Path
) -> None:
    source = written(tmp_path, SMALL)
    state = make(source, "Net").state_dict()
    assert callable(change)
    change(state)
    torch.save(state, tmp_path / "m.pt")
    with pytest.raises(InputError) as caught:
        read_model(tmp_path / "m.pt", module=f"{source}:Net")
    assert message in str(caught.value)


def test_a_module_needs_examples_that_it_takes(tmp_path: Path) -> None:
    source = written(tmp_path, MNIST)
    torch.save(make(source, "Net").state_dict(), tmp_path / "m.pt")
    with pytest.raises(InputError, match="--data: expected examples, to trace a module that begin"):
        read_model(tmp_path / "m.pt", module=f"{source}:Net")
    with pytest.raises(InputError, match=r"a module that takes the examples, got .*shape \(3,\)"):
        read_model(tmp_path / "m.pt", module=f"{source}:Net", shapes=[(3,), (1, 3, 1)])


@pytest.mark.parametrize(
    ("name", "module", "message"),
    [
        ("m.pt", "net.py", "--module: expected FILE.py:NAME, got 'net.py'"),
        ("m.pt", "net.txt:Net", "--module: expected FILE.py:NAME"),
        ("m.pt", "net.py:a-b", "--module: expected FILE.py:NAME"),
        ("m.pt", "none.py:Net", "--module: expected a Python file, got no file none.py"),
        ("m.npz", "net.py:Net", "--module: expected this option with a state dict (.pt), got m"),
    ],
)
def test_what_names_no_module_is_refused(
    name: str, module: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(b"anything")
    with pytest.raises(InputError) as caught:
        read_model(tmp_path / name, module=module)
    assert message in str(caught.value)
    (tmp_path / "m.pt").write_bytes(b"anything")
    with pytest.raises(InputError, match="one of --architecture and --module, got both"):
        read_model(tmp_path / "m.pt", "mlp", module=module)


def test_the_command_line_runs_the_file_and_its_reports_are_bound_to_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = written(tmp_path, SMALL)
    torch.save(make(source, "Net").state_dict(), tmp_path / "m.pt")
    named = [str(tmp_path / "m.pt"), "--module", f"{source}:Net"]
    out = tmp_path / "report"
    assert verify_main(["audit", *named, "--out", str(out)]) == 0
    said = " ".join(capsys.readouterr().out.split())  # wrapped wherever the path ends
    assert f"The file {source} (SHA-256 " in said
    assert "running" not in said
    assert "THAT IS RUN" in " ".join(help_of_audit(capsys).split())
    assert certify_main(["bind", str(out), *named]) == 0
    torch.save(make(source, "three").state_dict(), tmp_path / "m.pt")
    with pytest.raises(InputError, match="another shape of first"):
        read_model(tmp_path / "m.pt", module=f"{source}:Net")


def help_of_audit(capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    with pytest.raises(SystemExit):
        verify_main(["audit", "--help"])
    return capsys.readouterr().out
