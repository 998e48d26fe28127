# Two commands do everything: `make verify` and `make test`. Both set up .venv first.
PYTHON ?= python3
TORCH ?= torch==2.13.0
VENV ?= .venv
GPU_PYTHON ?= python3
DEVICE ?= cuda
SIZE ?= paper
GPU_REPORT ?= reports/gpu.md
# The folder with the four gzipped files of MNIST; benchmarks on them are left out without it.
export MNIST ?= data/mnist
BIN := $(VENV)/bin
# Tools that measure get an environment of their own, or the lists of packages would name them.
TOOLS := $(VENV)/tools
WITH = PYTHONPATH=.:$(wildcard $(VENV)/lib/python*/site-packages) $(TOOLS)/bin/python
READY := $(VENV)/.ready

.PHONY: verify reference trust scores matrix test bench picture peers browser proofs gpu clean

verify: $(READY)
	$(BIN)/verify run --overwrite --out reports/digits

# The site of all claims, beside the experiments of `make verify`.
reference: $(READY)
	test -f reports/digits/report.json || $(MAKE) verify
	$(BIN)/verify reference --overwrite

# How far refusals and answers can be trusted, and what all of it is made of.
trust: $(READY)
	$(BIN)/verify trust
	$(PYTHON) -m venv $(TOOLS)
	$(TOOLS)/bin/pip install --quiet cyclonedx-bom pip-licenses
	$(TOOLS)/bin/cyclonedx-py requirements requirements.lock --output-reproducible --of JSON \
		--output-file reports/trust/sbom.json
	$(TOOLS)/bin/pip-licenses --python $(BIN)/python --format markdown \
		--output-file reports/trust/licences.md
	$(BIN)/python -m benchmarks.stamp reports/trust/sbom.json reports/trust/licences.md

# How much of certify/ the tests run, and how many changes to the checker's code they notice: an hour.
scores: $(READY)
	$(PYTHON) -m venv $(TOOLS)
	$(TOOLS)/bin/pip install --quiet coverage cosmic-ray
	$(WITH) -m coverage run --branch --source=certify -m pytest tests/certify certify \
		tests/verify/questions tests/test_proofs.py
	$(WITH) -m coverage report --format=markdown > reports/trust/coverage.md
	$(BIN)/python -m benchmarks.stamp reports/trust/coverage.md
	rm .coverage
	$(WITH) -m benchmarks.mutation_score reports/trust/checker_mutation.md

# Python 3.11 to 3.14, as far as they are on the PATH, with the newest releases and with the oldest
# that pyproject.toml allows. Takes some 10 GB for torch's CUDA builds, and a quarter of an hour.
matrix:
	$(PYTHON) -m venv $(TOOLS)
	$(TOOLS)/bin/pip install --quiet uv
	PATH="$(abspath $(TOOLS))/bin:$$PATH" $(TOOLS)/bin/python -m benchmarks.versions reports/versions.md

test: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -n 2 --dist worksteal

# Other solvers, attack libraries and the fuzzer that the tests call where they are installed. What
# torchattacks asks for beside torch, an old requests and torchvision, its PGD does not use. cddlib is
# compiled: on Debian apt install libcdd-dev libgmp-dev first; and GLPK is no package of Python:
# apt install glpk-utils qsopt-ex lrslib
peers: $(READY)
	$(BIN)/pip install --quiet z3-solver pplpy foolbox adversarial-robustness-toolbox
	$(BIN)/pip install --quiet --no-deps torchattacks
	-$(BIN)/pip install --quiet --only-binary :all: atheris
	-$(BIN)/pip install --quiet pycddlib

# What drives the browser in which the tests open the site; on Debian: apt install chromium
browser: $(READY)
	$(BIN)/pip install --quiet playwright==1.65.2 axe-playwright-python==0.1.8

# The picture in the README, of the report of `make verify`.
picture: browser
	test -f reports/digits/report.json || $(MAKE) verify
	$(BIN)/python -m benchmarks.picture reports/digits reports/pictures

# The proofs for all sizes, where Coq is installed; on Debian: apt install coq libcoq-mathcomp-algebra
proofs: $(READY)
	$(BIN)/python -m certify.proofs

bench: $(READY)
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.mnist_pairs
	$(BIN)/python -m benchmarks.flip_steps
	$(BIN)/python -m benchmarks.full_size

# On a machine with a GPU: its tests, the paper's experiment, and a report to commit. Needs torch,
# NumPy, scikit-learn and pytest alone, of that machine: GPU_PYTHON. Elsewhere try it with
# `make gpu DEVICE=cpu SIZE=tiny GPU_REPORT=/tmp/gpu.md`.
gpu:
	$(GPU_PYTHON) -m pytest -q -p no:cacheprovider --noconftest tests/verify/attack/test_devices.py
	$(GPU_PYTHON) -m benchmarks.gpu --device $(DEVICE) --size $(SIZE) --out $(GPU_REPORT)

$(READY): pyproject.toml requirements.lock
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes --no-deps -r requirements.lock
	$(BIN)/pip install --quiet "$(TORCH)"
	$(BIN)/pip install --quiet --no-build-isolation --no-deps --editable .
	touch $(READY)

clean:
	rm -rf $(VENV) build dist *.egg-info
