# make run    start GasStock with demo data        make test    all checks and tests, as CI does
# make help   lists the rest
export PYTHON PORT HOST DATA_DIR DATABASE_URL REDIS_URL TEST_PG_URL TEST_REDIS_URL CHROMIUM
unexport MAKEFLAGS MAKELEVEL

PY := .venv/bin/python
STAGES := lint types checks test-sqlite test-postgres test-browser

.PHONY: run test bench docs screenshots help format requirements clean venv venv-dev $(STAGES)

run: venv ## start GasStock on http://localhost:8000 (PORT=… for another port)
	@exec $(PY) -m tools.run

test: venv-dev ## every stage below, one after the other
	@exec $(PY) -m tools.test $(STAGES)

lint: ## ruff, djlint and the rules of who may import whom
types: ## mypy
checks: ## migrations are complete, production settings are safe
test-sqlite: ## the tests on SQLite
test-postgres: ## the tests on PostgreSQL and Redis, brought up for the occasion
test-browser: ## the tests in Chromium
$(STAGES): venv-dev
	@exec $(PY) -m tools.test $@ -- $(ARGS)

bench: venv-dev ## how fast and how heavy it is, each figure with its goal (ARGS="first_visit" for one)
	@exec $(PY) -m tests.load $(ARGS)

docs: venv-dev ## write what is generated of docs/: the Postman collection
	@exec $(PY) -m tools.docs

screenshots: venv-dev ## the demo's pages as pictures in docs/screenshots, checked by axe (ARGS="cart runs" for some)
	@exec $(PY) -m tools.screenshots $(ARGS)

format: venv-dev ## put the code in shape
	@$(PY) -m ruff check --fix --quiet . ; $(PY) -m ruff format .

requirements: venv-dev ## pin the newest versions that requirements*.in allow
	@$(PY) -m pip install --quiet uv
	@.venv/bin/uv pip compile --quiet --upgrade --generate-hashes --universal --python-version 3.11 --no-header --no-emit-index-url requirements.in -o requirements.txt
	@.venv/bin/uv pip compile --quiet --upgrade --generate-hashes --universal --python-version 3.11 --no-header --no-emit-index-url requirements-dev.in -o requirements-dev.txt

clean: ## remove the virtual environment and the caches, but no data
	rm -rf .venv .mypy_cache .ruff_cache .import_linter_cache .hypothesis

help:
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):[^#]*## /\1\t/' | expand -t 16

venv:
	@sh tools/venv.sh requirements.txt

venv-dev:
	@sh tools/venv.sh requirements-dev.txt requirements.txt
