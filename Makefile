# The commands of the course; `make help` lists them. Each works on a fresh clone.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Where the HTML lands; `make book` prints it. `make book SOLUTIONS=no` leaves the solutions out.
ifeq ($(SOLUTIONS),no)
HTML := _build/student/html/index.html
else
HTML := _build/html/index.html
endif
PORT ?= 8000

# Several notebooks run at a time; more threads in each would only get in each other's way.
export OPENBLAS_NUM_THREADS ?= 1
export OMP_NUM_THREADS ?= 1

.DEFAULT_GOAL := help
.PHONY: help book test quick e2e check timings bench interactive lab serve run clean

help:  ## list the commands
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

book: $(VENV)/.book  ## build the HTML book (no TensorFlow needed; SOLUTIONS=no for a class)
	@$(BIN)/python -m tools.chapters sync
ifeq ($(SOLUTIONS),no)
	$(BIN)/python -m tools.student $(HTML:/html/index.html=) --replace
else
	$(BIN)/jupyter-book build . --quiet $(BOOKFLAGS)
endif
	@echo "open $(CURDIR)/$(HTML)"

test: $(VENV)/.all  ## unit tests, every chapter notebook executed and compared, browser and grading tests
	$(BIN)/python -m tools.test

quick: $(VENV)/.all  ## of these tests and checks only what your changes can have broken; says what it skips, and why
	$(BIN)/python -m tools.quick

e2e: $(VENV)/.all  ## of these only the last two: open the book in Chromium, grade a class of thirty
	$(BIN)/python -m tools.test pages grading

check: $(VENV)/.all  ## lint, format, pairs in sync, spelling, import contract, links inside the book (under a minute)
	$(BIN)/python -m tools.test check

timings: $(VENV)/.all  ## what the last run of each step took: chapters, cells, tests, how busy the cores were
	@$(BIN)/python -m tools.timings

bench: $(VENV)/.all  ## time the course beside what you would use instead, and write the page of the book (half an hour)
	$(BIN)/python -m benchmarks $(BENCHFLAGS)

interactive:  ## build the script of the interactive pictures from book/interactive (needs Node)
	cd book/interactive && npm ci --silent && npm run --silent check && npm run --silent build

lab: $(VENV)/.all  ## open JupyterLab on the chapters
	$(BIN)/pip install --quiet --constraint constraints.txt --requirement requirements/lab.txt
	$(BIN)/jupyter lab book/notebooks

serve: book  ## build the book and serve it on http://127.0.0.1:8000
	$(BIN)/python -m http.server $(PORT) --bind 127.0.0.1 --directory $(dir $(HTML))

run: $(VENV)/.all  ## execute the chapters that changed and store their outputs (CHAPTER=perceptron for one)
	$(BIN)/python -m tools.chapters run $(CHAPTER)

clean:  ## delete what the commands made, the environment included
	rm -rf _build $(VENV)

# The stamps record what is installed: --no-deps keeps TensorFlow out of an environment that only builds the book.
$(VENV)/.book: constraints.txt requirements/book.txt pyproject.toml | $(VENV)/pyvenv.cfg
	$(BIN)/pip install --quiet --constraint constraints.txt --requirement requirements/book.txt
	$(BIN)/pip install --quiet --no-deps --editable .
	@touch $@

$(VENV)/.all: constraints.txt requirements/book.txt requirements/test.txt pyproject.toml | $(VENV)/pyvenv.cfg
	$(BIN)/pip install --quiet --constraint constraints.txt --editable ".[book,test]"
	@touch $@ $(VENV)/.book

$(VENV)/pyvenv.cfg:
	$(PYTHON) -m venv $(VENV)
